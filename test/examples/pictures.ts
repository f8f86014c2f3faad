import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { openBrowser } from '../support/n8n/browser';
import { EditorPage } from '../support/n8n/editorPage';
import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { repository } from '../support/n8n/installPackage';
import { startLiveN8n } from '../support/n8n/liveN8n';
import { exampleFiles, readExample } from './exampleFiles';
import { installMissingPeers } from '../support/n8n/missingPeers';

// The pictures of examples/README.md, taken anew by each run.
const folder = join(repository, 'docs', 'images', 'examples');

async function main(): Promise<void> {
	await mkdir(folder, { recursive: true });
	const live = await startLiveN8n(newestN8n, { env: await installMissingPeers(await installN8n(newestN8n)) });
	try {
		const browser = await openBrowser(live.client, 'light', { width: 1800, height: 900 });
		try {
			browser.page.setDefaultTimeout(60_000);
			const editor = new EditorPage(browser.page, live.client.url);
			for (const file of exampleFiles) {
				const { id } = await live.client.createWorkflow(readExample(file));
				await editor.open(id);
				await browser.page.keyboard.press('1');
				await browser.page.waitForTimeout(1_000);
				await editor
					.part('canvas-wrapper')
					.screenshot({ path: join(folder, `${parse(file).name}.png`), animations: 'disabled', caret: 'hide' });
				console.log(`${parse(file).name}.png`);
			}
		} finally {
			await browser.close();
		}
	} finally {
		await live.close();
	}
}

main().catch((error: Error) => {
	console.error(error);
	process.exitCode = 1;
});

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser } from '../test/support/n8n/browser';
import { company, crmDeal, manualWorkflow, nodeName } from '../test/support/n8n/dealWorkflow';
import { EditorPage } from '../test/support/n8n/editorPage';
import { newestN8n } from '../test/support/n8n/installN8n';
import { repository } from '../test/support/n8n/installPackage';
import { type LiveN8n, startLiveN8n } from '../test/support/n8n/liveN8n';

// screenshots.ts: takes the README's pictures anew, in the newest n8n. The package has to be built.
const folder = join(repository, 'docs', 'images');

/** The workflow of a person who has mapped a CRM's fields. @returns its id */
async function mappedWorkflow({ client, credential }: LiveN8n): Promise<string> {
	const draft = manualWorkflow({ ...crmDeal, company: { ...crmDeal.company, businessId: company(1).id } });
	const { id } = await client.createWorkflow({
		...draft,
		nodes: [
			...draft.nodes,
			{
				id: 'confirma',
				name: nodeName,
				type: 'n8n-nodes-confirma-finance.confirmaFinance',
				typeVersion: 1,
				position: [440, 0],
				parameters: {
					partnerCode: 'QUICK3',
					name: '={{ $json.company.companyName }}',
					businessCode: '={{ $json.company.businessId }}',
					countryCode: '={{ $json.company.country }}',
					primaryContactName: '={{ $json.contact.contactName }}',
					primaryContactEmail: '={{ $json.contact.email }}',
				},
				credentials: { confirmaFinanceApi: { id: credential.id, name: credential.name } },
			},
		],
		connections: { ...draft.connections, 'Deal won': { main: [[{ node: nodeName, type: 'main', index: 0 }]] } },
	});
	return id;
}

/** Takes the picture of a created client. */
async function takePicture(live: LiveN8n, theme: 'light' | 'dark'): Promise<void> {
	const browser = await openBrowser(live.client, theme, { width: 1280, height: 720 });
	try {
		const editor = new EditorPage(browser.page, live.client.url);
		await editor.open(await mappedWorkflow(live));
		await editor.openNode(nodeName);
		await editor.loadInput();
		await editor.execute('clientIdentifier');
		await editor.output.getByText('JSON', { exact: true }).click();
		// What follows the pointer, such as a hovered button, is no part of the picture.
		await browser.page.mouse.move(0, 0);
		await browser.page.waitForTimeout(500);
		await editor.nodePanel.screenshot({ path: join(folder, `result-${theme}.png`), animations: 'disabled', caret: 'hide' });
	} finally {
		await browser.close();
	}
}

async function main(): Promise<void> {
	await mkdir(folder, { recursive: true });
	const live = await startLiveN8n(newestN8n);
	try {
		for (const theme of ['light', 'dark'] as const) await takePicture(live, theme);
	} finally {
		await live.close();
	}
}

main().catch((error: Error) => {
	console.error(error);
	process.exitCode = 1;
});

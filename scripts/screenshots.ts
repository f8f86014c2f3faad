import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { exampleFiles, readExample } from '../test/examples/exampleFiles';
import { openBrowser } from '../test/support/n8n/browser';
import { company, crmDeal, manualWorkflow, nodeName } from '../test/support/n8n/dealWorkflow';
import { EditorPage } from '../test/support/n8n/editorPage';
import { newestN8n } from '../test/support/n8n/installN8n';
import { repository } from '../test/support/n8n/installPackage';
import { type LiveN8n, startLiveN8n } from '../test/support/n8n/liveN8n';

// screenshots.ts: takes the pictures of the README and of examples/README.md anew, in the newest n8n. The package has to be built.
const folder = join(repository, 'docs', 'images');

/** The workflow of a person who has mapped a CRM's fields: what is typed in some of them makes the difference. */
async function mappedWorkflow({ client, credential }: LiveN8n, parameters: Record<string, unknown>): Promise<string> {
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
					...parameters,
				},
				credentials: { confirmaFinanceApi: { id: credential.id, name: credential.name } },
			},
		],
		connections: { ...draft.connections, 'Deal won': { main: [[{ node: nodeName, type: 'main', index: 0 }]] } },
	});
	return id;
}

async function takePictures(live: LiveN8n, theme: 'light' | 'dark'): Promise<void> {
	const browser = await openBrowser(live.client, theme, { width: 1280, height: 720 });
	try {
		const editor = new EditorPage(browser.page, live.client.url);
		const picture = async (name: string, of = editor.nodePanel) => {
			// What follows the pointer, such as a hovered button, is no part of the picture.
			await browser.page.mouse.move(0, 0);
			await browser.page.waitForTimeout(500);
			await of.screenshot({ path: join(folder, `${name}-${theme}.png`), animations: 'disabled', caret: 'hide' });
		};

		await editor.open(await mappedWorkflow(live, {}));
		await editor.openNode(nodeName);
		await editor.loadInput();
		await picture('panel');

		await editor.part('credential-edit-button').click();
		await editor.credentialPanel.getByText('Provisioning Token').waitFor();
		await picture('credential', editor.credentialPanel);
		await browser.page.keyboard.press('Escape');
		// Which closes the node, too.
		await editor.nodePanel.waitFor({ state: 'hidden' });

		await editor.openNode(nodeName);
		await editor.execute('clientIdentifier');
		await editor.output.getByText('JSON', { exact: true }).click();
		await picture('result');

		await editor.open(await mappedWorkflow(live, { countryCode: 'Atlantis', primaryContactEmail: 'matti' }));
		await editor.openNode(nodeName);
		await editor.execute(/nothing was sent/);
		await picture('error');
	} finally {
		await browser.close();
	}
}

/** The ready workflows, as a person sees them who imports them. */
async function takeWorkflows(live: LiveN8n): Promise<void> {
	const browser = await openBrowser(live.client, 'light', { width: 1800, height: 900 });
	try {
		browser.page.setDefaultTimeout(60_000);
		const editor = new EditorPage(browser.page, live.client.url);
		for (const file of exampleFiles) {
			const { id } = await live.client.createWorkflow(readExample(file));
			await editor.open(id);
			await browser.page.keyboard.press('1');
			await browser.page.waitForTimeout(1_000);
			const path = join(folder, 'examples', `${parse(file).name}.png`);
			await editor.part('canvas-wrapper').screenshot({ path, animations: 'disabled', caret: 'hide' });
		}
	} finally {
		await browser.close();
	}
}

async function main(): Promise<void> {
	await mkdir(join(folder, 'examples'), { recursive: true });
	const live = await startLiveN8n(newestN8n);
	try {
		await takeWorkflows(live);
		for (const theme of ['light', 'dark'] as const) await takePictures(live, theme);
	} finally {
		await live.close();
	}
}

main().catch((error: Error) => {
	console.error(error);
	process.exitCode = 1;
});

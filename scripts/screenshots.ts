import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { INode, INodeParameters } from 'n8n-workflow';
import { openBrowser } from '../test/support/n8n/browser';
import { company, crmDeal, manualWorkflow, nodeName } from '../test/support/n8n/dealWorkflow';
import { EditorPage } from '../test/support/n8n/editorPage';
import { newestN8n } from '../test/support/n8n/installN8n';
import { repository } from '../test/support/n8n/installPackage';
import { type LiveN8n, startLiveN8n } from '../test/support/n8n/liveN8n';

// screenshots.ts: takes the pictures of the README anew, in the newest n8n. The package has to be built.
// screenshots.ts FOLDER [SCENE …]: takes scenes in two widths, to be looked at after a change of the panel or of a text.

const deal = (name: string, number: number, country = 'Suomi') => ({
	...crmDeal,
	dealId: 9000 + number,
	company: { ...crmDeal.company, companyName: name, businessId: company(number).id, country },
});

/** What a person opens, runs, and looks at. */
interface Scene {
	readonly deals: object[];
	readonly parameters: INodeParameters;
	readonly settings?: Partial<INode>;
	/** Pixels, where the usual height would cut off what the picture is about. */
	readonly height?: number;
	readonly act: (editor: EditorPage) => Promise<void>;
}

const mapped = {
	partnerCode: 'QUICK3',
	name: '={{ $json.company.companyName }}',
	businessCode: '={{ $json.company.businessId }}',
	countryCode: '={{ $json.company.country }}',
	primaryContactName: '={{ $json.contact.contactName }}',
	primaryContactEmail: '={{ $json.contact.email }}',
};
const outcomes = [
	deal('Example 2 Oy', 2, 'Atlantis'),
	deal('Example 1 Oy', 1),
	deal('Example 1 Oy', 1),
	deal('Sandbox 400', 3),
	deal('Sandbox reset', 4),
];
const view = async (editor: EditorPage, name: 'Table' | 'JSON') => await editor.output.getByText(name, { exact: true }).click();

const scenes: Record<string, Scene> = {
	panel: {
		deals: [deal('Example 1 Oy', 1)],
		parameters: { ...mapped, clientDetails: { postalCode: '={{ $json.company.zip }}' } },
		height: 900,
		act: async (editor) => {
			await editor.addField('Add Option', 'Preview Only');
			await editor.execute('preview');
			await view(editor, 'JSON');
			await editor.parameter('operation').scrollIntoViewIfNeeded();
		},
	},
	empty: {
		deals: [deal('Example 1 Oy', 1)],
		parameters: { clientDetails: { postalCode: '', languageCode: '', currencyCode: '' }, options: { timeout: 60_000 } },
		height: 1640,
		act: async () => {},
	},
	options: {
		deals: [deal('Example 1 Oy', 1)],
		parameters: mapped,
		height: 1240,
		act: async (editor) => await editor.nodePanel.getByPlaceholder('Add Option').first().click(),
	},
	table: {
		deals: outcomes,
		parameters: { ...mapped, options: { duplicateHandling: 'skip', returnAccessToken: false } },
		settings: { onError: 'continueRegularOutput' },
		act: async (editor) => {
			await editor.execute('5 items');
			await view(editor, 'Table');
		},
	},
	// Without the access token: a picture is seen by everybody.
	result: {
		deals: [deal('Example 1 Oy', 1)],
		parameters: { ...mapped, options: { returnAccessToken: false } },
		act: async (editor) => {
			await editor.execute('clientIdentifier');
			await view(editor, 'JSON');
		},
	},
	previews: {
		deals: outcomes.slice(0, 3),
		parameters: { ...mapped, options: { previewOnly: true } },
		settings: { onError: 'continueRegularOutput' },
		act: async (editor) => {
			await editor.execute('3 items');
			await view(editor, 'Table');
		},
	},
	stopped: {
		deals: [deal('Example 1 Oy', 1), deal('Sandbox reset', 4), deal('Example 3 Oy', 5)],
		parameters: { ...mapped, options: { maxConcurrency: 1 } },
		act: async (editor) => void (await editor.execute('It is not known')),
	},
	invalid: {
		deals: outcomes.slice(0, 1),
		parameters: mapped,
		act: async (editor) => void (await editor.execute('correction')),
	},
};

/** A workflow of a person who has mapped a CRM's fields; the CRM's data are pinned. @returns its id */
async function workflowOf({ client, credential }: LiveN8n, { deals, parameters, settings }: Scene): Promise<string> {
	const draft = manualWorkflow();
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
				parameters,
				credentials: { confirmaFinanceApi: { id: credential.id, name: credential.name } },
				...settings,
			},
		],
		connections: { ...draft.connections, 'Deal won': { main: [[{ node: nodeName, type: 'main', index: 0 }]] } },
		pinData: { 'Deal won': deals.map((json) => ({ json: json as { dealId: number } })) },
	});
	return id;
}

interface Look {
	readonly theme: 'light' | 'dark';
	readonly size: { readonly width: number; readonly height: number };
}

/** Takes a picture of each scene. @param pathOf where it goes */
async function takePictures(
	live: LiveN8n,
	{ theme, size }: Look,
	names: string[],
	pathOf: (name: string) => string,
): Promise<void> {
	const browser = await openBrowser(live.client, theme, size);
	try {
		const editor = new EditorPage(browser.page, live.client.url);
		for (const name of names) {
			const scene = scenes[name]!;
			await browser.page.setViewportSize({ ...size, height: scene.height ?? size.height });
			await editor.open(await workflowOf(live, scene));
			await editor.openNode(nodeName);
			await scene.act(editor);
			// What follows the pointer, such as a hovered button, is no part of the picture.
			await browser.page.mouse.move(0, 0);
			// Nor is how far a click has moved the output's head to the side.
			await browser.page.evaluate("for (const part of document.querySelectorAll('*')) part.scrollLeft = 0");
			await browser.page.waitForTimeout(500);
			await editor.nodePanel.screenshot({ path: pathOf(name), animations: 'disabled', caret: 'hide' });
		}
	} finally {
		await browser.close();
	}
}

async function main(folder?: string, ...chosen: string[]): Promise<void> {
	const target = folder ?? join(repository, 'docs', 'images');
	await mkdir(target, { recursive: true });
	const live = await startLiveN8n(newestN8n);
	const sizes = folder
		? [
				{ width: 1280, height: 800 },
				{ width: 1920, height: 1080 },
			]
		: [{ width: 1280, height: 720 }];
	const all = chosen.length > 0 ? chosen : Object.keys(scenes);
	const names = folder ? all : ['panel', 'result'];
	try {
		for (const size of sizes) {
			for (const theme of ['light', 'dark'] as const) {
				const suffix = folder ? `${size.width}-${theme}` : theme;
				await takePictures(live, { theme, size }, names, (name) => join(target, `${name}-${suffix}.png`));
			}
		}
	} finally {
		await live.close();
	}
}

main(...process.argv.slice(2)).catch((error: Error) => {
	console.error(error);
	process.exitCode = 1;
});

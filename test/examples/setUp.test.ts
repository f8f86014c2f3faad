import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { type Browser, openBrowser } from '../support/n8n/browser';
import { company } from '../support/n8n/dealWorkflow';
import { EditorPage } from '../support/n8n/editorPage';
import { newestN8n } from '../support/n8n/installN8n';
import { repository } from '../support/n8n/installPackage';
import { eventually } from '../support/n8n/n8nClient';
import { crmHosts, type CrmKind, crmKinds, type Deal, hostsOf } from './crms';
import { readExample } from './exampleFiles';
import { credentialTypes, type ExampleServer, shared, startExampleServer } from './exampleServer';

/** What the lists in n8n's forms for credentials show for a value. */
const labels: Record<string, string> = {
	authorizationCode: 'Authorization Code',
	body: 'Body',
	production: 'Production',
	'crm4.dynamics.com': 'Europe, Middle East, Africa',
};

/** Where a person logs in, in the browser. */
const logins = [...crmHosts, 'app.hubspot.com'];

/** What a person does in the editor of the newest n8n who follows docs/from-crm-to-client.md, as far as it is done in n8n. */
describe(`in the editor of n8n ${newestN8n.version}`, () => {
	const deals = new Map<number, Deal>();
	/** The types of the credentials that there are by now; n8n chooses them by itself. */
	const known = new Set<string>();
	let server: ExampleServer;
	let browser: Browser;
	let editor: EditorPage;

	beforeAll(async () => {
		server = await startExampleServer(newestN8n, crmHosts);
		browser = await openBrowser(server.live.client);
		await browser.context.route(
			({ hostname }) => logins.includes(hostname),
			async (route) => {
				const asked = new URL(route.request().url()).searchParams;
				const back = new URL(asked.get('redirect_uri')!);
				back.search = new URLSearchParams({ code: 'granted', state: asked.get('state')! }).toString();
				await route.fulfill({ status: 302, headers: { location: back.href } });
			},
		);
	});

	beforeEach(() => {
		editor = new EditorPage(browser.page, server.live.client.url);
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	async function makeCredential(type: string, { credentials }: CrmKind): Promise<void> {
		const button = editor.missingCredentials.first();
		const text = await button.innerText();
		await button.click();
		for (const [name, value] of Object.entries(credentials[type]!)) {
			const label = labels[String(value)];
			if (label) await editor.choose(editor.credentialPanel, name, label);
			else await editor.type(editor.credentialPanel, name, String(value));
		}
		if (/oAuth2|Developer/i.test(type)) await editor.logIn();
		else await editor.keepCredential();
		known.add(type);
		await editor.missingCredentials.filter({ hasText: text }).waitFor({ state: 'detached' });
	}

	/** Opens a node, where n8n chooses the credentials that it has, and makes the others. */
	async function chooseCredentials(node: INode, kind: CrmKind): Promise<void> {
		await editor.openNode(node.name);
		const missing = credentialTypes(node).filter((type) => !known.has(type));
		for (const type of missing) await makeCredential(type, kind);
		await editor.missingCredentials.first().waitFor({ state: 'detached' });
		await editor.closeNode();
	}

	it.each(crmKinds)('$file is set up step by step, and creates the client of a won deal', async (kind) => {
		await editor.step(async () => {
			const { client, sandbox } = server.live;
			const example = kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file);
			for (const host of hostsOf(kind)) server.standIn.serve(host, (request) => kind.answer(request, deals));

			const id = await editor.importWorkflow(join(repository, 'examples', kind.file));
			for (const node of example.nodes) {
				if (credentialTypes(node).length > 0) await chooseCredentials(node, kind);
				if (node.name === 'Compute the signature') {
					await editor.openNode(node.name);
					await editor.type(editor.nodePanel, 'secret', String(node.parameters.secret));
					await editor.closeNode();
				}
			}
			expect(await editor.unready.count()).toBe(1);
			await editor.openNode(shared.caller);
			await editor.chooseWorkflow(server.createTheClient.name);
			await editor.closeNode();
			await editor.unready.waitFor({ state: 'detached' });
			await editor.publish();
			const workflow = await client.workflow(id);
			expect(workflow).toMatchObject({ active: true });

			// Nobody but the editor may touch a workflow that is open there.
			await browser.page.goto(`${client.url}/home/workflows`);
			const deal: Deal = {
				id: 500 + deals.size,
				title: 'Annual plan',
				status: 'won',
				company: company(deals.size + 1),
				since: '2026-10-01',
			};
			deals.set(deal.id, deal);
			const send = await kind.listen({ client, workflow, example, standIn: server.standIn });
			await send(deal, 'won', 1);
			await eventually('the identifiers in the CRM', async () => deal.company?.identifiers);
			expect(sandbox.created).toHaveLength(1);
			await client.deactivate(id);
		});
	});
});

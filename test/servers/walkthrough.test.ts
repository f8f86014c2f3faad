import { type Browser, openBrowser } from '../support/n8n/browser';
import { crmDeal, manualWorkflow } from '../support/n8n/dealWorkflow';
import { EditorPage } from '../support/n8n/editorPage';
import { newestN8n } from '../support/n8n/installN8n';
import { packageName } from '../support/n8n/installPackage';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';

/** What business users type into the nodes panel. */
const phrases = [
	'invoice',
	'invoicing service',
	'debt',
	'debt collection',
	'receivables',
	'factoring',
	'creditor onboarding',
	'customer onboarding',
	'create client',
	'new customer',
	'won deal',
	'laskutus',
	'perintä',
	'inkasso',
	'fakturering',
];

/** What a person does who makes a client from a CRM's data for the first time, in the newest n8n's editor. */
describe(`in the editor of n8n ${newestN8n.version}`, () => {
	let live: LiveN8n;
	let browser: Browser;
	let editor: EditorPage;

	beforeAll(async () => {
		live = await startLiveN8n(newestN8n, { registered: true });
		browser = await openBrowser(live.client);
		editor = new EditorPage(browser.page, live.client.url);
		const { id } = await live.client.createWorkflow(manualWorkflow());
		await editor.open(id);
	});

	afterAll(async () => {
		await browser?.close();
		await live?.close();
	});

	it('is found by its name and by what it does, and taken from the nodes panel', async () => {
		await editor.step(async () => {
			await editor.openNodesPanel();
			for (const phrase of [...phrases, 'confirma']) {
				const found = await editor.searchNodes(phrase, 'Confirma Finance');
				expect(found.indexOf('Confirma Finance')).toBeLessThan(3);
			}
			await editor.takeNode('Confirma Finance', 'Create client');
		});
	});

	it('gets a new credential, which is tested when it is saved', async () => {
		await editor.step(async () => {
			await editor.startCredential();
			await editor.choose(editor.credentialPanel, 'environment', 'Custom');
			await editor.type(editor.credentialPanel, 'baseUrl', live.access.baseUrl);
			await editor.type(editor.credentialPanel, 'provisioningToken', 'not-a-token');
			await editor.saveCredential();
			await editor.credentialPanel.getByText('More details').click();
			await editor.credentialPanel.getByText(/provisioning token.*environment/).waitFor();
			await editor.type(editor.credentialPanel, 'provisioningToken', live.access.provisioningToken);
			await editor.saveCredential();
			await editor.credentialPanel.waitFor({ state: 'hidden' });
		});
	});

	it('is filled by dragging fields of the CRM and by typing', async () => {
		await editor.step(async () => {
			await editor.loadInput();
			await editor.type(editor.nodePanel, 'partnerCode', 'QUICK3');
			await editor.dragField('companyName', 'name');
			await editor.dragField('businessId', 'businessCode');
			await editor.type(editor.nodePanel, 'primaryContactName', crmDeal.contact.contactName);
			await editor.type(editor.nodePanel, 'primaryContactEmail', 'matti');
			await editor.type(editor.nodePanel, 'countryCode', 'Atlantis');
		});
	});

	it('says all that is wrong with the data, in words that tell what to do', async () => {
		await editor.step(async () => {
			const output = await editor.execute('2 fields need correction, so nothing was sent');
			expect(output).toContain("'Country' is not a country code or name that this node knows (given: “Atlantis”)");
			expect(output).toMatch(/'Primary Contact Email' .*\(given: “matti”\)/);
			// What n8n would show of markup that it doesn't render.
			expect(output).not.toMatch(/[<>]|&\w+;/);
			expect(live.sandbox.requests.filter(({ method }) => method === 'POST')).toEqual([]);
		});
	});

	it('shows in a preview what it would send, with a hint about what looks odd', async () => {
		await editor.step(async () => {
			await editor.type(editor.nodePanel, 'countryCode', crmDeal.company.country);
			await editor.type(editor.nodePanel, 'primaryContactEmail', crmDeal.contact.email);
			// On as soon as it is added.
			await editor.addField('Add Option', 'Preview Only');
			const output = await editor.execute('Ready to send');
			expect(output).toContain(`businessCode:${crmDeal.company.businessId}`);
			expect(output).toMatch(/'Business ID'.*check digit/);
			expect(live.sandbox.created).toEqual([]);
		});
	});

	it('creates the client, and reports it as a duplicate when run again', async () => {
		await editor.step(async () => {
			await editor.flip('previewOnly');
			const output = await editor.execute('clientIdentifier');
			expect(output).toContain(String(live.sandbox.created[0]!.clientIdentifier));
			const again = await editor.execute('This client was created before, so nothing was sent');
			expect(again).toContain(crmDeal.company.companyName);
			expect(again).toContain('If Client Was Already Created');
			expect(live.sandbox.created).toHaveLength(1);
			await editor.closeNode();
		});
	});

	it('is listed in the settings under Community Nodes', async () => {
		await editor.step(async () => {
			await browser.page.goto(`${live.client.url}/settings/community-nodes`);
			await browser.page.getByText(packageName).first().waitFor();
		});
	});
});

import { selectedVersions } from '../support/n8n/installN8n';
import { company } from '../support/n8n/dealWorkflow';
import type { SavedWorkflow } from '../support/n8n/n8nClient';
import type { CrmAnswer } from './crmStandIn';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';
import { type RegisterCountry, registerHosts, type RegisteredCompany, serveRegister } from './registers';

const example = readExample('find-the-business-id.json');
const trigger = 'When someone looks for a company';
const countries = { FI: 'Finland', NO: 'Norway' };

describe.each(selectedVersions().filter(({ version }) => version.startsWith('2')))('registers on n8n $version', (version) => {
	let server: ExampleServer;
	let visitor: FormVisitor;
	let workflow: SavedWorkflow;
	let companies = 30_000;

	beforeAll(async () => {
		server = await startExampleServer(version, registerHosts);
		workflow = await server.importExample(example, { httpBasicAuth: login });
		await publishForm(server, workflow, example);
		visitor = await FormVisitor.arrive(server);
	});

	afterEach(() => {
		server.standIn.requests.length = 0;
	});

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
	});

	const finnish = (changes: Partial<RegisteredCompany> = {}): RegisteredCompany => {
		const { name, id } = company(++companies);
		return { name, id, city: 'TURKU', isVatRegistered: true, ...changes };
	};

	/** Searches as a person does, in a register with this answer. */
	async function search(
		answer: RegisteredCompany[] | CrmAnswer,
		expected: RegExp,
		{ name = 'Example', country = 'FI' as RegisterCountry } = {},
	): Promise<string> {
		serveRegister(server.standIn, country, answer);
		await visitor.openForm(example);
		await visitor.fillIn({ Company: name, Country: countries[country] });
		return await visitor.send(expected);
	}

	async function choose(option: string, expected: RegExp): Promise<string> {
		await visitor.tick(option);
		return await visitor.send(expected);
	}

	it('runs on its sample data without a register and without a person', async () => {
		const execution = await server.runByHand(workflow, trigger);
		expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
		expect(jsonOf(execution, 'Candidates')).toMatchObject([
			{ found: [{ id: '1990242-6' }, { id: '1990253-0', ended: 'bankrupt' }] },
		]);
		expect(server.standIn.requests).toEqual([]);
	});

	it('shows even a single company, and gives its ID, VAT number and address after a person has chosen it', async () => {
		const found = finnish();
		const page = await search([found], /Which company is it/, { name: found.name.toLowerCase() });
		expect(page).toContain(`${found.name} (${found.id}), TURKU, VAT registered`);
		expect(page).toContain('CC BY 4.0');
		expect(server.standIn.requests).toMatchObject([{ query: { name: found.name.toLowerCase() } }]);
		const shown = await choose(found.id, /Copy these into your CRM/);
		for (const text of [found.name, found.id, `FI${found.id.replace('-', '')}`, 'Testikuja 7', '00100', 'TURKU', 'Finland'])
			expect(shown).toContain(text);
	});

	it('finds companies in Norway', async () => {
		const found = { name: 'EXAMPLE AS', id: '923609016', city: 'OSLO', isVatRegistered: true };
		expect(await search([found], /Which company is it/, { country: 'NO' })).toContain(
			'EXAMPLE AS (923609016), OSLO, VAT registered',
		);
		expect(server.standIn.requests).toMatchObject([{ host: 'data.brreg.no', query: { navn: 'Example' } }]);
		const shown = await choose('923609016', /Copy these into your CRM/);
		for (const text of ['NO923609016MVA', 'Testveien 7', '0150', 'Norway']) expect(shown).toContain(text);
	});

	it('says of each company whether it is registered for VAT, bankrupt or ceased, those in business first', async () => {
		const [ceased, bankrupt, plain] = [
			finnish({ ceased: '2020-06-30' }),
			finnish({ isBankrupt: true }),
			finnish({ isVatRegistered: false }),
		];
		const page = await search([ceased, bankrupt, plain], /Which company is it/);
		expect(page).toContain(`${plain.name} (${plain.id}), TURKU, not VAT registered`);
		expect(page).toContain(`${bankrupt.name} (${bankrupt.id}), TURKU, VAT registered, BANKRUPT`);
		expect(page).toContain(`${ceased.name} (${ceased.id}), TURKU, VAT registered, CEASED 2020-06-30`);
		expect(page.indexOf(plain.id)).toBeLessThan(page.indexOf(ceased.id));
		expect(await choose(ceased.id, /Copy these/)).toContain('The register says: ceased 2020-06-30');
	});

	it('shows ten of many, those of this very name first', async () => {
		const many = Array.from({ length: 150 }, () => finnish());
		const wanted = { ...many[80]!, name: 'Example Wanted Oy' };
		const page = await search(many.with(80, wanted), /Which company is it/, { name: 'example wanted oy' });
		expect(page).toContain('These are 10 of 150 companies');
		expect(many.filter(({ id }) => page.includes(`(${id})`)).map(({ id }) => id)).toEqual([
			...many.slice(0, 9).map(({ id }) => id),
			wanted.id,
		]);
		expect(page.indexOf(wanted.id)).toBeLessThan(page.indexOf(many[0]!.id));
	});

	it('gives nothing when a person chooses none', async () => {
		const found = finnish();
		await search([found], /Which company is it/);
		expect(await choose('None of these', /No company was chosen/)).not.toContain(found.id);
	});

	it.each<[RegisterCountry, string, RegisteredCompany[] | CrmAnswer, RegExp]>([
		['FI', 'no company', [], /has no company of this name/],
		['NO', 'no company', [], /has no company of this name/],
		['FI', 'a web page', { page: '<html><body>Out of order</body></html>' }, /gave no usable answer/],
		['FI', 'too many requests', { status: 429, body: { message: 'Slow down' } }, /gave no usable answer/],
		['NO', 'something else', { body: { status: 'ok' } }, /gave no usable answer/],
		['FI', 'nothing in time', { isSilent: true }, /gave no usable answer/],
	])('says so when the register of %s answers with %s, and what to do', async (country, _, answer, expected) => {
		expect(await search(answer, expected, { country })).toContain('ask the customer for the business ID');
	});
});

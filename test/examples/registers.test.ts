import { selectedVersions } from '../support/n8n/installN8n';
import { company } from '../support/n8n/dealWorkflow';
import type { Execution, SavedWorkflow } from '../support/n8n/n8nClient';
import type { CrmAnswer } from './crmStandIn';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';
import { type RegisterCountry, registerHosts, type RegisteredCompany, serveRegister } from './registers';

const example = readExample('find-the-business-id.json');
const trigger = 'When someone looks for a business ID';
const crm = 'crm.example.com';

/** A deal in the CRM that these tests play, with its company. */
interface Deal {
	status: 'open' | 'won';
	company: Record<string, unknown>;
}

describe.each(selectedVersions())('business IDs from registers on n8n $version', (version) => {
	let server: ExampleServer;
	let visitor: FormVisitor;
	let workflow: SavedWorkflow;
	let deals = 0;
	let companies = 30_000;

	beforeAll(async () => {
		server = await startExampleServer(version, [crm, ...registerHosts]);
		const credentials = { httpBasicAuth: login, httpHeaderAuth: { name: 'X-Key', value: 'crm-key' } };
		workflow = await server.importExample(example, credentials, server.createTheClient);
		await publishForm(server, workflow, example);
		visitor = await FormVisitor.arrive(server);
	});

	afterEach(() => {
		server.live.sandbox.reset();
		server.standIn.requests.length = 0;
	});

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
	});

	/** Puts a deal into the CRM. Gives its number, and what the CRM knows of the company now. */
	function deal(
		company: Record<string, unknown>,
		{ status = 'won', isReadOnly = false }: Partial<Deal> & { isReadOnly?: boolean } = {},
	) {
		const id = ++deals;
		const won: Record<string, unknown> = {
			id: `D-${id}`,
			title: `Deal ${id}`,
			status,
			companyId: `C-${id}`,
			contactId: `P-${id}`,
		};
		const stored: Record<string, unknown> = {
			id: `C-${id}`,
			businessId: null,
			country: 'Suomi',
			clientIdentifier: null,
			...company,
		};
		server.standIn.serve(crm, ({ method, path, body, headers }) => {
			if (headers['x-key'] !== 'crm-key') return { status: 401 };
			switch (path) {
				case `/api/deals/D-${id}`:
					if (method === 'PATCH') Object.assign(won, body);
					return { body: won };
				case `/api/companies/C-${id}`:
					if (method !== 'PATCH') return { body: stored };
					if (isReadOnly) return { status: 403, body: { message: 'Read only' } };
					Object.assign(stored, body);
					return { body: stored };
				case `/api/contacts/P-${id}`:
					return { body: { name: 'Matti Meikäläinen', email: 'matti@example.com' } };
				default:
					return undefined;
			}
		});
		return { number: `D-${id}`, stored, won };
	}

	const finnish = (changes: Partial<RegisteredCompany> = {}): RegisteredCompany => {
		const { name, id } = company(++companies);
		return { name, id, city: 'TURKU', isVatRegistered: true, ...changes };
	};

	const registerRequests = () => server.standIn.requests.filter(({ host }) => registerHosts.includes(host));
	const crmWrites = () => server.standIn.requests.filter(({ method }) => method === 'PATCH');

	async function lookUp(number: string, expected: RegExp, name = ''): Promise<string> {
		await visitor.openForm(example);
		await visitor.fillIn({ Deal: number, ...(name && { 'Name to look for': name }) });
		return await visitor.send(expected);
	}

	async function choose(option: string, expected: RegExp): Promise<string> {
		await visitor.tick(option);
		return await visitor.send(expected);
	}

	const lastExecution = async (): Promise<Execution> => await server.live.client.lastExecution(workflow.id);

	it('runs on its sample data without a CRM, a register or a person', async () => {
		const execution = await server.runByHand(workflow, trigger);
		expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
		expect(server.live.sandbox.created.map(({ body }) => body.client)).toMatchObject([
			{ name: 'Example Harbour Oy', businessCode: '1990242-6', vatRegNbr: 'FI19902426', postalCode: '00100' },
		]);
		expect(server.standIn.requests.filter(({ host }) => host === crm || registerHosts.includes(host))).toEqual([]);
		await server.runByHand(workflow, trigger);
		expect(server.live.sandbox.requests).toHaveLength(1);
	});

	it('shows a single company too, and creates the client only after a person has chosen it', async () => {
		const found = finnish();
		serveRegister(server.standIn, 'FI', [found]);
		const { number, stored, won } = deal({ name: found.name.toLowerCase(), iban: 'FI21 1234 5600 0007 85' });
		const page = await lookUp(number, /Which company is it/);
		expect(page).toContain(`${found.name} (${found.id}), TURKU, VAT registered`);
		expect(page).toContain('CC BY 4.0');
		expect(registerRequests()).toMatchObject([{ query: { name: found.name.toLowerCase() } }]);
		expect(server.live.sandbox.requests).toEqual([]);
		expect(crmWrites()).toEqual([]);

		const last = await choose(found.id, /The client was created/);
		const [created] = server.live.sandbox.created;
		expect(created!.body).toMatchObject({
			client: {
				name: found.name,
				businessCode: found.id,
				vatRegNbr: `FI${found.id.replace('-', '')}`,
				postalAddress: 'Testikuja 7',
				postalCode: '00100',
				postalDistrict: 'TURKU',
				countryCode: 'FI',
				ibanAccount: 'FI2112345600000785',
			},
			contacts: { primary: { name: 'Matti Meikäläinen', email: 'matti@example.com' } },
		});
		expect(last).toContain(String(created!.clientIdentifier));
		expect(last).not.toContain(created!.apiAccessToken);
		expect(stored).toMatchObject({
			businessId: found.id,
			vatNumber: `FI${found.id.replace('-', '')}`,
			street: 'Testikuja 7',
			postalCode: '00100',
			city: 'TURKU',
			clientIdentifier: String(created!.clientIdentifier),
		});
		expect(won.clientIdentifier).toBe(String(created!.clientIdentifier));
		expect(failureOf(await lastExecution())).toBeUndefined();

		// The same deal again: its company has an ID now.
		expect(await lookUp(number, /has a business ID/)).toContain(found.id);
		expect(server.live.sandbox.requests).toHaveLength(1);
	});

	it('finds companies in Norway', async () => {
		serveRegister(server.standIn, 'NO', [{ name: 'EXAMPLE AS', id: '923609016', city: 'OSLO', isVatRegistered: true }]);
		const { number, stored } = deal({ name: 'Example AS', country: 'Norge' });
		expect(await lookUp(number, /Which company is it/)).toContain('EXAMPLE AS (923609016), OSLO, VAT registered');
		await choose('923609016', /The client was created/);
		expect(registerRequests()).toMatchObject([{ host: 'data.brreg.no', query: { navn: 'Example AS' } }]);
		expect(stored).toMatchObject({ businessId: '923609016', vatNumber: 'NO923609016MVA', street: 'Testveien 7', city: 'OSLO' });
		expect(server.live.sandbox.created).toMatchObject([
			{ body: { client: { countryCode: 'NO', languageCode: 'NO', currencyCode: 'NOK' } } },
		]);
	});

	it('says of each company what a person needs to know', async () => {
		const [plain, bankrupt, ceased] = [
			finnish({ isVatRegistered: false }),
			finnish({ isBankrupt: true }),
			finnish({ ceased: '2020-06-30' }),
		];
		serveRegister(server.standIn, 'FI', [ceased, bankrupt, plain]);
		const page = await lookUp(deal({ name: 'Example' }).number, /Which company is it/);
		expect(page).toContain(`${plain.name} (${plain.id}), TURKU, not VAT registered`);
		expect(page).toContain(`${bankrupt.name} (${bankrupt.id}), TURKU, VAT registered, BANKRUPT`);
		expect(page).toContain(`${ceased.name} (${ceased.id}), TURKU, VAT registered, CEASED 2020-06-30`);
		expect(page.indexOf(plain.id)).toBeLessThan(page.indexOf(ceased.id));
	});

	it('shows ten of a page of a hundred, those of this very name first', async () => {
		const many = Array.from({ length: 150 }, () => finnish());
		const wanted = { ...many[80]!, name: 'Example Wanted Oy' };
		serveRegister(server.standIn, 'FI', many.with(80, wanted));
		const page = await lookUp(deal({ name: 'Example' }).number, /Which company is it/, 'example wanted oy');
		expect(page).toContain('The first 10 of 150 companies of this name');
		const shown = many.with(80, wanted).filter(({ id }) => page.includes(`(${id})`));
		expect(shown.map(({ id }) => id)).toEqual([...many.slice(0, 9).map(({ id }) => id), wanted.id]);
		expect(page.indexOf(wanted.id)).toBeLessThan(page.indexOf(many[0]!.id));
		expect(registerRequests()).toMatchObject([{ query: { name: 'example wanted oy' } }]);
	});

	it('changes nothing when a person chooses none', async () => {
		serveRegister(server.standIn, 'FI', [finnish(), finnish()]);
		await lookUp(deal({ name: 'Example' }).number, /Which company is it/);
		await choose('None of these', /Nothing was changed/);
		expect(crmWrites()).toEqual([]);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('writes to the CRM, and creates nothing, while the deal is open', async () => {
		const found = finnish();
		serveRegister(server.standIn, 'FI', [found]);
		const { number, stored } = deal({ name: found.name }, { status: 'open' });
		await lookUp(number, /Which company is it/);
		await choose(found.id, /The business ID is in the CRM/);
		expect(stored.businessId).toBe(found.id);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('creates nothing when the CRM does not take the ID, and tells it', async () => {
		const found = finnish();
		serveRegister(server.standIn, 'FI', [found]);
		await lookUp(deal({ name: found.name }, { isReadOnly: true }).number, /Which company is it/);
		expect(await choose(found.id, /was not written to the CRM/)).toContain(`enter the business ID ${found.id}`);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('leaves a company alone that is a client by another way', async () => {
		const found = finnish();
		serveRegister(server.standIn, 'FI', [found]);
		const { number } = deal({ name: found.name, clientIdentifier: '4711' });
		await lookUp(number, /Which company is it/);
		await choose(found.id, /The business ID is in the CRM/);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it.each<[RegisterCountry, string, RegisteredCompany[] | CrmAnswer, RegExp]>([
		['FI', 'no company', [], /knows no company of this name/],
		['NO', 'no company', [], /knows no company of this name/],
		['FI', 'a web page', { page: '<html><body>Out of order</body></html>' }, /gave no usable answer/],
		['NO', 'a web page', { page: '<html><body>Out of order</body></html>' }, /gave no usable answer/],
		['FI', 'too many requests', { status: 429, body: { message: 'Slow down' } }, /gave no usable answer/],
		['NO', 'something else', { body: { status: 'ok' } }, /gave no usable answer/],
		['FI', 'nothing in time', { isSilent: true }, /gave no usable answer/],
	])('says so when the register of %s answers with %s', async (country, _, answer, expected) => {
		serveRegister(server.standIn, country, answer);
		const page = await lookUp(deal({ name: 'Example', country }).number, expected);
		expect(page).toContain('What to do');
		expect(crmWrites()).toEqual([]);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('says which countries can be searched', async () => {
		expect(await lookUp(deal({ name: 'Exempelbolaget AB', country: 'Sverige' }).number, /no open register/)).toContain(
			'Finland and Norway',
		);
		expect(registerRequests()).toEqual([]);
	});

	it('says that the CRM could not be read', async () => {
		deal({ name: 'Example' });
		expect(await lookUp('D-0', /The CRM could not be read/)).toContain('What to do');
		expect(registerRequests()).toEqual([]);
	});

	it('tells what to correct when the client was not created', async () => {
		const found = finnish();
		serveRegister(server.standIn, 'FI', [found]);
		server.live.sandbox.inject({ kind: 'status', status: 400, body: { message: 'No such partner' } });
		await lookUp(deal({ name: found.name }).number, /Which company is it/);
		expect(await choose(found.id, /the client was not created/)).toMatch(/No such partner[^]*What to do/);
	});
});

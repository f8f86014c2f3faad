import { randomUUID } from 'node:crypto';
import { type IDataObject, NodeOperationError } from 'n8n-workflow';
import { company, workflowNode } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { type Execution, outputs, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { ClientBody } from '../sandbox/sandbox';
import { confirmaType, readExample, withSettings } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, setUp, shared, startExampleServer } from './exampleServer';

const production = 'integrations.confirmafinance.com';

/** What a caller sends for a company of its own. */
function request(number: number, changes: IDataObject = {}): IDataObject {
	const { name, id, contact } = company(number);
	return {
		name,
		businessCode: id,
		countryCode: 'FI',
		primaryContactName: contact.name,
		primaryContactEmail: contact.email,
		origin: 'the CRM',
		about: `Deal ${number}`,
		again: 'win the deal again',
		reference: `deal ${number}`,
		...changes,
	};
}

describe.each(selectedVersions())('create-the-client.json on n8n $version', (version) => {
	let server: ExampleServer;
	let companies = 0;

	beforeAll(async () => {
		server = await startExampleServer(version, [production]);
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => await server?.close());

	const answersOf = (execution: Execution) => jsonOf(execution, shared.caller);

	it('answers every item in its order with what happened, and never with the access token', async () => {
		const [created, refused, lost] = [++companies, ++companies, ++companies];
		server.live.sandbox.inject(
			{
				kind: 'status',
				status: 400,
				body: { message: 'No such partner' },
				match: { businessCode: company(refused).id },
			},
			{ kind: 'resetAfterRead', match: { businessCode: company(lost).id } },
		);
		const before = server.messages().length;
		const execution = await server.call([
			request(++companies, { primaryContactEmail: 'matti' }),
			request(created),
			request(refused),
			request(lost),
			request(created, { reference: 'the same again' }),
		]);
		const [client] = server.live.sandbox.created;
		const identifiers = Object.fromEntries(
			['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix'].map((key) => [
				key,
				String((client!.answer as Record<string, number>)[key]),
			]),
		);
		const none = { clientIdentifier: '', confirmaFinanceCustomerCode: '', paymentReferencePrefix: '' };
		expect(answersOf(execution)).toMatchObject([
			{ outcome: 'invalid', toldTo: 'sales', description: expect.stringContaining('Primary Contact Email'), ...none },
			{
				outcome: 'created',
				toldTo: '',
				whatToDo: '',
				name: company(created).name,
				businessCode: company(created).id,
				...identifiers,
			},
			{ outcome: 'rejected', toldTo: 'finance', httpCode: expect.anything(), reference: `deal ${refused}`, ...none },
			{ outcome: 'unknown', toldTo: 'finance', whatToDo: expect.stringContaining('“Settle a client”'), ...none },
			{ outcome: 'duplicate', toldTo: '', reference: 'the same again', ...identifiers },
		]);
		for (const answer of answersOf(execution)) {
			expect(Object.keys(answer).slice(0, 4)).toEqual(['outcome', 'message', 'name', 'businessCode']);
			expect(answer).not.toHaveProperty('error');
			expect(answer.message).not.toBe('');
			expect(answer.leftToDo).toBe('');
		}
		expect(outputs(execution, shared.caller)[0]!.map(({ pairedItem }) => pairedItem)).toMatchObject(
			[0, 1, 2, 3, 4].map((item) => ({ item })),
		);
		expect(server.messages().slice(before)).toHaveLength(3);
		expect(execution.raw).not.toContain(client!.apiAccessToken);
		expect(server.storedTokens()[identifiers.clientIdentifier!]).toBe(client!.apiAccessToken);
	});

	it('shows what would be sent, and sends nothing, for every task but to create', async () => {
		for (const task of ['preview', 'Create', 'look']) {
			const [answer] = answersOf(await server.call([request(++companies, { task })]));
			expect(answer).toMatchObject({
				outcome: 'notSent',
				method: 'POST',
				url: `${server.live.sandbox.url}/api/v1/partner/client`,
				body: { client: { businessCode: company(companies).id } },
			});
		}
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('settles a client of which nobody knows, as Confirma Finance has answered', async () => {
		const lose = async (number: number) => {
			server.live.sandbox.inject({ kind: 'resetAfterRead' });
			await server.call([request(number)]);
			expect(answersOf(await server.call([request(number)]))).toMatchObject([{ outcome: 'unknown' }]);
		};
		const [exists, missing] = [++companies, ++companies];
		await lose(exists);
		const { businessCode, countryCode } = request(exists);
		expect(answersOf(await server.call([{ businessCode, countryCode, unknownHandling: 'created' }]))).toMatchObject([
			{ outcome: 'duplicate' },
		]);
		expect(answersOf(await server.call([request(exists)]))).toMatchObject([{ outcome: 'duplicate' }]);

		await lose(missing);
		expect(answersOf(await server.call([request(missing, { unknownHandling: 'send' })]))).toMatchObject([{ outcome: 'created' }]);
		expect(server.live.sandbox.requests).toHaveLength(3);
	});

	it('tells people what a caller asks it to, and nobody where the caller does that itself', async () => {
		const before = server.messages().length;
		const [told] = answersOf(
			await server.call([request(++companies, { task: 'tell', situation: 'notRead', details: 'Out of order' })]),
		);
		expect(told).toMatchObject({ outcome: 'told', toldTo: 'sales', leftToDo: '' });
		await server.call([request(++companies, { tell: 'no', primaryContactEmail: 'matti' })]);
		expect(server.messages().slice(before)).toEqual([
			{
				to: 'sales@testcustomer.fi',
				subject: expect.stringContaining('could not be read'),
				text: expect.stringMatching(/Out of order[^]*What to do/),
			},
		]);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('says what is left to do until a vault and a way to tell people are there', async () => {
		const fresh = await server.importCreateTheClient();
		const execution = await server.call([request(++companies), request(++companies, { primaryContactEmail: 'matti' })], fresh);
		expect(execution.status).toBe('success');
		expect(answersOf(execution)).toMatchObject([
			{
				outcome: 'created',
				leftToDo: expect.stringMatching(/^The access token of “Example \d+ Oy” was not stored[^]*Put it into your vault now\./),
			},
			{ outcome: 'invalid', leftToDo: expect.stringMatching(/^Nobody was told[^]*Primary Contact Email/) },
		]);
		const byHand = await server.runByHand(fresh, shared.trigger);
		expect(failureOf(byHand)).toMatch(/^The access token of/);
	});

	it.each(['', 'Sales <sales@EXAMPLE.com>'])('says that nobody was told where the address for sales is %j', async (address) => {
		const unaddressed = await server.importCreateTheClient(
			withSettings(setUp(readExample(shared.file)), { salesEmail: address }),
		);
		const wrong = request(++companies, { primaryContactEmail: 'matti' });
		expect(answersOf(await server.call([wrong], unaddressed))).toMatchObject([
			{ outcome: 'invalid', leftToDo: expect.stringMatching(/^Nobody was told/) },
		]);
	});

	it('says in words what a network code means, because n8n replaces the whole text of an error that has one', async () => {
		const fresh = await server.importCreateTheClient();
		const notRead = request(++companies, {
			task: 'tell',
			situation: 'notRead',
			about: 'Deal “Preexisting”',
			details: 'connect ECONNREFUSED 127.0.0.1:1 (getaddrinfo ENOTFOUND crm.example.com)',
		});
		const [answer] = answersOf(await server.call([notRead], fresh));
		const leftToDo = String(answer!.leftToDo);
		expect(leftToDo).toMatch(/^Nobody was told/);
		expect(leftToDo).toContain('connection refused 127.0.0.1:1 (address not found crm.example.com)');
		const failure = new NodeOperationError(
			workflowNode('Not everything is done', 'n8n-nodes-base.stopAndError', 1, {}),
			leftToDo,
		);
		expect(failure.message).toBe(leftToDo);
	});

	it('says so when the vault or the chat does not answer as it should', async () => {
		const { standIn } = server;
		for (const host of ['vault.example.com', 'chat.example.com']) standIn.serve(host, () => ({ status: 500 }));
		const execution = await server.call([request(++companies), request(++companies, { primaryContactEmail: 'matti' })]);
		for (const host of ['vault.example.com', 'chat.example.com']) standIn.serve(host, () => ({ body: {} }));
		expect(answersOf(execution)).toMatchObject([
			{ outcome: 'created', leftToDo: expect.stringContaining('was not stored') },
			{ outcome: 'invalid', leftToDo: expect.stringContaining('Nobody was told') },
		]);
	});

	it('creates no sample company in production', async () => {
		const sent: ClientBody[] = [];
		server.standIn.serve(production, ({ body }) => {
			sent.push(body as ClientBody);
			return {
				body: {
					message: 'New client created',
					clientIdentifier: 1,
					confirmaFinanceCustomerCode: 2,
					paymentReferencePrefix: 3,
					apiAccessToken: randomUUID(),
				},
			};
		});
		const inProduction = await importForProduction();
		const sample = await server.call([request(++companies)], inProduction);
		expect(answersOf(sample)).toMatchObject([{ outcome: 'notSent', whatToDo: expect.stringContaining('staging') }]);
		expect(sent).toEqual([]);

		const real = request(++companies, { primaryContactEmail: 'matti@test-customer.invalid' });
		expect(answersOf(await server.call([real], inProduction))).toMatchObject([{ outcome: 'created' }]);
		expect(sent).toMatchObject([{ client: { businessCode: real.businessCode } }]);
	});

	it('says that it could not check, and creates nothing, while n8n cannot read the credential', async () => {
		const before = server.messages().length;
		for (const task of ['preview', 'create']) {
			const [answer] = await server.withoutCredential(async () => answersOf(await server.call([request(++companies, { task })])));
			expect(answer).toMatchObject({
				outcome: 'notSent',
				description: expect.stringContaining('n8n'),
				whatToDo: expect.stringContaining('win the deal again'),
				toldTo: 'finance',
			});
			expect(answer).not.toHaveProperty('createdBefore');
		}
		expect(server.messages().slice(before)).toHaveLength(2);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	async function importForProduction(): Promise<SavedWorkflow> {
		const { client } = server.live;
		const { id, name } = await client.createCredential('Confirma Finance production', 'confirmaFinanceApi', {
			environment: 'production',
			provisioningToken: 'production-token',
		});
		const example = setUp(readExample(shared.file));
		const nodes = example.nodes.map((node) =>
			node.type === confirmaType ? { ...node, credentials: { confirmaFinanceApi: { id, name } } } : node,
		);
		const workflow = await client.createWorkflow({ ...example, nodes });
		if (!version.version.startsWith('1.')) await client.activate(workflow.id);
		return workflow;
	}
});

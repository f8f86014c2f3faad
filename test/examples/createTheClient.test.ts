import type { IDataObject } from 'n8n-workflow';
import { company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { type Execution, outputs } from '../support/n8n/n8nClient';
import { readExample } from './exampleFiles';
import { type ExampleServer, jsonOf, setUp, shared, startExampleServer } from './exampleServer';

const table = 'Confirma Finance clients';

interface DataTable {
	id: string;
	name: string;
	projectId: string;
}

/** What a caller sends for a company of its own. */
function request(number: number, changes: IDataObject = {}): IDataObject {
	const { name, id } = company(number);
	return {
		name,
		businessCode: id,
		countryCode: 'FI',
		primaryContactName: 'Matti Meikäläinen',
		primaryContactEmail: 'matti@testcustomer.fi',
		reference: `deal ${number}`,
		...changes,
	};
}

describe.each(selectedVersions().filter(({ version }) => !version.startsWith('1.')))(
	'create-the-client.json on n8n $version',
	(version) => {
		let server: ExampleServer;
		let companies = 0;

		beforeAll(async () => {
			server = await startExampleServer(version, []);
		});

		afterEach(() => {
			server.standIn.serve('vault.example.com', () => ({ body: { isTaken: true } }));
			server.live.sandbox.reset();
		});

		afterAll(async () => await server?.close());

		const answersOf = (execution: Execution) => jsonOf(execution, shared.caller);
		const rowsOf = async (number: number) =>
			(await server.rows()).filter(({ businessCode }) => businessCode === company(number).id);

		function identifiersOf(index: number): Record<string, string> {
			const answer = server.live.sandbox.created[index]!.answer as Record<string, number>;
			const names = ['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix'];
			return Object.fromEntries(names.map((name) => [name, String(answer[name])]));
		}

		/** Sends a request about n8n's Data Tables, below the address of the project that they are in. */
		async function dataTables<T>(method: string, path = '', body?: unknown): Promise<T> {
			const { client } = server.live;
			const { data } = await client.request<{ data: DataTable[] }>('GET', '/rest/data-tables-global');
			return await client.request<T>(method, `/rest/projects/${data[0]!.projectId}/data-tables${path}`, body);
		}

		async function tableNamed(name: string): Promise<DataTable> {
			const { data } = await dataTables<{ data: DataTable[] }>('GET');
			return data.find((each) => each.name === name)!;
		}

		const makeTable = async (name: string) =>
			await dataTables<DataTable>('POST', '', { name, columns: [{ name: 'notes', type: 'string' }] });

		const rename = async (from: string, to: string) => await dataTables('PATCH', `/${(await tableNamed(from)).id}`, { name: to });

		it('answers every item in its order with what happened, and never with the access token', async () => {
			const [created, refused, lost] = [++companies, ++companies, ++companies];
			server.live.sandbox.inject(
				{ kind: 'status', status: 400, body: { message: 'No such partner' }, match: { businessCode: company(refused).id } },
				{ kind: 'resetAfterRead', match: { businessCode: company(lost).id } },
			);
			const execution = await server.call([
				request(++companies, { primaryContactEmail: 'matti' }),
				request(created),
				request(refused),
				request(lost),
				request(created, { reference: 'the same again' }),
			]);
			const none = { clientIdentifier: '', confirmaFinanceCustomerCode: '', paymentReferencePrefix: '' };
			const identifiers = identifiersOf(0);
			const answers = answersOf(execution);
			expect(answers).toMatchObject([
				{ outcome: 'invalid', description: expect.stringContaining('Primary Contact Email'), ...none },
				{ outcome: 'created', name: company(created).name, countryCode: 'FI', ...identifiers, leftToDo: '' },
				{ outcome: 'rejected', reference: `deal ${refused}`, ...none },
				{ outcome: 'unknown', ...none },
				{ outcome: 'duplicate', reference: 'the same again', ...identifiers, leftToDo: '' },
			]);
			for (const { outcome, message, leftToDo } of answers.filter(({ clientIdentifier }) => !clientIdentifier))
				expect([outcome, leftToDo]).toEqual([outcome, expect.stringContaining(String(message))]);
			for (const answer of answers) expect(answer).not.toHaveProperty('error');
			expect(outputs(execution, shared.caller)[0]!.map(({ pairedItem }) => pairedItem)).toMatchObject(
				[0, 1, 2, 3, 4].map((item) => ({ item })),
			);
			const { apiAccessToken } = server.live.sandbox.created[0]!;
			expect(execution.raw).not.toContain(apiAccessToken);
			expect(JSON.stringify(await server.rows())).not.toContain(apiAccessToken);
			expect(server.storedTokens()[identifiers.clientIdentifier!]).toBe(apiAccessToken);
		});

		it('has one row per company, whose identifiers no later delivery takes away', async () => {
			const number = ++companies;
			await server.call([request(number)]);
			await server.call([request(number, { primaryContactEmail: 'matti' })]);
			// What else there is to check says nothing about the ID.
			await server.call([request(number, { name: `${company(number).name} AB`, vatRegNbr: 'FI01120389' })]);
			expect(await rowsOf(number)).toMatchObject([
				{
					outcome: 'created',
					name: `${company(number).name} AB`,
					...identifiersOf(0),
					tokenHandedOn: expect.stringMatching(/^yes/),
				},
			]);
		});

		it.each([
			['in a country without a register of its own', { businessCode: 'HRB 12345', countryCode: 'DE' }],
			['that no register has given out', { businessCode: '1234567-8', countryCode: 'FI' }],
		])('tells two companies apart that have one number %s', async (_, number) => {
			const [first, second] = [request(++companies, number), request(++companies, number)];
			await server.call([first, second]);
			expect(answersOf(await server.call([first, second]))).toMatchObject([
				{ outcome: 'duplicate', ...identifiersOf(0) },
				{ outcome: 'duplicate', ...identifiersOf(1) },
			]);
		});

		it('keeps the request of a client of which nobody knows, also when it comes again with an error in it', async () => {
			const number = ++companies;
			server.live.sandbox.inject({ kind: 'resetAfterRead' });
			await server.call([request(number)]);
			await server.call([request(number, { primaryContactEmail: 'matti' })]);
			const [row] = await rowsOf(number);
			expect(JSON.parse(String(row!.request))).toMatchObject(request(number));
		});

		it('says where the access token is, as long as nothing takes it or the vault refuses it', async () => {
			server.standIn.serve('vault.example.com', () => ({ status: 500 }));
			const untouched = await server.importCreateTheClient();
			for (const called of [untouched, server.createTheClient]) {
				const number = ++companies;
				const [answer] = answersOf(await server.call([request(number)], called));
				expect(answer!.leftToDo).toMatch(
					/^Client \d+ was created\. One thing is left: hand on its access token, which is in http\S+\/executions\/\d+\.$/,
				);
				expect(await rowsOf(number)).toMatchObject([
					{ tokenHandedOn: expect.stringMatching(/^no, it is in http/), outcome: 'created' },
				]);
			}
		});

		it('records the identifiers even if the vault ends the execution', async () => {
			const example = setUp(readExample(shared.file));
			const nodes = example.nodes.map((node) =>
				node.name === 'Our vault' ? { ...node, onError: 'stopWorkflow' as const } : node,
			);
			const strict = await server.importCreateTheClient({ ...example, nodes });
			server.standIn.serve('vault.example.com', () => ({ status: 500 }));
			const number = ++companies;
			expect((await server.call([request(number)], strict)).status).toBe('error');
			expect(answersOf(await server.call([request(number)], strict))).toMatchObject([
				{ outcome: 'duplicate', ...identifiersOf(0) },
			]);
		});

		it('loses no client and says so while the table cannot be written', async () => {
			const [first, second, lost] = [++companies, ++companies, ++companies];
			server.live.sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: company(lost).id } });
			await rename(table, 'Put away');
			const { id } = await makeTable(table);
			const answers = answersOf(await server.call([request(first), request(second), request(lost)]));
			await dataTables('DELETE', `/${id}`);
			await rename('Put away', table);
			expect(answers).toMatchObject([
				{
					outcome: 'created',
					...identifiersOf(0),
					leftToDo: expect.stringMatching(/^Client \d+ was created\. .*could not be written/),
				},
				{ outcome: 'created', ...identifiersOf(1), leftToDo: expect.stringMatching(/could not be written/) },
				{ outcome: 'unknown', leftToDo: expect.stringMatching(/The table “.+” could not be written\.$/) },
			]);
			expect(answersOf(await server.call([request(first)]))).toMatchObject([
				{
					outcome: 'duplicate',
					clientIdentifier: '',
					leftToDo: expect.stringMatching(/is a client already\. One thing is left.* does not have them\.$/),
				},
			]);
		});

		it('writes to the table with exactly its name, beside one that n8n finds first', async () => {
			// The one that was changed last.
			await makeTable(`${table} 2025 (old)`);
			const number = ++companies;
			expect(answersOf(await server.call([request(number)]))).toMatchObject([{ outcome: 'created', leftToDo: '' }]);
			expect(await rowsOf(number)).toMatchObject([identifiersOf(0)]);
			await rename(table, `Earlier ${table}`);
			const next = ++companies;
			expect(answersOf(await server.call([request(next)]))).toMatchObject([{ outcome: 'created', leftToDo: '' }]);
			expect(await server.rows()).toMatchObject([identifiersOf(1)]);
			// Back to the rows of the other tests.
			await dataTables('DELETE', `/${(await tableNamed(table)).id}`);
			await rename(`Earlier ${table}`, table);
		});

		it('shows what would be sent, and neither sends nor records anything, when it is asked for a preview', async () => {
			const number = ++companies;
			expect(answersOf(await server.call([request(number, { previewOnly: true })]))).toMatchObject([
				{ outcome: 'preview', leftToDo: '', body: { client: { businessCode: company(number).id } } },
			]);
			expect(server.live.sandbox.requests).toEqual([]);
			expect(await rowsOf(number)).toEqual([]);
		});

		it('sends nothing while n8n cannot read the credential', async () => {
			const [answer] = await server.withoutCredential(async () => answersOf(await server.call([request(++companies)])));
			expect(answer).toMatchObject({ outcome: 'notSent', leftToDo: expect.stringContaining('redential') });
			expect(server.live.sandbox.requests).toEqual([]);
		});
	},
);

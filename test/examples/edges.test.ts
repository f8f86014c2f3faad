import type { IDataObject } from 'n8n-workflow';
import { company } from '../support/n8n/dealWorkflow';
import { type N8nVersion, selectedVersions } from '../support/n8n/installN8n';
import { eventually } from '../support/n8n/n8nClient';
import { anyCrm, type Deal, hostsOf } from './crms';
import { type Example, readExample } from './exampleFiles';
import { type ExampleServer, setUp, shared, startExampleServer, withChat } from './exampleServer';

const table = 'Confirma Finance clients';

/** A file as n8n's editor imports it. */
const withoutSettings = (example: Example): Example => ({ ...example, settings: {} });

describe.each(selectedVersions().filter(({ version }) => !version.startsWith('1.')))('on n8n $version', (version) => {
	const deals = new Map<number, Deal>();
	let server: ExampleServer;
	let stop: (() => Promise<void>) | undefined;

	afterEach(async () => {
		await stop?.();
		server.live.sandbox.reset();
	});

	afterAll(async () => await server?.close());

	/** Starts n8n with settings of its own, and without the table of clients. */
	async function start(n8n: N8nVersion, settings: Record<string, string> = {}): Promise<void> {
		await server?.close();
		server = await startExampleServer(n8n, hostsOf(anyCrm), settings);
		server.standIn.serve(anyCrm.host, (request) => anyCrm.answer(request, deals));
	}

	/** Sets up the shared workflow and one for a CRM, and gives what wins a deal there. */
	async function listen(imported: (example: Example) => Example = (example) => example) {
		const { client } = server.live;
		const called = await server.importCreateTheClient(imported(setUp(readExample(shared.file))));
		const example = withChat(imported(readExample(anyCrm.file)));
		const workflow = await server.importExample(example, anyCrm.credentials, called);
		const send = await anyCrm.listen({ client, workflow, example, standIn: server.standIn });
		stop = async () => await client.deactivate(workflow.id);
		return { called, workflow, win: async (deal: Deal) => await send(deal, 'won', 1) };
	}

	function deal(): Deal {
		const id = 500 + deals.size;
		const contact = { name: 'Matti Meikäläinen', email: 'matti@testcustomer.fi' };
		const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: company(id, { contact }), since: '2026-10-01' };
		deals.set(id, made);
		return made;
	}

	const inTheCrm = async (won: Deal[], seconds?: number) =>
		await eventually(
			'the identifiers in the CRM',
			async () => won.every(({ company: of }) => of!.identifiers) || undefined,
			seconds,
		);

	const rowsOf = async (won: Deal[]) =>
		(await server.rows()).filter(({ businessCode }) => won.some(({ company: of }) => of!.id === businessCode));

	/** The row of a deal's company, once it is a client. */
	const rowOf = ({ company: of }: Deal): IDataObject => ({
		businessCode: of!.id,
		outcome: 'created',
		clientIdentifier: of!.identifiers!.clientIdentifier,
		tokenHandedOn: expect.stringMatching(/^yes/),
	});

	const tables = async () =>
		(await server.live.client.request<{ data: Array<{ name: string }> }>('GET', '/rest/data-tables-global')).data.map(
			({ name }) => name,
		);

	describe('with many events at once', () => {
		// As examples/README.md advises: n8n by itself begins them all, and is too busy to answer in time on a slow machine.
		beforeAll(async () => await start(version, { N8N_CONCURRENCY_PRODUCTION_LIMIT: '20' }));

		it.each([
			['twenty, the first that there are', 20],
			['two hundred', 200],
		])(
			'loses none of %s, and makes one client and one row of each, in one table',
			async (_, count) => {
				const { win } = await listen();
				if (count === 20) expect(await tables()).toEqual([]);
				const won = Array.from({ length: count }, deal);
				await Promise.all(won.map(win));
				await inTheCrm(won, 300);
				expect(server.live.sandbox.requests).toHaveLength(count);
				const rows = await rowsOf(won);
				expect(rows).toHaveLength(count);
				expect(rows).toEqual(expect.arrayContaining(won.map((each) => expect.objectContaining(rowOf(each)))));
				for (const { clientIdentifier, apiAccessToken } of server.live.sandbox.created)
					expect(server.storedTokens()[String(clientIdentifier)]).toBe(apiAccessToken);
				expect(await tables()).toEqual([table]);
				expect(server.messages()).toEqual([]);
			},
			600_000,
		);
	});

	describe('with a time limit that is shorter than the API takes', () => {
		beforeAll(async () => await start(version, { EXECUTIONS_TIMEOUT: '4' }));

		it('waits all the same, as the files are set', async () => {
			const { win } = await listen();
			const won = deal();
			server.live.sandbox.inject({ kind: 'delay', ms: 7_000 });
			await win(won);
			await inTheCrm([won]);
			expect(server.live.sandbox.requests).toHaveLength(1);
			expect(await rowsOf([won])).toMatchObject([rowOf(won)]);
			expect(server.messages()).toEqual([]);
		});

		it('creates nothing a second time and says what to do, where the editor has dropped the settings', async () => {
			const { workflow, called, win } = await listen(withoutSettings);
			const won = deal();
			server.live.sandbox.inject({ kind: 'delay', ms: 7_000 });
			await win(won);
			for (const { id } of [workflow, called]) {
				const execution = await eventually('an execution', async () => (await server.live.client.executionIds(id))[0]);
				expect((await server.live.client.finished(execution)).status).toBe('canceled');
			}
			await win(won);
			const { text } = await eventually('a message', async () => server.messages()[0]);
			expect(text).toMatch(/is a client already\. One thing is left: ask Confirma Finance for its identifiers/);
			expect(server.live.sandbox.requests).toHaveLength(1);
			expect(await rowsOf([won])).toMatchObject([{ outcome: 'created' }]);
		});
	});

	describe('with tables that are full', () => {
		beforeAll(
			async () =>
				await start(version, { N8N_DATA_TABLES_MAX_SIZE_BYTES: '1', N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0' }),
		);

		it('creates the client, hands on what it got, and says that its row is missing', async () => {
			const { win } = await listen();
			const won = deal();
			await win(won);
			await inTheCrm([won]);
			const { text } = await eventually('a message', async () => server.messages()[0]);
			expect(text).toMatch(/Client \d+ was created\. .*could not be written/);
			const { clientIdentifier, apiAccessToken } = server.live.sandbox.created[0]!;
			expect(server.storedTokens()[String(clientIdentifier)]).toBe(apiAccessToken);
			expect(server.live.sandbox.requests).toHaveLength(1);
		});
	});

	describe('with an n8n that keeps no executions', () => {
		beforeAll(
			async () => await start(version, { EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none', EXECUTIONS_DATA_SAVE_ON_ERROR: 'none' }),
		);

		it('has the identifiers in the table, where the editor has dropped the settings', async () => {
			const { called, win } = await listen(withoutSettings);
			const won = deal();
			await win(won);
			await inTheCrm([won]);
			expect(await rowsOf([won])).toMatchObject([rowOf(won)]);
			expect(await server.live.client.executionIds(called.id)).toEqual([]);
		});

		it('keeps the executions that the table and a message name, as the files are set', async () => {
			const { win } = await listen();
			const [won, refused] = [deal(), deal()];
			await win(won);
			await inTheCrm([won]);
			const [row] = await rowsOf([won]);
			const execution = await server.live.client.execution(/\d+$/.exec(String(row!.execution))![0]);
			expect(execution.raw).toContain(server.live.sandbox.created[0]!.apiAccessToken);
			server.live.sandbox.inject({ kind: 'status', status: 400, body: { message: 'No such partner' } });
			await win(refused);
			const { text } = await eventually('a message', async () => server.messages()[0]);
			expect((await server.live.client.execution(/\d+$/.exec(text)![0])).status).toBe('error');
		});
	});
});

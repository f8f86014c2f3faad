import { company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { eventually, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type CrmCompany, crmHosts, type CrmKind, crmKinds, type Deal, hostsOf } from './crms';
import { readExample } from './exampleFiles';
import { type ExampleServer, startExampleServer } from './exampleServer';

interface WayIn {
	kind: CrmKind;
	workflow: SavedWorkflow;
	deliver: Awaited<ReturnType<CrmKind['listen']>>;
}

describe.each(selectedVersions())('on n8n $version', (version) => {
	const kinds = crmKinds.filter(({ hearsEvents }) => hearsEvents(version.version));
	const deals = new Map<number, Deal>();
	let server: ExampleServer;
	const ways: WayIn[] = [];

	beforeAll(async () => {
		server = await startExampleServer(version, crmHosts);
		const { live, standIn } = server;
		for (const kind of kinds) {
			const example = kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file);
			for (const host of hostsOf(kind)) standIn.serve(host, (request) => kind.answer(request, deals, example));
			const workflow = await server.importExample(example, kind.credentials, server.createTheClient);
			ways.push({ kind, workflow, deliver: await kind.listen({ client: live.client, workflow, example, standIn }) });
		}
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => await server?.close());

	/** A won deal of a company in one CRM. Each CRM has a record of its own for the company. */
	function deal(of: CrmCompany): Deal {
		const id = 500 + deals.size;
		const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: { ...of }, since: '2026-10-01' };
		deals.set(id, made);
		return made;
	}

	/** Lets the deals be won at once, and waits until the executions that this causes have ended. */
	async function win(won: Array<{ way: WayIn; about: Deal }>): Promise<void> {
		const { client } = server.live;
		const known = new Set((await Promise.all(ways.map(async ({ workflow }) => await client.executionIds(workflow.id)))).flat());
		const one = async ({ way, about }: (typeof won)[number]) => await way.deliver(about, 'won', 1);
		await Promise.all([
			...won.filter(({ way }) => !way.kind.gathers).map(one),
			// There is only one poll at a time.
			(async () => {
				for (const each of won.filter(({ way }) => way.kind.gathers)) await one(each);
			})(),
		]);
		for (const way of ways) {
			const expected = won.filter((each) => each.way === way).length;
			const ids = await eventually(`${expected} executions of ${way.kind.file}`, async () => {
				const fresh = (await client.executionIds(way.workflow.id)).filter((id) => !known.has(id));
				return fresh.length >= expected ? fresh : undefined;
			});
			for (const id of ids) expect((await client.finished(id)).status).toBe('success');
		}
	}

	const createdTimes = ({ id }: { id: string }) =>
		server.live.sandbox.requests.filter(({ body }) => JSON.stringify(body).includes(id)).length;

	it('gives the other CRM the identifiers of a client that one CRM has brought in', async () => {
		const [first, second] = ways as [WayIn, WayIn];
		const [there, here] = [deal(company(3000)), deal(company(3000))];
		const before = server.messages().length;
		await win([{ way: first, about: there }]);
		await win([{ way: second, about: here }]);
		expect(server.live.sandbox.requests).toHaveLength(1);
		expect(there.identifiers).toBeDefined();
		for (const identifiers of [there.company!.identifiers, here.identifiers, here.company!.identifiers])
			expect(identifiers).toEqual(there.identifiers);
		expect(server.messages().slice(before)).toEqual([]);
	});

	it(
		'makes one client of a company that is won in any two CRMs, at once or later in the other',
		async () => {
			// One request for a company that is won everywhere at once: no two of them have a memory of their own.
			const everywhere = company(1000);
			await win(ways.map((way) => ({ way, about: deal(everywhere) })));
			expect(createdTimes(everywhere)).toBe(1);

			// And each pair for itself, one after the other.
			const pairs = ways.flatMap((first, index) =>
				ways.slice(index + 1).map((second) => ({ first, second, of: company(2000 + index) })),
			);
			await win(ways.slice(0, -1).map((way, index) => ({ way, about: deal(company(2000 + index)) })));
			await win(pairs.map(({ second, of }) => ({ way: second, about: deal(of) })));
			expect(pairs).toHaveLength((ways.length * (ways.length - 1)) / 2);
			const times = pairs.map(({ first, second, of }) => [first.kind.file, second.kind.file, createdTimes(of)]);
			expect(times).toEqual(pairs.map(({ first, second }) => [first.kind.file, second.kind.file, 1]));
		},
		15 * 60_000,
	);
});

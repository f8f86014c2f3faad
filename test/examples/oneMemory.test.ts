import { company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { eventually, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { CrmAnswer, CrmRequest } from './crmStandIn';
import { anyCrm, type CrmCompany, crmHosts, type CrmKind, crmKinds, type Deal, hostsOf } from './crms';
import { type Example, readExample } from './exampleFiles';
import { type ExampleServer, failureOf, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';
import { registerHosts, serveRegister } from './registers';

/** A workflow that calls the one that creates clients. */
interface WayIn {
	readonly file: string;
	/** Brings companies in, and resolves when the executions that this caused have ended well. */
	bringIn(companies: CrmCompany[]): Promise<void>;
}

const review: CrmKind = { ...anyCrm, file: 'review-before-create.json' };
const listFile = 'existing-customers-from-a-list.json';
const registerFile = 'find-the-business-id.json';

/** Runs one task after the other, as a person with one browser does. */
function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
	let last: Promise<unknown> = Promise.resolve();
	return async (task) => {
		const next = last.then(task, task);
		last = next.catch(() => {});
		return await next;
	};
}

describe.each(selectedVersions())('on n8n $version', (version) => {
	const kinds = crmKinds.filter(({ hearsEvents }) => hearsEvents(version.version));
	const deals = new Map<number, Deal>();
	/** What has been found out about companies whose business ID the CRM doesn't know, by deal. */
	const found = new Map<number, object>();
	const atTheBrowser = inTurn();
	const ways: WayIn[] = [];
	let server: ExampleServer;
	let visitor: FormVisitor;

	beforeAll(async () => {
		server = await startExampleServer(version, [...crmHosts, ...registerHosts]);
		visitor = await FormVisitor.arrive(server);
		for (const kind of kinds) ways.push(await crmWay(kind));
		ways.push(await reviewWay(), await listWay(), await registerWay());
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
	});

	/** A won deal of a company in one CRM. Each CRM has a record of its own for the company. */
	function deal(of: CrmCompany): Deal {
		const id = 500 + deals.size;
		const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: { ...of }, since: '2026-10-01' };
		deals.set(id, made);
		return made;
	}

	/** The CRM of which several workflows read, at one address. */
	function anyCrmAnswer(request: CrmRequest): CrmAnswer | undefined {
		const answer = anyCrm.answer(request, deals);
		const id = Number(/\/companies\/C-(\d+)$/.exec(request.path)?.[1]);
		if (!found.has(id)) return answer;
		if (request.method === 'PATCH') found.set(id, { ...found.get(id), ...(request.body as object) });
		return { body: { ...(answer!.body as object), businessId: null, ...found.get(id) } };
	}

	async function imported(kind: CrmKind): Promise<{ workflow: SavedWorkflow; send: Awaited<ReturnType<CrmKind['listen']>> }> {
		const example = kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file);
		const answer = kind.host === anyCrm.host ? anyCrmAnswer : (request: CrmRequest) => kind.answer(request, deals);
		for (const host of hostsOf(kind)) server.standIn.serve(host, answer);
		const credentials = { ...kind.credentials, httpBasicAuth: login };
		const workflow = await server.importExample(example, credentials, server.createTheClient);
		const send = await kind.listen({ client: server.live.client, workflow, example, standIn: server.standIn });
		return { workflow, send };
	}

	/** Does something that begins an execution of a workflow, and gives that once it no longer runs. */
	async function executed({ id }: SavedWorkflow, begin: () => Promise<void>): Promise<string> {
		const { client } = server.live;
		const known = new Set(await client.executionIds(id));
		await begin();
		return await eventually(`an execution of workflow ${id}`, async () => {
			const fresh = (await client.executionIds(id)).find((candidate) => !known.has(candidate));
			if (fresh === undefined) return undefined;
			return ['new', 'running'].includes((await client.execution(fresh)).status) ? undefined : fresh;
		});
	}

	async function expectSuccess(execution: string): Promise<void> {
		const ended = await server.live.client.finished(execution);
		expect([ended.status, failureOf(ended)]).toEqual(['success', undefined]);
	}

	async function crmWay(kind: CrmKind): Promise<WayIn> {
		const { workflow, send } = await imported(kind);
		const oneByOne = inTurn();
		const win = async (of: CrmCompany) =>
			await oneByOne(async () => {
				await expectSuccess(await executed(workflow, async () => await send(deal(of), 'won', 1)));
			});
		return { file: kind.file, bringIn: async (companies) => void (await Promise.all(companies.map(win))) };
	}

	async function reviewWay(): Promise<WayIn> {
		const { workflow, send } = await imported(review);
		const winAndApprove = async (of: CrmCompany) =>
			await atTheBrowser(async () => {
				const execution = await executed(workflow, async () => await send(deal(of), 'won', 1));
				// A company that is a client, or would be refused, is put before nobody.
				if ((await server.live.client.execution(execution)).status === 'waiting') await approve(of);
				await expectSuccess(execution);
			});
		return { file: review.file, bringIn: async (companies) => void (await Promise.all(companies.map(winAndApprove))) };
	}

	async function approve({ name }: CrmCompany): Promise<void> {
		const request = server.messages().findLast(({ subject }) => subject.startsWith('Approve') && subject.endsWith(name))!;
		await visitor.open(/approve or decline within 14 days at (\S+)/.exec(request.text)![1]!);
		await visitor.fillIn({ Decision: 'Approve' });
		await visitor.send(/response has been recorded|Form Submitted/i);
	}

	async function formWorkflow(file: string): Promise<{ example: Example; workflow: SavedWorkflow }> {
		const example = readExample(file);
		const workflow = await server.importExample(example, { httpBasicAuth: login }, server.createTheClient);
		await publishForm(server, workflow, example);
		return { example, workflow };
	}

	async function listWay(): Promise<WayIn> {
		const { example, workflow } = await formWorkflow(listFile);
		const bringIn = async (companies: CrmCompany[]) =>
			await atTheBrowser(async () => {
				const rows = companies.map(({ name, id, country, contact }) => [name, id, country, contact.name, contact.email]);
				const table = [['Business name', 'Business ID', 'Country', 'Contact name', 'Contact email'], ...rows];
				const buffer = Buffer.from(table.map((row) => row.join(';')).join('\r\n'));
				const upload = async () => {
					await visitor.openForm(example);
					await visitor.choose({ name: 'customers.csv', mimeType: 'text/csv', buffer });
					await visitor.sendForFile();
				};
				await expectSuccess(await executed(workflow, upload));
			});
		return { file: listFile, bringIn };
	}

	async function registerWay(): Promise<WayIn> {
		const { example, workflow } = await formWorkflow(registerFile);
		const lookUp = async (of: CrmCompany) =>
			await atTheBrowser(async () => {
				const { id } = deal(of);
				found.set(id, {});
				serveRegister(server.standIn, 'FI', [{ name: of.name, id: of.id, city: 'HELSINKI' }]);
				const choose = async () => {
					await visitor.openForm(example);
					await visitor.fillIn({ Deal: `D-${id}` });
					await visitor.send(/Which company is it/);
					await visitor.tick(of.id);
					await visitor.send(/The client was created|is a client already/);
				};
				await expectSuccess(await executed(workflow, choose));
			});
		return { file: registerFile, bringIn: async (companies) => void (await Promise.all(companies.map(lookUp))) };
	}

	const timesSent = ({ id }: CrmCompany) =>
		server.live.sandbox.requests.filter(({ body }) => JSON.stringify(body).includes(id)).length;

	it('gives the other CRM the identifiers of a client that one CRM has brought in', async () => {
		const [first, second] = ways as [WayIn, WayIn];
		const before = server.messages().length;
		await first.bringIn([company(3000)]);
		const there = [...deals.values()].at(-1)!;
		await second.bringIn([company(3000)]);
		const here = [...deals.values()].at(-1)!;
		expect(server.live.sandbox.requests).toHaveLength(1);
		expect(there.company!.identifiers).toBeDefined();
		expect(here.company!.identifiers).toEqual(there.company!.identifiers);
		expect(server.messages().slice(before)).toEqual([]);
	});

	it(
		'makes one client of a company that comes in by any two workflows, at once or later by the other',
		async () => {
			// One request for a company that comes in everywhere at once: no two of them have a memory of their own.
			const everywhere = company(1000);
			await Promise.all(ways.map(async (way) => await way.bringIn([everywhere])));
			expect(timesSent(everywhere)).toBe(1);

			// And each pair for itself, one after the other.
			const firsts = ways.slice(0, -1).map((way, index) => ({ way, of: company(2000 + index) }));
			await Promise.all(firsts.map(async ({ way, of }) => await way.bringIn([of])));
			await Promise.all(ways.map(async (way, index) => await way.bringIn(firsts.slice(0, index).map(({ of }) => of))));
			const pairs = ways.flatMap(({ file: second }, index) =>
				firsts.slice(0, index).map(({ way: { file: first }, of }) => [first, second, timesSent(of)]),
			);
			expect(pairs).toHaveLength((ways.length * (ways.length - 1)) / 2);
			expect(pairs).toEqual(pairs.map(([first, second]) => [first, second, 1]));
		},
		15 * 60_000,
	);
});

import { company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { eventually, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type CrmCompany, crmHosts, type CrmKind, crmKinds, type Deal, hostsOf } from './crms';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';
import { type Mailbox, startMailbox } from './mailbox';

/** A workflow that calls the one that creates clients. */
interface WayIn {
	readonly file: string;
	/** Brings companies in, and resolves when the executions that this caused have ended well. */
	bringIn(companies: CrmCompany[]): Promise<void>;
}

const reviewFile = 'review-before-create.json';
const listFile = 'existing-customers-from-a-list.json';

/** Runs one task after the other, as a person with one browser does. */
function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
	let last: Promise<unknown> = Promise.resolve();
	return async (task) => {
		const next = last.then(task, task);
		last = next.catch(() => {});
		return await next;
	};
}

describe.each(selectedVersions().filter(({ version }) => !version.startsWith('1.')))('on n8n $version', (version) => {
	const kinds = crmKinds.filter(({ hearsEvents }) => hearsEvents(version.version));
	const deals = new Map<number, Deal>();
	const atTheBrowser = inTurn();
	const ways: WayIn[] = [];
	let server: ExampleServer;
	let visitor: FormVisitor;
	let mailbox: Mailbox;

	beforeAll(async () => {
		mailbox = await startMailbox();
		server = await startExampleServer(version, crmHosts);
		visitor = await FormVisitor.arrive(server);
		for (const kind of kinds) ways.push(await crmWay(kind));
		ways.push(await reviewWay(), await listWay());
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
		await mailbox?.stop();
	});

	/** A won deal of a company in one CRM. Each CRM has a record of its own for the company. */
	function deal(of: CrmCompany): Deal {
		const id = 500 + deals.size;
		const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: { ...of }, since: '2026-10-01' };
		deals.set(id, made);
		return made;
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
		const example = kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file);
		for (const host of hostsOf(kind)) server.standIn.serve(host, (request) => kind.answer(request, deals));
		const workflow = await server.importExample(example, kind.credentials, server.createTheClient);
		const send = await kind.listen({ client: server.live.client, workflow, example, standIn: server.standIn });
		const oneByOne = inTurn();
		const win = async (of: CrmCompany) =>
			await oneByOne(async () => {
				await expectSuccess(await executed(workflow, async () => await send(deal(of), 'won', 1)));
			});
		return { file: kind.file, bringIn: async (companies) => void (await Promise.all(companies.map(win))) };
	}

	/** What a CRM's workflow sends of a company to the one that it calls. */
	const clientOf = ({ name, id, country, zip, contact }: CrmCompany) => ({
		...{ name, businessCode: id, countryCode: country, postalCode: zip },
		...{ primaryContactName: contact.name, primaryContactEmail: contact.email },
	});

	async function reviewWay(): Promise<WayIn> {
		const workflow = await server.importExample(readExample(reviewFile), { smtp: mailbox.access }, server.createTheClient);
		await server.live.client.activate(workflow.id);
		const bringIn = async (companies: CrmCompany[]) => {
			let isAnswered = false;
			const call = server.call(companies.map(clientOf), workflow).finally(() => (isAnswered = true));
			// A company that is a client already is put before nobody.
			while (!isAnswered) {
				for (const { text } of mailbox.mails) {
					const link = /href="([^"]+approved=true[^"]*)"/.exec(text)![1]!.replaceAll('&amp;', '&');
					await fetch(link, { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' } });
				}
				await new Promise((resolve) => setTimeout(resolve, 500));
			}
			await expectSuccess((await call).id);
		};
		const oneByOne = inTurn();
		return { file: reviewFile, bringIn: async (companies) => await oneByOne(async () => await bringIn(companies)) };
	}

	async function listWay(): Promise<WayIn> {
		const example = readExample(listFile);
		const workflow = await server.importExample(example, { httpBasicAuth: login }, server.createTheClient);
		await publishForm(server, workflow, example);
		const bringIn = async (companies: CrmCompany[]) =>
			await atTheBrowser(async () => {
				const rows = companies.map(({ name, id, country, contact }) => [name, id, country, contact.name, contact.email]);
				const table = [['Business name', 'Business ID', 'Country', 'Contact name', 'Contact email'], ...rows];
				const buffer = Buffer.from(table.map((row) => row.join(';')).join('\r\n'));
				const upload = async () => {
					await visitor.openForm(example);
					await visitor.choose({ name: 'customers.csv', mimeType: 'text/csv', buffer });
					await visitor.tick('Create the clients (otherwise the list is only checked)');
					await visitor.sendForFile();
				};
				await expectSuccess(await executed(workflow, upload));
			});
		return { file: listFile, bringIn };
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

import { setTimeout } from 'node:timers/promises';
import { type Company, company } from '../support/n8n/dealWorkflow';
import { eventually } from '../support/n8n/n8nClient';
import { type Books, type Delivery, reconcile } from '../sandbox/reconcile';
import { deliver, ended } from './crm';
import { table } from './figures';
import { concurrency, type Deployed, type QueueMode, startQueueMode } from './queueMode';

// A killed worker's executions take n8n minutes to give up.
jest.setTimeout(600_000);

const companies = (first: number, count: number) => Array.from({ length: count }, (_, index) => company(first + index));

/** Events of one deal each. */
const eachAlone = (deals: Company[]) => deals.map((deal) => [deal]);

describe('n8n in queue mode, a main and two workers', () => {
	let queue: QueueMode;
	const scenarios = new Map<string, Books>();
	const tokens = new Set<string>();

	beforeAll(async () => {
		queue = await startQueueMode();
	});

	afterEach(() => {
		for (const { apiAccessToken } of queue.sandbox.created) tokens.add(apiAccessToken);
		queue.sandbox.reset();
	});

	afterAll(async () => {
		process.stdout.write(`\n${table(scenarios)}\n\n`);
		await queue?.close();
	});

	/** Both sides of a scenario, when all that it started has ended, and keeps them for the table. */
	async function closeBooks(
		name: string,
		deployed: Deployed,
		deliveries: Delivery[],
		{ withLosses = false } = {},
	): Promise<Books> {
		const books = {
			deliveries,
			ended: await ended(queue, deployed, deliveries),
			requests: [...queue.sandbox.requests],
			created: [...queue.sandbox.created],
			withLosses,
		};
		scenarios.set(name, books);
		return books;
	}

	const outcomes = ({ ended: all }: Books) => {
		const counts: Record<string, number> = {};
		for (const { outcome = 'none' } of all) counts[outcome] = (counts[outcome] ?? 0) + 1;
		return counts;
	};

	/** 60 won deals, each delivered three times at once. */
	async function burst(first: number, deployed: Deployed): Promise<Delivery[]> {
		const deals = companies(first, 60);
		return await deliver(
			queue.client,
			deployed,
			deals.flatMap((deal) => [[deal], [deal], [deal]]),
		);
	}

	it('creates one client per deal when 60 deals arrive three times each, at once', async () => {
		const deployed = await queue.deploy();
		const books = await closeBooks('60 deals, three times each at once', deployed, await burst(1_000, deployed));
		expect(reconcile(books)).toEqual([]);
		expect(books.requests).toHaveLength(60);
		expect(outcomes(books)).toEqual({ created: 60, duplicate: 120 });
	});

	it('is found out when the guard is off: the same burst no longer reconciles', async () => {
		const deployed = await queue.deploy({ duplicateHandling: 'send' });
		const books = await closeBooks('the same, guard off (`send`)', deployed, await burst(2_000, deployed));
		const again = reconcile(books).filter((finding) => finding.endsWith('sent although it may exist'));
		expect(again).toHaveLength(2 * 60);
	});

	it('sends nothing when 20 deals that arrived at once are replayed', async () => {
		const deployed = await queue.deploy();
		const deals = companies(3_000, 20);
		const first = await deliver(queue.client, deployed, eachAlone(deals));
		await ended(queue, deployed, first);
		expect(queue.sandbox.requests).toHaveLength(20);
		const replayed = await deliver(queue.client, deployed, eachAlone(deals));
		const books = await closeBooks('20 deals at once, then replayed', deployed, [...first, ...replayed]);
		expect(reconcile(books)).toEqual([]);
		expect(books.requests).toHaveLength(20);
		expect(outcomes(books)).toEqual({ created: 20, duplicate: 20 });
	});

	it('creates one client when one deal arrives 50 times at once', async () => {
		const deployed = await queue.deploy();
		const deliveries = await deliver(
			queue.client,
			deployed,
			Array.from({ length: 50 }, () => [company(4_000)]),
		);
		const books = await closeBooks('one deal, 50 times at once', deployed, deliveries);
		expect(reconcile(books)).toEqual([]);
		expect(books.requests).toHaveLength(1);
		expect(outcomes(books)).toEqual({ created: 1, duplicate: 49 });
	});

	it('reconciles when requests are refused and answers get lost in the middle of a burst', async () => {
		const deployed = await queue.deploy();
		const deals = companies(5_000, 40);
		queue.sandbox.inject(
			...deals.slice(0, 5).map(({ id }) => ({ kind: 'status', status: 400, match: { businessCode: id } }) as const),
			...deals.slice(5, 10).map(({ id }) => ({ kind: 'resetAfterRead', match: { businessCode: id } }) as const),
			...deals.slice(10, 15).map(({ id }) => ({ kind: 'halfResponse', match: { businessCode: id } }) as const),
			...deals.slice(15, 20).map(({ id }) => ({ kind: 'status', status: 500, match: { businessCode: id } }) as const),
		);
		const deliveries = await deliver(
			queue.client,
			deployed,
			deals.flatMap((deal) => [[deal], [deal]]),
		);
		const books = await closeBooks('40 deals twice at once, 20 with faults', deployed, deliveries);
		expect(reconcile(books)).toEqual([]);
		// A refused deal is free again, and its second delivery creates the client.
		expect(outcomes(books)).toEqual({ rejected: 5, created: 5 + 20, duplicate: 20, unknown: 2 * 15 });
	});

	it('reports a client as unknown when its worker was killed during the request', async () => {
		const deployed = await queue.deploy();
		const deals = companies(6_000, 12);
		queue.sandbox.inject({ kind: 'delay', ms: 15_000, times: deals.length });
		const first = await deliver(queue.client, deployed, eachAlone(deals));
		await eventually('all requests to arrive', async () => (queue.sandbox.created.length === deals.length ? true : undefined));
		const [killed] = queue.workers;
		await killed.kill();
		const redelivered = await deliver(queue.client, deployed, eachAlone(deals));
		await ended(queue, deployed, [...first, ...redelivered]);
		await killed.start();
		const later = await deliver(queue.client, deployed, eachAlone(deals));
		const books = await closeBooks(
			'12 deals, a worker killed during their requests',
			deployed,
			[...first, ...redelivered, ...later],
			{ withLosses: true },
		);

		expect(reconcile(books)).toEqual([]);
		expect(books.requests).toHaveLength(deals.length);
		const cutOff = books.ended.filter(({ outcome }) => outcome === undefined).length;
		expect(cutOff).toBeGreaterThan(0);
		expect(cutOff).toBeLessThan(deals.length);
		expect(outcomes(books)).toEqual({
			none: cutOff,
			unknown: 2 * cutOff,
			created: deals.length - cutOff,
			duplicate: 2 * (deals.length - cutOff),
		});
	});

	it('keeps what Send Again recorded when another worker is refused the older attempt afterwards', async () => {
		const deployed = await queue.deploy({ unknownHandling: "={{ $('Deal won').first().json.body.unknownHandling }}" });
		const deals = companies(11_000, concurrency);
		const [, other] = queue.workers;
		for (const { id } of deals) {
			queue.sandbox.inject(
				{ kind: 'status', status: 400, ms: 45_000, match: { businessCode: id } },
				{ kind: 'resetAfterRead', match: { businessCode: id } },
			);
		}

		// One worker takes all it can, so that the other one is left to send them again.
		await other.stop();
		const first = await deliver(queue.client, deployed, eachAlone(deals));
		await eventually('all requests to arrive', async () => (queue.sandbox.requests.length === deals.length ? true : undefined));
		await other.start();
		const again = await deliver(queue.client, deployed, eachAlone(deals), 'send');
		await eventually(
			'all clients to be sent again',
			async () => (queue.sandbox.created.length === deals.length ? true : undefined),
			60,
		);
		expect(queue.sandbox.requests.slice(0, deals.length).map(({ status }) => status)).toEqual(deals.map(() => undefined));
		await ended(queue, deployed, [...first, ...again]);

		const deliveries = [...first, ...again];
		for (const unknownHandling of ['hold', 'created', 'hold'] as const) {
			deliveries.push(...(await deliver(queue.client, deployed, eachAlone(deals), unknownHandling)));
			await ended(queue, deployed, deliveries);
		}
		const books = await closeBooks(`${deals.length} deals sent again before a refusal, then settled`, deployed, deliveries);
		expect(reconcile(books)).toEqual([]);
		expect(books.requests).toHaveLength(2 * deals.length);
		const ofEvents = (events: Delivery[]) =>
			outcomes({ ...books, ended: books.ended.filter((each) => events.some(({ event }) => event === each.delivery?.event)) });
		const rounds = [0, 1, 2, 3, 4].map((round) => deliveries.slice(round * deals.length, (round + 1) * deals.length));
		expect(rounds.map(ofEvents)).toEqual(
			['rejected', 'unknown', 'unknown', 'duplicate', 'duplicate'].map((outcome) => ({ [outcome]: deals.length })),
		);
	});

	interface Disturbance {
		/** For the table. */
		name: string;
		deals: Company[];
		/** The deals as they are delivered, all events at once. */
		events: Company[][];
		disturb: () => Promise<void>;
	}

	/** A burst in the middle of which something is disturbed, and the same deals once more when all is quiet again. */
	async function disturbedBurst({ name, deals, events, disturb }: Disturbance): Promise<Books> {
		const deployed = await queue.deploy();
		const delivering = deliver(queue.client, deployed, events);
		await eventually('a part of the requests to arrive', async () => (queue.sandbox.requests.length >= 15 ? true : undefined));
		await disturb();
		const delivered = await delivering;
		await ended(queue, deployed, delivered);
		const replayed = await deliver(queue.client, deployed, eachAlone(deals));
		return await closeBooks(name, deployed, [...delivered, ...replayed], { withLosses: true });
	}

	const twiceAtOnce = (deals: Company[]) => ({ deals, events: deals.flatMap((deal) => [[deal], [deal]]) });

	it('reconciles when a worker is killed in the middle of a burst', async () => {
		const books = await disturbedBurst({
			name: '60 deals twice at once, a worker killed, replayed',
			...twiceAtOnce(companies(7_000, 60)),
			disturb: async () => {
				await queue.workers[1].kill();
				await queue.workers[1].start();
			},
		});
		expect(reconcile(books)).toEqual([]);
	});

	it('reconciles when Redis is restarted in the middle of a burst', async () => {
		const books = await disturbedBurst({
			name: '60 deals twice at once, Redis restarted, replayed',
			...twiceAtOnce(companies(8_000, 60)),
			disturb: async () => {
				await queue.redis.service.stop();
				await queue.redis.service.start();
			},
		});
		expect(reconcile(books)).toEqual([]);
	});

	it('reconciles when PostgreSQL is restarted in the middle of a burst', async () => {
		const books = await disturbedBurst({
			name: '60 deals twice at once, PostgreSQL restarted, replayed',
			...twiceAtOnce(companies(9_000, 60)),
			disturb: async () => {
				await queue.postgres.service.stop();
				await queue.postgres.service.start();
			},
		});
		expect(reconcile(books)).toEqual([]);
	});

	// Executions that n8n begins without its database fail at once. Those that are under way are the guard's matter.
	it('waits for PostgreSQL in the middle of an execution, and sends nothing that it could not record', async () => {
		const deals = companies(10_000, 120);
		queue.sandbox.inject({ kind: 'delay', ms: 500, times: deals.length });
		let sentBefore = 0;
		let sentMeanwhile = 0;
		const books = await disturbedBurst({
			name: '4 events of 30 deals, PostgreSQL crashed for 4 s, replayed',
			deals,
			events: [0, 30, 60, 90].map((first) => deals.slice(first, first + 30)),
			disturb: async () => {
				await queue.postgres.service.stop('SIGQUIT');
				sentBefore = queue.sandbox.requests.length;
				await setTimeout(4_000);
				sentMeanwhile = queue.sandbox.requests.length - sentBefore;
				await queue.postgres.service.start();
			},
		});
		expect(reconcile(books)).toEqual([]);
		// What was recorded before goes on: a window of each of the four executions, and the one that is being sent.
		expect(sentMeanwhile).toBeLessThanOrEqual(4 * 2 * 10);
		expect(sentBefore + sentMeanwhile).toBeLessThan(deals.length);
	});

	// The last one, so that the logs have all that the others caused.
	it('never logs a token, at the most talkative level', async () => {
		expect(tokens.size).toBeGreaterThan(0);
		const leaks = Object.entries(await queue.logs()).filter(([, log]) =>
			[...tokens, queue.sandbox.tokens.staging].some((token) => log.includes(token)),
		);
		expect(leaks.map(([file]) => file)).toEqual([]);
	});
});

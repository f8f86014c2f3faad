import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox/sandbox';
import { credentialsFor, dealFields, deals } from '../support/engine/deals';
import {
	createPackage,
	DeduplicationStore,
	FolderRows,
	itemsOf,
	logLines,
	MemoryRows,
	NODE_NAME,
	runAsTool,
	runWorkflow,
	seededLatency,
	smallestWorkflow,
	useDeduplicationStore,
	type NodePackage,
	type NodeSettings,
	type RunResult,
} from '../support/engine';

let sandbox: Sandbox;
let rows: MemoryRows;

beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(async () => await sandbox.stop());
beforeEach(() => {
	sandbox.reset();
	rows = new MemoryRows();
	useDeduplicationStore(new DeduplicationStore({ rows }));
	// The guard's memory is per workflow and node, so each test has a workflow of its own.
	workflowId = `workflow ${++tests}`;
});
let tests = 0;
let workflowId: string;

/** The package once more, with a memory of its own: another n8n process, as far as the package sees. */
function anotherProcess(): NodePackage {
	let nodePackage!: NodePackage;
	jest.isolateModules(() => {
		// eslint-disable-next-line @typescript-eslint/no-require-imports
		nodePackage = createPackage(require('../../index.js') as Parameters<typeof createPackage>[0]);
	});
	return nodePackage;
}

interface Delivery {
	options?: IDataObject;
	settings?: NodeSettings;
	executionId?: string;
	signal?: AbortSignal;
	/** Another load of the package plays another process. */
	nodePackage?: NodePackage;
	store?: DeduplicationStore;
	id?: string;
	fields?: IDataObject;
}

const continuing: NodeSettings = { onError: 'continueRegularOutput' };

async function deliver(items: IDataObject[], delivery: Delivery = {}): Promise<RunResult> {
	const { options = {}, settings = continuing, id = workflowId, fields = dealFields, ...run } = delivery;
	return await runWorkflow({
		workflow: smallestWorkflow({ ...fields, options }, settings, id),
		items: itemsOf(...items),
		credentials: credentialsFor(sandbox),
		mode: 'webhook',
		...run,
	});
}

const json = (result: RunResult) => result.nodes[NODE_NAME]!.outputs[0]!.map((item) => item.json);
const outcomes = (result: RunResult) => json(result).map(({ outcome }) => outcome ?? 'created');
const posts = () => sandbox.requests.filter(({ method }) => method === 'POST').length;
const hints = (result: RunResult) => result.nodes[NODE_NAME]!.hints.map(({ message }) => message);
const wait = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));
const [deal, other, third] = deals(3) as unknown as [IDataObject, IDataObject, IDataObject];

describe('A redelivery', () => {
	it('of a client that was created is a duplicate, and nothing is sent', async () => {
		await deliver([deal]);
		const again = await deliver([deal]);

		expect(posts()).toBe(1);
		expect(json(again)).toEqual([
			{
				outcome: 'duplicate',
				error: 'This client was created before, so nothing was sent',
				description: expect.stringContaining(`“${deal.name as string}” (${deal.id as string})`) as string,
			},
		]);
	});

	it('is skipped without failing, if the user wants it so', async () => {
		await deliver([deal]);
		const again = await deliver([deal, other], { options: { duplicateHandling: 'skip' }, settings: {} });

		expect(again.status).toBe('success');
		expect(outcomes(again)).toEqual(['duplicate', 'created']);
		expect(json(again)[0]).not.toHaveProperty('error');
		expect(json(again)[0]).toMatchObject({ businessCode: deal.id, name: deal.name });
	});

	it('is sent all the same, if the user wants it so, and recorded', async () => {
		await deliver([deal]);
		const again = await deliver([deal], { options: { duplicateHandling: 'send' } });
		expect(outcomes(again)).toEqual(['created']);
		expect(posts()).toBe(2);

		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it.each(['error', 'skip'])(
		'of a client whose outcome is not known is neither sent nor skipped (%s)',
		async (duplicateHandling) => {
			sandbox.inject({ kind: 'resetAfterRead' });
			expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
			const again = await deliver([deal], { options: { duplicateHandling } });

			expect(posts()).toBe(1);
			expect(outcomes(again)).toEqual(['unknown']);
			expect(json(again)[0]).toMatchObject({
				error: 'It is not known whether this client exists, so nothing was sent',
				description: expect.stringContaining('ask Confirma Finance whether') as string,
			});
		},
	);

	it('of a client that was refused is sent again', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		expect(outcomes(await deliver([deal]))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['created']);
	});

	it('after sending anyway was refused leaves the client as it stood: created', async () => {
		await deliver([deal]);
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		expect(outcomes(await deliver([deal], { options: { duplicateHandling: 'send' } }))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it('after sending anyway was refused leaves the client as it stood: not known', async () => {
		sandbox.inject({ kind: 'resetAfterRead' }, { kind: 'status', status: 400, body: {} });
		await deliver([deal]);
		expect(outcomes(await deliver([deal], { options: { duplicateHandling: 'send' } }))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
	});

	it('of a client that is not known, sent anyway and created, settles it', async () => {
		sandbox.inject({ kind: 'resetAfterRead', creates: false });
		await deliver([deal]);
		expect(outcomes(await deliver([deal], { options: { duplicateHandling: 'send' } }))).toEqual(['created']);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it('while the first delivery is under way waits for its end', async () => {
		sandbox.inject({ kind: 'delay', ms: 200 });
		const [first, second] = await Promise.all([deliver([deal]), deliver([deal])]);
		expect([...outcomes(first), ...outcomes(second)].sort()).toEqual(['created', 'duplicate']);
		expect(posts()).toBe(1);
	});

	it('while the first delivery is refused is sent in its place', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, ms: 100 });
		const [first, second] = await Promise.all([deliver([deal]), deliver([deal])]);
		expect([...outcomes(first), ...outcomes(second)].sort()).toEqual(['created', 'rejected']);
	});

	it('with the business id written otherwise is the same client', async () => {
		await deliver([{ ...deal, id: String(deal.id).replace('-', '') }]);
		expect(outcomes(await deliver([{ ...deal, name: 'Another name' }]))).toEqual(['duplicate']);
	});

	it('of the same business id in another country, or for another partner, is another client', async () => {
		const fields = { ...dealFields, businessCode: '24256790' };
		await deliver([deal], { fields });
		expect(outcomes(await deliver([deal], { fields: { ...fields, countryCode: 'DK' } }))).toEqual(['created']);
		expect(outcomes(await deliver([deal], { fields: { ...fields, partnerCode: 'OTHER' } }))).toEqual(['created']);
	});

	it('without a business id is held back only if all else is the same too', async () => {
		const fields = { ...dealFields, businessCode: '={{ "" }}' };
		const run = async (item: IDataObject) => outcomes(await deliver([item], { fields, options: { validation: 'off' } }));
		sandbox.inject({ kind: 'resetBeforeRead' });
		expect(await run(deal)).toEqual(['unknown']);
		expect(await run(deal)).toEqual(['unknown']);
		expect(posts()).toBe(1);
		// Sent, and refused by the sandbox for the missing id.
		expect(await run(other)).toEqual(['rejected']);
	});
});

describe('The same business twice in one run', () => {
	it('is sent once, however its ID is written', async () => {
		const ids = ['0112038-9', 'FI01120389', 1120389, '112038-9', 'Y-tunnus: 0112038-9'];
		const result = await deliver(ids.map((id) => ({ name: 'Testiyritys Oy', id })));
		expect(outcomes(result)).toEqual(['created', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
		expect(posts()).toBe(1);
	});

	it('is sent once', async () => {
		const result = await deliver([deal, other, deal]);
		expect(outcomes(result)).toEqual(['created', 'created', 'duplicate']);
		expect(posts()).toBe(2);
	});

	it('is sent once with one request at a time too', async () => {
		const result = await deliver([deal, deal, other], { options: { maxConcurrency: 1 } });
		expect(outcomes(result)).toEqual(['created', 'duplicate', 'created']);
	});

	it('is sent once in a workflow that was never saved, and a hint says what is missing', async () => {
		const result = await deliver([deal, deal], { id: '' });
		expect(outcomes(result)).toEqual(['created', 'duplicate']);
		expect(hints(result)).toEqual([expect.stringContaining('Save the workflow')]);
	});
});

describe('Under load', () => {
	const slowStore = () => new DeduplicationStore({ rows, beforeAccess: seededLatency(7, 3) });

	it('50 deliveries of one deal at once make one request', async () => {
		useDeduplicationStore(slowStore());
		const results = await Promise.all(Array.from({ length: 50 }, async () => await deliver([deal])));
		expect(posts()).toBe(1);
		expect(results.flatMap(outcomes).sort()).toEqual(['created', ...Array<string>(49).fill('duplicate')]);
	});

	it('200 deals at once, then all of them again, make 200 requests', async () => {
		useDeduplicationStore(slowStore());
		const all = deals(200);
		const first = await Promise.all(all.map(async (one) => await deliver([one])));
		expect(first.flatMap(outcomes)).toEqual(all.map(() => 'created'));
		const again = await Promise.all(all.map(async (one) => await deliver([one])));
		expect(again.flatMap(outcomes)).toEqual(all.map(() => 'duplicate'));
		expect(posts()).toBe(200);
	});

	it('three processes with the same deals at once make one request for each', async () => {
		const processes = [1, 2, 3].map((seed) => ({
			nodePackage: anotherProcess(),
			store: new DeduplicationStore({ rows, beforeAccess: seededLatency(seed, 4) }),
		}));
		const all = deals(20);
		const results = await Promise.all(processes.flatMap((process) => all.map(async (one) => await deliver([one], process))));
		expect(posts()).toBe(20);
		expect(results.flatMap(outcomes).filter((outcome) => outcome === 'created')).toHaveLength(20);
		expect(results.flatMap(outcomes).filter((outcome) => outcome === 'duplicate')).toHaveLength(40);
	}, 60_000);

	it('a run of 500 items in windows loses none', async () => {
		const result = await deliver(deals(500), { options: { maxConcurrency: 20 } });
		expect(outcomes(result)).toEqual(Array(500).fill('created'));
		expect(outcomes(await deliver(deals(500)))).toEqual(Array(500).fill('duplicate'));
		expect(posts()).toBe(500);
	});
});

describe('Another process', () => {
	it('waits for an attempt that is under way in the first one', async () => {
		sandbox.inject({ kind: 'delay', ms: 1200 });
		const first = deliver([deal]);
		while (posts() === 0) await wait(10);
		const second = await deliver([deal], { nodePackage: anotherProcess() });
		expect(outcomes(second)).toEqual(['duplicate']);
		expect(outcomes(await first)).toEqual(['created']);
		expect(posts()).toBe(1);
	});

	it('takes over the lock of one that died while it held it', async () => {
		const store = new DeduplicationStore({ rows });
		const node = { id: 'any', name: '', type: '', typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
		const contextData = { workflow: { id: workflowId } as never, node };
		await store.checkProcessedAndRecord([1], 'workflow', contextData, { mode: 'latestIncrementalKey' });

		expect(outcomes(await deliver([deal]))).toEqual(['created']);
	}, 40_000);

	it('that was killed between request and answer leaves the client unsettled, and it is not sent again', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'confirma-rows-'));
		try {
			sandbox.inject({ kind: 'hang' });
			const child = spawn(
				process.execPath,
				[
					'--import',
					'tsx',
					join(__dirname, '../support/engine/deliverOnce.ts'),
					folder,
					sandbox.url,
					workflowId,
					JSON.stringify(deal),
				],
				{ stdio: 'inherit', env: { ...process.env, CONFIRMA_TOKEN: sandbox.tokens.staging } },
			);
			while (posts() === 0) await wait(20);
			const died = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
			child.kill('SIGKILL');
			expect(await died).toBe('SIGKILL');

			const store = new DeduplicationStore({ rows: new FolderRows(folder) });
			expect(outcomes(await deliver([deal], { store }))).toEqual(['unknown']);
			expect(outcomes(await deliver([deal], { store, options: { duplicateHandling: 'skip' } }))).toEqual(['unknown']);
			expect(posts()).toBe(1);
		} finally {
			rmSync(folder, { recursive: true });
		}
	}, 60_000);
});

describe("n8n's database", () => {
	it('that is away for a moment is waited for', async () => {
		let isAway = true;
		const beforeAccess = async () => {
			if (isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
		};
		useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess }));
		const delivery = deliver([deal]);
		await wait(500);
		expect(posts()).toBe(0);
		isAway = false;
		expect(outcomes(await delivery)).toEqual(['created']);
	});

	it('that is away while an outcome is written gets it later', async () => {
		let isAway = false;
		const beforeAccess = async () => {
			if (isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
		};
		useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess }));
		sandbox.inject({ kind: 'delay', ms: 200 });
		const delivery = deliver([deal]);
		while (posts() === 0) await wait(10);
		isAway = true;
		await wait(1500);
		isAway = false;
		expect(outcomes(await delivery)).toEqual(['created']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['duplicate']);
	}, 30_000);

	it('that stays away lets nothing out', async () => {
		const beforeAccess = async () => {
			throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
		};
		useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess }));
		const result = await deliver([deal]);
		expect(outcomes(result)).toEqual(['notSent']);
		expect(json(result)[0]).toMatchObject({ error: "n8n's database could not record the client, so nothing was sent" });
		expect(posts()).toBe(0);
	}, 40_000);

	it.each([
		'SQLITE_CONSTRAINT: FOREIGN KEY constraint failed',
		'insert or update on table "processed_data" violates foreign key constraint "FK_06a69a7032c97a763c2c7599464"',
	])(
		'that has no row for a workflow that was never saved still lets one request out for each client, and a hint says so (%s)',
		async (message) => {
			useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess: async () => await Promise.reject(new Error(message)) }));
			const result = await deliver([deal, deal]);
			expect(outcomes(result)).toEqual(['created', 'duplicate']);
			expect(hints(result)).toEqual([expect.stringContaining('Save the workflow')]);
		},
	);

	it('with the lock in use by a Remove Duplicates node still guards this process, and a hint says so', async () => {
		const store = new DeduplicationStore({ rows });
		useDeduplicationStore(store);
		await store.checkProcessedAndRecord(['x'], 'workflow', { workflow: { id: workflowId } as never }, { mode: 'entries' });
		const result = await deliver([deal]);

		expect(outcomes(result)).toEqual(['created']);
		expect(hints(result)).toEqual([expect.stringContaining('Remove Duplicates')]);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
		const history = await store.checkProcessedAndRecord(
			['x'],
			'workflow',
			{ workflow: { id: workflowId } as never },
			{ mode: 'entries' },
		);
		expect(history.processed).toEqual(['x']);
	});
});

describe('A client that was refused', () => {
	const failingOnce = (isTheOne: (method: string, values: unknown) => boolean) => {
		let failed = false;
		const store = new DeduplicationStore({ rows });
		return new Proxy(store, {
			get(target, name: keyof DeduplicationStore) {
				const method = target[name] as (...args: unknown[]) => Promise<unknown>;
				if (typeof method !== 'function') return method;
				return async (...args: unknown[]) => {
					if (!failed && isTheOne(name, args[0])) {
						failed = true;
						throw new Error('read ECONNRESET');
					}
					return await method.apply(target, args);
				};
			},
		});
	};

	it('and is claimed anew is not erased by a removal that is repeated', async () => {
		// The removal succeeds, and the claim that came in the same batch fails.
		const isClaimOfOther = (method: string, values: unknown) =>
			method === 'checkProcessedAndRecord' &&
			(values as unknown[]).some(
				(value) => String(value).startsWith('sent:') && String(value).includes(String(other.id).replace('-', '')),
			);
		useDeduplicationStore(failingOnce(isClaimOfOther));
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, match: { businessCode: deal.id as string } },
			{ kind: 'delay', ms: 1500, match: { businessCode: deal.id as string } },
		);
		const refused = deliver([deal]);
		while (posts() === 0) await wait(5);
		const [, failed] = await Promise.all([refused, deliver([other])]);
		expect(outcomes(failed)).toEqual(['notSent']);
		const again = deliver([deal]);
		await wait(1000);
		const third = deliver([deal], { nodePackage: anotherProcess() });
		expect([...outcomes(await again), ...outcomes(await third)].sort()).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(1);
	}, 30_000);

	it('while another process sent it anyway, and created it, stays created', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, ms: 700, match: { businessCode: deal.id as string } });
		const refused = deliver([deal]);
		while (posts() === 0) await wait(5);
		const sent = await deliver([deal], { nodePackage: anotherProcess(), options: { duplicateHandling: 'send' } });
		expect(outcomes(sent)).toEqual(['created']);
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['duplicate']);
	});
});

describe('Retry On Fail', () => {
	const retrying: NodeSettings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	it('sends only what was not created, and all answers come out', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: other.id as string } });
		const result = await deliver([deal, other, third], { settings: retrying });

		expect(result.status).toBe('success');
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(json(result)).toEqual(
			[deal, other, third].map(({ id }) => sandbox.created.find(({ body }) => body.client.businessCode === id)!.answer),
		);
		expect(posts()).toBe(4);
		expect(sandbox.created).toHaveLength(3);
	});

	it('does the same when the run continues on failures', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: deal.id as string } });
		const result = await deliver([deal, other], { settings: { ...retrying, ...continuing } });
		expect(outcomes(result)).toEqual(['created', 'created']);
		expect(posts()).toBe(3);
	});

	it.each([
		['stop', {}],
		['continue', continuing],
	] as Array<[string, NodeSettings]>)(
		'after a dropped answer sends nothing again, and the item is not green (%s)',
		async (_, settings) => {
			sandbox.inject({ kind: 'resetAfterRead' });
			const result = await deliver([deal], { settings: { ...retrying, ...settings } });
			expect(posts()).toBe(1);
			if (result.status === 'success') expect(outcomes(result)).toEqual(['unknown']);
			else expect(result.error).toMatchObject({ message: expect.stringContaining('not known') as string });
		},
	);

	it('in a workflow that was never saved sends nothing again either', async () => {
		sandbox.inject({ kind: 'resetAfterRead' });
		const result = await deliver([deal, other], { settings: { ...retrying, ...continuing }, id: '' });
		expect(outcomes(result)).toEqual(['unknown', 'created']);
		expect(posts()).toBe(2);
	});

	it('does not call a client unsent that an earlier try sent', async () => {
		const [lost, filler, dropped] = [deal, other, third];
		sandbox.inject(
			{ kind: 'hang', match: { businessCode: lost.id as string } },
			{ kind: 'resetAfterRead', match: { businessCode: dropped.id as string } },
		);
		// In the second try the first item stops the run before the last one's turn.
		const result = await deliver([lost, filler, filler, filler, filler, dropped], {
			settings: { ...retrying, maxTries: 2 },
			options: { maxConcurrency: 2, timeout: 300, duplicateHandling: 'skip' },
		});
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(posts()).toBe(3);
		const { outcomes: ended } = result.error!.context as { outcomes: Array<{ businessCode: string; outcome: string }> };
		expect(ended.filter(({ outcome }) => outcome === 'unknown').map(({ businessCode }) => businessCode)).toEqual([
			lost.id,
			dropped.id,
		]);
	});

	it('does not take a created item for a failed one because the API added an empty error', async () => {
		const body = { clientIdentifier: 7, apiAccessToken: 'a-token', error: null };
		sandbox.inject({ kind: 'status', status: 200, body });
		const result = await deliver([deal], { settings: { ...retrying, ...continuing } });
		expect(result.nodes[NODE_NAME]!.executions).toBe(1);
		expect(json(result)).toEqual([{ clientIdentifier: 7, apiAccessToken: 'a-token' }]);
	});

	it('keeps the answers of a run that waits for its next try, however many others run meanwhile', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: other.id as string } });
		const waiting = deliver([deal, other], { settings: { ...retrying, waitBetweenTries: 2000 } });
		while (posts() < 2) await wait(10);
		await Promise.all(deals(120, 500).map(async (one) => await deliver([one], { settings: retrying })));
		const result = await waiting;
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(outcomes(result)).toEqual(['created', 'created']);
	});

	it('in a later execution gives no earlier answer away', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, times: 3, match: { businessCode: other.id as string } });
		const failed = await deliver([deal, other], { settings: retrying });
		expect(failed.status).toBe('error');
		const later = await deliver([deal, other], { settings: continuing });
		expect(outcomes(later)).toEqual(['duplicate', 'created']);
	});
});

describe('429', () => {
	const throttle = (times: number, headers?: Record<string, string>) =>
		sandbox.inject({ kind: 'status', status: 429, body: {}, times, headers, match: { businessCode: deal.id as string } });

	it('is waited out by all items together', async () => {
		throttle(2, { 'retry-after': '1' });
		const result = await deliver([deal, other, third], { options: { maxConcurrency: 1 } });

		expect(outcomes(result)).toEqual(['created', 'created', 'created']);
		const order = sandbox.requests.map(({ body }) => (body as { client: { businessCode: string } }).client.businessCode);
		expect(order).toEqual([deal.id, deal.id, deal.id, other.id, third.id]);
	});

	it('is taken for a refusal in the end', async () => {
		throttle(1, { 'retry-after': '1' });
		throttle(1, { 'retry-after': '120' });
		const result = await deliver([deal]);
		expect(json(result)[0]).toMatchObject({ outcome: 'rejected', httpCode: '429' });
		expect(posts()).toBe(2);
		expect(sandbox.created).toEqual([]);
	});

	it('that asks for too long is a refusal at once, and nothing further is sent', async () => {
		throttle(1, { 'retry-after': '86400' });
		const result = await deliver([deal, other], { options: { maxConcurrency: 1 } });
		expect(outcomes(result)).toEqual(['rejected', 'notSent']);
		expect(posts()).toBe(1);
	});

	it('is not waited for when the stop button is pressed', async () => {
		// Longer than a test may take, and no longer: the timer lives on.
		throttle(1, { 'retry-after': '8' });
		const stop = new AbortController();
		const running = deliver([deal], { signal: stop.signal });
		while (posts() === 0) await wait(10);
		await wait(50);
		stop.abort();
		expect((await running).status).toBe('canceled');
		expect(outcomes(await deliver([deal]))).toEqual(['created']);
	});

	it.each([500, 502, 503, 504])('no other status is ever repeated (%i)', async (status) => {
		sandbox.inject({ kind: 'status', status, body: {}, headers: { 'retry-after': '0' } });
		expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
		expect(posts()).toBe(1);
	});
});

describe('The stop button', () => {
	it('ends waiting for another delivery at once', async () => {
		sandbox.inject({ kind: 'delay', ms: 800 });
		const first = deliver([deal]);
		while (posts() === 0) await wait(10);
		const stop = new AbortController();
		const second = deliver([deal], { signal: stop.signal });
		await wait(50);
		stop.abort();
		expect((await second).status).toBe('canceled');
		expect(outcomes(await first)).toEqual(['created']);
		expect(posts()).toBe(1);
	});
});

describe('Secrets', () => {
	it("are in no log line at n8n's most talkative level", async () => {
		const before = logLines.length;
		sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: other.id as string } });
		await deliver([deal, other, deal]);
		await deliver([deal], { settings: {} });
		const lines = logLines.slice(before);
		expect(lines.length).toBeGreaterThan(0);
		for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
			expect(lines.join('\n')).not.toContain(secret);
		}
	});

	it.each(['engine', 'handler'] as const)('an AI agent reads what went wrong and what to do (%s)', async (via) => {
		const call = async () =>
			await runAsTool({
				parameters: { ...dealFields, name: "={{ $fromAI('name') }}", businessCode: "={{ $fromAI('id') }}" },
				calls: [deal],
				via,
				credentials: credentialsFor(sandbox),
				workflowId,
			});
		await call();
		const { answers } = await call();
		expect(JSON.stringify(answers)).toContain('This client was created before, so nothing was sent');
		expect(JSON.stringify(answers)).toContain('Send Anyway');
	});

	it.each(['engine', 'handler'] as const)(
		"an AI agent doesn't get the client's token unless that was set on purpose (%s)",
		async (via) => {
			const tool = async (calls: IDataObject[], options: IDataObject) =>
				await runAsTool({
					parameters: { ...dealFields, name: "={{ $fromAI('name') }}", businessCode: "={{ $fromAI('id') }}", options },
					calls,
					via,
					credentials: credentialsFor(sandbox),
					workflowId,
				});

			const silent = await tool([deal], {});
			expect(JSON.stringify(silent.answers)).toContain(String(sandbox.created[0]!.clientIdentifier));
			expect(silent.result.stored).not.toContain(sandbox.created[0]!.apiAccessToken);

			const open = await tool([other], { returnAccessToken: true });
			expect(JSON.stringify(open.answers)).toContain(sandbox.created[1]!.apiAccessToken);
		},
	);
});

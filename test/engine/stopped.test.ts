import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { timing } from '../../nodes/ConfirmaFinance/guard/timing';
import { startSandbox, type Sandbox } from '../sandbox/sandbox';
import { credentialsFor, dealFields, deals } from '../support/engine/deals';
import { startWorkerProcess, type Job, type WorkerProcess } from '../support/engine/workerProcess';

// The processes' clocks go faster: what stands still for these milliseconds has missed every deadline of the guard.
const speed = 4;
const longStop = (timing.patience.max + 6000) / speed;

type StopsAt = NonNullable<Job['stopsAt']> | 'request';

const places: Array<[string, StopsAt]> = [
	['before it asks for the lock', { call: 'lock', when: 'before' }],
	['with the lock, before its claim is written', { call: 'claim', when: 'before' }],
	['when its claim is written', { call: 'claim', when: 'after' }],
	['before it gives the lock back', { call: 'unlock', when: 'before' }],
	['while its request is under way', 'request'],
	['before the outcome is written', { call: 'end', when: 'before' }],
];

let sandbox: Sandbox;
let folder: string;
let processes: WorkerProcess[] = [];
let played: Array<Promise<Played>>;

// Each place has a process of its own that is stopped there, so that all can stand still at once.
beforeAll(async () => {
	sandbox = await startSandbox();
	folder = mkdtempSync(join(tmpdir(), 'stopped-'));
	processes = await Promise.all(
		Array.from({ length: places.length + 1 }, async (_, seed) => await startWorkerProcess(folder, speed, seed)),
	);
	const [awake, ...stopped] = processes;
	played = places.map(async ([, stopsAt], index) => await play(stopsAt, index, stopped[index]!, awake!));
}, 240_000);
afterAll(async () => {
	await Promise.all(processes.map(async (one) => await one.stop()));
	await sandbox.stop();
	rmSync(folder, { recursive: true });
});

interface Played {
	posts: number;
	created: number;
	/** What the process that was stopped said of the client, and the one that wasn't. */
	outcomes: string[];
	/** What is said of it when all has been written that will be. */
	last: string;
}

/** Asks less often than that of a scenario: to ask whether a process is stopped holds this one up. */
async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await setTimeout(20);
}

/** Of a deal to a workflow of its own. `ofDeal`: how many have to do with it. */
function delivery(index: number) {
	const items = deals(1, index);
	const { id } = items[0]!;
	const job: Job = {
		workflowId: `stopped ${index}`,
		items,
		parameters: dealFields,
		settings: { onError: 'continueRegularOutput' },
		credentials: credentialsFor(sandbox),
	};
	const ofDeal = (values: object[]) => values.filter((value) => JSON.stringify(value).includes(id)).length;
	return { job, match: { businessCode: id }, ofDeal };
}

/** Delivers a deal to a process that is stopped on the way, and meanwhile to one that isn't. */
async function play(stopsAt: StopsAt, index: number, stopped: WorkerProcess, awake: WorkerProcess): Promise<Played> {
	const { job, match, ofDeal } = delivery(index);
	if (stopsAt === 'request') sandbox.inject({ kind: 'delay', ms: 500, match });
	const first = stopped.run({ ...job, ...(stopsAt !== 'request' && { stopsAt }) });
	if (stopsAt === 'request') {
		await until(() => ofDeal(sandbox.requests) === 1);
		stopped.signal('SIGSTOP');
	}
	await until(() => stopped.isStopped());
	const second = awake.run(job);
	await setTimeout(longStop);
	stopped.signal('SIGCONT');
	const outcomes = (await Promise.all([first, second])).flat().map(({ outcome }) => outcome);
	const posts = ofDeal(sandbox.requests);
	await setTimeout((timing.lateBatch + 2000) / speed);
	const [last] = await awake.run(job);
	return { posts, created: ofDeal(sandbox.created), outcomes, last: last!.outcome };
}

it.each(places.map(([place], index) => [place, index] as const))(
	'a process that SIGSTOP holds up %s sends nothing that another one has sent',
	async (_, index) => {
		const { posts, created, outcomes, last } = await played[index]!;
		expect(posts).toBeLessThanOrEqual(1);
		expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(posts);
		if (created === 0) expect(outcomes).not.toContain('duplicate');
		expect(last).toBe(created === 1 ? 'duplicate' : 'unknown');
	},
	120_000,
);

it('a process that SIGKILL ends while its request is under way leaves the client unknown, and it is not sent again', async () => {
	const { job, match, ofDeal } = delivery(places.length);
	const killed = await startWorkerProcess(folder, speed, places.length);
	sandbox.inject({ kind: 'hang', match });
	const report = killed.run(job).catch(() => 'none');
	await until(() => ofDeal(sandbox.requests) === 1);
	killed.signal('SIGKILL');
	expect(await report).toBe('none');
	for (const duplicateHandling of ['error', 'skip']) {
		const parameters = { ...dealFields, options: { duplicateHandling } };
		expect(await processes[0]!.run({ ...job, parameters })).toMatchObject([{ outcome: 'unknown' }]);
	}
	expect(ofDeal(sandbox.requests)).toBe(1);
}, 120_000);

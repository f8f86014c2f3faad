import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import { DeduplicationStore, FolderRows } from '../support/engine';
import {
	anotherProcess,
	continuing,
	deal,
	deliver,
	json,
	other,
	outcomes,
	posts,
	rows,
	sandbox,
	until,
	useDeliveries,
	wait,
	workflowId,
} from '../support/engine/deliveries';
import { countingStore } from '../support/engine/countingStore';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';

useDeliveries();
useFastClock();

const sendAnyway = { duplicateHandling: 'send' };
const sendAgain = { unknownHandling: 'send' };
const patient = { timeout: 300_000 };
const businessCode = deal.id as string;

/** An answer that comes when the test says so: whatever another process does before, the attempt is silent all the time. */
function lateAnswer() {
	let arrive!: () => void;
	const until = new Promise<void>((resolve) => (arrive = resolve));
	return { until, arrive };
}

/** Leaves clients behind that were sent, by a process of which nothing is heard any more. */
async function fallSilent(items: IDataObject[]): Promise<void> {
	const before = posts();
	sandbox.inject(...items.map(({ id }) => ({ kind: 'hang', match: { businessCode: id as string } }) as const));
	void deliver(items, { nodePackage: anotherProcess(), options: { maxConcurrency: 50, timeout: 300_000 } });
	await until(() => posts() - before === items.length);
}

describe('Another process', () => {
	it('waits for an attempt that is under way in the first one', async () => {
		sandbox.inject({ kind: 'delay', ms: 150 });
		const first = deliver([deal]);
		await until(() => posts() === 1);
		const second = await deliver([deal], { nodePackage: anotherProcess() });
		expect(outcomes(second)).toEqual(['duplicate']);
		expect(outcomes(await first)).toEqual(['created']);
		expect(posts()).toBe(1);
	});

	it('waits for a run in which somebody is at work for longer than any single wait', async () => {
		const all = deals(10) as unknown as IDataObject[];
		sandbox.inject(
			...all.map(
				({ id }, index) => ({ kind: 'delay', ms: (index + 1) * seconds(2.4), match: { businessCode: id as string } }) as const,
			),
		);
		const first = deliver(all, { options: { maxConcurrency: all.length } });
		await until(() => posts() === all.length);
		const second = await deliver(all, { nodePackage: anotherProcess() });
		expect(outcomes(second)).toEqual(all.map(() => 'duplicate'));
		expect(outcomes(await first)).toEqual(all.map(() => 'created'));
	});

	it('waits for attempts of a process that fell silent once for a whole run, not once for each window', async () => {
		const all = deals(40) as unknown as IDataObject[];
		await fallSilent(all);
		const { store, count } = countingStore(rows);
		const result = await deliver([...all, ...deals(5, 100)] as IDataObject[], {
			nodePackage: anotherProcess(),
			store,
		});
		expect(outcomes(result)).toEqual([...Array<string>(40).fill('unknown'), ...Array<string>(5).fill('created')]);
		// A wait is 20 looks of two calls; one for each window of 10 would make 160.
		expect(count()).toBeLessThan(120);
	});

	it('gives up an attempt of a process that fell silent also when several runs wait for it', async () => {
		await fallSilent([deal]);
		const nodePackage = anotherProcess();
		const again = async () => await deliver([deal], { nodePackage, options: sendAgain });
		const results = await Promise.all([again(), again(), again()]);
		expect(results.flatMap(outcomes).sort()).toEqual(['created', 'duplicate', 'duplicate']);
		expect(posts()).toBe(2);
	});

	it('does not wait for an attempt that ended without an answer', async () => {
		sandbox.inject({ kind: 'resetAfterRead' });
		await deliver([deal]);
		const { store, count } = countingStore(rows);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess(), store }))).toEqual(['unknown']);
		expect(count()).toBeLessThan(5);
	});

	it('takes over the lock of one that died while it held it', async () => {
		const store = new DeduplicationStore({ rows });
		const node = { id: 'any', name: '', type: '', typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };
		const contextData = { workflow: { id: workflowId } as never, node };
		await store.checkProcessedAndRecord([1], 'workflow', contextData, { mode: 'latestIncrementalKey' });

		expect(outcomes(await deliver([deal]))).toEqual(['created']);
	});

	it('that was killed between request and answer leaves the client unsettled, and it is not sent again', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'confirma-rows-'));
		try {
			sandbox.inject({ kind: 'hang' });
			const program = join(__dirname, '../support/engine/deliverOnce.ts');
			const child = spawn(process.execPath, ['--import', 'tsx', program, folder, sandbox.url, workflowId, JSON.stringify(deal)], {
				stdio: 'inherit',
				env: { ...process.env, CONFIRMA_TOKEN: sandbox.tokens.staging },
			});
			await until(() => posts() === 1);
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
	});
});

describe('What Send Again recorded', () => {
	it('outlasts a late refusal of the attempt before', async () => {
		const answer = lateAnswer();
		// The first worker is slow, the second one sends again and gets no answer, then the first one is refused.
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, until: answer.until, match: { businessCode } },
			{ kind: 'resetAfterRead', match: { businessCode } },
		);
		const refused = deliver([deal], { options: patient });
		await until(() => posts() === 1);
		const sentAgain = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(sentAgain)).toEqual(['unknown']);
		answer.arrive();
		expect(outcomes(await refused)).toEqual(['rejected']);

		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['unknown']);
		expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('as created outlasts a late refusal of the attempt before', async () => {
		const answer = lateAnswer();
		sandbox.inject({ kind: 'status', status: 400, body: {}, until: answer.until, match: { businessCode } });
		const refused = deliver([deal], { options: patient });
		await until(() => posts() === 1);
		const sentAgain = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(sentAgain)).toEqual(['created']);
		answer.arrive();
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['duplicate']);
	});

	it('outlasts the refusal of one that sent again before', async () => {
		const answer = lateAnswer();
		await fallSilent([deal]);
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, until: answer.until, match: { businessCode } },
			{ kind: 'resetAfterRead', match: { businessCode } },
		);
		const refused = deliver([deal], { nodePackage: anotherProcess(), options: { ...sendAgain, ...patient } });
		await until(() => posts() === 2);
		const sentAgain = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(sentAgain)).toEqual(['unknown']);
		answer.arrive();
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['unknown']);
	});

	it('and took back, because it was refused, comes back when the attempt before creates the client after all', async () => {
		const answer = lateAnswer();
		sandbox.inject(
			{ kind: 'delay', ms: 0, until: answer.until, match: { businessCode } },
			{ kind: 'status', status: 400, body: {}, match: { businessCode } },
		);
		const slow = deliver([deal], { options: patient });
		await until(() => posts() === 1);
		const refused = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(refused)).toEqual(['rejected']);
		answer.arrive();
		expect(outcomes(await slow)).toEqual(['created']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['duplicate']);
	});

	it('and took back, because it was refused, comes back when the attempt before gets no answer', async () => {
		const answer = lateAnswer();
		sandbox.inject(
			{ kind: 'status', status: 500, body: {}, until: answer.until, match: { businessCode } },
			{ kind: 'status', status: 400, body: {}, match: { businessCode } },
		);
		const slow = deliver([deal], { options: patient });
		await until(() => posts() === 1);
		const refused = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(refused)).toEqual(['rejected']);
		answer.arrive();
		expect(outcomes(await slow)).toEqual(['unknown']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['unknown']);
	});

	it('is one request when two processes send again at once', async () => {
		const all = deals(25) as unknown as IDataObject[];
		await fallSilent(all);
		const before = posts();
		const again = async () => await deliver(all, { nodePackage: anotherProcess(), options: sendAgain });
		const results = await Promise.all([again(), again()]);
		expect(posts() - before).toBe(all.length);
		expect(results.flatMap(outcomes).sort()).toEqual([
			...Array<string>(all.length).fill('created'),
			...Array<string>(all.length).fill('duplicate'),
		]);
	});
});

describe('Send Again', () => {
	it('waits for an attempt that is under way in another process, and then has nothing to do', async () => {
		sandbox.inject({ kind: 'delay', ms: 150 });
		const first = deliver([deal]);
		await until(() => posts() === 1);
		const second = await deliver([deal], { nodePackage: anotherProcess(), options: sendAgain });
		expect(outcomes(second)).toEqual(['duplicate']);
		expect(outcomes(await first)).toEqual(['created']);
		expect(posts()).toBe(1);
	});

	it('holds what ended unknown while it waited for it back on a second try, too', async () => {
		sandbox.inject({ kind: 'status', status: 500, creates: true, ms: 150, match: { businessCode } });
		const first = deliver([deal]);
		await until(() => posts() === 1);
		const settings = { ...continuing, retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const second = await deliver([deal], { options: sendAgain, settings });
		expect([outcomes(await first), outcomes(second)]).toEqual([['unknown'], ['unknown']]);
		expect(posts()).toBe(1);
	});

	it('does not send what was created, and Send Anyway does not send what is unknown', async () => {
		await deliver([deal]);
		await fallSilent([other]);
		const nodePackage = anotherProcess();
		expect(outcomes(await deliver([deal, other], { nodePackage, options: sendAnyway }))).toEqual(['created', 'unknown']);
		expect(outcomes(await deliver([deal, other], { nodePackage, options: sendAgain }))).toEqual(['duplicate', 'created']);
	});
});

describe('A client that is claimed and waits for its turn', () => {
	/** Delivers a deal behind another one, whose answer comes late. */
	async function queued(answer: { until: Promise<unknown> }) {
		sandbox.inject({ kind: 'delay', ms: 0, until: answer.until, match: { businessCode: other.id as string } });
		return await deliver([other, deal], { options: { maxConcurrency: 1, ...patient } });
	}
	const elsewhere = async (options: IDataObject) => await deliver([deal], { nodePackage: anotherProcess(), options });

	it('is not sent when it was taken for dead meanwhile, and sent again in another process', async () => {
		const answer = lateAnswer();
		const waiting = queued(answer);
		await until(() => posts() === 1);
		expect(outcomes(await elsewhere(sendAgain))).toEqual(['created']);
		answer.arrive();
		expect(outcomes(await waiting)).toEqual(['created', 'duplicate']);
		expect(posts()).toBe(2);
	});

	it('is not sent when somebody has said meanwhile that it exists', async () => {
		const answer = lateAnswer();
		const waiting = queued(answer);
		await until(() => posts() === 1);
		expect(outcomes(await elsewhere({ unknownHandling: 'created' }))).toEqual(['duplicate']);
		answer.arrive();
		expect(outcomes(await waiting)).toEqual(['created', 'duplicate']);
		expect(posts()).toBe(1);
	});

	it('is sent when it was refused in another process meanwhile: nobody knows of it any more', async () => {
		const answer = lateAnswer();
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode } });
		const waiting = queued(answer);
		await until(() => posts() === 1);
		expect(outcomes(await elsewhere(sendAgain))).toEqual(['rejected']);
		answer.arrive();
		expect(outcomes(await waiting)).toEqual(['created', 'created']);
		expect(outcomes(await elsewhere({}))).toEqual(['duplicate']);
		expect(sandbox.created).toHaveLength(2);
	});

	it('is not sent when another process took it over while it waited out a limit of the API', async () => {
		sandbox.inject({ kind: 'status', status: 429, headers: { 'retry-after': '40' }, match: { businessCode } });
		const waiting = deliver([deal]);
		await until(() => posts() === 1);
		expect(outcomes(await elsewhere(sendAgain))).toEqual(['created']);
		expect(outcomes(await waiting)).toEqual(['duplicate']);
		expect(sandbox.created).toHaveLength(1);
	});

	it.each([
		['Send Again', sendAgain, {}],
		['Hold Back, and another run of the process waits for it with Send Again', {}, sendAgain],
		['Send Again, and another run of the process waits for it with Send Again', sendAgain, sendAgain],
	])('and was taken over and left unknown in another process is not sent again: %s', async (_how, options, ofTheOther) => {
		const answer = lateAnswer();
		const nodePackage = anotherProcess();
		sandbox.inject({ kind: 'delay', ms: 0, until: answer.until, match: { businessCode: other.id as string } });
		const waiting = deliver([other, deal], { nodePackage, options: { maxConcurrency: 1, ...patient, ...options } });
		await until(() => posts() === 1);
		const second = deliver([deal], { nodePackage, options: ofTheOther });
		sandbox.inject({ kind: 'resetAfterRead', creates: true, match: { businessCode } });
		expect(outcomes(await elsewhere(sendAgain))).toEqual(['unknown']);
		answer.arrive();
		expect(outcomes(await waiting)).toEqual(['created', 'unknown']);
		expect(outcomes(await second)).toEqual(['unknown']);
		expect(sandbox.created).toHaveLength(2);
	});

	it('makes itself heard when its turn comes, so that no other process takes it for dead then', async () => {
		// Together they take longer than the other process waits, and each of them less.
		sandbox.inject({ kind: 'delay', ms: seconds(6), match: { businessCode } });
		const waiting = queued({ until: wait(seconds(6)) });
		await until(() => posts() === 1);
		expect(outcomes(await elsewhere(sendAgain))).toEqual(['duplicate']);
		expect(outcomes(await waiting)).toEqual(['created', 'created']);
		expect(posts()).toBe(2);
	});
});

describe('A client that was refused', () => {
	it('by an attempt that fell silent is free again when its refusal arrives', async () => {
		const answer = lateAnswer();
		sandbox.inject({ kind: 'status', status: 400, body: {}, until: answer.until, match: { businessCode } });
		const refused = deliver([deal], { options: patient });
		await until(() => posts() === 1);
		const nodePackage = anotherProcess();
		expect(outcomes(await deliver([deal], { nodePackage }))).toEqual(['unknown']);
		answer.arrive();
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect(outcomes(await deliver([deal], { nodePackage }))).toEqual(['created']);
		expect(json(await deliver([deal]))[0]).toMatchObject({ outcome: 'duplicate' });
	});
});

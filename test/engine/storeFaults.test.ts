import type { IDataObject } from 'n8n-workflow';

import { NODE_NAME } from '../support/engine';
import {
	anotherProcess,
	deal,
	deliver,
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
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore, type Interception } from '../support/engine/interceptedStore';

useDeliveries();
useFastClock();

const businessCode = deal.id as string;
const many = deals(30) as unknown as IDataObject[];
const each = (outcome: string) => many.map(() => outcome);
const elsewhere = async (items: IDataObject[], options: IDataObject = {}) =>
	await deliver(items, { nodePackage: anotherProcess(), options });

/** The database, whose one call about clients fails. */
const failing = (at: number, when: string) =>
	interceptedStore(rows, async ({ scope, number }, make) => {
		const fails = scope === 'node' && number === at;
		if (fails && when === 'before') throw new Error('read ECONNRESET');
		const result = await make();
		if (fails) throw new Error('read ECONNRESET');
		return result;
	});

/**
 * The database, whose first call of a kind is made only when `go` is called.
 *
 * @param hasRead whether it has read the row before, and writes over what others wrote meanwhile
 */
function stalling(isTheOne: (call: Parameters<Interception>[0]) => boolean, hasRead = true) {
	const state = { isStalled: false, go: () => {} };
	const gone = new Promise<void>((resolve) => (state.go = resolve));
	const store = interceptedStore(rows, async (call, make) => {
		if (state.isStalled || !isTheOne(call)) return await make();
		state.isStalled = true;
		if (!hasRead) await gone;
		return await make(async () => await gone);
	});
	return { store, state };
}

const calls = [1, 2, 3, 4].flatMap((at) => ['before', 'after'].map((when) => [at, when] as const));

describe.each(calls)('When call %s to the database fails once, %s it is written', (at, when) => {
	it('clients that were created before stay duplicates', async () => {
		await deliver(many, { options: { maxConcurrency: 50 } });
		await deliver(many, { nodePackage: anotherProcess(), store: failing(at, when), options: { maxConcurrency: 50 } });
		expect(outcomes(await elsewhere(many, { maxConcurrency: 50 }))).toEqual(each('duplicate'));
		expect(posts()).toBe(many.length);
	});

	it('a client that was only previewed is still sent', async () => {
		await deliver([deal], { store: failing(at, when), options: { previewOnly: true } });
		expect(outcomes(await elsewhere([deal]))).toEqual(['created']);
	});

	it('a client that was created is a duplicate', async () => {
		// The first call claims it; a claim that fails after it was written may be another process's.
		const isClaim = at === 1;
		const [outcome] = outcomes(await deliver([deal], { store: failing(at, when) }));
		expect(outcome).toBe(isClaim && when === 'after' ? 'unknown' : 'created');
		expect(outcomes(await elsewhere([deal]))).toEqual([outcome === 'created' ? 'duplicate' : 'unknown']);
		expect(posts()).toBe(outcome === 'created' ? 1 : 0);
	});

	it('a client that was refused may be sent again, when its end was what failed', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode } });
		const isClaim = at === 1 && when === 'after';
		await deliver([deal], { store: failing(at, when) });
		expect(outcomes(await elsewhere([deal]))).toEqual([isClaim ? 'unknown' : 'created']);
	});
});

describe('A process that stalls', () => {
	it('before it takes back what it looked at, makes no client that was never created', async () => {
		let refuse!: () => void;
		const answer = new Promise<void>((resolve) => (refuse = resolve));
		// The first process is refused late, the second one waits for it and stalls in a look, and the third one gets no answer.
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, until: answer, match: { businessCode } },
			{ kind: 'resetAfterRead', creates: false, match: { businessCode } },
		);
		const refused = deliver([deal]);
		await until(() => posts() === 1);
		const { store, state } = stalling(({ method, scope }) => method === 'removeProcessed' && scope === 'node', false);
		const waiting = deliver([deal], { nodePackage: anotherProcess(), store });
		await until(() => state.isStalled);
		refuse();
		expect(outcomes(await refused)).toEqual(['rejected']);
		const third = await elsewhere([deal], { unknownHandling: 'send' });
		state.go();
		await waiting;
		expect(outcomes(third)).toEqual(['unknown']);
		expect(outcomes(await elsewhere([deal]))).toEqual(['unknown']);
		expect(outcomes(await elsewhere([deal], { unknownHandling: 'send' }))).toEqual(['created']);
	});

	it('for longer than its lease within a claim and another one that claims meanwhile send one request', async () => {
		await deliver([other]);
		const { store, state } = stalling(({ method, scope }) => method === 'checkProcessedAndRecord' && scope === 'node');
		const stalled = deliver([deal], { nodePackage: anotherProcess(), store });
		await until(() => state.isStalled);
		const meanwhile = await elsewhere([deal]);
		state.go();
		const [one, theOther] = [...outcomes(meanwhile), ...outcomes(await stalled)].sort();
		expect(one).toBe('created');
		// The write that landed late takes away what was recorded, for a while.
		expect(theOther).toMatch(/duplicate|unknown/);
		await wait(seconds(20));
		expect(outcomes(await elsewhere([deal]))).toEqual(['duplicate']);
		expect(posts()).toBe(2);
	});

	it('and writes over what others recorded, makes them write it once more', async () => {
		await deliver([other]);
		const { store, state } = stalling(({ method, scope }) => method === 'checkProcessedAndRecord' && scope === 'node');
		const stalled = deliver([deal], { nodePackage: anotherProcess(), store });
		await until(() => state.isStalled);
		expect(outcomes(await elsewhere(many.slice(3), { maxConcurrency: 50 }))).toEqual(each('created').slice(3));
		state.go();
		await stalled;
		await wait(seconds(20));
		expect(outcomes(await elsewhere(many.slice(3), { maxConcurrency: 50 }))).toEqual(each('duplicate').slice(3));
	});
});

it('A call to the database that never returns does not hold up the run, nor those after it', async () => {
	let isFirst = true;
	const store = interceptedStore(rows, async ({ scope }, make) => {
		if (scope === 'workflow' || !isFirst) return await make();
		isFirst = false;
		return await new Promise(() => {});
	});
	const nodePackage = anotherProcess();
	expect(outcomes(await deliver([deal], { nodePackage, store }))).toEqual(['created']);
	expect(outcomes(await deliver([deal, other], { nodePackage, store }))).toEqual(['duplicate', 'created']);
});

it('Send Again waits for an attempt whose end is written by slow calls', async () => {
	let isSlow = false;
	const slowly = () =>
		interceptedStore(rows, async ({ scope }, make) => {
			if (isSlow && scope === 'node') await wait(seconds(1));
			return await make();
		});
	sandbox.inject({ kind: 'delay', ms: seconds(5), match: { businessCode } });
	const first = deliver([deal], { store: slowly() });
	await until(() => posts() === 1);
	isSlow = true;
	const again = await deliver([deal], { nodePackage: anotherProcess(), store: slowly(), options: { unknownHandling: 'send' } });
	expect(outcomes(again)).toEqual(['duplicate']);
	expect(outcomes(await first)).toEqual(['created']);
	expect(posts()).toBe(1);
});

describe('An attempt that begins when another one was refused', () => {
	it('is not taken for the refused one by a process that waited for it with Send Again', async () => {
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, ms: seconds(7), match: { businessCode } },
			{ kind: 'delay', ms: seconds(7), match: { businessCode } },
		);
		const refused = deliver([deal]);
		await until(() => posts() === 1);
		const [redelivered, again] = await Promise.all([elsewhere([deal]), elsewhere([deal], { unknownHandling: 'send' })]);
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect([...outcomes(redelivered), ...outcomes(again)].sort()).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('is not taken for the refused one by a run that gave that one up before', async () => {
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, ms: seconds(30), match: { businessCode } },
			{ kind: 'delay', ms: seconds(9), match: { businessCode } },
		);
		const refused = deliver([deal]);
		await until(() => posts() === 1);
		const nodePackage = anotherProcess();
		expect(outcomes(await deliver([deal], { nodePackage }))).toEqual(['unknown']);
		expect(outcomes(await refused)).toEqual(['rejected']);
		const redelivered = elsewhere([deal]);
		await until(() => posts() === 2);
		expect(outcomes(await deliver([deal], { nodePackage, options: { unknownHandling: 'send' } }))).toEqual(['duplicate']);
		expect(outcomes(await redelivered)).toEqual(['created']);
	});
});

it('A client that waits out many limits of the API leaves few entries', async () => {
	sandbox.inject({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, times: 12, match: { businessCode } });
	expect(outcomes(await deliver([deal]))).toEqual(['created']);
	const { data } = JSON.parse(rows.find(JSON.stringify([workflowId, `n:id of ${NODE_NAME}`]))!) as { data: unknown[] };
	// Three for the client, and two for each time that it is claimed anew, which isn't at each of the limits.
	expect(data.length).toBeLessThan(3 + 2 * 12);
});

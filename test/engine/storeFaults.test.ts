import { timing } from '../../nodes/ConfirmaFinance/guard/timing';
import { deferred } from '../../nodes/ConfirmaFinance/waiting';
import { NODE_NAME } from '../support/engine';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore } from '../support/engine/interceptedStore';
import { anotherProcess, deal, other, scenario, third, until, wait } from '../support/engine/scenario';

useFastClock();

/** In real milliseconds: after how long an attempt of which nothing is heard is given up. */
const silence = seconds(timing.silence / 1000);

const refusal = { kind: 'status', status: 400, body: {} } as const;
const sendAgain = { options: { unknownHandling: 'send' } };

/** A scenario, and its database, of whose calls about clients one fails, before or after it is written. */
async function withFailure(at: number, when: string) {
	const scene = await scenario();
	let hasFailed = false;
	const store = interceptedStore(scene.rows, async ({ scope, number }, make) => {
		const fails = scope === 'node' && number === at;
		hasFailed ||= fails;
		if (fails && when === 'before') throw new Error('read ECONNRESET');
		const result = await make();
		if (fails) throw new Error('read ECONNRESET');
		return result;
	});
	return { ...scene, store, hasFailed: () => hasFailed };
}
const calls = (last: number) =>
	Array.from({ length: last }, (_, index) => ['before', 'after'].map((when) => [index + 1, when] as const)).flat();

it.each(calls(5))(
	'When call %s about clients fails, %s it is written, a created client is a duplicate, and a refused one can be sent again',
	async (at, when) => {
		const { run, elsewhere, sandbox, store, hasFailed } = await withFailure(at, when);
		await elsewhere([third]);
		sandbox.inject({ ...refusal, match: { businessCode: other.id } });
		const first = await run([deal, other, third], { store });
		const then = await elsewhere([deal, other, third]);
		expect(hasFailed()).toBe(true);
		// The first call claims them; one that fails after it was written may be another process's.
		const isClaimUnsure = at === 1 && when === 'after';
		expect(first.outcomes).toEqual(isClaimUnsure ? ['unknown', 'unknown', 'duplicate'] : ['created', 'rejected', 'duplicate']);
		expect(then.outcomes).toEqual(isClaimUnsure ? ['unknown', 'unknown', 'duplicate'] : ['duplicate', 'created', 'duplicate']);
	},
);

it.each(calls(3))(
	'When call %s about clients fails, %s it is written, a client that was previewed can be sent',
	async (at, when) => {
		const { run, elsewhere, store, hasFailed } = await withFailure(at, when);
		await run([deal], { store, options: { previewOnly: true } });
		expect(hasFailed()).toBe(true);
		expect((await elsewhere([deal])).outcomes).toEqual(['created']);
	},
);

it('A process that stalls within a call, and writes over what others recorded, makes them write it once more', async () => {
	const { run, elsewhere, rows } = await scenario();
	const all = deals(30, 10);
	await run([other]);
	const [stalled, goOn] = [deferred(), deferred()];
	let isFirst = true;
	const store = interceptedStore(rows, async ({ method, scope }, make) => {
		if (!isFirst || scope !== 'node' || method !== 'checkProcessedAndRecord') return await make();
		isFirst = false;
		stalled.resolve();
		return await make(async () => await goOn.promise);
	});
	const stalling = elsewhere([deal], { store });
	await stalled.promise;
	expect((await elsewhere(all, { options: { maxConcurrency: 50 } })).outcomes).toEqual(all.map(() => 'created'));
	goOn.resolve();
	await stalling;
	await wait(seconds(timing.lateBatch / 1000 + 5));
	expect((await elsewhere(all, { options: { maxConcurrency: 50 } })).outcomes).toEqual(all.map(() => 'duplicate'));
});

it('A call to the database that never returns does not hold up the run, nor those after it', async () => {
	const { run, rows } = await scenario();
	let isFirst = true;
	const store = interceptedStore(rows, async ({ scope }, make) => {
		if (scope === 'workflow' || !isFirst) return await make();
		isFirst = false;
		return await new Promise(() => {});
	});
	const nodePackage = anotherProcess();
	expect((await run([deal], { nodePackage, store })).outcomes).toEqual(['created']);
	expect((await run([deal, other], { nodePackage, store })).outcomes).toEqual(['duplicate', 'created']);
});

it('Send Again waits for an attempt whose end is written by slow calls, and has nothing to do then', async () => {
	const { run, elsewhere, posts, rows, sandbox } = await scenario();
	let isSlow = false;
	const slowly = () =>
		interceptedStore(rows, async ({ scope }, make) => {
			if (isSlow && scope === 'node') await wait(seconds(1));
			return await make();
		});
	sandbox.inject({ kind: 'delay', ms: seconds(5) });
	const first = run([deal], { store: slowly() });
	await until(() => posts().length === 1);
	isSlow = true;
	expect((await elsewhere([deal], { ...sendAgain, store: slowly() })).outcomes).toEqual(['duplicate']);
	expect((await first).outcomes).toEqual(['created']);
	expect(posts()).toHaveLength(1);
});

describe('An attempt that begins when another one was refused is not taken for the refused one', () => {
	it('by a process that waited for that one with Send Again', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		sandbox.inject({ ...refusal, ms: 0.7 * silence }, { kind: 'delay', ms: 0.7 * silence });
		const refused = run([deal]);
		await until(() => posts().length === 1);
		const both = await Promise.all([elsewhere([deal]), elsewhere([deal], sendAgain)]);
		expect((await refused).outcomes).toEqual(['rejected']);
		expect(both.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('by a run that gave that one up before', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		sandbox.inject({ ...refusal, ms: 3 * silence }, { kind: 'delay', ms: 0.9 * silence });
		const refused = run([deal]);
		await until(() => posts().length === 1);
		const nodePackage = anotherProcess();
		expect((await run([deal], { nodePackage })).outcomes).toEqual(['unknown']);
		expect((await refused).outcomes).toEqual(['rejected']);
		const redelivered = elsewhere([deal]);
		await until(() => posts().length === 2);
		expect((await run([deal], { nodePackage, ...sendAgain })).outcomes).toEqual(['duplicate']);
		expect((await redelivered).outcomes).toEqual(['created']);
	});
});

it('A client that waits out many limits of the API leaves few entries', async () => {
	const { run, rows, sandbox, workflowId } = await scenario();
	sandbox.inject({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, times: 12 });
	expect((await run([deal])).outcomes).toEqual(['created']);
	const { data } = JSON.parse(rows.find(JSON.stringify([workflowId, `n:id of ${NODE_NAME}`]))!) as { data: unknown[] };
	// Three for the client, and two for each time that it is claimed anew, which isn't at each of the limits.
	expect(data.length).toBeLessThan(3 + 2 * 12);
});

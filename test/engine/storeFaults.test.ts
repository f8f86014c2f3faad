import { timing } from '../../nodes/ConfirmaFinance/guard/timing';
import { deferred } from '../../nodes/ConfirmaFinance/waiting';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore } from '../support/engine/interceptedStore';
import { anotherProcess } from '../support/engine';
import { deal, other, scenario, third, until, wait } from '../support/engine/scenario';

useFastClock();

/** In real milliseconds: after how long an attempt of which nothing is heard is given up. */
const silence = seconds(timing.silence / 1000);

const refusal = { kind: 'status', status: 400, body: {} } as const;
const sendAgain = { options: { unknownHandling: 'send' } };
/** For answers that come when a test says so. */
const patient = { timeout: 300_000 };

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

it('What a process looked at, and stood still before it took that back, makes no client', async () => {
	const { elsewhere, rows, posts, sandbox } = await scenario();
	/** It stands still at one of its calls until another process has sent one of its clients, without an answer. */
	const play = async (at: number) => {
		const workflowId = `stands still at call ${at}`;
		const [silent, client] = deals(2, 100 + 2 * at) as [typeof deal, typeof deal];
		sandbox.inject({ kind: 'hang', creates: false, match: { businessCode: silent.id } });
		sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: client.id } });
		void elsewhere([silent], { workflowId, options: patient });
		await until(() => JSON.stringify(posts()).includes(silent.id));
		const [stalled, goOn] = [deferred(), deferred()];
		const store = interceptedStore(rows, async ({ scope, number }, make) => {
			if (scope === 'node' && number === at) {
				stalled.resolve();
				await goOn.promise;
			}
			return await make();
		});
		// More clients than are claimed ahead stand before it.
		const looking = elsewhere([silent, ...deals(8, 200 + 8 * at), client], { workflowId, store, options: { maxConcurrency: 1 } });
		await Promise.race([stalled.promise, looking]);
		await elsewhere([client], { workflowId });
		goOn.resolve();
		await looking;
		return (await elsewhere([client], { workflowId })).outcomes;
	};
	const places = Array.from({ length: 8 }, (_, index) => index + 1);
	expect((await Promise.all(places.map(play))).flat()).toEqual(places.map(() => 'unknown'));
}, 60_000);

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

describe('An attempt that begins when another one was refused is not taken for the refused one', () => {
	it('by a process that saw nothing of the refusal, and waits with Send Again', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		sandbox.inject({ ...refusal, ms: 0.7 * silence }, { kind: 'delay', ms: 0.7 * silence });
		const refused = run([deal]);
		await until(() => posts().length === 1);
		// The redelivery waits in the same process, and is sent in the moment in which the other one may be again.
		const redelivered = run([deal]);
		expect((await elsewhere([deal], sendAgain)).outcomes).toEqual(['duplicate']);
		expect((await refused).outcomes).toEqual(['rejected']);
		expect((await redelivered).outcomes).toEqual(['created']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('by a run that gave that one up before the turn of the client came', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		const [refused, answered] = [deferred(), deferred()];
		sandbox.inject({ kind: 'hang', creates: false, match: { businessCode: other.id } });
		sandbox.inject({ ...refusal, until: refused.promise, match: { businessCode: deal.id } });
		sandbox.inject({ kind: 'delay', ms: 0.9 * silence, match: { businessCode: deal.id } });
		sandbox.inject({ kind: 'delay', ms: 0, until: answered.promise, match: { businessCode: third.id } });
		void elsewhere([other], { options: patient });
		const late = run([deal], { options: patient });
		await until(() => posts().length === 2);
		// The first one holds up the others. More of them than are claimed ahead stand before the last one.
		const queue = [third, other, ...deals(8, 10), deal];
		const again = elsewhere(queue, { options: { ...patient, ...sendAgain.options, maxConcurrency: 1 } });
		await wait(1.3 * silence);
		refused.resolve();
		expect((await late).outcomes).toEqual(['rejected']);
		const redelivered = run([deal]);
		await wait(0.2 * silence);
		answered.resolve();
		const outcomes = [(await again).outcomes.at(-1), ...(await redelivered).outcomes];
		expect(outcomes.sort()).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(queue.length);
	});
});

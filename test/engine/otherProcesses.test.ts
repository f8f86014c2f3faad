import { timing } from '../../nodes/ConfirmaFinance/guard/timing';
import { deferred } from '../../nodes/ConfirmaFinance/waiting';
import type { FaultKind } from '../sandbox/sandbox';
import { anotherProcess } from '../support/engine';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore } from '../support/engine/interceptedStore';
import { continuing, deal, other, scenario, until, wait, type Delivery, type Scenario } from '../support/engine/scenario';

useFastClock();
// Many deliveries at once take a small machine a while.
jest.setTimeout(60_000);

/** After how many real milliseconds an attempt of which nothing is heard is given up, and how often it was looked at then. */
const silence = seconds(timing.silence / 1000);
const looks = timing.silence / timing.lookEvery;

const sendAgain = { options: { unknownHandling: 'send' } };
/** For answers that come when a test says so: whatever others do before, the attempt is silent all the time. */
const patient = { timeout: 300_000 };

const refusal = { kind: 'status', status: 400, body: {} } as const;
const noAnswer = { kind: 'resetAfterRead' } as const;
const of = ({ id }: { id: string }) => ({ match: { businessCode: id } });

/** Another process's view of the database, and how often it asked about clients. */
function counting({ rows }: Scenario) {
	let calls = 0;
	const store = interceptedStore(rows, async ({ scope, method }, make) => {
		if (scope === 'node' && method === 'checkProcessedAndRecord') calls++;
		return await make();
	});
	return { store, count: () => calls };
}

/** Nothing happens in this process, nor in those that it plays, for so many milliseconds of real time. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Leaves clients behind that were sent, by a process of which nothing is heard any more. */
async function fallSilent({ sandbox, elsewhere, posts }: Scenario, items: ReadonlyArray<{ id: string }>): Promise<void> {
	const before = posts().length;
	sandbox.inject(...items.map((item) => ({ kind: 'hang', ...of(item) }) as const));
	void elsewhere(items, { options: { ...patient, maxConcurrency: 50 } });
	await until(() => posts().length - before === items.length);
}

describe('Another process', () => {
	it('waits for a run in which somebody is at work for longer than any single wait', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		const all = deals(6);
		sandbox.inject(...all.map((one, index) => ({ kind: 'delay', ms: (index + 1) * 0.3 * silence, ...of(one) }) as const));
		const first = run(all, { options: { maxConcurrency: all.length } });
		await until(() => posts().length === all.length);
		expect((await elsewhere(all)).outcomes).toEqual(all.map(() => 'duplicate'));
		expect((await first).outcomes).toEqual(all.map(() => 'created'));
	});

	it('waits for attempts of a process that fell silent once for a whole run, not once for each window', async () => {
		const scene = await scenario();
		const all = deals(40);
		await fallSilent(scene, all);
		const { store, count } = counting(scene);
		const { outcomes } = await scene.elsewhere([...all, ...deals(5, 100)], { store });
		expect(outcomes).toEqual([...Array<string>(40).fill('unknown'), ...Array<string>(5).fill('created')]);
		// A look is two calls, and there are four windows of 10.
		expect(count()).toBeLessThan(3 * 2 * looks);
	});

	it('does not take an attempt for silent because the machine stood still, and it with it', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		sandbox.inject({ kind: 'delay', ms: 0.4 * silence });
		const first = run([deal]);
		await until(() => posts().length === 1);
		const second = elsewhere([deal]);
		await wait(0.2 * silence);
		standStill(1.2 * silence);
		expect([(await first).outcomes, (await second).outcomes]).toEqual([['created'], ['duplicate']]);
	});

	it('does not wait for an attempt that one before it has waited for in vain', async () => {
		const scene = await scenario();
		await fallSilent(scene, [deal]);
		const looked = async () => {
			const { store, count } = counting(scene);
			expect((await scene.elsewhere([deal], { store })).outcomes).toEqual(['unknown']);
			return count();
		};
		expect(await looked()).toBeGreaterThan(looks);
		expect(await looked()).toBeLessThan(looks / 2);
	});

	it('does not wait for an attempt that ended without an answer', async () => {
		const scene = await scenario();
		scene.sandbox.inject(noAnswer);
		await scene.run([deal]);
		const { store, count } = counting(scene);
		expect((await scene.elsewhere([deal], { store })).outcomes).toEqual(['unknown']);
		expect(count()).toBeLessThan(5);
	});
});

it('A client that was sent many times takes few calls to be found', async () => {
	const scene = await scenario();
	scene.sandbox.inject({ kind: 'resetBeforeRead', times: 12 });
	for (let sent = 0; sent < 12; sent++) await scene.run([deal], sendAgain);
	expect(scene.posts()).toHaveLength(12);
	const { store, count } = counting(scene);
	expect((await scene.elsewhere([deal], { store })).outcomes).toEqual(['unknown']);
	expect(count()).toBeLessThan(8);
});

it('Send Again for an attempt that fell silent is one request when several runs of a process ask for it', async () => {
	const scene = await scenario();
	await fallSilent(scene, [deal]);
	const nodePackage = anotherProcess();
	const again = async () => (await scene.run([deal], { nodePackage, ...sendAgain })).outcomes;
	expect((await Promise.all([again(), again(), again()])).flat().sort()).toEqual(['created', 'duplicate', 'duplicate']);
	expect(scene.posts()).toHaveLength(2);
});

it('Send Again for attempts that fell silent is one request for each when two processes ask for it', async () => {
	const scene = await scenario();
	const all = deals(25);
	await fallSilent(scene, all);
	const again = async () => (await scene.elsewhere(all, sendAgain)).outcomes;
	expect((await Promise.all([again(), again()])).flat().sort()).toEqual([
		...all.map(() => 'created'),
		...all.map(() => 'duplicate'),
	]);
	expect(scene.posts()).toHaveLength(2 * all.length);
});

it('Send Again holds back what ended unknown while it waited for it, on a second try too', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 500, creates: true, ms: 150 });
	const first = run([deal]);
	await until(() => posts().length === 1);
	const settings = { ...continuing, retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	const second = await run([deal], { ...sendAgain, settings });
	expect([(await first).outcomes, second.outcomes]).toEqual([['unknown'], ['unknown']]);
	expect(posts()).toHaveLength(1);
});

it.each<[string, string, string, ...FaultKind[]]>([
	['rejected', 'unknown', 'unknown', refusal, noAnswer],
	['rejected', 'created', 'duplicate', refusal],
	['created', 'rejected', 'duplicate', { kind: 'delay', ms: 0 }, refusal],
	['unknown', 'rejected', 'unknown', { kind: 'status', status: 500, body: {} }, refusal],
])(
	'An attempt that ends %s late, after Send Again in another process ended %s, leaves the client %s',
	async (first, second, afterwards, slow, ...quick) => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		const answer = deferred();
		sandbox.inject({ ...slow!, until: answer.promise }, ...quick);
		const running = run([deal], { options: patient });
		await until(() => posts().length === 1);
		expect((await elsewhere([deal], sendAgain)).outcomes).toEqual([second]);
		answer.resolve();
		expect((await running).outcomes).toEqual([first]);
		expect((await elsewhere([deal])).outcomes).toEqual([afterwards]);
		expect((await run([deal])).outcomes).toEqual([afterwards]);
	},
);

describe('A client that is claimed and waits for its turn', () => {
	/** A scenario in which it waits until the answer about the client before it arrives. */
	async function queued(delivery: Delivery = {}) {
		const scene = await scenario();
		const answer = deferred();
		scene.sandbox.inject({ kind: 'delay', ms: 0, until: answer.promise, ...of(other) });
		const waiting = scene.run([other, deal], { ...delivery, options: { ...delivery.options, ...patient, maxConcurrency: 1 } });
		await until(() => scene.posts().length === 1);
		return { ...scene, answer, waiting };
	}

	it.each<[string, string, string, string, string, ...FaultKind[]]>([
		['not sent', 'duplicate', 'it was taken for dead, and created', 'send', 'created'],
		['not sent', 'duplicate', 'somebody said that it exists', 'created', 'duplicate'],
		['not sent', 'unknown', 'it was taken for dead, and got no answer', 'send', 'unknown', noAnswer],
		// Nobody knows of it any more.
		['sent', 'created', 'it was taken for dead, and refused', 'send', 'rejected', refusal],
	])('is %s, and %s, when %s in another process meanwhile', async (_, own, __, unknownHandling, ofTheOther, ...faults) => {
		const { elsewhere, sandbox, answer, waiting, posts } = await queued();
		for (const fault of faults) sandbox.inject({ ...fault, ...of(deal) });
		expect((await elsewhere([deal], { options: { unknownHandling } })).outcomes).toEqual([ofTheOther]);
		const before = posts().length;
		answer.resolve();
		expect((await waiting).outcomes).toEqual(['created', own]);
		expect(posts().length - before).toBe(own === 'created' ? 1 : 0);
	});

	it.each([
		['Hold Back', {}],
		['Send Again', sendAgain],
	])('with %s, and got no answer in another process, is not sent by a run that waits for it with Send Again', async (_, how) => {
		const nodePackage = anotherProcess();
		const { run, elsewhere, sandbox, answer, waiting } = await queued({ ...how, nodePackage });
		const second = run([deal], { ...sendAgain, nodePackage });
		sandbox.inject({ ...noAnswer, ...of(deal) });
		expect((await elsewhere([deal], sendAgain)).outcomes).toEqual(['unknown']);
		answer.resolve();
		expect((await waiting).outcomes).toEqual(['created', 'unknown']);
		expect((await second).outcomes).toEqual(['unknown']);
		expect(sandbox.created).toHaveLength(2);
	});

	it('is not sent when another process took it over while it waited out a limit of the API', async () => {
		const { run, elsewhere, posts, sandbox } = await scenario();
		sandbox.inject({ kind: 'status', status: 429, headers: { 'retry-after': '20' } });
		const waiting = run([deal]);
		await until(() => posts().length === 1);
		expect((await elsewhere([deal], sendAgain)).outcomes).toEqual(['created']);
		expect((await waiting).outcomes).toEqual(['duplicate']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('makes itself heard when its turn comes, so that no other process takes it for dead then', async () => {
		const { elsewhere, sandbox, answer, waiting, posts } = await queued();
		// Together they take longer than the other process waits, and each of them less.
		sandbox.inject({ kind: 'delay', ms: 0.6 * silence, ...of(deal) });
		void wait(0.6 * silence).then(() => answer.resolve());
		expect((await elsewhere([deal], sendAgain)).outcomes).toEqual(['duplicate']);
		expect((await waiting).outcomes).toEqual(['created', 'created']);
		expect(posts()).toHaveLength(2);
	});
});

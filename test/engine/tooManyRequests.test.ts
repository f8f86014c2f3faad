import { deals } from '../support/engine/deals';
import { deal, other, scenario, third, until, wait } from '../support/engine/scenario';

/** A scenario in which the first client's request is answered with 429. */
async function throttled(times: number, retryAfter: string) {
	const scene = await scenario();
	const throttle = (more: number, seconds: string) =>
		scene.sandbox.inject({
			kind: 'status',
			status: 429,
			body: {},
			times: more,
			headers: { 'retry-after': seconds },
			match: { businessCode: deal.id },
		});
	throttle(times, retryAfter);
	return { ...scene, throttle };
}

const oneAtATime = { options: { maxConcurrency: 1 } };

it('All items of a run wait together for as long as a 429 asks', async () => {
	const { run, posts } = await throttled(2, '1');
	expect((await run([deal, other, third], oneAtATime)).outcomes).toEqual(['created', 'created', 'created']);
	const order = posts().map(({ body }) => (body as { client: { businessCode: string } }).client.businessCode);
	expect(order).toEqual([deal.id, deal.id, deal.id, other.id, third.id]);
});

it.each([5, 50])(
	'A limit of ten a second keeps no item of a long batch from being created, %i at a time',
	async (maxConcurrency) => {
		const { run, sandbox } = await scenario();
		sandbox.limit(10);
		const { outcomes } = await run(deals(40), { options: { maxConcurrency } });
		expect(outcomes).toEqual(Array(40).fill('created'));
		expect(sandbox.created).toHaveLength(40);
	},
	60_000,
);

it('No further client is recorded while a run waits', async () => {
	const { run, posts, rows } = await throttled(100, '8');
	const stop = new AbortController();
	const running = run(deals(60), { ...oneAtATime, signal: stop.signal });
	await until(() => posts().length === 1);
	await wait(300);
	const { values } = rows as unknown as { values: Map<string, string> };
	const recorded = [...values.values()].flatMap((row) => (JSON.parse(row) as { data: string[] }).data);
	stop.abort();
	await running;
	expect(recorded.length).toBeGreaterThan(0);
	// Two entries for each client, and a window of two clients.
	expect(recorded.length).toBeLessThan(10);
});

it('A 429 is taken for a refusal in the end', async () => {
	const { run, posts, sandbox, throttle } = await throttled(1, '1');
	throttle(1, '120');
	expect((await run([deal])).output).toMatchObject([{ outcome: 'rejected', httpCode: '429' }]);
	expect(posts()).toHaveLength(2);
	expect(sandbox.created).toEqual([]);
});

it('A 429 that asks to wait for too long is a refusal at once, and nothing further is sent', async () => {
	const { run, posts } = await throttled(1, '86400');
	const { outcomes, output } = await run([deal, other], oneAtATime);
	expect(outcomes).toEqual(['rejected', 'notSent']);
	expect(output[0]!.description).toContain('Confirma Finance asks to wait 86400 seconds');
	expect(posts()).toHaveLength(1);
});

it('The stop button ends waiting for a 429, and the client can be sent afterwards', async () => {
	// Longer than a test may take, and no longer: the timer lives on.
	const { run, posts } = await throttled(1, '8');
	const stop = new AbortController();
	const running = run([deal], { signal: stop.signal });
	await until(() => posts().length === 1);
	await wait(50);
	stop.abort();
	expect((await running).status).toBe('canceled');
	expect((await run([deal])).outcomes).toEqual(['created']);
});

it.each([500, 503])('No other status is ever repeated, not even with Retry-After (%i)', async (status) => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status, body: {}, headers: { 'retry-after': '0' } });
	expect((await run([deal])).outcomes).toEqual(['unknown']);
	expect(posts()).toHaveLength(1);
});

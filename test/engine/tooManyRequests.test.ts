import {
	deal,
	deliver,
	json,
	other,
	outcomes,
	posts,
	sandbox,
	third,
	until,
	useDeliveries,
	wait,
} from '../support/engine/deliveries';

useDeliveries();

describe('An answer of 429', () => {
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
		await until(() => posts() === 1);
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

import type { IDataObject } from 'n8n-workflow';

import { deals } from '../support/engine/deals';
import {
	deal,
	deliver,
	json,
	other,
	outcomes,
	posts,
	rows,
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

	/** Everything that n8n's deduplication store holds. */
	const entries = () => {
		const { values } = rows as unknown as { values: Map<string, string> };
		return [...values.values()].flatMap((row) => (JSON.parse(row) as { data: string[] }).data);
	};

	it.each([1, 5, 50])(
		'keeps no item of a long batch from being created in the end, %i at a time',
		async (maxConcurrency) => {
			sandbox.limit(10);
			const result = await deliver(deals(40) as IDataObject[], { options: { maxConcurrency } });
			expect(outcomes(result)).toEqual(Array(40).fill('created'));
			expect(sandbox.created).toHaveLength(40);
		},
		60_000,
	);

	it('keeps clients from being recorded while the run waits', async () => {
		throttle(100, { 'retry-after': '8' });
		const stop = new AbortController();
		const running = deliver(deals(60) as IDataObject[], { options: { maxConcurrency: 1 }, signal: stop.signal });
		await until(() => posts() === 1);
		await wait(300);
		const recorded = entries();
		stop.abort();
		await running;
		expect(recorded.length).toBeGreaterThan(0);
		// Two entries for each client, and a window of two clients.
		expect(recorded.length).toBeLessThan(10);
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

import { sleep } from 'n8n-workflow';
import pLimit from 'p-limit';

import type { Reply } from '../../../nodes/ConfirmaFinance/n8n/reply';
import { retryAfterMs, Throttle } from '../../../nodes/ConfirmaFinance/deliver/throttle';

const now = Date.UTC(2026, 0, 2, 12, 0, 0);

describe('Retry-After', () => {
	it.each<[string | undefined, number | undefined]>([
		[undefined, undefined],
		['0', 0],
		['7', 7000],
		[' 7 ', 7000],
		['Fri, 02 Jan 2026 12:00:30 GMT', 30_000],
		['Friday, 02-Jan-26 12:00:30 GMT', 30_000],
		['Fri Jan  2 12:00:30 2026', 30_000],
		['Fri, 02 Jan 2026 11:00:00 GMT', 0],
		['', undefined],
		['soon', undefined],
		['-5', undefined],
		['1.5', undefined],
		['1e3', undefined],
		['5, 7', undefined],
		['garbage 1', undefined],
		['Fri, 99 Jan 2026 99:00:30 GMT', undefined],
		['9'.repeat(400), Infinity],
	])('%p asks for %p ms', (header, ms) => {
		expect(retryAfterMs(header, now)).toBe(ms);
	});
});

const created: Reply = { status: 200, text: '{}' };
const tooMany = (retryAfter?: string): Reply => ({ status: 429, text: '', ...(retryAfter ? { retryAfter } : {}) });

beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

describe('A request', () => {
	/** Runs the replies off, and tells the reply that came out and when each request was made, in ms from the start. */
	async function run(replies: Reply[], signal?: AbortSignal) {
		const times: number[] = [];
		const throttle = new Throttle(signal);
		const outcome = throttle.request(async () => {
			times.push(Date.now() - now);
			return await Promise.resolve(replies[Math.min(times.length, replies.length) - 1]!);
		});
		await jest.runAllTimersAsync();
		return { reply: await outcome, times, isExhausted: throttle.isExhausted };
	}

	it('waits as long as it is asked to, then is sent again', async () => {
		expect(await run([tooMany('3'), tooMany('Fri, 02 Jan 2026 12:00:10 GMT'), created])).toEqual({
			reply: created,
			times: [0, 3000, 10_000],
			isExhausted: false,
		});
	});

	it.each([undefined, '-5'])('waits longer each time when Retry-After is %p, up to two minutes in all', async (retryAfter) => {
		expect(await run([tooMany(retryAfter)])).toEqual({
			reply: tooMany(retryAfter),
			times: [0, 1000, 3000, 7000, 15_000, 31_000, 63_000],
			isExhausted: true,
		});
	});

	it.each(['0', 'Fri, 02 Jan 2026 11:00:00 GMT'])('waits all the same when Retry-After is %p', async (retryAfter) => {
		const { times, isExhausted } = await run([tooMany(retryAfter)]);
		expect(times).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 12_700, 25_500, 51_100, 102_300]);
		expect(isExhausted).toBe(true);
	});

	it('is given up at once when asked to wait longer than two minutes', async () => {
		for (const retryAfter of ['121', '9'.repeat(400), 'Sat, 03 Jan 2026 12:00:00 GMT']) {
			expect(await run([tooMany(retryAfter)])).toEqual({ reply: tooMany(retryAfter), times: [0], isExhausted: true });
		}
	});

	it('waits no longer than two minutes altogether', async () => {
		expect((await run([tooMany('50')])).times).toEqual([0, 50_000, 100_000]);
	});

	it.each<Reply>([
		created,
		{ status: 400, text: '' },
		{ status: 503, text: '', retryAfter: '1' },
		{ status: 500, text: '' },
		{ status: 307, text: '' },
		{ failure: 'timeout', code: 'ECONNABORTED' },
		{ failure: 'dropped', code: 'ECONNRESET' },
		{ failure: 'unreachable', code: 'ECONNREFUSED' },
	])('is never repeated after %p', async (reply) => {
		expect(await run([reply])).toMatchObject({ reply, times: [0] });
		expect(await run([tooMany('1'), reply])).toMatchObject({ reply, times: [0, 1000] });
	});

	it('is not sent again when the execution is stopped meanwhile', async () => {
		const controller = new AbortController();
		let requests = 0;
		const outcome = new Throttle(controller.signal).request(async () => {
			requests += 1;
			return await Promise.resolve(tooMany('60'));
		});
		await jest.advanceTimersByTimeAsync(30_000);
		controller.abort();
		expect(await outcome).toEqual(tooMany('60'));
		expect(requests).toBe(1);
	});

	it('is not sent at all when the execution is stopped already', async () => {
		expect(await run([created], AbortSignal.abort())).toEqual({ reply: undefined, times: [], isExhausted: false });
	});

	it('that is no longer wanted keeps the 429 that it had', async () => {
		let turns = 0;
		const outcome = new Throttle().request(
			async () => await Promise.resolve(tooMany('1')),
			async () => await Promise.resolve(turns++ === 0),
		);
		await jest.runAllTimersAsync();
		expect(await outcome).toEqual(tooMany('1'));
	});
});

it('A request does not leave in a pause that began while it was made sure that it may', async () => {
	const throttle = new Throttle();
	const replies = [tooMany('2'), created];
	const first = throttle.request(async () => await Promise.resolve(replies.shift()!));
	const leftAt: number[] = [];
	const second = throttle.request(
		async () => {
			leftAt.push(Date.now() - now);
			return await Promise.resolve(created);
		},
		async () => await new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)),
	);
	await jest.runAllTimersAsync();
	expect(await Promise.all([first, second])).toEqual([created, created]);
	expect(leftAt).toHaveLength(1);
	expect(leftAt[0]).toBeGreaterThanOrEqual(2000);
});

/** An API that takes so many requests in each second, and refuses the others. */
class LimitedApi {
	taken = 0;
	refused = 0;
	private second = 0;
	private inSecond = 0;

	constructor(private readonly perSecond: number) {}

	async request(): Promise<Reply> {
		const second = Math.floor(Date.now() / 1000);
		this.inSecond = second === this.second ? this.inSecond + 1 : 1;
		this.second = second;
		const isTaken = this.inSecond <= this.perSecond;
		if (isTaken) this.taken += 1;
		else this.refused += 1;
		await sleep(20);
		return isTaken ? created : tooMany('1');
	}
}

describe('The requests of a run', () => {
	it.each([
		{ perSecond: 10, concurrency: 1, maxRefused: 10, seconds: 11 },
		{ perSecond: 10, concurrency: 5, maxRefused: 50, seconds: 11 },
		{ perSecond: 10, concurrency: 50, maxRefused: 150, seconds: 11 },
		{ perSecond: 1, concurrency: 50, maxRefused: 250, seconds: 101 },
	])('all get through, and few in vain: %p', async ({ perSecond, concurrency, maxRefused, seconds }) => {
		const api = new LimitedApi(perSecond);
		const throttle = new Throttle();
		const limit = pLimit(concurrency);
		const replies = Promise.all(
			Array.from({ length: 100 }, async () => await limit(async () => await throttle.request(async () => await api.request()))),
		);
		await jest.runAllTimersAsync();
		expect(await replies).toEqual(Array(100).fill(created));
		expect(api.taken).toBe(100);
		expect(api.refused).toBeLessThan(maxRefused);
		expect(Date.now() - now).toBeLessThan(seconds * 1000);
	});

	it('pause together, and then one goes ahead', async () => {
		const arrivals: number[] = [];
		const throttle = new Throttle();
		let isLimited = true;
		const replies = Array.from(
			{ length: 8 },
			async () =>
				await throttle.request(async () => {
					arrivals.push(Date.now() - now);
					const reply = isLimited ? tooMany('5') : created;
					await sleep(100);
					return reply;
				}),
		);
		await jest.advanceTimersByTimeAsync(4000);
		isLimited = false;
		await jest.runAllTimersAsync();
		expect(await Promise.all(replies)).toEqual(Array(8).fill(created));
		expect(arrivals).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 5100, 5200, 5200, 5300, 5300, 5300, 5300, 5400]);
	});

	it('are counted as exhausted together, and those not sent yet stay unsent', async () => {
		const throttle = new Throttle();
		const sent: number[] = [];
		const limit = pLimit(2);
		const replies = Promise.all(
			[0, 1, 2, 3].map(
				async (index) =>
					await limit(
						async () =>
							await throttle.request(async () => {
								sent.push(index);
								return await Promise.resolve(tooMany('100'));
							}),
					),
			),
		);
		await jest.runAllTimersAsync();
		expect(await replies).toEqual([tooMany('100'), tooMany('100'), undefined, undefined]);
		// One of the two that were sent, once more.
		expect(sent).toHaveLength(3);
		expect(new Set(sent)).toEqual(new Set([0, 1]));
		expect(throttle.isExhausted).toBe(true);
	});

	it('may take as long as they need while some get through', async () => {
		const throttle = new Throttle();
		let requests = 0;
		// One in two is refused, and asks for 100 seconds.
		const attempt = async () => await Promise.resolve(requests++ % 2 === 0 ? tooMany('100') : created);
		const replies = (async () => {
			for (let index = 0; index < 20; index++) expect(await throttle.request(attempt)).toEqual(created);
		})();
		await jest.runAllTimersAsync();
		await replies;
		expect(Date.now() - now).toBe(2_000_000);
	});
});

describe('What comes before a request', () => {
	/** Whether the throttle is open at each moment: in ms from the start. */
	const isOpen = async (throttle: Throttle) => {
		let open = false;
		void throttle.opened().then(() => (open = true));
		await jest.advanceTimersByTimeAsync(0);
		return open;
	};

	it('waits while the requests of the run pause', async () => {
		const throttle = new Throttle();
		expect(await isOpen(throttle)).toBe(true);
		const replies = [tooMany('5'), created];
		const request = throttle.request(async () => await Promise.resolve(replies.shift()!));
		await jest.advanceTimersByTimeAsync(4999);
		expect(await isOpen(throttle)).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		await request;
		expect(await isOpen(throttle)).toBe(true);
	});

	it('waits while others wait for their turn', async () => {
		const throttle = new Throttle();
		const replies = [tooMany('5'), tooMany('5'), tooMany('5')];
		const requests = replies.map(
			async () =>
				await throttle.request(async () => {
					await sleep(100);
					return replies.pop() ?? created;
				}),
		);
		// One has gone ahead, two are waiting for its answer.
		await jest.advanceTimersByTimeAsync(5150);
		expect(await isOpen(throttle)).toBe(false);
		await jest.advanceTimersByTimeAsync(50);
		expect(await isOpen(throttle)).toBe(true);
		await jest.runAllTimersAsync();
		await Promise.all(requests);
	});

	it('does not wait when the run is exhausted or stopped', async () => {
		const exhausted = new Throttle();
		await exhausted.request(async () => await Promise.resolve(tooMany('121')));
		expect(await isOpen(exhausted)).toBe(true);

		const controller = new AbortController();
		const stopped = new Throttle(controller.signal);
		const request = stopped.request(async () => await Promise.resolve(tooMany('60')));
		await jest.advanceTimersByTimeAsync(0);
		expect(await isOpen(stopped)).toBe(false);
		controller.abort();
		expect(await isOpen(stopped)).toBe(true);
		expect(await request).toEqual(tooMany('60'));
	});
});

import type { Reply } from '../../../nodes/ConfirmaFinance/createClient/request/send';
import { retryAfterMs, throttled } from '../../../nodes/ConfirmaFinance/createClient/request/throttle';

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

describe('A request that is throttled', () => {
	beforeEach(() => jest.useFakeTimers({ now }));
	afterEach(() => jest.useRealTimers());

	const created: Reply = { status: 200, text: '{}' };
	const tooMany = (retryAfter?: string): Reply => ({ status: 429, text: '', ...(retryAfter ? { retryAfter } : {}) });

	/** Runs the replies off, and tells the reply that came out and when each request was made, in ms from the start. */
	async function run(replies: Reply[], signal?: AbortSignal) {
		const times: number[] = [];
		const outcome = throttled(async () => {
			times.push(Date.now() - now);
			return await Promise.resolve(replies[Math.min(times.length, replies.length) - 1]!);
		}, signal);
		await jest.runAllTimersAsync();
		return { reply: await outcome, times };
	}

	it('waits as long as it is asked to, then sends again', async () => {
		expect(await run([tooMany('3'), tooMany('Fri, 02 Jan 2026 12:00:10 GMT'), created])).toEqual({
			reply: created,
			times: [0, 3000, 10_000],
		});
	});

	it('waits longer each time when it is not told how long, up to five requests', async () => {
		expect(await run([tooMany()])).toEqual({ reply: tooMany(), times: [0, 1000, 3000, 7000, 15_000] });
	});

	it('takes what it cannot read, such as a negative number, for no advice', async () => {
		expect((await run([tooMany('-5'), created])).times).toEqual([0, 1000]);
	});

	it('makes no more than five requests even when it need not wait', async () => {
		expect((await run([tooMany('0')])).times).toEqual([0, 0, 0, 0, 0]);
	});

	it('gives up at once when asked to wait longer than two minutes', async () => {
		for (const retryAfter of ['121', '9'.repeat(400), 'Sat, 03 Jan 2026 12:00:00 GMT']) {
			expect((await run([tooMany(retryAfter)])).times).toHaveLength(1);
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
		{ failure: 'timeout', code: 'ECONNABORTED', isTls: false },
		{ failure: 'dropped', code: 'ECONNRESET', isTls: false },
		{ failure: 'notConnected', code: 'ECONNREFUSED', isTls: false },
	])('nothing but a 429 is ever repeated: %p', async (reply) => {
		expect(await run([reply])).toEqual({ reply, times: [0] });
		expect(await run([tooMany('1'), reply])).toEqual({ reply, times: [0, 1000] });
	});

	it('stops waiting when the execution is stopped, and sends nothing more', async () => {
		const controller = new AbortController();
		let requests = 0;
		const outcome = throttled(async () => {
			requests += 1;
			return await Promise.resolve(tooMany('60'));
		}, controller.signal);
		await jest.advanceTimersByTimeAsync(30_000);
		controller.abort();
		expect(await outcome).toEqual(tooMany('60'));
		expect(requests).toBe(1);
	});

	it('does not wait at all when the execution is stopped already', async () => {
		expect(await run([tooMany('60')], AbortSignal.abort())).toEqual({ reply: tooMany('60'), times: [0] });
	});
});

import { sleep } from 'n8n-workflow';
import pLimit from 'p-limit';

import { Throttle } from '../../../nodes/ConfirmaFinance/deliver/throttle';
import type { Reply } from '../../../nodes/ConfirmaFinance/n8n/send';

const created: Reply = { status: 200, text: '{}' };
const tooMany = (seconds?: number): Reply => ({ status: 429, text: '', retryAfter: seconds && seconds * 1000 });

let start: number;
beforeEach(() => {
	jest.useFakeTimers();
	start = Date.now();
});
afterEach(() => jest.useRealTimers());

/** The throttle of a run. Giving up ends the run, and so does the stop button. */
const throttleOf = (run = new AbortController()) => new Throttle(run.signal, () => run.abort());

describe('A request', () => {
	/** Runs the replies off, and tells the reply that came out and when each request was made, in ms from the start. */
	async function run(replies: Reply[], controller = new AbortController()) {
		const times: number[] = [];
		const began = Date.now();
		const throttle = throttleOf(controller);
		const outcome = throttle.request(async () => {
			times.push(Date.now() - began);
			return await Promise.resolve(replies[Math.min(times.length, replies.length) - 1]!);
		});
		await jest.runAllTimersAsync();
		return { reply: await outcome, times, isOver: controller.signal.aborted };
	}

	it('waits as long as it is asked to, then is sent again', async () => {
		expect(await run([tooMany(3), tooMany(7), created])).toEqual({ reply: created, times: [0, 3000, 10_000], isOver: false });
	});

	it('waits longer each time where it is not told how long, up to two minutes in all', async () => {
		const { reply, times, isOver } = await run([tooMany()]);
		expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
		expect(reply).toEqual(tooMany());
		expect(isOver).toBe(true);
	});

	it('waits all the same when told to come back at once', async () => {
		const { times } = await run([tooMany(0)]);
		expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
	});

	it.each([121, 86_400, Infinity])('is given up at once when asked to wait %d seconds', async (seconds) => {
		expect(await run([tooMany(seconds)])).toEqual({ reply: tooMany(seconds), times: [0], isOver: true });
	});

	it('waits no longer than two minutes altogether', async () => {
		expect((await run([tooMany(50)])).times).toEqual([0, 50_000, 100_000]);
	});

	it.each<[string, Reply]>([
		['200', created],
		['400', { status: 400, text: '' }],
		['503, even with Retry-After', { status: 503, text: '', retryAfter: 1000 }],
		['307', { status: 307, text: '' }],
		['a timeout', { failure: 'timeout', code: 'ECONNABORTED' }],
		['a lost connection', { failure: 'dropped', code: 'ECONNRESET' }],
		['no connection', { failure: 'unsent', code: 'ECONNREFUSED' }],
	])('is never repeated after %s', async (_, reply) => {
		expect(await run([reply])).toMatchObject({ reply, times: [0] });
		expect(await run([tooMany(1), reply])).toMatchObject({ reply, times: [0, 1000] });
	});

	it('is not sent again when the execution is stopped meanwhile', async () => {
		const controller = new AbortController();
		let requests = 0;
		const outcome = throttleOf(controller).request(async () => {
			requests += 1;
			return await Promise.resolve(tooMany(60));
		});
		await jest.advanceTimersByTimeAsync(30_000);
		controller.abort();
		expect(await outcome).toEqual(tooMany(60));
		expect(requests).toBe(1);
	});

	it('is not sent at all when the execution is stopped already', async () => {
		const stopped = new AbortController();
		stopped.abort();
		expect(await run([created], stopped)).toMatchObject({ reply: undefined, times: [] });
	});

	it('that the end of the run overtakes keeps the 429 that it had', async () => {
		const run = new AbortController();
		const throttle = throttleOf(run);
		const replies = [tooMany(1)];
		const outcome = throttle.request(async () => {
			if (replies.length === 0) run.abort();
			return await Promise.resolve(throttle.isOpen ? replies.shift() : undefined);
		});
		await jest.runAllTimersAsync();
		expect(await outcome).toEqual(tooMany(1));
	});

	it('does not leave in a pause that began while it was made sure that it may', async () => {
		const throttle = throttleOf();
		const replies = [tooMany(2), created];
		const first = throttle.request(async () => await Promise.resolve(replies.shift()));
		let leftAt = 0;
		const second = throttle.request(async () => {
			await sleep(500);
			if (!throttle.isOpen) return undefined;
			leftAt = Date.now() - start;
			return created;
		});
		await jest.runAllTimersAsync();
		expect(await Promise.all([first, second])).toEqual([created, created]);
		expect(leftAt).toBeGreaterThanOrEqual(2000);
	});
});

describe('The requests of a run', () => {
	it.each([1, 5, 50])('all get through where the API takes ten a second, %i in flight', async (concurrency) => {
		const perSecond = new Map<number, number>();
		const request = async () => {
			const second = Math.floor(Date.now() / 1000);
			const count = (perSecond.get(second) ?? 0) + 1;
			perSecond.set(second, count);
			await sleep(20);
			return count <= 10 ? created : tooMany(1);
		};
		const throttle = throttleOf();
		const limit = pLimit(concurrency);
		const replies = Promise.all(
			Array.from({ length: 100 }, async () => await limit(async () => await throttle.request(request))),
		);
		await jest.runAllTimersAsync();
		expect(await replies).toEqual(Array(100).fill(created));
		expect(Date.now() - start).toBeLessThan(12_000);
	});

	it('pause together', async () => {
		const arrivals: number[] = [];
		const throttle = throttleOf();
		let isLimited = true;
		const request = async () => {
			arrivals.push(Date.now() - start);
			const reply = isLimited ? tooMany(5) : created;
			await sleep(100);
			return reply;
		};
		const replies = [1, 2, 3].map(async () => await throttle.request(request));
		await jest.advanceTimersByTimeAsync(4000);
		isLimited = false;
		await jest.runAllTimersAsync();
		expect(await Promise.all(replies)).toEqual([created, created, created]);
		expect(arrivals).toEqual([0, 0, 0, 5100, 5100, 5100]);
	});

	it('are exhausted together, and those not sent yet stay unsent', async () => {
		const throttle = throttleOf();
		const limit = pLimit(1);
		const request = async () => await throttle.request(async () => await Promise.resolve(tooMany(121)));
		const replies = Promise.all([1, 2].map(async () => await limit(request)));
		await jest.runAllTimersAsync();
		expect(await replies).toEqual([tooMany(121), undefined]);
	});

	it('may take as long as they need while some get through', async () => {
		const throttle = throttleOf();
		let requests = 0;
		// One in two is refused, and asks for 100 seconds.
		const attempt = async () => await Promise.resolve(requests++ % 2 === 0 ? tooMany(100) : created);
		const replies = (async () => {
			for (let index = 0; index < 20; index++) expect(await throttle.request(attempt)).toEqual(created);
		})();
		await jest.runAllTimersAsync();
		await replies;
		expect(Date.now() - start).toBe(2_000_000);
	});
});

it('What comes before a request waits while the requests of the run pause', async () => {
	const throttle = throttleOf();
	expect(await throttle.opened()).toBe(true);
	const replies = [tooMany(5), created];
	void throttle.request(async () => await Promise.resolve(replies.shift()!));
	await jest.advanceTimersByTimeAsync(0);
	let isOpen = false;
	void throttle.opened().then(() => (isOpen = true));
	await jest.advanceTimersByTimeAsync(4999);
	expect(isOpen).toBe(false);
	await jest.advanceTimersByTimeAsync(1);
	expect(isOpen).toBe(true);
});

it('Nothing more is to come when the run is exhausted or stopped', async () => {
	const exhausted = throttleOf();
	await exhausted.request(async () => await Promise.resolve(tooMany(121)));
	expect(await exhausted.opened()).toBe(false);

	const controller = new AbortController();
	const stopped = throttleOf(controller);
	void stopped.request(async () => await Promise.resolve(tooMany(60)));
	await jest.advanceTimersByTimeAsync(0);
	const opened = stopped.opened();
	controller.abort();
	expect(await opened).toBe(false);
});

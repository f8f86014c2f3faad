import { underLock, type Lease } from '../../../nodes/ConfirmaFinance/guard/lock';
import { StoreUnavailable, type Store } from '../../../nodes/ConfirmaFinance/n8n/deduplication';
import { MemoryRows, storeOfProcess } from '../../support/engine';

const lockMode = { mode: 'latestIncrementalKey' } as const;
const patience = 10_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

/** Takes the lock and never gives it back, as a process does that dies. */
const dieHolding = async (rows: MemoryRows) => await storeOfProcess(rows).checkProcessedAndRecord([1], 'workflow', lockMode);

/** Waits for the lock. `since` tells how long it took, in milliseconds; undefined while it isn't ours. */
function waitForLock(store: Store, ...bounds: [patience?: number]) {
	const start = Date.now();
	const waiting: { took?: number } = {};
	void underLock(store, async () => void (waiting.took = Date.now() - start), ...bounds);
	return waiting;
}

it('is taken from none of many processes that enter clients in turn', async () => {
	const rows = new MemoryRows();
	let [inside, most, turns] = [0, 0, 0];
	const contend = async (name: number) => {
		const store = storeOfProcess(rows);
		const turn = async (lease: Lease) => {
			most = Math.max(most, ++inside);
			await store.checkProcessedAndRecord([`sent ${name}`], 'node', { mode: 'entries' });
			await pause(patience / 8);
			await lease.call(async () => {});
			inside--;
			turns++;
		};
		await underLock(store, turn, patience);
	};
	// All together they take twice as long as any of them is patient.
	const contending = Promise.all(Array.from({ length: 16 }, async (__, name) => await contend(name)));
	await jest.advanceTimersByTimeAsync(4 * patience);
	await contending;
	expect({ turns, most }).toEqual({ turns: 16, most: 1 });
});

it('is taken over from a process that was seen to do nothing for as long as one is patient', async () => {
	const rows = new MemoryRows();
	await dieHolding(rows);
	const waiting = waitForLock(storeOfProcess(rows), patience);
	await jest.advanceTimersByTimeAsync(0.95 * patience);
	expect(waiting.took).toBeUndefined();
	await jest.advanceTimersByTimeAsync(0.2 * patience);
	expect(waiting.took).toBeDefined();
});

it('is taken over after 8 to 12 seconds unless told otherwise, and not by all that wait at the same moment', async () => {
	const waits: number[] = [];
	for (let process = 0; process < 20; process++) {
		const rows = new MemoryRows();
		await dieHolding(rows);
		const waiting = waitForLock(storeOfProcess(rows));
		await jest.advanceTimersByTimeAsync(14_000);
		waits.push(waiting.took!);
	}
	expect(Math.min(...waits)).toBeGreaterThanOrEqual(8_000);
	// The holder is looked at a few times a second.
	expect(Math.max(...waits)).toBeLessThanOrEqual(13_500);
	expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(500);
});

it('is watched anew when the database was away: what was seen before means nothing any more', async () => {
	const rows = new MemoryRows();
	await dieHolding(rows);
	let isAway = false;
	const waiting = waitForLock(
		storeOfProcess(rows, async () => {
			if (isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
		}),
		patience,
	);
	await jest.advanceTimersByTimeAsync(0.9 * patience);
	isAway = true;
	await jest.advanceTimersByTimeAsync(0.1 * patience);
	isAway = false;
	await jest.advanceTimersByTimeAsync(0.9 * patience);
	expect(waiting.took).toBeUndefined();
	await jest.advanceTimersByTimeAsync(0.3 * patience);
	expect(waiting.took).toBeDefined();
});

it('is given up when the database stays away, and nothing is done', async () => {
	const store = storeOfProcess(
		new MemoryRows(),
		async () => await Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432')),
	);
	const work = jest.fn();
	const given = underLock(store, work, patience).catch((error: unknown) => error);
	await jest.advanceTimersByTimeAsync(1.1 * patience);
	expect(await given).toBeInstanceOf(StoreUnavailable);
	expect(work).not.toHaveBeenCalled();
});

import { inWindows } from '../../../nodes/ConfirmaFinance/deliver/inWindows';
import { deferred, type Deferred } from '../../../nodes/ConfirmaFinance/waiting';

const nextTurn = async () => await new Promise(setImmediate);
const always = async () => true;

/** Tasks that are begun, made to be under way, and ended by the test. */
function tasks() {
	const begun: number[] = [];
	const underWay = new Map<number, () => void>();
	const ends = new Map<number, Deferred<void>>();
	const task = async (item: number, onUnderWay: () => void) => {
		begun.push(item);
		underWay.set(item, onUnderWay);
		const end = deferred();
		ends.set(item, end);
		await end.promise;
	};
	return { begun, underWay, ends, task };
}

it('A window begins at once, and the next one when the second half of it is under way', async () => {
	const { begun, underWay, ends, task } = tasks();
	const all = inWindows([0, 1, 2, 3, 4, 5], 4, always, task);
	await nextTurn();
	expect(begun).toEqual([0, 1, 2, 3]);
	underWay.get(0)!();
	underWay.get(1)!();
	await nextTurn();
	expect(begun).toHaveLength(4);
	underWay.get(2)!();
	await nextTurn();
	expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
	for (const { resolve } of ends.values()) resolve();
	await all;
});

it('A task that ends counts as under way', async () => {
	const { begun, ends, task } = tasks();
	void inWindows([0, 1, 2], 2, always, task);
	await nextTurn();
	ends.get(1)!.resolve();
	await nextTurn();
	expect(begun).toEqual([0, 1, 2]);
});

it('No further window begins when none may', async () => {
	const { begun, ends, task } = tasks();
	let mayBegin = true;
	const all = inWindows([0, 1, 2, 3], 2, async () => mayBegin, task);
	await nextTurn();
	mayBegin = false;
	for (const { resolve } of ends.values()) resolve();
	await all;
	expect(begun).toEqual([0, 1]);
});

it('What a task throws is thrown when all others have ended, and not before', async () => {
	const { ends, task } = tasks();
	let isOver = false;
	const all = inWindows([0, 1], 2, always, async (item, onUnderWay) => {
		await task(item, onUnderWay);
		if (item === 0) throw new Error('unexpected');
	}).finally(() => (isOver = true));
	const thrown = expect(all).rejects.toThrow('unexpected');
	await nextTurn();
	ends.get(0)!.resolve();
	await nextTurn();
	expect(isOver).toBe(false);
	ends.get(1)!.resolve();
	await thrown;
});

it.each([
	['twice as large when the one before was soon under way', 499, 4],
	['no larger when that took long', 500, 2],
])('A window is %s', async (_, milliseconds, size) => {
	let clock = 0;
	jest.spyOn(performance, 'now').mockImplementation(() => clock);
	const { begun, ends, task } = tasks();
	const all = inWindows([0, 1, 2, 3, 4, 5, 6, 7], 2, always, task);
	await nextTurn();
	clock += milliseconds;
	ends.get(1)!.resolve();
	await nextTurn();
	expect(begun).toHaveLength(2 + size);
	for (let item = 0; item < 8; item++) {
		await nextTurn();
		ends.get(item)!.resolve();
	}
	await all;
	jest.restoreAllMocks();
});

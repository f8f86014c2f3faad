import { deferred, Pending } from '../waiting';

/** How many items begin together, and when the next ones may. */
export interface Windows {
	readonly size: number;
	/** Waits until a window may begin; false when no further one is to begin. */
	readonly mayBegin: () => Promise<boolean>;
}

/**
 * Runs a task for each item, in order, a window of items at a time. The next window begins when the second half of the
 * one before is under way, so that there is always work at hand, and never more than a window ahead.
 *
 * @param task calls `onUnderWay` when its item is under way; its end counts as that, too
 * @returns when all tasks that began have ended
 */
export async function inWindows<T>(
	items: readonly T[],
	{ size, mayBegin }: Windows,
	task: (item: T, onUnderWay: () => void) => Promise<void>,
): Promise<void> {
	const tasks = new Pending();
	for (let first = 0; first < items.length && (await mayBegin()); first += size) {
		const window = items.slice(first, first + size).map((item) => begin(item, task));
		for (const { ended } of window) tasks.add(ended);
		const secondHalf = window.slice(size / 2);
		await secondHalf[0]?.underWay;
	}
	await tasks.ended();
}

function begin<T>(item: T, task: (item: T, onUnderWay: () => void) => Promise<void>) {
	const { promise, resolve } = deferred();
	const ended = task(item, resolve);
	// What it throws is for whoever waits for its end.
	return { ended, underWay: Promise.race([promise, ended.catch(() => {})]) };
}

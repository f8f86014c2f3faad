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
 * @throws what the first task threw, when all others have ended
 */
export async function inWindows<T>(
	items: readonly T[],
	{ size, mayBegin }: Windows,
	task: (item: T, onUnderWay: () => void) => Promise<void>,
): Promise<void> {
	const tasks: Array<Promise<void>> = [];
	const begin = async (item: T) =>
		await new Promise<void>((onUnderWay) => {
			const ended = task(item, onUnderWay).finally(onUnderWay);
			// What it throws is for whoever waits for its end.
			ended.catch(() => {});
			tasks.push(ended);
		});
	for (let first = 0; first < items.length && (await mayBegin()); first += size) {
		const window = items.slice(first, first + size).map(begin);
		await window[Math.floor(window.length / 2)];
	}
	const ended = await Promise.allSettled(tasks);
	for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

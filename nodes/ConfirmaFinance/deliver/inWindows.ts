/**
 * Runs a task for each item, in order, a window of items at a time. The next window begins when the second half of the
 * one before is under way, so that there is always work at hand, and never more than a window ahead. Where that was
 * within half a second, it is twice as large: there is a price to each window, and another one to items that wait for long.
 *
 * @param mayBegin waits until a window may begin; false when no further one is to begin
 * @param task calls `onUnderWay` when its item is under way; its end counts as that, too
 * @throws what the first task threw, when all that began have ended
 */
export async function inWindows<T>(
	items: readonly T[],
	size: number,
	mayBegin: () => Promise<boolean>,
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
	let isFast = false;
	for (let next = 0; next < items.length && (await mayBegin()); ) {
		const since = performance.now();
		const window = items.slice(next, next + (isFast ? 2 * size : size)).map(begin);
		next += window.length;
		await window[Math.floor(window.length / 2)];
		isFast = performance.now() - since < 500;
	}
	await Promise.allSettled(tasks);
	await Promise.all(tasks);
}

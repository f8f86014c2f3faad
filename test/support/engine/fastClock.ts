/**
 * Lets the time that n8n and the package see pass faster in this process, so that their long waits are short. Sockets, and
 * the sandbox's own delays, keep to real time.
 *
 * @returns sets the clock right again; it may jump then
 */
export function speedUp(speed: number): () => void {
	const { setTimeout } = globalThis;
	const { now } = Date;
	const start = now();
	const faster = (callback: () => void, ms = 0, ...rest: []) => setTimeout(callback, ms / speed, ...rest);
	globalThis.setTimeout = Object.assign(faster, setTimeout) as typeof setTimeout;
	Date.now = () => start + (now() - start) * speed;
	return () => {
		globalThis.setTimeout = setTimeout;
		Date.now = now;
	};
}

/** The same for all tests of a suite. */
export function useFastClock(speed = 20): void {
	let setRight: () => void;
	beforeAll(() => (setRight = speedUp(speed)));
	afterAll(() => setRight());
}

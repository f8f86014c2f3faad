/**
 * Lets the time that the package sees in this suite pass faster, so that its long waits are short. Sockets, and the sandbox's
 * own delays, keep to real time.
 */
export function useFastClock(speed = 20): void {
	const { setTimeout } = globalThis;
	const { now } = Date;
	beforeAll(() => {
		const start = now();
		const faster = (callback: () => void, ms = 0, ...rest: []) => setTimeout(callback, ms / speed, ...rest);
		globalThis.setTimeout = Object.assign(faster, setTimeout) as typeof setTimeout;
		Date.now = () => start + (now() - start) * speed;
	});
	afterAll(() => {
		globalThis.setTimeout = setTimeout;
		Date.now = now;
	});
}

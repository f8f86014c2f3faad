/**
 * Lets the time that n8n and the package see pass faster in this process, so that their long waits are short. Sockets, and
 * the sandbox's own delays, keep to real time.
 *
 * @returns lets it pass as usual again. The date is set right; `performance.now()` goes on from where it is, as a clock does
 * that is never set
 */
export function speedUp(speed: number): () => void {
	const { setTimeout } = globalThis;
	const timeout = AbortSignal.timeout.bind(AbortSignal);
	const date = Date.now;
	const monotonic = performance.now.bind(performance);
	const [startDate, start] = [date(), monotonic()];
	const faster = (callback: () => void, ms = 0, ...rest: []) => setTimeout(callback, ms / speed, ...rest);
	globalThis.setTimeout = Object.assign(faster, setTimeout) as typeof setTimeout;
	AbortSignal.timeout = (ms) => timeout(Math.ceil(ms / speed));
	Date.now = () => startDate + (date() - startDate) * speed;
	performance.now = () => start + (monotonic() - start) * speed;
	return () => {
		const ahead = performance.now() - monotonic();
		globalThis.setTimeout = setTimeout;
		AbortSignal.timeout = timeout;
		Date.now = date;
		performance.now = () => monotonic() + ahead;
	};
}

/** Slow enough for a small machine that is busy: what is answered at once isn't late by this clock. */
const speedOfTests = 5;

/** In real milliseconds: so many seconds of the fast clock of a suite. */
export const seconds = (count: number, speed = speedOfTests): number => (count * 1000) / speed;

/** The same for all tests of a suite. */
export function useFastClock(speed = speedOfTests): void {
	let setRight: () => void;
	beforeAll(() => (setRight = speedUp(speed)));
	afterAll(() => setRight());
}

import { sleep } from 'n8n-workflow';

import type { Answer } from '../n8n/answer';
import { abortable } from '../waiting';

/** In milliseconds: how long the API may refuse everything before a run gives up. */
const longestWait = 120_000;

/** The first pause where the API doesn't say how long, or says "at once". Each further one is twice as long. */
const firstPause = 1000;

/**
 * Makes a run's requests, and repeats those that are answered with 429, the one answer that says that nothing was done. All
 * requests of the run pause together, for as long as the answer asks.
 *
 * A run in which something gets through goes on, however long it takes. One in which nothing does for two minutes gives up.
 */
export class Throttle {
	private pause: Promise<unknown> | undefined;
	/** How many pauses there were: tells requests that left before a pause from those that left after it. */
	private pauses = 0;
	/** Pauses since the last request that got through. */
	private fruitless = 0;
	private refusedSince = 0;

	/** @param giveUp makes the signal fire, which ends all waiting */
	constructor(
		private readonly signal: AbortSignal,
		private readonly giveUp: () => void,
	) {}

	get isOpen(): boolean {
		return this.pause === undefined && !this.signal.aborted;
	}

	/** Resolves to true when another request may leave, to false when none will any more. */
	async opened(): Promise<boolean> {
		while (this.pause && !this.signal.aborted) await this.pause;
		return !this.signal.aborted;
	}

	/**
	 * Makes one request, and again after each 429.
	 *
	 * @param send gives undefined where the throttle is no longer open when its turn has come
	 * @returns what it gave first that is no 429; the last 429 when the run gives up or is stopped; undefined when nothing was
	 * sent at all
	 */
	async request<Reply>(send: () => Promise<Reply | undefined>): Promise<Reply | undefined> {
		let refusal: Reply | undefined;
		while (await this.opened()) {
			const { pauses } = this;
			const reply = await send();
			if (reply === undefined) continue;
			if (!isRefusal(reply)) {
				this.fruitless = 0;
				return reply;
			}
			refusal = reply;
			// Whoever left before the pause was refused for the same reason, and waits with the others.
			if (pauses === this.pauses) this.begin(reply);
		}
		return refusal;
	}

	private begin({ retryAfter }: Answer): void {
		const wait = retryAfter || firstPause * 2 ** this.fruitless;
		const now = performance.now();
		if (this.fruitless === 0) this.refusedSince = now;
		if (now + wait - this.refusedSince > longestWait) return this.giveUp();
		this.pauses += 1;
		this.fruitless += 1;
		this.pause = abortable(sleep(wait), this.signal)
			.catch(() => undefined)
			.then(() => (this.pause = undefined));
	}
}

const isRefusal = (reply: unknown): reply is Answer => (reply as Partial<Answer> | undefined)?.status === 429;

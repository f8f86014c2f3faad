import { sleep } from 'n8n-workflow';

import type { Answer } from '../n8n/answer';
import type { Reply } from '../n8n/send';
import { longestWait } from '../outcome/messages';
import { abortable } from '../waiting';

/**
 * In milliseconds: the first pause where the API doesn't say how long, or says "at once" although it has just refused. Each
 * further one is twice as long.
 */
const firstPause = 1000;

/**
 * Makes a run's requests, and repeats those that are answered with 429, the one answer that says that nothing was done. All
 * requests of the run pause together, for as long as the answer asks.
 *
 * A run in which something gets through goes on, however long it takes. One in which nothing does for two minutes is
 * exhausted.
 */
export class Throttle {
	/** The refusal that made the run give up; undefined as long as it goes on. */
	exhaustedBy: Answer | undefined;

	private pause: Promise<unknown> | undefined;
	/** How many pauses there were: tells requests that left before a pause from those that left after it. */
	private pauses = 0;
	/** Pauses since the last request that got through. */
	private fruitless = 0;
	private refusedSince = 0;

	/** @param signal ends all waiting */
	constructor(private readonly signal?: AbortSignal) {}

	/** Resolves when a further request may leave; false if none will any more. */
	async opened(): Promise<boolean> {
		while (this.pause && !this.isOver) await this.pause;
		return !this.isOver;
	}

	/**
	 * Makes one request, and again after each 429.
	 *
	 * @param mayLeave says whether it is still wanted; may take its time
	 * @returns the first answer that is no 429; the last 429 when the run is exhausted or stopped, or the request no longer
	 * wanted; undefined when nothing was sent at all
	 */
	async request(send: () => Promise<Reply>, mayLeave = async () => true): Promise<Reply | undefined> {
		let refusal: Reply | undefined;
		for (;;) {
			if (!(await this.opened()) || !(await mayLeave()) || this.isOver) return refusal;
			// A pause that began meanwhile is this request's, too.
			if (this.pause) continue;
			const { pauses } = this;
			const reply = await send();
			if (!('status' in reply) || reply.status !== 429) {
				this.fruitless = 0;
				return reply;
			}
			refusal = reply;
			// Whoever left before the pause was refused for the same reason, and waits with the others.
			if (pauses === this.pauses) this.begin(reply);
		}
	}

	private get isOver(): boolean {
		return this.exhaustedBy !== undefined || this.signal?.aborted === true;
	}

	private begin(refusal: Answer): void {
		const wait = refusal.retryAfter || firstPause * 2 ** this.fruitless;
		const now = performance.now();
		if (this.fruitless === 0) this.refusedSince = now;
		if (now + wait - this.refusedSince > longestWait) {
			this.exhaustedBy = refusal;
			return;
		}
		this.pauses += 1;
		this.fruitless += 1;
		this.pause = abortable(sleep(wait), this.signal)
			.catch(() => undefined)
			.then(() => (this.pause = undefined));
	}
}

import { sleep } from 'n8n-workflow';

import { abortable, deferred } from '../waiting';
import type { Answer, Reply } from '../n8n/reply';

/** The first pause where the API doesn't say how long; each further one is twice as long. In milliseconds. */
const firstPause = 1000;
/** The same where it says "at once", which can't be right: it has just refused. */
const minPause = 100;
/** How long the API may refuse everything before the run gives up, in milliseconds. */
const maxStall = 120_000;

/** Milliseconds that a Retry-After header asks for, in seconds or as an HTTP date; undefined when it says neither. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
	if (header === undefined) return undefined;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
	// Date.parse alone finds a date in almost anything, even in "-5".
	if (!/^\s*[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(header)) return undefined;
	// The oldest of the three forms has no time zone; it is GMT too.
	const date = Date.parse(/GMT\s*$/.test(header) ? header : `${header} GMT`);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const isRefusal = (reply: Reply): reply is Answer => 'status' in reply && reply.status === 429;

/**
 * Makes a run's requests, and repeats those that are answered with 429, the one answer that says that nothing was done.
 *
 * All requests of the run pause together, for as long as the answer asks. Then one goes ahead alone, and every answer that
 * is no 429 makes room for one more, so that a limit is found again without wasting what it allows.
 *
 * A run in which something gets through goes on, however long it takes. One in which nothing does for two minutes is
 * exhausted.
 */
export class Throttle {
	private exhausted = false;
	private isPaused = false;
	/** How many pauses there were: tells requests that left before a pause from those that left after it. */
	private pauses = 0;
	/** Pauses since the last request that got through. */
	private fruitlessPauses = 0;
	private refusedSince: number | undefined;
	/** Requests that may be in flight. */
	private room = Infinity;
	private inFlight = 0;
	/** Requests that wait for their turn. */
	private waiting = 0;
	private changed = deferred();

	/** @param signal ends all waiting */
	constructor(private readonly signal?: AbortSignal) {}

	/** Whether the API has refused everything for so long that nothing more is sent. */
	get isExhausted(): boolean {
		return this.exhausted;
	}

	/** Resolves when a further request could leave, or when none will any more. */
	async opened(): Promise<void> {
		while (!this.isOver && (this.isPaused || this.waiting > 0)) await this.changed.promise;
	}

	/**
	 * Makes one request, in its turn, and again after each 429.
	 *
	 * @param send makes the request
	 * @param mayLeave says, when its turn has come, whether it is still wanted; may take its time
	 * @returns the first answer that is no 429; the last 429 when the run is exhausted or stopped, or the request no longer
	 * wanted; undefined when nothing was sent at all
	 */
	async request(send: () => Promise<Reply>, mayLeave = async () => true): Promise<Reply | undefined> {
		let refusal: Reply | undefined;
		for (;;) {
			if (!(await this.takeTurn())) return refusal;
			try {
				const { pauses } = this;
				if (!(await mayLeave()) || this.isOver) return refusal;
				// A pause that began meanwhile is this request's, too.
				if (pauses !== this.pauses) continue;
				const reply = await this.judged(send);
				if (!isRefusal(reply)) return reply;
				refusal = reply;
			} finally {
				this.inFlight -= 1;
				this.wake();
			}
		}
	}

	/** Makes the request, and takes account of the answer. */
	private async judged(send: () => Promise<Reply>): Promise<Reply> {
		const { pauses } = this;
		const reply = await send();
		// Whoever left before the pause was refused for the same reason, and waits with the others.
		const isCurrent = pauses === this.pauses;
		if (!isRefusal(reply)) this.goOn(isCurrent);
		else if (isCurrent) this.pause(reply.retryAfter);
		return reply;
	}

	private get isOver(): boolean {
		return this.exhausted || this.signal?.aborted === true;
	}

	/** @returns whether it is this request's turn; false if no request will leave any more */
	private async takeTurn(): Promise<boolean> {
		this.waiting += 1;
		while (!this.isOver && (this.isPaused || this.inFlight >= this.room)) await this.changed.promise;
		this.waiting -= 1;
		if (this.waiting === 0) this.wake();
		if (this.isOver) return false;
		this.inFlight += 1;
		return true;
	}

	private goOn(isCurrent: boolean): void {
		this.refusedSince = undefined;
		this.fruitlessPauses = 0;
		if (isCurrent) this.room += 1;
	}

	private pause(retryAfter: string | undefined): void {
		// A clock that nobody sets.
		const now = performance.now();
		this.refusedSince ??= now;
		const asked = retryAfterMs(retryAfter) ?? firstPause * 2 ** this.fruitlessPauses;
		const wait = asked < minPause ? minPause * 2 ** this.fruitlessPauses : asked;
		this.exhausted ||= now + wait - this.refusedSince > maxStall;
		if (this.exhausted) return;
		this.pauses += 1;
		this.fruitlessPauses += 1;
		this.room = 1;
		this.isPaused = true;
		void abortable(sleep(wait), this.signal)
			.catch(() => undefined)
			.then(() => {
				this.isPaused = false;
				this.wake();
			});
	}

	/** Everyone who waits looks again whether it may go on. */
	private wake(): void {
		this.changed.resolve();
		this.changed = deferred();
	}
}

import { sleep, type IExecuteFunctions } from 'n8n-workflow';
import pLimit, { type LimitFunction } from 'p-limit';

import type { Guard } from '../guard/guard';
import { StoreFull } from '../n8n/deduplication';
import { send } from '../n8n/send';
import { classify } from '../outcome/classify';
import { hints } from '../outcome/hints';
import { duplicate, notReached, notRecorded, silence, unknown, unsettled } from '../outcome/messages';
import { isSuccess, type Created, type NotCreated } from '../outcome/outcome';
import { remember, takeDropped, type Tries } from './answers';
import { inWindows } from './inWindows';
import type { Sendable } from './item';
import { Throttle } from './throttle';

/**
 * Sends clients, each at most once.
 *
 * Clients are claimed from the guard a window at a time, while the window before is still being sent: a claim costs a call
 * to n8n's database, and a window of claims hardly more. No more than a window is claimed ahead, since a process that dies
 * leaves claimed clients behind for a person to check.
 */
export class Delivery {
	/** What the user should know of the run as a whole. */
	readonly notes: string[] = [];

	private readonly recording: Array<Promise<void>> = [];
	/** Ends the run: at a failure where it stops on failures, and when the API takes nothing any more. */
	private readonly end = new AbortController();
	/** Fires when nothing further is sent: at the end of the run, or when n8n stops it. */
	private readonly signal: AbortSignal;
	private readonly throttle: Throttle;
	private readonly inFlight: LimitFunction;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly guard: Guard,
		private readonly tries: Tries,
		private readonly stopsOnFailure: boolean,
		private readonly maxConcurrency: number,
	) {
		const cancelled = context.getExecutionCancelSignal();
		this.signal = cancelled ? AbortSignal.any([cancelled, this.end.signal]) : this.end.signal;
		this.throttle = new Throttle(this.signal, () => this.end.abort());
		this.inFlight = pLimit(maxConcurrency);
	}

	/** @returns the outcomes by item index; none for items that the end of the run leaves behind */
	async deliver(items: readonly Sendable[]): Promise<ReadonlyMap<number, Created | NotCreated>> {
		const outcomes = new Map<number, Created | NotCreated>();
		// What is claimed while the API takes nothing would be left unknown by a process that dies.
		const mayBegin = async () => await this.throttle.opened();
		await inWindows(items, 2 * this.maxConcurrency, mayBegin, async (item, onUnderWay) => {
			const outcome = await this.attempt(item, onUnderWay);
			outcomes.set(item.itemIndex, outcome);
			if (this.stopsOnFailure && !isSuccess({ ...item, outcome })) this.end.abort();
		});
		this.guard.records.flush();
		await Promise.all(this.recording);
		return outcomes;
	}

	/** From the claim to the outcome, one client. */
	private async attempt(item: Sendable, onUnderWay: () => void): Promise<Created | NotCreated> {
		const { guard, signal } = this;
		const { client, key, credential, body, options } = item;
		const resend = { created: options.duplicateHandling === 'send', unknown: options.unknownHandling === 'send' };
		const heldBack = await this.heldBack(item, guard.claim(key, resend, signal, onUnderWay));
		if (heldBack) return heldBack;

		const sendInTurn = async () => {
			onUnderWay();
			// The reply that made room is judged first: it may be the one that stops the run.
			await sleep(0);
			if (!this.throttle.isOpen) return undefined;
			const late = await this.heldBack(item, guard.renew(key, resend, signal));
			if (late) return late;
			return this.throttle.isOpen ? await send(this.context, credential, body, options.timeout) : undefined;
		};
		let outcome: Created | NotCreated;
		try {
			// A request that waits out a 429 keeps its place among those in flight.
			const reply = await this.inFlight(async () => await this.throttle.request(sendInTurn));
			if (reply && 'kind' in reply) return reply;
			outcome = reply ? classify(reply, item) : notReached(client);
		} catch {
			// Unexpected, and possibly sent: report unknown.
			outcome = unknown(client, silence('dropped', options.timeout));
		}
		this.settle(item, outcome);
		remember(this.tries, item, outcome);
		return outcome;
	}

	/** What becomes of a client that the guard was asked for; undefined if it is granted. */
	private async heldBack(item: Sendable, verdict: ReturnType<Guard['claim']>): Promise<Created | NotCreated | undefined> {
		const { client, options } = item;
		try {
			const answer = await verdict;
			if (answer === 'granted') return undefined;
			if (answer === 'duplicate') return takeDropped(this.context, this.tries, item, this.guard) ?? duplicate(client);
			const outcome = unsettled(client);
			// Held back despite Send Again: the attempt was under way when a person asked, which the next try has to know.
			if (options.unknownHandling === 'send') remember(this.tries, item, outcome);
			return outcome;
		} catch (error) {
			const isFull = error instanceof StoreFull;
			return this.signal.aborted && !isFull ? notReached(client) : notRecorded(client, isFull);
		}
	}

	/** Has the outcome recorded; the item goes on meanwhile. */
	private settle({ key, client }: Sendable, { kind }: Created | NotCreated): void {
		const ending = kind === 'created' || kind === 'unknown' ? kind : 'nothing';
		const recorded = this.guard.settle(key, ending).catch(() => {
			this.notes.push(hints.notRecorded(client));
		});
		this.recording.push(recorded);
	}
}

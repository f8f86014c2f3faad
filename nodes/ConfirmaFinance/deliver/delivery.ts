import { sleep, type IExecuteFunctions } from 'n8n-workflow';
import pLimit, { type LimitFunction } from 'p-limit';

import { StoreFull, type Guard } from '../guard/guard';
import { tokenOf } from '../n8n/credential';
import { send } from '../n8n/send';
import { classify } from '../outcome/classify';
import { hints } from '../outcome/hints';
import { duplicate, notReached, notRecorded, notTaken, recordFull, silence, unknown, unsettled } from '../outcome/messages';
import { isSuccess, type Created, type NotCreated } from '../outcome/outcome';
import { inWindows } from './inWindows';
import type { Sendable } from './item';
import { takeLostAnswer } from './lostOutput';
import { Throttle } from './throttle';
import { rememberTry, type Tries } from './tries';

/**
 * What becomes of a claimed client when its turn has come: it may be sent, the run is over, another attempt took over the
 * claim, or that can't be told because n8n's database is away.
 */
type Turn = 'granted' | 'over' | 'superseded' | 'notRecorded';

interface Run {
	readonly context: IExecuteFunctions;
	readonly guard: Guard;
	readonly tries: Tries;
	readonly stopsOnFailure: boolean;
}

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
	/** Ends all waiting when the run stops on a failure. */
	private readonly stop = new AbortController();
	private readonly signal: AbortSignal;
	private readonly throttle: Throttle;

	constructor(private readonly run: Run) {
		const cancelled = run.context.getExecutionCancelSignal();
		this.signal = cancelled ? AbortSignal.any([cancelled, this.stop.signal]) : this.stop.signal;
		this.throttle = new Throttle(this.signal);
	}

	/**
	 * @param maxConcurrency requests in flight at the most
	 * @returns the outcomes by item index; none for items that a stop or a failure leaves behind
	 */
	async deliver(items: readonly Sendable[], maxConcurrency: number): Promise<ReadonlyMap<number, Created | NotCreated>> {
		const { guard, stopsOnFailure } = this.run;
		const outcomes = new Map<number, Created | NotCreated>();
		const inFlight = pLimit(maxConcurrency);
		// What is claimed while the API takes nothing would be left unknown by a process that dies.
		const mayBegin = async () => await this.throttle.opened();
		await inWindows(items, 2 * maxConcurrency, mayBegin, async (item, onUnderWay) => {
			const outcome = await this.attempt(item, inFlight, onUnderWay);
			outcomes.set(item.itemIndex, outcome);
			if (stopsOnFailure && !isSuccess({ outcome, duplicateHandling: item.options.duplicateHandling })) this.stop.abort();
		});
		guard.flush();
		await Promise.all(this.recording);
		const { exhaustedBy } = this.throttle;
		const left = exhaustedBy ? items.filter(({ itemIndex }) => !outcomes.has(itemIndex)) : [];
		for (const { itemIndex, client } of left) outcomes.set(itemIndex, notTaken(client, exhaustedBy?.retryAfter));
		return outcomes;
	}

	private get isOver(): boolean {
		return this.throttle.exhaustedBy !== undefined || this.signal.aborted;
	}

	/** From the claim to the outcome, one client. */
	private async attempt(item: Sendable, inFlight: LimitFunction, onUnderWay: () => void): Promise<Created | NotCreated> {
		const { context, guard, tries } = this.run;
		const { itemIndex, client, key, options } = item;
		const resend = { created: options.duplicateHandling === 'send', unknown: options.unknownHandling === 'send' };
		const verdict = await guard.claim(key, resend, this.signal, onUnderWay).catch((error: unknown) => {
			if (error instanceof StoreFull) return recordFull(client);
			return this.isOver ? notReached(client) : notRecorded(client);
		});
		if (typeof verdict === 'object') return verdict;
		if (verdict === 'duplicate') return takeLostAnswer(context, key, guard) ?? duplicate(client);

		const outcome = verdict === 'granted' ? await this.request(item, inFlight, onUnderWay) : unsettled(client);
		// It is asked for anew: what became of the attempt that took over decides.
		if (outcome === undefined) return await this.attempt(item, inFlight, onUnderWay);
		if (verdict === 'granted') this.settle(item, outcome);
		// Held back although it may be sent again: the attempt was still under way when that was asked for, also for the next try.
		if (verdict === 'granted' || resend.unknown) rememberTry(tries, itemIndex, { client: key, outcome });
		return outcome;
	}

	/** Sends a client that was claimed, and judges the reply. @returns undefined when another attempt has taken over the claim */
	private async request(
		item: Sendable,
		inFlight: LimitFunction,
		onUnderWay: () => void,
	): Promise<Created | NotCreated | undefined> {
		const { client, credential, body, options } = item;
		const { endpoint, data } = credential;
		const { isLasting: isHeld } = this.run.guard;
		let turn = 'over' as Turn;
		const mayLeave = async () => {
			onUnderWay();
			turn = await this.turnOf(item);
			return turn === 'granted';
		};
		const sendOnce = async () => await send(this.run.context, data, endpoint.baseUrl, body, options.timeout);
		try {
			// Who waits out a 429 keeps its place among those in flight.
			const reply = await inFlight(async () => await this.throttle.request(sendOnce, mayLeave));
			if (turn === 'superseded') return undefined;
			if (turn === 'notRecorded') return notRecorded(client);
			if (!reply) return notReached(client);
			return classify(reply, { endpoint, client, timeout: options.timeout, provisioningToken: tokenOf(data), isHeld });
		} catch {
			// Unexpected, and possibly sent: report unknown.
			return unknown(client, { reason: silence('dropped', options.timeout), isHeld });
		}
	}

	/** What becomes of a claimed client when its turn has come. */
	private async turnOf({ key }: Sendable): Promise<Turn> {
		// The reply that made room is judged first: it may be the one that stops the run.
		await sleep(0);
		if (this.isOver) return 'over';
		const isHeld = await this.run.guard.renew(key).catch(() => undefined);
		if (isHeld === undefined) return 'notRecorded';
		if (!isHeld) return 'superseded';
		return this.isOver ? 'over' : 'granted';
	}

	/** Has the outcome recorded; the item goes on meanwhile. */
	private settle({ key, client }: Sendable, { kind }: Created | NotCreated): void {
		const ending = kind === 'created' || kind === 'unknown' || kind === 'rejected' ? kind : 'notSent';
		const recorded = this.run.guard.settle(key, ending).catch(() => {
			this.notes.push(hints.notRecorded(client));
		});
		this.recording.push(recorded);
	}
}

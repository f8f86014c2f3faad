import { sleep } from 'n8n-workflow';
import pLimit from 'p-limit';

import type { Resend } from '../guard/guard';
import type { RunGuard } from '../guard/runGuard';
import { duplicate, notReached, notRecorded, silences, unknown, unsettled } from '../outcome/messages';
import type { ClientName, Created, NotCreated } from '../outcome/outcome';
import type { Reply } from '../request/reply';
import { Throttle } from '../request/throttle';

/** A client that is ready to be sent. */
export interface Sendable {
	readonly client: ClientName;
	/** By what the guard tells clients apart. */
	readonly guardKey: string;
	/** Whether to send it even if it was sent before. */
	readonly resend: Resend;
	/** Makes one request. */
	readonly send: () => Promise<Reply>;
	readonly classify: (reply: Reply) => Created | NotCreated;
}

export interface Delivery {
	readonly guard: RunGuard;
	/** Requests in flight at the most. */
	readonly maxConcurrency: number;
	/** Decides after each outcome whether no further client is to be sent. */
	readonly stopAfter: (outcome: Created | NotCreated, index: number) => boolean;
	readonly signal?: AbortSignal;
	/** Called when an outcome couldn't be written to the guard's records. */
	readonly onUnwritten: (client: ClientName) => void;
}

/**
 * Sends clients, at most `maxConcurrency` at a time, each at most once, and returns what became of each, in order.
 *
 * Clients are claimed from the guard a window at a time, while the window before is still being sent: a claim costs
 * a call to n8n's database, and a window of claims hardly more. No more than a window is claimed ahead, since a
 * process that dies leaves claimed clients behind for a person to check.
 */
export async function deliver(
	clients: readonly Sendable[],
	{ guard, maxConcurrency, stopAfter, signal, onUnwritten }: Delivery,
): Promise<Array<Created | NotCreated>> {
	const limit = pLimit(maxConcurrency);
	const throttle = new Throttle(signal);
	const written: Array<Promise<void>> = [];
	let stopped = false;
	const isOver = () => stopped || signal?.aborted === true || throttle.isExhausted;

	const attempt = async (
		{ client, guardKey, resend, send, classify }: Sendable,
		onStart: () => void,
	): Promise<Created | NotCreated> => {
		const verdict = await guard.claim(guardKey, resend, signal).catch(() => undefined);
		if (verdict === undefined) return isOver() ? notReached(client) : notRecorded(client);
		if (verdict !== 'granted') return verdict === 'duplicate' ? duplicate(client) : unsettled(client);

		const sendUnlessOver = async () => {
			onStart();
			// The answer that made room is judged first: it may be the one that stops the run.
			await sleep(0);
			return isOver() ? undefined : await send();
		};
		// A request that waits out a 429 keeps its place: no other may leave meanwhile.
		const outcome = await limit(async () => await throttle.request(sendUnlessOver))
			.then((reply) => (reply ? classify(reply) : notReached(client)))
			// Not foreseen, and after the request may have left: the careful answer.
			.catch(() => unknown(client, silences.dropped(), { isHeld: guard.isLasting }));
		const ending = outcome.outcome === 'created' || outcome.outcome === 'unknown' ? outcome.outcome : 'rejected';
		written.push(guard.settle(guardKey, ending).catch(() => onUnwritten(client)));
		return outcome;
	};

	const begin = (sendable: Sendable, index: number) => {
		let onStart!: () => void;
		const started = new Promise<void>((resolve) => (onStart = resolve));
		const outcome = attempt(sendable, onStart).then((result) => {
			stopped ||= stopAfter(result, index);
			return result;
		});
		return { outcome, started: Promise.race([started, outcome]) };
	};

	const outcomes: Array<Promise<Created | NotCreated>> = [];
	const windowSize = 2 * maxConcurrency;
	for (let first = 0; first < clients.length && !isOver(); first += windowSize) {
		const window = clients.slice(first, first + windowSize).map((sendable, offset) => begin(sendable, first + offset));
		outcomes.push(...window.map(({ outcome }) => outcome));
		// Goes on when the window's second half has begun.
		await window.at(-maxConcurrency)?.started;
		await throttle.opened();
	}
	const ended = await Promise.all(outcomes);
	guard.flush();
	await Promise.all(written);
	return clients.map(({ client }, index) => ended[index] ?? notReached(client));
}

import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import { savedWorkflow, storeOf } from '../n8n/deduplication';
import { abortable, deferred, type Deferred } from '../waiting';
import { factsOfEnd, type Ending, type Operation, type Resend, type State, type Verdict } from './ledger';
import { Records } from './records';
import { timing } from './timing';

/** A key that a run of this process is at work on: others wait for its end. */
interface Flight {
	/** No attempt at a key that is known to be created: it stays so. `since` is in milliseconds of a monotonic clock. */
	claim?: { readonly attempt?: number; readonly since: number };
	/** Resolves when the work is over, with its ending if something was claimed. */
	readonly ended: Deferred<Ending | undefined>;
}

/** By workflow and node, the one used last at the end. One that is forgotten is to the next run what another process is. */
const guards = new Map<string, Guard>();
const maxGuards = 100;

/** The guard that all runs of one node in one workflow share, as long as this process lives. */
export function guardOf(context: IExecuteFunctions): Guard {
	const workflow = savedWorkflow(context);
	// Without a workflow to record it for, what is known is known to one execution.
	const node = JSON.stringify([workflow ?? context.getExecutionId(), context.getNode().id]);
	const guard = guards.get(node) ?? new Guard(new Records(workflow !== undefined));
	guard.records.store = storeOf(context);
	guards.delete(node);
	guards.set(node, guard);
	if (guards.size > maxGuards) guards.delete(guards.keys().next().value!);
	return guard;
}

/**
 * The duplicate guard: at most one request per key leaves, through redelivery, retries, restarts, killed processes and n8n's
 * queue mode. A key is claimed before it is sent, renewed when its turn comes late, and settled when its outcome is known.
 */
export class Guard {
	private readonly flights = new Map<string, Flight>();
	/** How often an attempt that is under way elsewhere was seen to change: as long as some do, any of them may still end. */
	private changes = 0;

	constructor(readonly records: Records) {}

	/**
	 * Asks for the right to send a key. At most one attempt has it at a time, in this process and in all others; an attempt
	 * that is still under way is waited for.
	 *
	 * @param resend grants it for keys that were sent before, too
	 * @param signal ends the waiting
	 * @param onWait called when the answer will take long, since another process may be at work on the key
	 * @throws when `signal` fires while waiting, StoreFull, and when the store can't be used: nothing is granted then
	 */
	async claim(key: string, resend: Resend, signal?: AbortSignal, onWait?: () => void): Promise<Verdict> {
		return await this.decide(key, { kind: 'claim', resend }, { signal, onWait });
	}

	/**
	 * Claims a key anew, right before it is sent, if it waited for its turn: others may have presumed the attempt dead, and count
	 * its silence from now. It isn't the caller's any more unless it is granted.
	 *
	 * @param resend as at the claim
	 * @throws as `claim` does
	 */
	async renew(key: string, resend: Resend, signal?: AbortSignal): Promise<Verdict> {
		const { attempt, since } = this.flights.get(key)!.claim!;
		if (attempt === undefined || performance.now() - since < timing.renewAfter) return 'granted';
		// It is written together with the question. Who waits for it here can't have asked about an attempt that took over.
		void this.settle(key, 'nothing', 'unknown').catch(() => {});
		return await this.decide(key, { kind: 'claim', resend }, { signal, own: attempt });
	}

	/** Records that a key was created, because a person says so. An attempt under way is waited for first. @throws as `claim` does */
	async takeAsCreated(key: string, signal?: AbortSignal): Promise<void> {
		await this.decide(key, { kind: 'take' }, { signal });
	}

	/** How a key stands, without leaving anything recorded. An attempt under way here is waited for. */
	async lookUp(key: string): Promise<State['is']> {
		const { state } = await this.alone(key, undefined, async () => await this.records.ask(key, { kind: 'look' }));
		return state.is;
	}

	/**
	 * Ends the attempt that was granted. Resolves when that is written, which takes a while unless `flush` is called.
	 *
	 * @param toldAs what other runs of this process are told that wait for it
	 */
	async settle(key: string, ending: Ending, toldAs = ending): Promise<void> {
		const { attempt } = this.flights.get(key)!.claim!;
		const written = attempt === undefined ? undefined : this.records.write(factsOfEnd(key, attempt, ending));
		this.end(key, toldAs);
		await written;
	}

	/**
	 * Asks about a key, again and again while another process may be at work on it, until it has been silent for long.
	 *
	 * @param own the attempt that the caller has just given back
	 */
	private async decide(
		key: string,
		{ kind, resend }: Operation,
		{ signal, onWait, own }: { signal?: AbortSignal; onWait?: () => void; own?: number },
	): Promise<Verdict> {
		return await this.alone(key, signal, async (flight, before) => {
			/** Whether who asked can have known of the last attempt: not if it was under way then. */
			let isKnown = before !== 'unknown';
			let watched = own;
			/** For how long nothing was seen to change. Of a caller's own attempt nothing more is to come. */
			let quiet = own === undefined ? 0 : Infinity;
			for (;;) {
				const since = performance.now();
				const { changes } = this;
				const silent = quiet > timing.silence ? watched : undefined;
				const unknown = resend?.unknown === true && isKnown && silent === watched;
				const { verdict, state } = await this.records.ask(key, { kind, resend: resend && { ...resend, unknown }, silent });
				const { attempts, isOver } = state;
				if (verdict === 'granted') flight.claim = { attempt: state.is === 'created' ? undefined : attempts + 1, since };
				const hasChanged = attempts !== watched || isOver;
				if (watched !== undefined && hasChanged) this.changes++;
				if (verdict !== 'unsettled' || isOver || silent === attempts) return verdict!;
				onWait?.();
				if (hasChanged) isKnown &&= watched === undefined;
				watched = attempts;
				// All look in the same moments, and so in one batch.
				await sleep(timing.lookEvery - (performance.now() % timing.lookEvery));
				signal?.throwIfAborted();
				const counts = Math.min(performance.now() - since, timing.lookCounts);
				quiet = hasChanged || changes !== this.changes ? 0 : quiet + counts;
			}
		});
	}

	/**
	 * Works on a key while no other run of this process does. It stays taken until it is settled, if it was claimed.
	 *
	 * @param work gets how the last work here ended that was waited for
	 */
	private async alone<T>(
		key: string,
		signal: AbortSignal | undefined,
		work: (flight: Flight, before?: Ending) => Promise<T>,
	): Promise<T> {
		let before: Ending | undefined;
		for (let other = this.flights.get(key); other; other = this.flights.get(key)) {
			before = (await abortable(other.ended.promise, signal)) ?? before;
		}
		const flight: Flight = { ended: deferred() };
		this.flights.set(key, flight);
		try {
			return await work(flight, before);
		} finally {
			if (!flight.claim) this.end(key);
		}
	}

	private end(key: string, ending?: Ending): void {
		this.flights.get(key)?.ended.resolve(ending);
		this.flights.delete(key);
	}
}

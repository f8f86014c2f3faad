import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import { abortable, deferred, type Deferred } from '../waiting';
import type { Reply } from './batch';
import { factsOfEnd, type Ending, type Operation } from './ledger';
import { StoreUnavailable } from './lock';
import { Records } from './store';
import { timing } from './timing';

export type { Ending } from './ledger';
export { StoreFull } from './lock';

/** `granted`: the key is the caller's to send. `duplicate`: it was created before. `unsettled`: nobody knows its outcome. */
export type Verdict = 'granted' | 'duplicate' | 'unsettled';

/** What is known of a key: nothing, that it was created, or that it was sent and nobody knows the outcome. */
export type Standing = 'none' | 'done' | 'unsettled';

/** Which keys may be sent although they were sent before. */
export interface Resend {
	/** Those that were created. */
	readonly created: boolean;
	/** Those whose outcome nobody knows; not where the attempt was still under way when the key was asked for. */
	readonly unknown: boolean;
}

interface Claim {
	attempt: number;
	since: number;
	readonly wasCreated: boolean;
}

/** A key that a run of this process is at work on: others wait for its end. */
interface Flight {
	claim?: Claim;
	/** Resolves when the work is over, with its ending if something was claimed. */
	readonly ended: Deferred<Ending | undefined>;
}

/** What all runs of one node in one workflow share, as long as this process lives. It knows no clients, only their keys. */
export class Shared {
	readonly flights = new Map<string, Flight>();
	readonly records = new Records();

	end(key: string, ending?: Ending): void {
		this.flights.get(key)?.ended.resolve(ending);
		this.flights.delete(key);
	}
}

/** By workflow and node, the one used last at the end. */
const nodes = new Map<string, Shared>();
const maxNodes = 100;
/** n8n's id of a workflow that was never saved. */
const unsaved = '__EMPTY__';

/**
 * The duplicate guard as one run uses it: at most one request per key leaves, through redelivery, retries, restarts, killed
 * processes and n8n's queue mode. A key is claimed before it is sent, renewed when its turn comes late, and settled when its
 * outcome is known.
 */
export class Guard {
	/** Whether what is recorded outlasts this run. */
	isLasting: boolean;

	private shared: Shared;
	/** The last attempts elsewhere that this run heard nothing of for long. */
	private readonly silent = new Map<string, number>();
	/** How often a client changed that this run waits for. */
	private changes = 0;
	private pause: Promise<void> | undefined;
	/** What another attempt took over: it was still under way in this run, so nobody can have asked about it. */
	private readonly superseded = new Set<string>();
	/** What was claimed in the database is settled there. */
	private hasClaimed = false;

	/** @param memory holds back within a run and its retries where n8n's database has no place for the workflow */
	constructor(
		context: IExecuteFunctions,
		private readonly memory: Shared,
	) {
		const { id } = context.getWorkflow();
		this.isLasting = id !== undefined && id !== '' && id !== unsaved;
		this.shared = this.isLasting ? sharedBy(JSON.stringify([id, context.getNode().id])) : memory;
		// Nothing else of the run is kept: its helpers hold the whole execution.
		const { checkProcessedAndRecord, removeProcessed, clearAllProcessedItems, getProcessedDataCount } = context.helpers;
		const store = { checkProcessedAndRecord, removeProcessed, clearAllProcessedItems, getProcessedDataCount };
		if (this.isLasting) this.shared.records.store = store;
	}

	/** Whether other n8n processes are kept out while records are written. */
	get isLocked(): boolean {
		return this.shared.records.isLocked;
	}

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
		const operation = { kind: 'claim', sendsCreated: resend.created, sendsUnknown: resend.unknown } as const;
		return (await this.decide(key, operation, signal, onWait)) as Verdict;
	}

	/** Records that a key was created, because a person says so. An attempt under way is waited for first. @throws as `claim` does */
	async takeAsCreated(key: string, signal?: AbortSignal): Promise<void> {
		await this.decide(key, { kind: 'take' }, signal);
	}

	/** How a key stands, without leaving anything recorded. An attempt under way here is waited for. */
	async lookUp(key: string, signal?: AbortSignal): Promise<Standing> {
		const { is } = (await this.ask(key, () => ({ kind: 'look', isExact: true }), signal)).state;
		return is === 'created' ? 'done' : is === 'unsettled' ? is : 'none';
	}

	/**
	 * Makes sure, right before a key is sent, that nobody has taken the attempt for dead while it waited for its turn. Others
	 * count its silence from now then.
	 *
	 * @returns false where somebody has: the attempt is over, and the key may be claimed anew
	 * @throws when the store can't be used
	 */
	async renew(key: string): Promise<boolean> {
		const claim = this.shared.flights.get(key)!.claim!;
		const since = performance.now();
		if (claim.wasCreated || since - claim.since < timing.renewAfter) return true;
		const { verdict, attempt } = await this.shared.records.ask(key, { kind: 'renew', attempt: claim.attempt });
		if (verdict === 'granted') {
			Object.assign(claim, { attempt, since });
			return true;
		}
		this.superseded.add(key);
		const written = this.write(key, claim, 'notSent');
		// Whoever waits for this attempt here can't have asked about the one that took over.
		this.shared.end(key, 'unknown');
		await written;
		return false;
	}

	/** Ends the attempt that `claim` granted. Resolves when that is written, which takes a while unless `flush` is called. */
	async settle(key: string, ending: Ending): Promise<void> {
		const written = this.write(key, this.shared.flights.get(key)!.claim!, ending);
		this.shared.end(key, ending);
		await written;
	}

	/** Has what is settled written now. */
	flush(): void {
		this.shared.records.flush();
	}

	private async write(key: string, { attempt, wasCreated }: Claim, ending: Ending): Promise<void> {
		await this.shared.records.write(key, factsOfEnd(key, attempt, ending, wasCreated));
	}

	/** Asks about a key, and again when another process is no longer at work on it. */
	private async decide(
		key: string,
		operation: Exclude<Operation, { kind: 'look' | 'renew' }>,
		signal?: AbortSignal,
		onWait?: () => void,
	): Promise<Reply['verdict']> {
		let wasUnderWay = this.superseded.has(key);
		for (;;) {
			const silent = this.silent.get(key);
			const asked = (before?: Ending): Operation => {
				// Nobody can have asked about what was still under way.
				wasUnderWay ||= before === 'unknown';
				if (operation.kind === 'take') return { ...operation, silent };
				return { ...operation, sendsUnknown: operation.sendsUnknown && !wasUnderWay, silent };
			};
			const { verdict, state } = await this.ask(key, asked, signal);
			if (verdict !== 'unsettled' || state.isOver || state.attempts === silent) return verdict;
			onWait?.();
			const hasChanged = await this.changed(key, state.attempts, signal);
			wasUnderWay ||= hasChanged;
		}
	}

	/** Asks about a key once no other run of this process is at work on it, and keeps it if it is granted. */
	private async ask(key: string, operation: (before?: Ending) => Operation, signal?: AbortSignal): Promise<Reply> {
		let before: Ending | undefined;
		for (let other = this.shared.flights.get(key); other; other = this.shared.flights.get(key)) {
			before = (await abortable(other.ended.promise, signal)) ?? before;
		}
		// Another item may find out meanwhile that the database has no place for the workflow.
		const { shared } = this;
		const flight: Flight = { ended: deferred() };
		shared.flights.set(key, flight);
		try {
			const since = performance.now();
			const reply = await shared.records.ask(key, operation(before));
			if (reply.verdict === 'granted') {
				this.hasClaimed ||= this.isLasting;
				flight.claim = { attempt: reply.attempt, since, wasCreated: reply.state.is === 'created' };
			}
			return reply;
		} catch (error) {
			this.goOnInMemory(error);
		} finally {
			if (!flight.claim) shared.end(key);
		}
		return await this.ask(key, operation, signal);
	}

	/** Where the database turns out to have no place for the workflow, before anything was claimed. @throws any other error */
	private goOnInMemory(error: unknown): void {
		const hasNoPlace = error instanceof StoreUnavailable && error.hasNoPlace && !this.hasClaimed;
		if (!hasNoPlace) throw error;
		this.isLasting = false;
		this.shared = this.memory;
	}

	/**
	 * Watches a key until its attempt elsewhere changes: as long as one of those that this run watches does, somebody is at work,
	 * and any of them may still end.
	 *
	 * @returns false when it was given up, since nothing was heard of it for long
	 */
	private async changed(key: string, attempt: number, signal?: AbortSignal): Promise<boolean> {
		let { changes } = this;
		for (let looks = 0; looks < timing.silence / timing.lookEvery; looks++) {
			// All that are watched are looked at together.
			this.pause ??= sleep(timing.lookEvery).finally(() => (this.pause = undefined));
			await abortable(this.pause, signal);
			const { state } = await this.shared.records.ask(key, { kind: 'look' });
			if (state.isOver || state.attempts !== attempt) {
				this.changes += 1;
				return true;
			}
			if (changes !== this.changes) [looks, changes] = [0, this.changes];
		}
		this.silent.set(key, attempt);
		return false;
	}
}

/** Keeps what belongs to the nodes that ran last. What is known beyond the database is no loss. */
function sharedBy(node: string): Shared {
	const shared = nodes.get(node) ?? new Shared();
	nodes.delete(node);
	nodes.set(node, shared);
	if (nodes.size > maxNodes) nodes.delete(nodes.keys().next().value!);
	return shared;
}

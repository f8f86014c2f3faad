import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import { abortable, deferred, type Deferred } from '../waiting';
import type { Reply } from './batch';
import { factsOfEnd, type Ending, type Operation } from './ledger';
import { StoreUnavailable, type Store } from './lock';
import { memoryStore, Records } from './store';
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

/** A key that a run of this process is at work on: others wait for its end. */
interface Flight {
	claim?: { attempt: number; since: number; readonly wasCreated: boolean };
	/** Resolves when the work is over, with its ending if something was claimed. */
	readonly ended: Deferred<Ending | undefined>;
}

/** A key that one run of this process has to itself, and how the last work on it here ended. */
interface Taken {
	/** Where: a run may find out meanwhile that the database has no place for its workflow. */
	readonly shared: Shared;
	readonly flight: Flight;
	readonly before: Ending | undefined;
}

/** What all runs of one node in one workflow share, as long as this process lives. It knows no clients, only their keys. */
export class Shared {
	readonly flights = new Map<string, Flight>();
	/** Attempts elsewhere that nothing was heard of for long: of those that no longer fit in, the next run finds out itself. */
	readonly silent = new Map<string, number>();

	constructor(readonly records = new Records()) {}

	giveUp(key: string, attempt: number): void {
		this.silent.delete(key);
		this.silent.set(key, attempt);
		if (this.silent.size > maxSilent) this.silent.delete(this.silent.keys().next().value!);
	}

	/** What the tries of one run share where n8n's database has no place for them. */
	static inMemory = () => new Shared(new Records(memoryStore()));
}

/** By workflow and node, the one used last at the end. */
const nodes = new Map<string, Shared>();
const maxNodes = 100;
const maxSilent = 1000;
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
	private readonly store: Store;
	/** Looks without a change at keys that are open elsewhere, and at which attempt. */
	private readonly watched = new Map<string, { attempt: number; looks: number }>();
	private nextLook: Promise<void> | undefined;
	/** Attempts that this run found silent itself. */
	private readonly silent = new Map<string, number>();
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
		this.store = { checkProcessedAndRecord, removeProcessed, clearAllProcessedItems, getProcessedDataCount };
		this.shared.records.attach(this.store);
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
		for (;;) {
			const taken = await this.begin(key, signal);
			try {
				const { is } = (await this.ask(key, taken, { kind: 'look', isExact: true })).state;
				return is === 'created' ? 'done' : is === 'unsettled' ? is : 'none';
			} catch (error) {
				this.goOnInMemory(error);
			}
		}
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
		end(this.shared, key, 'unknown');
		await written;
		return false;
	}

	/** Ends the attempt that `claim` granted. Resolves when that is written, which takes a while unless `flush` is called. */
	async settle(key: string, ending: Ending): Promise<void> {
		const written = this.write(key, this.shared.flights.get(key)!.claim!, ending);
		end(this.shared, key, ending);
		await written;
	}

	/** Has what is settled written now. */
	flush(): void {
		this.shared.records.flush();
	}

	/** Ends the run's part in the guard. */
	release(): void {
		this.shared.records.detach(this.store);
		forgetIdle();
	}

	private async write(key: string, { attempt, wasCreated }: NonNullable<Flight['claim']>, ending: Ending): Promise<void> {
		const isCreated = wasCreated || ending === 'created';
		await this.shared.records.write(key, factsOfEnd(key, attempt, ending, wasCreated), isCreated);
	}

	/** Asks about a key once no other run of this process is at work on it, and again when another process no longer is. */
	private async decide(
		key: string,
		operation: Exclude<Operation, { kind: 'look' | 'renew' }>,
		signal?: AbortSignal,
		onWait?: () => void,
	): Promise<Reply['verdict']> {
		let wasUnderWay = this.superseded.has(key);
		for (;;) {
			const taken = await this.begin(key, signal);
			// Nobody can have asked about what was still under way.
			wasUnderWay ||= taken.before === 'unknown';
			const sendsUnknown = operation.kind === 'claim' && operation.sendsUnknown && !wasUnderWay;
			// Before a key is sent again each run makes sure itself that nobody is at work on it.
			const silent = (sendsUnknown ? this.silent : this.shared.silent).get(key);
			try {
				const asked = { ...operation, ...(operation.kind === 'claim' && { sendsUnknown }), silent };
				const { verdict, state } = await this.ask(key, taken, asked);
				if (verdict !== 'unsettled' || state.is !== 'unsettled' || state.isOver || silent === state.attempts) return verdict;
				onWait?.();
				const hasChanged = await this.untilChanged(key, state.attempts, signal);
				wasUnderWay ||= hasChanged;
			} catch (error) {
				this.goOnInMemory(error);
			}
		}
	}

	/** Takes a key once no other run of this process is at work on it. @returns also how the last work on it ended */
	private async begin(key: string, signal?: AbortSignal): Promise<Taken> {
		let before: Ending | undefined;
		for (let other = this.shared.flights.get(key); other; other = this.shared.flights.get(key)) {
			before = (await abortable(other.ended.promise, signal)) ?? before;
		}
		const flight: Flight = { ended: deferred() };
		this.shared.flights.set(key, flight);
		return { shared: this.shared, flight, before };
	}

	/** Asks about a key that was taken, and keeps it if it was granted. */
	private async ask(key: string, { shared, flight }: Taken, operation: Operation): Promise<Reply> {
		try {
			const since = performance.now();
			const reply = await shared.records.ask(key, operation);
			if (reply.verdict === 'granted') {
				this.hasClaimed ||= shared !== this.memory;
				flight.claim = { attempt: reply.attempt, since, wasCreated: reply.state.is === 'created' };
			}
			return reply;
		} finally {
			if (!flight.claim) end(shared, key);
		}
	}

	/** Where the database turns out to have no place for the workflow, before anything was claimed. @throws any other error */
	private goOnInMemory(error: unknown): void {
		const hasNoPlace = error instanceof StoreUnavailable && error.isForGood && !this.hasClaimed;
		if (!hasNoPlace) throw error;
		this.isLasting = false;
		this.shared = this.memory;
	}

	/** Watches a key until its attempt elsewhere changes. @returns false when it was given up, since nothing was heard of it for long */
	private async untilChanged(key: string, attempt: number, signal?: AbortSignal): Promise<boolean> {
		if (this.watched.get(key)?.attempt !== attempt) this.watched.set(key, { attempt, looks: 0 });
		while (this.watched.get(key)?.attempt === attempt) {
			this.nextLook ??= this.look(signal).finally(() => (this.nextLook = undefined));
			await this.nextLook;
		}
		return this.silent.get(key) !== attempt;
	}

	/** Looks at all watched keys together: as long as one of them changes, somebody is at work, and any of them may still end. */
	private async look(signal?: AbortSignal): Promise<void> {
		await abortable(sleep(timing.lookEvery), signal);
		const seen = await Promise.all(
			[...this.watched.keys()].map(async (key) => ({ key, ...(await this.shared.records.ask(key, { kind: 'look' })) })),
		);
		const isUnchanged = ({ key, state }: (typeof seen)[number]) =>
			state.is === 'unsettled' && !state.isOver && state.attempts === this.watched.get(key)?.attempt;
		const changed = seen.filter((each) => !isUnchanged(each));
		for (const { key } of changed) this.watched.delete(key);
		for (const [key, watched] of this.watched) {
			watched.looks = changed.length > 0 ? 0 : watched.looks + 1;
			if (watched.looks < timing.silence / timing.lookEvery) continue;
			this.watched.delete(key);
			this.silent.set(key, watched.attempt);
			this.shared.giveUp(key, watched.attempt);
		}
	}
}

function end({ flights }: Shared, key: string, ending?: Ending): void {
	flights.get(key)?.ended.resolve(ending);
	flights.delete(key);
}

function sharedBy(node: string): Shared {
	const shared = nodes.get(node) ?? new Shared();
	nodes.delete(node);
	nodes.set(node, shared);
	return shared;
}

/** Keeps what belongs to the nodes that ran last, and to those that are running. What is known beyond the database is no loss. */
function forgetIdle(): void {
	for (const [node, { records }] of nodes) {
		if (nodes.size <= maxNodes) return;
		if (records.isIdle) nodes.delete(node);
	}
}

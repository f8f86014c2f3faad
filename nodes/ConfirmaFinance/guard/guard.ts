import { abortable, deferred, type Deferred } from '../waiting';
import { isUnchanged, noEntry, type Entry, type Records, type Standing } from './records';
import { Watch } from './watch';

/** `granted`: the key is the caller's to send. `duplicate`: it was created before. `unsettled`: nobody knows its outcome. */
export type Verdict = 'granted' | 'duplicate' | 'unsettled';

/** How an attempt ended; `rejected` is certain that it created nothing, and `notSent` that it never left. */
export type Ending = 'created' | 'rejected' | 'unknown' | 'notSent';

/** Which keys may be sent although they were sent before. */
export interface Resend {
	/** Those that were created. */
	readonly created: boolean;
	/** Those whose outcome nobody knows; not where the attempt was still under way when the key was asked for. */
	readonly unknown: boolean;
}

const sendNothingAgain: Resend = { created: false, unknown: false };

/** An attempt at a key that is under way in this process. */
interface InFlight {
	/** By a clock that nobody sets. */
	startedAt: number;
	before: Entry;
	/** Whether the key may be sent; before that it is only being looked up. */
	isGranted: boolean;
	/** Resolves when the attempt is over, with its ending if it had one. */
	readonly ended: Deferred<Ending | undefined>;
}

const maxAbandoned = 1000;

// Other processes take an attempt for dead that they heard nothing of for ten seconds. One that has waited for its turn this long
// (in milliseconds) makes itself heard before it is sent.
const renewAfter = 4000;

const isGranted = (before: Entry, expected: Entry) => before.standing === 'none' || isUnchanged(expected, before);

/** What all runs of one node in one workflow share within this process. It knows no clients, only their keys. */
export class Guard {
	private readonly inFlight = new Map<string, InFlight>();

	/** Attempts elsewhere that nothing was heard of for long: of those that no longer fit in, the next run finds out itself. */
	private readonly abandoned = new Map<string, Entry>();

	constructor(readonly records: Records) {}

	/** A watch over all keys of a run. */
	watch(keys: readonly string[]): Watch {
		return new Watch(
			this.records,
			keys,
			(key) => this.inFlight.get(key)?.isGranted === true,
			(key, entry) => this.abandon(key, entry),
		);
	}

	/**
	 * Asks for the right to send a key. At most one attempt has it at a time, in this process and, through the records, in
	 * all others; an attempt that is still under way is waited for.
	 *
	 * @param resend grants it for keys that were sent before, too
	 * @param signal ends the waiting
	 * @param watch waits for attempts in other processes; without one there are no others
	 * @throws when `signal` fires while waiting, and when the records can't be reached: nothing is granted then
	 */
	async claim(key: string, resend: Resend, signal?: AbortSignal, watch?: Watch): Promise<Verdict> {
		let expected = noEntry;
		let mayResendUnknown = resend.unknown;
		for (;;) {
			const { before, waitedFor } = await this.begin(key, expected, signal);
			if (isGranted(before, expected)) return 'granted';
			expected = noEntry;
			// Nobody can have asked about what was still under way.
			if (waitedFor === 'unknown') mayResendUnknown = false;
			if (before.standing === 'done') {
				if (!resend.created) return 'duplicate';
				expected = before;
			} else if (watch && this.mayBeUnderWay(key, before, resend, watch)) {
				await watch.untilChanged(key, before, signal);
				if (!watch.hasGivenUp(key, before)) mayResendUnknown = false;
			} else {
				if (!mayResendUnknown) return 'unsettled';
				expected = before;
			}
		}
	}

	/**
	 * Makes sure, right before a key is sent, that nobody has taken the attempt for dead while it waited for its turn. Others count
	 * from now then.
	 *
	 * @returns false where somebody has: the attempt is over, and the key may be claimed anew
	 * @throws when the records can't be reached
	 */
	async renew(key: string): Promise<boolean> {
		const attempt = this.inFlight.get(key)!;
		const startedAt = performance.now();
		if (startedAt - attempt.startedAt < renewAfter) return true;
		const attempts = attempt.before.attempts + 1;
		const expected: Entry = { standing: 'unsettled', attempts, isOver: false };
		const found = await this.records.enter(key, expected);
		if (!isGranted(found, expected)) {
			// Whoever waits for this attempt here can't have asked about the one that took over.
			this.end(key, 'unknown');
			return false;
		}
		attempt.startedAt = startedAt;
		attempt.before = found.standing === 'none' ? found : { ...attempt.before, attempts };
		return true;
	}

	/**
	 * Records that a key was created, because somebody found out. An attempt in flight is waited for first.
	 *
	 * @returns whether it was recorded before; if not, nothing is recorded
	 * @throws as `claim` does
	 */
	async takeAsCreated(key: string, signal?: AbortSignal, watch?: Watch): Promise<boolean> {
		const verdict = await this.claim(key, sendNothingAgain, signal, watch);
		if (verdict === 'duplicate') return true;
		const written = verdict === 'granted' ? this.settle(key, 'rejected') : this.records.close(key);
		this.records.flush();
		await written;
		return verdict === 'unsettled';
	}

	/** How a key stands, without leaving anything recorded. An attempt in flight here is waited for. */
	async lookUp(key: string, signal?: AbortSignal): Promise<Standing> {
		const { standing } = (await this.begin(key, noEntry, signal)).before;
		if (standing !== 'none') return standing;
		const takenBack = this.settle(key, 'rejected');
		this.records.flush();
		await takenBack;
		return standing;
	}

	/**
	 * Ends the attempt that `claim` granted. Resolves when the outcome is written, which takes a while unless
	 * `records.flush` is called. Others that wait for the key go on at once, but after a refusal only then.
	 */
	async settle(key: string, ending: Ending): Promise<void> {
		const { before, startedAt } = this.inFlight.get(key)!;
		const attempt = { before, startedAt };
		// Of an earlier attempt, what was never sent says nothing: only a refusal does.
		const isTakenBack = ending === 'rejected' || (ending === 'notSent' && before.standing !== 'unsettled');
		if (isTakenBack) {
			// The key may be claimed again, but not before its entries are gone: they would be taken for the new claim's.
			await this.records.takeBack(key, attempt).finally(() => this.end(key, ending));
			return;
		}
		this.end(key, ending);
		await (ending === 'created' ? this.records.close(key, attempt) : this.records.leaveOpen(key, attempt));
	}

	/**
	 * Enters a key once no other attempt at it is under way here.
	 *
	 * @returns how it stood before, and how the attempt ended that was waited for
	 */
	private async begin(key: string, expected: Entry, signal?: AbortSignal): Promise<{ before: Entry; waitedFor?: Ending }> {
		let waitedFor: Ending | undefined;
		for (let other = this.inFlight.get(key); other; other = this.inFlight.get(key)) {
			waitedFor = (await abortable(other.ended.promise, signal)) ?? waitedFor;
		}
		const attempt: InFlight = { startedAt: performance.now(), before: noEntry, isGranted: false, ended: deferred() };
		this.inFlight.set(key, attempt);
		try {
			attempt.before = await this.records.enter(key, expected);
			attempt.isGranted = isGranted(attempt.before, expected);
			return { before: attempt.before, waitedFor };
		} finally {
			if (!attempt.isGranted) this.end(key);
		}
	}

	private end(key: string, ending?: Ending): void {
		this.inFlight.get(key)?.ended.resolve(ending);
		this.inFlight.delete(key);
	}

	/** Before a key is sent again each run makes sure itself that nobody is at work on it; else what was found out before counts. */
	private mayBeUnderWay(key: string, entry: Entry, resend: Resend, watch: Watch): boolean {
		if (entry.isOver || watch.hasGivenUp(key, entry)) return false;
		return resend.unknown || this.abandoned.get(key)?.attempts !== entry.attempts;
	}

	private abandon(key: string, entry: Entry): void {
		this.abandoned.delete(key);
		this.abandoned.set(key, entry);
		if (this.abandoned.size > maxAbandoned) this.abandoned.delete(this.abandoned.keys().next().value!);
	}
}

import { abortable, deferred, type Deferred } from '../waiting';
import { isSame, noEntry, type Entry, type Records, type Standing } from './records';
import { Watch } from './watch';

/** `granted`: the key is the caller's to send. `duplicate`: it was created before. `unsettled`: nobody knows its outcome. */
export type Verdict = 'granted' | 'duplicate' | 'unsettled';

/** How an attempt ended; `rejected` is certain that nothing was created. */
export type Ending = 'created' | 'rejected' | 'unknown';

/** Which keys may be sent although they were sent before. */
export interface Resend {
	/** Those that were created. */
	readonly created: boolean;
	/** Those whose outcome nobody knows. */
	readonly unknown: boolean;
}

const sendNothingAgain: Resend = { created: false, unknown: false };

/** An attempt that nobody is at work on any more, and that left its key unsettled. */
interface Abandoned {
	/** By which the attempt is told from later ones. */
	readonly resends: number;
	/** Whether it ended here, so that nothing can come of it any more; otherwise nothing was heard of it for long. */
	readonly isOver: boolean;
}

const maxAbandoned = 1000;

/** How often the key was sent again when it stood like this and was then sent. */
const resendsAfter = (before: Entry) => (before.standing === 'none' ? 0 : before.resends + 1);

const isGranted = (before: Entry, expected: Entry) => before.standing === 'none' || isSame(before, expected);

/** What all runs of one node in one workflow share within this process. It knows no clients, only their keys. */
export class Guard {
	/** Attempts under way in this process, by key. */
	private readonly inFlight = new Map<string, { readonly ended: Deferred<void>; before: Entry }>();

	/** By key. There is no use in waiting for these; those that no longer fit in cost some seconds of waiting. */
	private readonly abandoned = new Map<string, Abandoned>();

	constructor(readonly records: Records) {}

	/** A watch over all keys of a run. */
	watch(keys: readonly string[]): Watch {
		return new Watch(
			this.records,
			keys,
			(key) => this.inFlight.has(key),
			(key, resends) => this.abandon(key, { resends, isOver: false }),
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
		for (;;) {
			const before = await this.begin(key, expected, signal);
			if (isGranted(before, expected)) return 'granted';
			expected = noEntry;
			if (before.standing === 'done') {
				if (!resend.created) return 'duplicate';
				expected = before;
			} else if (watch && !this.isAbandoned(key, before, resend, watch)) {
				await watch.untilChanged(key, before.resends, signal);
			} else {
				if (!resend.unknown) return 'unsettled';
				expected = before;
			}
		}
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
		const { standing } = await this.begin(key, noEntry, signal);
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
		const { before } = this.inFlight.get(key)!;
		if (ending === 'rejected') {
			const earlier = this.abandoned.get(key);
			if (earlier?.resends === before.resends) this.abandon(key, { ...earlier, resends: resendsAfter(before) });
			// The key may be claimed again, but not before its entries are gone: they would be taken for the new claim's.
			await this.records.takeBack(key, before).finally(() => this.end(key));
			return;
		}
		if (ending === 'unknown') this.abandon(key, { resends: resendsAfter(before), isOver: true });
		this.end(key);
		if (ending === 'created') await this.records.close(key);
	}

	/** Enters a key once no other attempt at it is under way here. @returns how it stood before */
	private async begin(key: string, expected: Entry, signal?: AbortSignal): Promise<Entry> {
		for (let other = this.inFlight.get(key); other; other = this.inFlight.get(key)) {
			await abortable(other.ended.promise, signal);
		}
		const attempt = { ended: deferred(), before: noEntry };
		this.inFlight.set(key, attempt);
		let isOurs = false;
		try {
			attempt.before = await this.records.enter(key, expected);
			isOurs = isGranted(attempt.before, expected);
			return attempt.before;
		} finally {
			if (!isOurs) this.end(key);
		}
	}

	private end(key: string): void {
		this.inFlight.get(key)?.ended.resolve();
		this.inFlight.delete(key);
	}

	/** What fell silent elsewhere counts for good where nothing is sent; before it is sent again, each run makes sure itself. */
	private isAbandoned(key: string, { resends }: Entry, resend: Resend, watch: Watch): boolean {
		const abandoned = this.abandoned.get(key);
		const isKnown = abandoned?.resends === resends && (abandoned.isOver || !resend.unknown);
		return isKnown || watch.hasGivenUp(key, resends);
	}

	private abandon(key: string, attempt: Abandoned): void {
		this.abandoned.delete(key);
		this.abandoned.set(key, attempt);
		if (this.abandoned.size > maxAbandoned) this.abandoned.delete(this.abandoned.keys().next().value!);
	}
}

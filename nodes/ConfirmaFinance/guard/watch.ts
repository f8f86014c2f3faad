import { sleep } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { Entry, Records } from './records';

// Open keys count as given up when this many looks, so many milliseconds apart, found none of them changed.
const maxLooks = 20;
const lookEvery = 500;

/**
 * Finds out for a run whether another process is still at work on keys whose outcome is open. It looks at all of the run's
 * open keys together: as long as one of them changes somebody is at work, and any of them may still end.
 */
export class Watch {
	private readonly keys: Set<string>;
	/** Open keys that are being watched, as they were seen. */
	private readonly open = new Map<string, Entry>();
	private readonly givenUp = new Map<string, Entry>();
	private looksWithoutChange = 0;
	private firstLook: Promise<void> | undefined;
	private nextLook: Promise<void> | undefined;

	/**
	 * @param keys all keys of the run
	 * @param isInFlightHere whether this process itself is at work on a key
	 * @param onGivenUp called for each key that nobody is at work on any more
	 */
	constructor(
		private readonly records: Records,
		keys: readonly string[],
		private readonly isInFlightHere: (key: string) => boolean,
		private readonly onGivenUp: (key: string, entry: Entry) => void,
	) {
		this.keys = new Set(keys);
	}

	hasGivenUp(key: string, entry: Entry): boolean {
		return isSameAttempt(this.givenUp.get(key), entry);
	}

	/**
	 * Resolves when the attempt that a key was found open with has changed or is given up.
	 *
	 * @throws when `signal` fires, and when the records can't be reached
	 */
	async untilChanged(key: string, entry: Entry, signal?: AbortSignal): Promise<void> {
		this.keys.add(key);
		if (!isSameAttempt(this.open.get(key), entry)) {
			this.firstLook ??= this.lookAtAll().finally(() => (this.firstLook = undefined));
			await this.firstLook;
		}
		while (isSameAttempt(this.open.get(key), entry)) {
			this.nextLook ??= this.lookAgain(signal).finally(() => (this.nextLook = undefined));
			await this.nextLook;
		}
	}

	private async lookAtAll(): Promise<void> {
		const open = await this.records.findOpen([...this.keys].filter((key) => !this.isInFlightHere(key)));
		for (const [key, entry] of open) {
			if (!entry.isOver && !this.hasGivenUp(key, entry)) this.open.set(key, entry);
		}
		this.looksWithoutChange = 0;
	}

	private async lookAgain(signal?: AbortSignal): Promise<void> {
		await abortable(sleep(lookEvery), signal);
		const before = [...this.open];
		const open = await this.records.findOpen(before.map(([key]) => key));
		const changed = before.filter(([key, entry]) => !isSameAttempt(open.get(key), entry));
		for (const [key] of changed) this.open.delete(key);
		this.looksWithoutChange = changed.length > 0 ? 0 : this.looksWithoutChange + 1;
		if (this.looksWithoutChange < maxLooks) return;
		for (const [key, entry] of before) {
			this.open.delete(key);
			this.givenUp.set(key, entry);
			this.onGivenUp(key, entry);
		}
	}
}

/** Whether an attempt is the same, and as far as it was. */
function isSameAttempt(one: Entry | undefined, other: Entry): boolean {
	return one?.attempts === other.attempts && one.isOver === other.isOver;
}

import { sleep } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { Records } from './records';

// Open keys count as given up when this many looks, so many milliseconds apart, found none of them changed.
const maxLooks = 20;
const lookEvery = 500;

/**
 * Finds out for a run whether another process is still at work on keys whose outcome is open. It looks at all of the run's
 * open keys together: as long as one of them changes somebody is at work, and any of them may still end.
 */
export class Watch {
	private readonly keys: Set<string>;
	/** Open keys that are being watched, and how often each was sent again. */
	private readonly open = new Map<string, number>();
	private readonly givenUp = new Map<string, number>();
	private looksWithoutChange = 0;
	private firstLook: Promise<void> | undefined;
	private nextLook: Promise<void> | undefined;

	/**
	 * @param keys all keys of the run
	 * @param isInFlightHere whether this process itself is at work on a key
	 * @param onGivenUp called for each key that nobody is at work on any more, with how often it was sent again
	 */
	constructor(
		private readonly records: Records,
		keys: readonly string[],
		private readonly isInFlightHere: (key: string) => boolean,
		private readonly onGivenUp: (key: string, resends: number) => void,
	) {
		this.keys = new Set(keys);
	}

	hasGivenUp(key: string, resends: number): boolean {
		return this.givenUp.get(key) === resends;
	}

	/**
	 * Resolves when an open key has changed or is given up.
	 *
	 * @param resends how often the key was sent again, when it was found open
	 * @throws when `signal` fires, and when the records can't be reached
	 */
	async untilChanged(key: string, resends: number, signal?: AbortSignal): Promise<void> {
		this.keys.add(key);
		if (this.open.get(key) !== resends) {
			this.firstLook ??= this.lookAtAll().finally(() => (this.firstLook = undefined));
			await this.firstLook;
		}
		while (this.open.get(key) === resends) {
			this.nextLook ??= this.lookAgain(signal).finally(() => (this.nextLook = undefined));
			await this.nextLook;
		}
	}

	private async lookAtAll(): Promise<void> {
		const open = await this.records.findOpen([...this.keys].filter((key) => !this.isInFlightHere(key)));
		for (const [key, resends] of open) {
			if (!this.hasGivenUp(key, resends)) this.open.set(key, resends);
		}
		this.looksWithoutChange = 0;
	}

	private async lookAgain(signal?: AbortSignal): Promise<void> {
		await abortable(sleep(lookEvery), signal);
		const before = [...this.open];
		const open = await this.records.findOpen(before.map(([key]) => key));
		const changed = before.filter(([key, resends]) => open.get(key) !== resends);
		for (const [key] of changed) this.open.delete(key);
		this.looksWithoutChange = changed.length > 0 ? 0 : this.looksWithoutChange + 1;
		if (this.looksWithoutChange < maxLooks) return;
		for (const [key, resends] of before) {
			this.open.delete(key);
			this.givenUp.set(key, resends);
			this.onGivenUp(key, resends);
		}
	}
}

/** What is known of a key: nothing, that it was created, or that it was sent and nobody knows the outcome. */
export type Standing = 'none' | 'done' | 'unsettled';

/** How a key stands in the records. */
export interface Entry {
	readonly standing: Standing;
	/** How many attempts at the key are on record; not counted for a key that is done, unless it may be sent again. */
	readonly attempts: number;
	/** Whether the last attempt at an unsettled key has ended, without a known outcome; otherwise it may be under way. */
	readonly isOver: boolean;
}

export const noEntry: Entry = { standing: 'none', attempts: 0, isOver: false };

/** Whether a key stands as it did, so that what was decided then still holds. */
export function isUnchanged(before: Entry, now: Entry): boolean {
	return before.standing === now.standing && (now.standing === 'done' || before.attempts === now.attempts);
}

/** Where the guard keeps what it knows of keys. Everything rejects when the records can't be reached. */
export interface Records {
	/**
	 * Enters a key as sent, with its outcome open, if nothing is known of it or if it stands as `expected`.
	 *
	 * @returns how it stood before
	 */
	enter(key: string, expected: Entry): Promise<Entry>;
	/** Records that a key was created. */
	close(key: string, attempt?: Attempt): Promise<void>;
	/** Records that an attempt is over, and that its outcome stays unknown. */
	leaveOpen(key: string, attempt: Attempt): Promise<void>;
	/**
	 * Takes an attempt back that created nothing, unless others have written to the key since: a key that was created before
	 * stands as created, any other as if nothing were known of it.
	 */
	takeBack(key: string, attempt: Attempt): Promise<void>;
	/** How those of the keys stand whose outcome is open. One that was taken back after several attempts may still be among them. */
	findOpen(keys: readonly string[]): Promise<Map<string, Entry>>;
	/** Has everything written soon that is still waiting to be. */
	flush(): void;
}

/** An attempt at a key that was entered. */
export interface Attempt {
	/** How the key stood before. */
	readonly before: Entry;
	/** When it began, by a clock that nobody sets: after a while another process may take it for dead, and its entries away. */
	readonly startedAt: number;
}

/** Records that last as long as the object: for a run, and for workflows that n8n has no database row for. */
export class RecordsInMemory implements Records {
	private readonly entries = new Map<string, Entry>();

	async enter(key: string, expected: Entry): Promise<Entry> {
		const before = this.entries.get(key) ?? noEntry;
		if (before.standing === 'none' || isUnchanged(expected, before)) {
			this.entries.set(key, { standing: 'unsettled', attempts: before.attempts + 1, isOver: false });
		}
		return before;
	}

	async close(key: string): Promise<void> {
		this.entries.set(key, { ...(this.entries.get(key) ?? noEntry), standing: 'done' });
	}

	async leaveOpen(key: string): Promise<void> {
		this.entries.set(key, { ...this.entries.get(key)!, isOver: true });
	}

	async takeBack(key: string, { before }: Attempt): Promise<void> {
		const { attempts } = this.entries.get(key)!;
		this.entries.set(key, before.standing === 'done' ? before : { ...noEntry, attempts });
	}

	async findOpen(keys: readonly string[]): Promise<Map<string, Entry>> {
		const found = new Map<string, Entry>();
		for (const key of keys) {
			const entry = this.entries.get(key);
			if (entry?.standing === 'unsettled') found.set(key, entry);
		}
		return found;
	}

	flush(): void {}
}

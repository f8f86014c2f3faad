/** What is known of a key: nothing, that it was created, or that it was sent and nobody knows the outcome. */
export type Standing = 'none' | 'done' | 'unsettled';

/** How a key stands in the records. */
export interface Entry {
	readonly standing: Standing;
	/** How often an unsettled key was sent again since it was first sent; tells one attempt from the next. */
	readonly resends: number;
}

export const noEntry: Entry = { standing: 'none', resends: 0 };

export function isSame(one: Entry, other: Entry): boolean {
	return one.standing === other.standing && (one.standing !== 'unsettled' || one.resends === other.resends);
}

/** Where the guard keeps what it knows of keys. All of them reject when the records can't be reached. */
export interface Records {
	/**
	 * Enters a key as sent, with its outcome open, if nothing is known of it or if it stands as `expected`.
	 *
	 * @returns how it stood before
	 */
	enter(key: string, expected: Entry): Promise<Entry>;
	/** Records that the key was created. */
	close(key: string): Promise<void>;
	/** Takes an attempt back that created nothing: the key stands as it did before, unless others have written to it since. */
	takeBack(key: string, before: Entry): Promise<void>;
	/** Those of the keys whose outcome is open, each with how often it was sent again. */
	findOpen(keys: readonly string[]): Promise<Map<string, number>>;
	/** Has everything written soon that is still waiting to be. */
	flush(): void;
}

/** Records that last as long as the object: for a run, and for workflows that n8n has no database row for. */
export class RecordsInMemory implements Records {
	private readonly entries = new Map<string, Entry>();

	async enter(key: string, expected: Entry): Promise<Entry> {
		const before = this.entries.get(key) ?? noEntry;
		if (before.standing === 'none') this.entries.set(key, { standing: 'unsettled', resends: 0 });
		else if (isSame(before, expected)) this.entries.set(key, { standing: 'unsettled', resends: before.resends + 1 });
		return before;
	}

	async close(key: string): Promise<void> {
		this.entries.set(key, { standing: 'done', resends: this.entries.get(key)?.resends ?? 0 });
	}

	async takeBack(key: string, before: Entry): Promise<void> {
		this.entries.set(key, before);
	}

	async findOpen(keys: readonly string[]): Promise<Map<string, number>> {
		return new Map(
			keys.flatMap((key) => {
				const entry = this.entries.get(key);
				return entry?.standing === 'unsettled' ? [[key, entry.resends] as const] : [];
			}),
		);
	}

	flush(): void {}
}

/** How long values are kept, in milliseconds: they hold access tokens, and n8n waits five seconds at most between two tries. */
const lifetime = 10 * 60_000;

/**
 * Values that are kept in this process for ten minutes at the most, and in a bounded number: the oldest goes first.
 */
export class ShortMemory<V> {
	private readonly entries = new Map<string, { readonly value: V }>();

	constructor(private readonly maxEntries: number) {}

	get(key: string): V | undefined {
		return this.entries.get(key)?.value;
	}

	/** Gives a value away: it is kept no longer. */
	take(key: string): V | undefined {
		const value = this.get(key);
		this.drop(key);
		return value;
	}

	/** Keeps a value from now on; one that was kept by the same key is replaced. */
	keep(key: string, value: V): void {
		const entry = { value };
		this.entries.delete(key);
		this.entries.set(key, entry);
		if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value!);
		// A timer that keeps no process alive, and needs no later run to take effect.
		AbortSignal.timeout(lifetime).addEventListener('abort', () => {
			if (this.entries.get(key) === entry) this.entries.delete(key);
		});
	}

	drop(key: string): void {
		this.entries.delete(key);
	}
}

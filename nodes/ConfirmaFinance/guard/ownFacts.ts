import { open } from './ledger';
import { timing } from './timing';

/**
 * What this process has written of late. It writes it again with each batch, which costs next to nothing: another process
 * that stalled within a call may have written an older copy of the row over it.
 */
export class OwnFacts {
	private readonly facts = new Map<string, { readonly values: Set<string>; isCreated: boolean; until: number }>();

	/** @param isCreated whether the key is known to be created */
	write(key: string, values: Iterable<string>, isCreated = false): void {
		const own = this.facts.get(key) ?? { values: new Set(), isCreated: false, until: 0 };
		for (const value of values) own.values.add(value);
		own.isCreated ||= isCreated;
		// What would say that this isn't known is not to come back.
		if (own.isCreated) own.values.delete(open(key));
		own.until = performance.now() + timing.rewrite;
		this.facts.set(key, own);
	}

	has = (key: string, value: string): boolean => this.facts.get(key)?.values.has(value) === true;
	keys = (): string[] => [...this.facts.keys()];
	values = (): string[] => [...this.facts.values()].flatMap(({ values }) => [...values]);
	created = (): string[] => this.keys().filter((key) => this.facts.get(key)!.isCreated);

	/** Forgets what is older than half a minute. */
	expire(): void {
		for (const [key, { until }] of this.facts) if (until <= performance.now()) this.facts.delete(key);
	}
}

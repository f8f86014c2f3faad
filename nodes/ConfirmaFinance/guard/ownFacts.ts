import { timing } from './timing';

/**
 * What this process has written of late. It writes it again with each batch, which costs next to nothing: another process
 * that stalled within a call may have written an older copy of the row over it.
 */
export class OwnFacts {
	private readonly until = new Map<string, number>();

	write(facts: Iterable<string>): void {
		for (const fact of facts) this.until.set(fact, performance.now() + timing.rewrite);
	}

	has = (fact: string): boolean => this.until.has(fact);

	/** Those of the last half minute; older ones are forgotten. */
	recent(): string[] {
		for (const [fact, until] of this.until) if (until <= performance.now()) this.until.delete(fact);
		return [...this.until.keys()];
	}
}

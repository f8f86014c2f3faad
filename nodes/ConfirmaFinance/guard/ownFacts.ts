import { timing } from './timing';

/**
 * What this process has written of late. It writes it again now and then, since another process that stalled within a call may have
 * written an older copy of the row over it; not with every batch, since n8n hashes each value.
 */
export class OwnFacts {
	private readonly facts = new Map<string, { until: number; dueAt: number }>();

	add(facts: Iterable<string>): void {
		const until = performance.now() + timing.rewrite;
		for (const fact of facts) this.facts.set(fact, { until, dueAt: 0 });
	}

	has = (fact: string): boolean => this.facts.has(fact);

	/** What a batch is to write. What was written, and is older than {@link timing.rewrite}, is forgotten. */
	due(): string[] {
		const now = performance.now();
		for (const [fact, { until, dueAt }] of this.facts) if (until <= now && dueAt > 0) this.facts.delete(fact);
		return [...this.facts].filter(([, { dueAt }]) => dueAt <= now).map(([fact]) => fact);
	}

	wereWritten(facts: Iterable<string>): void {
		const dueAt = performance.now() + timing.rewriteEvery;
		for (const fact of facts) Object.assign(this.facts.get(fact) ?? {}, { dueAt });
	}
}

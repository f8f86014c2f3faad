import { sleep } from 'n8n-workflow';

import { base, open, planFor, started, stateOf, type Ask, type Operation, type Plan, type State } from './ledger';
import { lasting, LockLost, type Lease, type Store } from './lock';
import { timing } from './timing';

/** What a question about a key was answered with. */
export interface Reply extends Plan {
	readonly state: State;
}

export interface Question {
	readonly key: string;
	readonly operation: Operation;
	readonly answer: (reply: Reply) => void;
}

const entries = { mode: 'entries' } as const;
const maxCalls = 3;

/** The node's row in the store, for as long as a lease lasts. A call that fails is made again: what it added is there then. */
export class Row {
	constructor(
		private readonly store: Store,
		private readonly lease: Lease,
	) {}

	/** Adds values. @returns those that were new */
	async add(values: Iterable<string>, calls = maxCalls): Promise<Set<string>> {
		// A value that stands twice in one call would be new twice.
		const unique = [...new Set(values)];
		if (unique.length === 0) return new Set();
		const { new: added } = await this.call(async () => await this.store.checkProcessedAndRecord(unique, 'node', entries), calls);
		return new Set(added as string[]);
	}

	/**
	 * Adds values; that none of them was there before, or which one, is known after a failed call, too, by their number.
	 *
	 * @returns those that were certainly new, and how many more were, of which it isn't known which
	 */
	async addCounted(values: readonly string[]): Promise<{ isNew: Set<string>; unclear: number }> {
		const before = await this.count();
		try {
			return { isNew: await this.add(values, 1), unclear: 0 };
		} catch {
			this.check();
			const added = (await this.count()) - before;
			if (added === 0) return { isNew: await this.add(values), unclear: 0 };
			return added === values.length ? { isNew: new Set(values), unclear: 0 } : { isNew: new Set(), unclear: added };
		}
	}

	async remove(values: readonly string[]): Promise<void> {
		if (values.length > 0) await this.call(async () => await this.store.removeProcessed([...values], 'node', entries));
	}

	/** @throws when others may have written meanwhile */
	check(): void {
		this.lease.check();
	}

	private async count(): Promise<number> {
		return await this.call(async () => await this.store.getProcessedDataCount('node', entries));
	}

	private async call<T>(make: () => Promise<T>, calls = maxCalls): Promise<T> {
		return await this.lease.call(make).catch(async (error: unknown) => {
			const forGood = error instanceof LockLost ? error : lasting(error);
			if (forGood ?? calls === 1) return await Promise.reject((forGood ?? error) as Error);
			await sleep(timing.beforeRepeat);
			return await this.call(make, calls - 1);
		});
	}
}

/**
 * What this process has written of late. It writes it again with each batch, which costs next to nothing: another process
 * that stalled within a call may have written an older copy of the row over it.
 */
export class OwnFacts {
	private readonly facts = new Map<string, { values: Set<string>; isCreated: boolean; until: number }>();

	write(key: string, values: Iterable<string>, isCreated = false): void {
		const before = this.facts.get(key);
		const all = { values: new Set([...(before?.values ?? []), ...values]), isCreated: before?.isCreated === true };
		this.facts.set(key, { ...all, until: performance.now() + timing.rewrite });
		if (isCreated) this.close(key);
	}

	has(key: string, value: string): boolean {
		return this.facts.get(key)?.values.has(value) === true;
	}

	/** A key turned out to be created: what would say that this isn't known is not to come back. */
	close(key: string): void {
		const own = this.facts.get(key);
		own?.values.delete(open(key));
		if (own) own.isCreated = true;
	}

	/** Forgets what is older than half a minute. */
	expire(): void {
		for (const [key, { until }] of this.facts) if (until <= performance.now()) this.facts.delete(key);
	}

	keys = (): string[] => [...this.facts.keys()];
	values = (): string[] => [...this.facts.values()].flatMap(({ values }) => [...values]);
	created = (): string[] => this.keys().filter((key) => this.facts.get(key)!.isCreated);
}

/** What is known of the asked keys in the course of a batch. */
class Reading {
	private readonly asked = new Set<string>();
	private readonly isNew = new Set<string>();
	readonly states = new Map<string, State>();

	constructor(
		private readonly row: Row,
		private readonly own: OwnFacts,
		/** Keys whose attempts matter even if they were created. */
		private readonly counted: ReadonlySet<string>,
	) {}

	/** Writes own facts, and asks for the keys. @returns how many entries were added of which it isn't known which */
	async begin(keys: ReadonlySet<string>, isExact: boolean): Promise<number> {
		const known = new Set(this.own.values());
		const values = [...keys].flatMap(base);
		for (const value of values) this.asked.add(value);
		if (!isExact) {
			this.note(await this.row.add([...known, ...values]));
			return 0;
		}
		this.note(await this.row.add(known));
		const { isNew, unclear } = await this.row.addCounted(values.filter((value) => !known.has(value)));
		this.note(isNew);
		return unclear;
	}

	/** Own keys that somebody else closed, who knows that they were created. */
	closedElsewhere(): string[] {
		return this.own
			.keys()
			.filter((key) => this.own.has(key, open(key)) && this.isNew.has(open(key)) && !this.isNew.has(started(key)));
	}

	/** Finds the states of keys. @returns those of which more has to be asked */
	judge(keys: Iterable<string>): Map<string, Ask> {
		const next = new Map<string, Ask>();
		for (const key of keys) {
			const found = (value: string) => (this.asked.has(value) ? !this.isNew.has(value) || this.own.has(key, value) : undefined);
			const state = stateOf(key, found, this.counted.has(key));
			if ('is' in state) this.states.set(key, state);
			else next.set(key, state);
		}
		return next;
	}

	async ask(next: ReadonlyMap<string, Ask>): Promise<void> {
		// Whoever dies now is to leave a created client as it was.
		const reopened = [...next].flatMap(([key, { isCreated }]) => (isCreated && this.isNew.has(open(key)) ? [open(key)] : []));
		await this.row.remove(reopened);
		const values = [...next.values()].flatMap(({ ask }) => ask);
		this.note(await this.row.add(values));
		for (const value of values) this.asked.add(value);
	}

	/** Decides about keys of which it isn't known whether they were new, by how many entries were: all of theirs, or none for sure. */
	clear(unclear: number): void {
		const doubtful = [...this.states].filter(([, state]) => state.is === 'unsettled' && state.attempts === 1 && !state.isOver);
		const created = [...this.states.values()].filter(({ is }) => is === 'created').length;
		if (unclear !== 2 * doubtful.length + created) return;
		for (const [key] of doubtful) {
			this.states.set(key, { is: 'none', attempts: 0 });
			this.note(base(key));
		}
	}

	isAsked = (value: string): boolean => this.asked.has(value);

	/** What was added by asking, and is nobody's. */
	leftovers(kept: ReadonlySet<string>): string[] {
		const own = new Set(this.own.values());
		return [...this.asked].filter((value) => this.isNew.has(value) && !kept.has(value) && !own.has(value));
	}

	private note(isNew: Iterable<string>): void {
		for (const value of isNew) this.isNew.add(value);
	}
}

export interface Batch {
	readonly questions: readonly Question[];
	/** Called as soon as all own facts are written. */
	readonly onWritten?: () => void;
	/** Whether own keys that were created are closed even if nothing else is to be removed. */
	readonly closes?: boolean;
}

/**
 * Writes what this process knows again, and answers questions, in as few calls as it takes: the price is per call, hardly per
 * entry. Each question is answered as soon as it can be. To be called under the lock.
 */
export async function writeBatch(row: Row, own: OwnFacts, { questions, onWritten, closes = false }: Batch): Promise<void> {
	const counted = questions.filter(({ operation }) => operation.kind === 'claim' && operation.sendsCreated);
	const reading = new Reading(row, own, new Set(counted.map(({ key }) => key)));
	const [kept, gone] = [new Set<string>(), new Set<string>()];
	const unanswered = new Set(questions);
	const looks: Array<() => void> = [];

	/** Answers questions about keys whose state is known. @param mayWrite whether those, too, whose answer has to be written first */
	const answer = async (mayWrite: boolean) => {
		const plans = [...unanswered].flatMap((question) => {
			const state = reading.states.get(question.key);
			return state ? [{ question, reply: { ...planFor(question.key, state, question.operation), state } }] : [];
		});
		const missing = ({ reply }: { reply: Reply }) => reply.facts.filter((fact) => !reading.isAsked(fact));
		const ready = mayWrite ? plans : plans.filter((plan) => missing(plan).length === 0);
		await row.add(ready.flatMap(missing));
		row.check();
		for (const { question, reply } of ready) {
			unanswered.delete(question);
			for (const fact of reply.facts) kept.add(fact);
			for (const value of reply.drop) gone.add(value);
			if (reply.facts.length > 0) own.write(question.key, reply.facts, reply.verdict === 'taken');
			if (question.operation.kind === 'look') looks.push(() => question.answer(reply));
			else question.answer(reply);
		}
	};

	own.expire();
	const unclear = await reading.begin(
		new Set(questions.map(({ key }) => key)),
		questions.some(({ operation }) => operation.kind === 'look' && operation.isExact),
	);
	onWritten?.();
	for (const key of reading.closedElsewhere()) {
		own.close(key);
		gone.add(open(key));
	}
	for (let next = reading.judge(questions.map(({ key }) => key)); ; next = reading.judge(next.keys())) {
		if (unclear === 0) await answer(false);
		if (next.size === 0) break;
		await reading.ask(next);
	}
	if (unclear > 0) reading.clear(unclear);
	await answer(true);

	for (const value of reading.leftovers(kept)) gone.add(value);
	if (closes || gone.size > 0) for (const key of own.created()) gone.add(open(key));
	await row.remove([...gone]);
	// A look is over when nothing of it is left.
	for (const reply of looks) reply();
}

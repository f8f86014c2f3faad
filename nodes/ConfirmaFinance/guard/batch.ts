import { base, open, planFor, started, stateOf, type Ask, type Operation, type Plan, type State } from './ledger';
import type { Row } from './lock';
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

/** What this process knows of its own writing, by value or key. */
export class Own {
	/** Whether a key was closed since the last batch. */
	isClosing = false;
	/** Keys that an exact look added, and couldn't take back yet, by the mark that was added, and is removed, together with them. */
	readonly leftovers = new Map<string, Set<string>>();

	/**
	 * What was written of late, and until when. It is written again with each batch, which costs next to nothing: another process
	 * that stalled within a call may have written an older copy of the row over it.
	 */
	private readonly facts = new Map<string, number>();
	/** What would say that a key isn't known to be created, and is not to come back. */
	private readonly closed = new Map<string, number>();

	/** @param values facts about the key; without `open`, it is known to be created */
	write(key: string, values: readonly string[]): void {
		if (!values.includes(open(key))) this.close(key);
		for (const value of values) if (!this.closed.has(value)) this.facts.set(value, performance.now() + timing.rewrite);
		for (const keys of this.leftovers.values()) keys.delete(key);
	}

	close(key: string): void {
		this.facts.delete(open(key));
		this.closed.set(open(key), performance.now() + timing.rewrite);
		this.isClosing = true;
	}

	/** Forgets what is older than half a minute. */
	expire(): void {
		for (const values of [this.facts, this.closed])
			for (const [value, until] of values) if (until <= performance.now()) values.delete(value);
	}

	has = (value: string): boolean => this.facts.has(value);
	values = (): string[] => [...this.facts.keys()];
	closings = (): string[] => [...this.closed.keys()];
	isLeftover = (key: string): boolean => [...this.leftovers.values()].some((keys) => keys.has(key));
}

/**
 * Writes what this process knows again, and answers questions, in as few calls as it takes: the price is per call, hardly per
 * entry. To be written under the lock.
 */
export class Batch {
	/** Values that were added, and those of them that weren't there before. */
	private readonly added = new Set<string>();
	private readonly isNew = new Set<string>();
	/** Values that are to stay, and to go. */
	private readonly kept = new Set<string>();
	private readonly gone = new Set<string>();
	private readonly states = new Map<string, State>();
	/** How many values were new to a call that failed after it was committed. */
	private hidden = 0;

	/** @param questions each goes as soon as it is answered, which it can be before the end */
	constructor(
		private readonly row: Row,
		private readonly own: Own,
		private readonly questions: Set<Question>,
	) {}

	async write(): Promise<void> {
		this.own.expire();
		const keys = new Set([...this.questions].map(({ key }) => key));
		for (const left of this.own.leftovers.values()) for (const key of left) keys.add(key);
		await this.begin([...keys]);
		for (let next = this.judge(keys); ; next = this.judge(keys)) {
			if (next.size === 0 || this.hidden === 0) await this.answer();
			if (next.size === 0) break;
			// Whoever dies now is to leave a created client as it was.
			await this.row.remove([...next].flatMap(([key, { isCreated }]) => (isCreated ? this.onlyNew([open(key)]) : [])));
			await this.add([...next.values()].flatMap(({ ask }) => ask));
		}
		await this.end();
	}

	private async begin(keys: readonly string[]): Promise<void> {
		const { own, row } = this;
		const known = own.values();
		const asked = keys.flatMap(base);
		const looked = [...this.questions].flatMap(({ key, operation }) =>
			operation.kind === 'look' && operation.isExact ? [key] : [],
		);
		const marks = [...own.leftovers.keys(), ...(looked.length > 0 ? [`l${Math.random()}`] : [])];
		if (marks.length === 0) await this.add([...known, ...asked]);
		else {
			// A call that failed may have been committed: by how many entries there are, it is known.
			await this.add(known);
			const [before, repeats] = [await row.count(), row.repeats];
			const values = [...asked, ...marks].filter((value) => !this.added.has(value));
			await this.add(values);
			if (row.repeats > repeats) {
				const added = (await row.count()) - before;
				// All but the mark.
				this.hidden = Math.max(0, added - this.onlyNew(values).length - (looked.length > 0 ? 1 : 0));
			}
		}
		// Where a mark is new, what was added with it has been removed.
		for (const mark of this.onlyNew(marks)) own.leftovers.delete(mark);
		const mine = looked.filter((key) => this.isNew.has(started(key)));
		if (mine.length > 0) own.leftovers.set(marks.at(-1)!, new Set(mine));
		for (const mark of marks) this.gone.add(mark);
		// Somebody else removed it, who knows that the client was created.
		for (const value of this.onlyNew(known)) {
			const key = value.slice(2);
			if (value === open(key) && !this.isNew.has(started(key))) own.close(key);
		}
	}

	private async add(values: readonly string[]): Promise<void> {
		for (const value of await this.row.add(values)) this.isNew.add(value);
		for (const value of values) this.added.add(value);
	}

	/** Finds the states of keys. @returns those of which more has to be asked */
	private judge(keys: Iterable<string>): Map<string, Ask> {
		const next = new Map<string, Ask>();
		const counted = new Set<string>();
		for (const { key, operation } of this.questions) if (operation.kind === 'claim' && operation.sendsCreated) counted.add(key);
		const found = (value: string) => (this.added.has(value) ? !this.isNew.has(value) || this.own.has(value) : undefined);
		for (const key of keys) {
			const state = stateOf(key, found, counted.has(key));
			if ('is' in state) this.states.set(key, state);
			else next.set(key, state);
		}
		this.clear(next.size === 0);
		return next;
	}

	/** Where there is nothing of a key but what a look adds, it may be known that it was added by a look of this process. */
	private clear(isAllKnown: boolean): void {
		const states = [...this.states];
		const doubtful = states.filter(([, { is, attempts, isOver }]) => is === 'unsettled' && attempts === 1 && !isOver);
		const created = states.filter(([, { is }]) => is === 'created');
		const isHidden = isAllKnown && this.hidden > 0 && this.hidden === 2 * doubtful.length + created.length;
		for (const [key] of doubtful) {
			if (!isHidden && !this.own.isLeftover(key)) continue;
			this.states.set(key, { is: 'none', attempts: 0, isOver: true });
			for (const value of base(key)) this.isNew.add(value);
		}
	}

	/** Answers what can be answered; a look only when nothing of it is left. */
	private async answer(): Promise<void> {
		const plans = this.plans().filter(({ question }) => question.operation.kind !== 'look');
		await this.row.add(plans.flatMap(({ reply }) => reply.facts.filter((fact) => !this.added.has(fact))));
		this.row.check();
		for (const { question, reply } of plans) {
			for (const fact of reply.facts) this.kept.add(fact);
			for (const value of reply.drop) this.gone.add(value);
			if (reply.facts.length > 0) this.own.write(question.key, reply.facts);
			this.questions.delete(question);
			question.answer(reply);
		}
	}

	private async end(): Promise<void> {
		const looks = this.plans();
		for (const { reply } of looks) for (const value of reply.drop) this.gone.add(value);
		for (const value of this.onlyNew(this.added)) if (!this.kept.has(value) && !this.own.has(value)) this.gone.add(value);
		const closes = this.own.isClosing || this.gone.size > 0 || this.states.size === 0;
		await this.row.remove([...this.gone, ...(closes ? this.own.closings() : [])]);
		this.own.isClosing = false;
		this.own.leftovers.clear();
		for (const { question, reply } of looks) {
			this.questions.delete(question);
			question.answer(reply);
		}
	}

	private plans(): Array<{ question: Question; reply: Reply }> {
		return [...this.questions].flatMap((question) => {
			const state = this.states.get(question.key);
			return state ? [{ question, reply: { ...planFor(question.key, state, question.operation), state } }] : [];
		});
	}

	private readonly onlyNew = (values: Iterable<string>) => [...values].filter((value) => this.isNew.has(value));
}

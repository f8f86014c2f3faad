import { sleep } from 'n8n-workflow';

import { base, isMark, open, planFor, started, stateOf, type Operation, type Plan, type State } from './ledger';
import { lasting, LockLost, type Lease, type Store } from './lock';
import type { OwnFacts } from './ownFacts';
import { timing } from './timing';

export interface Question {
	readonly key: string;
	readonly operation: Operation;
	readonly resolve: (plan: Plan) => void;
}

const entries = { mode: 'entries' } as const;
const maxCalls = 3;

/**
 * One visit to the node's row, under the lock: writes what this process knows again, and answers questions, in as few calls as
 * it takes. The price is per call, hardly per entry. A call that fails is made again: what it added is there then.
 */
export class Batch {
	/** Values that were asked for, and those of all that were added which weren't there before. */
	private readonly asked = new Set<string>();
	private readonly isNew = new Set<string>();
	/** What goes, beside what was added by asking. */
	private readonly gone = new Set<string>();
	private readonly states = new Map<string, State>();
	private readonly keys: ReadonlySet<string>;

	/** @param unanswered those that are answered are taken out */
	constructor(
		private readonly store: Store,
		private readonly lease: Lease,
		private readonly own: OwnFacts,
		private readonly unanswered: Set<Question>,
	) {
		this.keys = new Set([...unanswered].map(({ key }) => key));
	}

	/** @param closes whether own keys that were created are closed even if nothing else is to be removed */
	async write(closes: boolean): Promise<void> {
		this.own.expire();
		const unclear = await this.begin();
		this.noteClosed();
		for (let next = this.judge(this.keys); next.size > 0; next = this.judge(next.keys())) {
			const values = [...next.values()].flat();
			await this.add(values);
			for (const value of values) this.asked.add(value);
		}
		if (unclear > 0) this.clear(unclear);
		const looks = await this.answer();
		await this.takeBack(closes);
		// A look is over when nothing of it is left.
		for (const reply of looks) reply();
	}

	/**
	 * Writes own facts, and asks for the keys. If somebody only looks, whether values were new is found out by their number even
	 * if the call fails, so that nothing is left of them.
	 *
	 * @returns how many values were new of which it isn't known which
	 */
	private async begin(): Promise<number> {
		const known = new Set(this.own.values());
		const values = [...this.keys].flatMap(base);
		for (const value of values) this.asked.add(value);
		if (![...this.unanswered].some(({ operation }) => operation.kind === 'look')) {
			await this.add([...known, ...values]);
			return 0;
		}
		await this.add(known);
		const asking = values.filter((value) => !known.has(value));
		const before = await this.count();
		try {
			await this.add(asking, 1);
			return 0;
		} catch {
			const added = (await this.count()) - before;
			if (added === 0) await this.add(asking);
			if (added === asking.length) this.note(asking);
			return added === asking.length ? 0 : added;
		}
	}

	/** Own keys that somebody else closed, who knows that they were created. */
	private noteClosed(): void {
		for (const key of this.own.keys()) {
			if (!this.own.has(key, open(key)) || !this.isNew.has(open(key)) || this.isNew.has(started(key))) continue;
			this.own.write(key, [], true);
			this.gone.add(open(key));
		}
	}

	/** Finds the states of keys. @returns the keys of which more has to be asked, and what */
	private judge(keys: Iterable<string>): Map<string, readonly string[]> {
		const next = new Map<string, readonly string[]>();
		for (const key of keys) {
			const wasThere = (value: string) => !this.isNew.has(value) || this.own.has(key, value);
			const state = stateOf(key, (value) => (this.asked.has(value) ? wasThere(value) : undefined));
			if ('is' in state) this.states.set(key, state);
			else next.set(key, state);
		}
		return next;
	}

	/** Decides about keys of which it isn't known whether they were new: all of them, if that is how many values were. */
	private clear(unclear: number): void {
		const doubtful = [...this.states].filter(([, { is, attempts, isOver }]) => is === 'unsettled' && attempts === 1 && !isOver);
		const created = [...this.states.values()].filter(({ is }) => is === 'created').length;
		if (unclear !== 2 * doubtful.length + created) return;
		for (const [key] of doubtful) {
			this.states.set(key, { is: 'none', attempts: 0, isOver: true });
			this.note(base(key));
		}
	}

	/** Writes what the answers come to, and gives them. @returns those that are to be given later, to looks */
	private async answer(): Promise<Array<() => void>> {
		const answers = [...this.unanswered].map((question) => {
			const plan = planFor(question.key, this.states.get(question.key)!, question.operation);
			return { question, plan };
		});
		await this.add(answers.flatMap(({ plan }) => plan.facts.filter((fact) => !this.asked.has(fact))));
		return answers.flatMap(({ question, plan }) => {
			for (const value of plan.drop) this.gone.add(value);
			if (plan.facts.length > 0) this.own.write(question.key, plan.facts, plan.verdict === 'taken');
			const reply = () => {
				this.unanswered.delete(question);
				question.resolve(plan);
			};
			if (plan.verdict === 'seen') return [reply];
			reply();
			return [];
		});
	}

	/**
	 * Removes what was added by asking, and is nobody's. Marks go last: where the call before stalls, and is made late, they make
	 * others count the attempts that it may take away.
	 */
	private async takeBack(closes: boolean): Promise<void> {
		const own = new Set(this.own.values());
		for (const value of this.asked) {
			if (this.isNew.has(value) && !own.has(value)) this.gone.add(value);
		}
		if (closes || this.gone.size > 0) for (const key of this.own.created()) this.gone.add(open(key));
		await this.remove([...this.gone].filter((value) => !isMark(value)));
		await this.remove([...this.gone].filter(isMark));
	}

	/** Adds values, and notes those that were new. */
	private async add(values: Iterable<string>, calls = maxCalls): Promise<void> {
		// A value that stands twice in one call would be new twice.
		const unique = [...new Set(values)];
		if (unique.length === 0) return;
		const add = async () => await this.store.checkProcessedAndRecord(unique, 'node', entries);
		const { new: added } = await this.call(add, calls);
		this.note(added as string[]);
	}

	private note(isNew: Iterable<string>): void {
		for (const value of isNew) this.isNew.add(value);
	}

	private async remove(values: string[]): Promise<void> {
		if (values.length > 0) await this.call(async () => await this.store.removeProcessed(values, 'node', entries));
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

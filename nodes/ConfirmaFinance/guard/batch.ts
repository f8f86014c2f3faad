import { sleep } from 'n8n-workflow';

import { lasting, type Store } from '../n8n/deduplication';
import { isMark, planFor, started, stateOf, type Operation, type Plan, type State } from './ledger';
import { LockLost, type Lease } from './lock';
import type { OwnFacts } from './ownFacts';
import { timing } from './timing';

export interface Question {
	readonly key: string;
	readonly operation: Operation;
	readonly resolve: (plan: Plan) => void;
}

const entries = { mode: 'entries' } as const;
const maxCalls = 3;
const isLook = ({ operation }: Question) => operation.kind === 'look';

/**
 * One visit to the node's row, under the lock: writes what this process knows again, and answers questions, in as few calls as
 * it takes. The price is per call, hardly per entry. A call that fails is made again: what it added is there then.
 */
export class Batch {
	/** Values that were asked for, and those of all that were added which weren't there before. */
	private readonly asked = new Set<string>();
	private readonly isNew = new Set<string>();
	private readonly states = new Map<string, State>();

	/** @param unanswered those that are answered are taken out */
	constructor(
		private readonly store: Store,
		private readonly lease: Lease,
		private readonly own: OwnFacts,
		private readonly unanswered: Set<Question>,
	) {}

	/** @throws LockLost, StoreFull, StoreUnavailable, and what the last of several calls failed with */
	async write(): Promise<void> {
		const keys = new Set([...this.unanswered].map(({ key }) => key));
		await this.begin([...keys].map(started));
		await this.readStates([...keys]);
		await this.answer([...this.unanswered].filter((question) => !isLook(question)));
		await this.takeBack();
		// A look is over when nothing of it is left.
		await this.answer([...this.unanswered]);
	}

	/** Writes own facts, and asks for values. */
	private async begin(values: readonly string[]): Promise<void> {
		const facts = this.own.due();
		for (const value of values) this.asked.add(value);
		const hasLook = [...this.unanswered].some(isLook);
		await this.add(hasLook ? facts : [...facts, ...values]);
		this.own.wereWritten(facts);
		if (!hasLook) return;
		// Nothing is to be left of a look even if its call fails: whether that was written, their number tells.
		const before = await this.count();
		const asking = values.filter((value) => !this.own.has(value));
		await this.add(asking, 1).catch(async () => {
			const added = (await this.count()) - before;
			if (added === 0) await this.add(asking);
			if (added === asking.length) for (const value of asking) this.isNew.add(value);
		});
	}

	/** Finds the states of keys, asking for more as long as one isn't known. */
	private async readStates(keys: readonly string[]): Promise<void> {
		const wasThere = (value: string) => !this.isNew.has(value) || this.own.has(value);
		const more: string[] = [];
		const left = keys.filter((key) => {
			const state = stateOf(key, (value) => (this.asked.has(value) ? wasThere(value) : undefined));
			if ('is' in state) this.states.set(key, state);
			else more.push(...state);
			return !('is' in state);
		});
		if (left.length === 0) return;
		await this.add(more);
		for (const value of more) this.asked.add(value);
		await this.readStates(left);
	}

	/** Writes what the answers come to, and gives them. */
	private async answer(questions: readonly Question[]): Promise<void> {
		const plans = questions.map(({ key, operation }) => planFor(key, this.states.get(key)!, operation));
		const written = plans.flatMap(({ facts }) => facts);
		await this.add(written.filter((fact) => !this.asked.has(fact)));
		this.own.add(written);
		questions.forEach((question, index) => {
			this.unanswered.delete(question);
			question.resolve(plans[index]!);
		});
	}

	/**
	 * Removes what was added by asking, and is nobody's. Marks go last: where the call before stalls, and is made late, they make
	 * others count the attempts that it may take away.
	 */
	private async takeBack(): Promise<void> {
		const left = [...this.asked].filter((value) => this.isNew.has(value) && !this.own.has(value));
		await this.remove(left.filter((value) => !isMark(value)));
		await this.remove(left.filter(isMark));
	}

	/** Adds values, and notes those that were new. */
	private async add(values: Iterable<string>, calls = maxCalls): Promise<void> {
		// A value that stands twice in one call would be new twice.
		const unique = [...new Set(values)];
		if (unique.length === 0) return;
		const add = async () => await this.store.checkProcessedAndRecord(unique, 'node', entries);
		const { new: added } = await this.call(add, calls);
		for (const value of added as string[]) this.isNew.add(value);
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

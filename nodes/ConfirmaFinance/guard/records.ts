import { sleep } from 'n8n-workflow';

import { deferred, type Deferred } from '../waiting';
import { Batch, type Question } from './batch';
import type { Operation, Plan } from './ledger';
import { LockLost, StoreUnavailable, underLock, type Lease, type Store } from './lock';
import { OwnFacts } from './ownFacts';
import { timing } from './timing';

type Asking = Question & Deferred<Plan>;
/** Facts to be written; none to write again what is known. */
interface Writing extends Deferred<void> {
	readonly fact?: { readonly key: string; readonly values: readonly string[]; readonly isCreated: boolean };
}

/** How often a batch is done again that took longer than it may use the lock. */
const maxLocks = 3;

/** A store for a workflow that n8n's database has no place for: it lasts as long as the object. */
function memoryStore(): Store {
	const rows = { node: new Set<unknown>(), workflow: new Set<unknown>() };
	return {
		checkProcessedAndRecord: async (values, scope) => {
			const isNew = values.filter((value) => !rows[scope].has(value));
			for (const value of isNew) rows[scope].add(value);
			return { new: isNew, processed: values.filter((value) => !isNew.includes(value)) };
		},
		removeProcessed: async (values, scope) => values.forEach((value) => rows[scope].delete(value)),
		clearAllProcessedItems: async (scope) => rows[scope].clear(),
		getProcessedDataCount: async (scope) => rows[scope].size,
	};
}

/**
 * The records of one node in one workflow, shared by all its runs in this process.
 *
 * Everything that is asked of the store goes there together, one batch at a time: calls side by side would lose each other's
 * entries. Questions go at once; facts that nobody waits for wait for others, and go along with the next question.
 */
export class Records {
	/** Whether other processes were kept out of the last batch; not where another node owns the lock's row. */
	isLocked = true;

	private memory?: Store;
	private hasWritten = false;
	private readonly own = new OwnFacts();
	private asked: Asking[] = [];
	private written: Writing[] = [];
	private isWriting = false;
	/** Resolves when what waits is to be written now. */
	private urgent = deferred();
	private lastEnd = 0;

	/** n8n's, as the last run sees it. */
	store!: Store;

	/** @param isLasting whether n8n's database has a place for the workflow; it may turn out that it doesn't */
	constructor(isLasting: boolean) {
		if (!isLasting) this.memory = memoryStore();
	}

	/** Whether what is recorded outlasts this process. */
	get isLasting(): boolean {
		return this.memory === undefined;
	}

	/** @throws when the store can't be used */
	async ask(key: string, operation: Operation): Promise<Plan> {
		const asking = { key, operation, ...deferred<Plan>() };
		this.asked.push(asking);
		this.flush();
		return await asking.promise;
	}

	/** Resolves when facts are written, which may take a while unless `flush` is called. If that fails, the next batch writes them. */
	async write(key: string, values: readonly string[], isCreated: boolean): Promise<void> {
		const writing: Writing = { fact: { key, values, isCreated }, ...deferred() };
		this.written.push(writing);
		void this.writeAll();
		await writing.promise;
	}

	/** Has everything that waits written as soon as the batch before is. */
	flush(): void {
		this.urgent.resolve();
		void this.writeAll();
	}

	private async writeAll(): Promise<void> {
		if (this.isWriting) return;
		this.isWriting = true;
		while (this.asked.length + this.written.length > 0) {
			await Promise.race([this.urgent.promise, sleep(timing.gather)]);
			// The jobs of the same moment come along.
			await sleep(0);
			this.urgent = deferred();
			await this.writeOne();
			await sleep(timing.betweenBatches);
		}
		this.isWriting = false;
	}

	/** Never rejects: each job is told how it ended. */
	private async writeOne(): Promise<void> {
		const { asked, written } = this;
		[this.asked, this.written] = [[], []];
		const facts = written.flatMap(({ fact }) => fact ?? []);
		for (const { key, values, isCreated } of facts) this.own.write(key, values, isCreated);
		const unanswered = new Set<Question>(asked);
		try {
			await this.underLock(async (store, lease) => await new Batch(store, lease, this.own, unanswered).write(written.length > 0));
			for (const { resolve } of written) resolve();
		} catch (error) {
			for (const { reject } of [...asked, ...written]) reject(error);
		}
		if (facts.length > 0) this.writeLate();
	}

	/** Does work under the lock, and again if that was lost meanwhile, or if the database has no place for the workflow. */
	private async underLock(work: (store: Store, lease: Lease) => Promise<void>, locks = maxLocks): Promise<void> {
		const store = this.memory ?? this.store;
		try {
			this.isLocked = await underLock(store, async (lease) => await work(store, lease));
			this.hasWritten = true;
		} catch (error) {
			const hasNoPlace = error instanceof StoreUnavailable && error.isForGood && !this.hasWritten;
			if (hasNoPlace) this.memory = memoryStore();
			else if (!(error instanceof LockLost) || locks === 1) return await Promise.reject(error as Error);
			await this.underLock(work, locks - 1);
		}
	}

	/** Writes once more what was written, some time after the last end: nobody else would, if it was overwritten meanwhile. */
	private writeLate(): void {
		const end = performance.now();
		this.lastEnd = end;
		// A timer that keeps no process alive.
		AbortSignal.timeout(timing.lateBatch).addEventListener('abort', () => {
			if (this.lastEnd !== end) return;
			const writing: Writing = deferred();
			writing.promise.catch(() => {});
			this.written.push(writing);
			this.flush();
		});
	}
}

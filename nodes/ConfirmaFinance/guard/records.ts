import { sleep } from 'n8n-workflow';

import { memoryStore, StoreFull, StoreUnavailable, type Store } from '../n8n/deduplication';
import { deferred, type Deferred } from '../waiting';
import { Batch, type Question } from './batch';
import type { Operation, Plan } from './ledger';
import { LockLost, underLock } from './lock';
import { OwnFacts } from './ownFacts';
import { timing } from './timing';

/** How often a batch is done again. */
const maxFailures = 3;

/**
 * The records of one node in one workflow, shared by all its runs in this process.
 *
 * Everything that is asked of the store goes there together, one batch at a time: calls side by side would lose each other's
 * entries. Questions go at once; facts that nobody waits for wait for others, and go along with the next question.
 */
export class Records {
	/** Whether other processes were kept out of the last batch; not where another node owns the lock's row. */
	isLocked = true;

	/** n8n's store, as the last run sees it. */
	store!: Store;
	private readonly memory = memoryStore();
	private hasWritten = false;

	private readonly own = new OwnFacts();
	private asked: Array<Question & Deferred<Plan>> = [];
	private written: Deferred[] = [];
	private isWriting = false;
	/** When the batch before ended. */
	private endedAt = -Infinity;
	/** How many batches failed without a break: facts go along with the next one, and so do questions if only the lock was lost. */
	private failures = 0;
	/** Resolves when what waits is to be written now. */
	private urgent = deferred();
	/** When facts were written last, and after which of these times a late batch was planned. */
	private lastWrite = 0;
	private lateAfter = 0;

	/** @param isLasting whether n8n's database keeps the records; without a place for the workflow, this process does */
	constructor(public isLasting: boolean) {}

	/** @throws when the store can't be used */
	async ask(key: string, operation: Operation): Promise<Plan> {
		const asking = { key, operation, ...deferred<Plan>() };
		this.asked.push(asking);
		this.flush();
		return await asking.promise;
	}

	/** Resolves when facts are written, which may take a while unless `flush` is called. */
	async write(facts: readonly string[]): Promise<void> {
		this.own.add(facts);
		if (facts.length > 0) this.lastWrite = performance.now();
		const written = deferred();
		this.written.push(written);
		void this.writeAll();
		await written.promise;
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
			if (this.asked.length === 0) await Promise.race([this.urgent.promise, sleep(timing.gather)]);
			// Even where no pause is left, the jobs of the same moment come along.
			await sleep(Math.max(0, this.endedAt + timing.betweenBatches * 4 ** this.failures - performance.now()));
			this.urgent = deferred();
			await this.writeOne();
			this.endedAt = performance.now();
		}
		this.isWriting = false;
	}

	/** Never rejects: each job is told how it ended. */
	private async writeOne(): Promise<void> {
		const { asked, written } = this;
		[this.asked, this.written] = [[], []];
		const unanswered = new Set(asked);
		const store = this.isLasting ? this.store : this.memory;
		try {
			this.isLocked = await underLock(store, async (lease) => await new Batch(store, lease, this.own, unanswered).write());
			for (const { resolve } of written) resolve();
			[this.hasWritten, this.failures] = [true, 0];
		} catch (error) {
			const hasNoPlace = error instanceof StoreUnavailable && error.isForGood && !this.hasWritten;
			if (hasNoPlace) this.isLasting = false;
			const isStoreUsable = hasNoPlace || !(error instanceof StoreUnavailable || error instanceof StoreFull);
			const hasHope = isStoreUsable && this.failures < maxFailures;
			this.failures = hasHope ? this.failures + 1 : 0;
			const isAskedAgain = hasHope && (hasNoPlace || error instanceof LockLost);
			if (hasHope) this.written.push(...written);
			if (isAskedAgain) this.asked.push(...unanswered);
			for (const { reject } of [...(hasHope ? [] : written), ...(isAskedAgain ? [] : unanswered)]) reject(error);
		}
		this.writeLate();
	}

	/** Writes once more what was written, some time after the last end: nobody else would, if it was overwritten meanwhile. */
	private writeLate(): void {
		const after = this.lastWrite;
		if (this.lateAfter === after) return;
		this.lateAfter = after;
		// A timer that keeps no process alive.
		AbortSignal.timeout(timing.lateBatch).addEventListener('abort', () => {
			if (this.lastWrite === after) void this.write([]).catch(() => {});
		});
	}
}

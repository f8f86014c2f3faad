import { sleep } from 'n8n-workflow';

import { deferred, type Deferred } from '../waiting';
import { Batch, Own, type Question, type Reply } from './batch';
import type { Operation } from './ledger';
import { LockLost, underLock, type Row, type Store } from './lock';
import { timing } from './timing';

interface Asking extends Question {
	readonly done: Deferred<Reply>;
}

const maxWrites = 5;
/** How often a batch is done again that took longer than it may use the lock. */
const maxLocks = 3;

/** A store that lasts as long as the object: for workflows that n8n's database has no place for. */
function memoryStore(): Store {
	const known = new Set<unknown>();
	return {
		checkProcessedAndRecord: async (values) => {
			const isNew = values.filter((value) => !known.has(value));
			for (const value of isNew) known.add(value);
			return { new: isNew, processed: [] };
		},
		removeProcessed: async (values) => values.forEach((value) => known.delete(value)),
		// Nothing but the lock is ever cleared.
		clearAllProcessedItems: async () => void known.delete(1),
		getProcessedDataCount: async () => known.size,
	};
}

/**
 * The records of one node in one workflow, shared by all its runs in this process.
 *
 * Everything that is asked of the store goes there together, one batch at a time: calls side by side would lose each other's
 * entries. Questions go at once; facts wait for others, and go along with the next question.
 */
export class Records {
	/** Whether other processes were kept out of the last batch; not where another node owns the lock's row. */
	isLocked = true;
	/** n8n's database as the run that began last sees it; it is the same to all of them. */
	store = memoryStore();

	private readonly own = new Own();
	private asked: Asking[] = [];
	private written: Array<Deferred<void>> = [];
	private hurry = deferred();
	private isWriting = false;
	private late: AbortSignal | undefined;

	/** @throws when the store can't be used */
	async ask(key: string, operation: Operation): Promise<Reply> {
		const done = deferred<Reply>();
		this.asked.push({ key, operation, done, answer: done.resolve });
		this.hurry.resolve();
		if (!this.isWriting) void this.writeAll();
		return await done.promise;
	}

	/**
	 * Writes facts about a key, and once more some time later: nobody else would, if they were overwritten meanwhile. Resolves
	 * when they are written, which may take a while unless `flush` is called; tries again for a while if the store can't.
	 */
	async write(key: string, facts: readonly string[]): Promise<void> {
		for (let writes = 1; ; writes++) {
			this.own.write(key, facts);
			const failure = await this.writeOwn().then(
				() => undefined,
				(error: unknown) => ({ error }),
			);
			if (!failure) break;
			if (writes === maxWrites) throw failure.error;
			await sleep(timing.beforeRewrite * 2 ** (writes - 1));
		}
		// A timer that keeps no process alive.
		const late = (this.late = AbortSignal.timeout(timing.lateBatch));
		late.addEventListener('abort', () => {
			if (this.late === late) this.writeOwn().catch(() => {});
		});
	}

	/** Has everything that waits written as soon as the batch before is. */
	flush(): void {
		if (this.written.length > 0) this.hurry.resolve();
	}

	private async writeOwn(): Promise<void> {
		const done = deferred();
		this.written.push(done);
		if (!this.isWriting) void this.writeAll();
		await done.promise;
	}

	private async writeAll(): Promise<void> {
		this.isWriting = true;
		while (this.asked.length + this.written.length > 0) {
			await Promise.race([this.hurry.promise, sleep(timing.gather)]);
			// Even where nothing has to wait, the jobs of the same moment come along.
			await sleep(0);
			await this.writeBatch();
			await sleep(timing.betweenBatches);
		}
		this.isWriting = false;
	}

	/** Never rejects: each job is told how it ended. */
	private async writeBatch(): Promise<void> {
		const { asked, written } = this;
		[this.asked, this.written, this.hurry] = [[], [], deferred()];
		// Of a batch that is done again, what was answered stands: it was verified.
		const questions = new Set<Question>(asked);
		try {
			this.isLocked = await this.locked(async (row) => await new Batch(row, this.own, questions).write());
			for (const done of written) done.resolve();
		} catch (error) {
			for (const done of [...asked.map((asking) => asking.done), ...written]) done.reject(error);
		}
	}

	private async locked(work: (row: Row) => Promise<void>, locks = maxLocks): Promise<boolean> {
		return await underLock(this.store, work).catch(async (error: unknown) =>
			error instanceof LockLost && locks > 1 ? await this.locked(work, locks - 1) : await Promise.reject(error as Error),
		);
	}
}

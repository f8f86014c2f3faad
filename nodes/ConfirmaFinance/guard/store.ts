import { sleep } from 'n8n-workflow';

import { deferred, type Deferred } from '../waiting';
import { OwnFacts, Row, writeBatch, type Question, type Reply } from './batch';
import type { Operation } from './ledger';
import { Lease, LockLost, StoreFull, StoreUnavailable, underLock, type Store } from './lock';
import { timing } from './timing';

interface Asking extends Question {
	readonly done: Deferred<Reply>;
	isAnswered: boolean;
}
/** Facts to be written; none to write again what is known. */
interface Writing {
	readonly fact?: { readonly key: string; readonly values: readonly string[]; readonly isCreated: boolean };
	readonly done: Deferred<void>;
}

const maxWrites = 5;
/** How often a batch is done again that took longer than it may use the lock. */
const maxLocks = 3;

/** A store that lasts as long as the object: for workflows that n8n's database has no place for. */
export function memoryStore(): Store {
	const known = new Set<unknown>();
	return {
		checkProcessedAndRecord: async (values) => {
			const isNew = values.filter((value) => !known.has(value));
			for (const value of isNew) known.add(value);
			return { new: isNew, processed: values.filter((value) => !isNew.includes(value)) };
		},
		removeProcessed: async (values) => values.forEach((value) => known.delete(value)),
		clearAllProcessedItems: async () => known.clear(),
		getProcessedDataCount: async () => known.size,
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

	private readonly own = new OwnFacts();
	private asked: Asking[] = [];
	private written: Writing[] = [];
	private dueAt = Infinity;
	private isWriting = false;
	private wake: () => void = () => {};
	private lateAt = 0;
	private hasLate = false;

	/** The same store as each run sees it, and the one seen last. */
	private readonly stores = new Set<Store>();
	private lastStore: Store | undefined;

	/** @param memory the store, where it is this process's own */
	constructor(private readonly memory?: Store) {}

	/** Whether no run uses the records. */
	get isIdle(): boolean {
		return this.stores.size === 0;
	}

	/** Lends a run's store. */
	attach(store: Store): void {
		this.stores.add(store);
		this.lastStore = store;
	}

	detach(store: Store): void {
		this.stores.delete(store);
	}

	/** @throws when the store can't be used */
	async ask(key: string, operation: Operation): Promise<Reply> {
		const done = deferred<Reply>();
		const asking: Asking = {
			key,
			operation,
			done,
			isAnswered: false,
			answer: (reply) => {
				asking.isAnswered = true;
				done.resolve(reply);
			},
		};
		this.asked.push(asking);
		this.begin(0);
		return await done.promise;
	}

	/** Resolves when facts are written, which may take a while unless `flush` is called; tries again for a while if the store can't. */
	async write(key: string, values: readonly string[], isCreated: boolean): Promise<void> {
		for (let writes = 1; ; writes++) {
			const done = deferred();
			this.written.push({ fact: { key, values, isCreated }, done });
			this.begin(timing.gather);
			const failure = await done.promise.catch((error: unknown) => ({ error }));
			if (!failure) return;
			const { error } = failure;
			const isHopeless = error instanceof StoreFull || (error instanceof StoreUnavailable && error.isForGood);
			if (isHopeless || writes === maxWrites) throw error;
			await sleep(timing.beforeRewrite * 2 ** (writes - 1));
		}
	}

	/** Has everything that waits written as soon as the batch before is. */
	flush(): void {
		if (this.written.length > 0) this.begin(0);
	}

	private begin(within: number): void {
		this.dueAt = Math.min(this.dueAt, performance.now() + within);
		this.wake();
		if (!this.isWriting) void this.writeAll();
	}

	private async writeAll(): Promise<void> {
		this.isWriting = true;
		while (this.asked.length + this.written.length > 0) {
			await this.due();
			await this.writeOne();
			await sleep(timing.betweenBatches);
		}
		this.isWriting = false;
	}

	private async due(): Promise<void> {
		// Even where nothing has to wait, the jobs of the same moment come along.
		await sleep(0);
		while (this.dueAt > performance.now()) {
			const woken = deferred();
			this.wake = woken.resolve;
			await Promise.race([sleep(this.dueAt - performance.now()), woken.promise]);
		}
	}

	/** Never rejects: each job is told how it ended. */
	private async writeOne(): Promise<void> {
		const { asked, written } = this;
		[this.asked, this.written, this.dueAt] = [[], [], Infinity];
		const store = this.memory ?? [...this.stores][0] ?? this.lastStore!;
		const work = async (lease: Lease) => {
			for (const { fact } of written) if (fact) this.own.write(fact.key, fact.values, fact.isCreated);
			await writeBatch(new Row(store, lease), this.own, {
				// Of a batch that is done again, what was answered stands: it was verified.
				questions: asked.filter(({ isAnswered }) => !isAnswered),
				onWritten: () => written.forEach(({ done }) => done.resolve()),
				closes: written.some(({ fact }) => fact?.isCreated ?? true),
			});
		};
		try {
			if (this.memory) await work(new Lease());
			else this.isLocked = await this.locked(store, work);
		} catch (error) {
			for (const { done } of [...asked, ...written]) done.reject(error);
		}
		if (written.some(({ fact }) => fact)) this.writeLate(timing.lateBatch);
	}

	private async locked(store: Store, work: (lease: Lease) => Promise<void>, locks = maxLocks): Promise<boolean> {
		return await underLock(store, work).catch(async (error: unknown) =>
			error instanceof LockLost && locks > 1 ? await this.locked(store, work, locks - 1) : await Promise.reject(error as Error),
		);
	}

	/** Writes once more what was written, some time after the last end: nobody else would, if it was overwritten meanwhile. */
	private writeLate(after: number): void {
		this.lateAt = performance.now() + after;
		if (this.memory || this.hasLate) return;
		this.hasLate = true;
		// A timer that keeps no process alive.
		AbortSignal.timeout(Math.ceil(after)).addEventListener('abort', () => {
			this.hasLate = false;
			const left = this.lateAt - performance.now();
			if (left > timing.gather) return this.writeLate(left);
			const done = deferred();
			done.promise.catch(() => {});
			this.written.push({ done });
			this.begin(0);
		});
	}
}

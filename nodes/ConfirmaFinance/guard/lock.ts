import { ApplicationError, sleep, type IExecuteFunctions } from 'n8n-workflow';

import { abortable } from '../waiting';
import { timing } from './timing';

/** n8n's deduplication store, as a node sees it: one row for the node (scope `node`), one for the workflow. */
export type Store = Pick<
	IExecuteFunctions['helpers'],
	'checkProcessedAndRecord' | 'removeProcessed' | 'clearAllProcessedItems' | 'getProcessedDataCount'
>;

const entries = { mode: 'entries' } as const;
// The row is a lock in this mode: only the first INSERT is atomic, and every later call says "processed". It can't tell whose lock
// it is: whoever asks for it writes back what was read, so a mark of the owner's would not last.
const lockMode = { mode: 'latestIncrementalKey' } as const;

const maxCalls = 3;
/** A holder of the lock is looked for a sign of life with each of so many tries, and so many times before it is presumed dead. */
const [triesPerLook, minLooks] = [16, 4];

/** The lock was held for so long that another process may have taken it over: what was written under it can't be trusted. */
export class LockLost extends ApplicationError {}

/** The row is as long as the database lets it be: 64 kB on MySQL and MariaDB. */
export class StoreFull extends ApplicationError {}

/** The store can't be used: not now, or never, since the workflow was never saved, or was deleted. */
export class StoreUnavailable extends ApplicationError {
	constructor(
		readonly hasNoPlace: boolean,
		cause: unknown,
	) {
		super("n8n's database cannot keep the duplicate guard's records", { cause });
	}
}

const says = (error: unknown, what: RegExp) => what.test(error instanceof Error ? error.message : String(error));

/** What a failed call says of the store, if it can't help to make it again. */
function lasting(error: unknown): StoreFull | StoreUnavailable | LockLost | undefined {
	if (error instanceof LockLost) return error;
	if (says(error, /data too long/i)) return new StoreFull("The duplicate guard's record is full", { cause: error });
	return says(error, /foreign key/i) ? new StoreUnavailable(true, error) : undefined;
}

/**
 * The node's row in the store, for as long as the lock may be used: that ends by a monotonic clock, and others presume its holder
 * dead, and take the lock over, only later. A call that fails is made again: what it added is there then.
 */
export class Row {
	/** Whether a call didn't return in time. It may still be written, so nobody else is to be let in before the lock is old. */
	isStuck = false;
	/** How many calls were made again. */
	repeats = 0;

	private readonly since = performance.now();
	private readonly ended = AbortSignal.timeout(timing.lease);

	constructor(private readonly store: Store) {}

	/** @throws LockLost when others may have written meanwhile */
	check(): void {
		if (performance.now() - this.since >= timing.lease) throw new LockLost('The duplicate guard held its lock for too long');
	}

	/** Adds values. @returns those that were new */
	async add(values: Iterable<string>): Promise<Set<string>> {
		// A value that stands twice in one call would be new twice.
		const unique = [...new Set(values)];
		if (unique.length === 0) return new Set();
		const { new: added } = await this.call(async () => await this.store.checkProcessedAndRecord(unique, 'node', entries));
		return new Set(added as string[]);
	}

	async remove(values: readonly string[]): Promise<void> {
		if (values.length > 0) await this.call(async () => await this.store.removeProcessed([...values], 'node', entries));
	}

	async count(): Promise<number> {
		return await this.call(async () => await this.store.getProcessedDataCount('node', entries));
	}

	/** @returns whether the lock is ours */
	async lock(): Promise<boolean> {
		const { new: isNew } = await this.call(async () => await this.store.checkProcessedAndRecord([1], 'workflow', lockMode), 1);
		return isNew.length > 0;
	}

	async unlock(): Promise<void> {
		await this.call(async () => await this.store.clearAllProcessedItems('workflow', lockMode), 1);
	}

	/** Makes a call if it still may, and waits for it no longer than that. */
	private async call<T>(make: () => Promise<T>, calls = maxCalls): Promise<T> {
		this.check();
		const made = abortable(make(), this.ended).finally(() => {
			this.isStuck ||= this.ended.aborted;
			this.check();
		});
		return await made.catch(async (error: unknown) => {
			const reason = lasting(error);
			if (reason ?? calls === 1) return await Promise.reject((reason ?? error) as Error);
			this.repeats += 1;
			await sleep(timing.beforeRepeat);
			return await this.call(make, calls - 1);
		});
	}
}

const between = ({ min, max }: { min: number; max: number }) => min + Math.random() * (max - min);

/**
 * Runs `work` while no other n8n process changes this node's records: the store reads, changes and rewrites a row without a
 * lock of its own, and loses most records when processes do so at once. A database that can't be reached is asked again.
 *
 * @returns whether others were kept out; not where another node owns the lock's row
 * @throws StoreFull, and StoreUnavailable before `work` began; whatever `work` throws
 */
export async function underLock(store: Store, work: (row: Row) => Promise<void>): Promise<boolean> {
	const row = await acquire(store, between(timing.patience));
	try {
		await work(row ?? new Row(store));
	} finally {
		// A lock that isn't given back is taken over. One that was held for too long may be another's by now.
		if (row && !row.isStuck) await row.unlock().catch(() => {});
	}
	return row !== undefined;
}

/**
 * Waits until the lock is ours. It is taken over from a process of which no sign was seen for as long as we are patient: no
 * record came or went. Where records do, the lock passes from hand to hand.
 *
 * @returns undefined when a Remove Duplicates node keeps its history in the lock's row, which isn't ours to touch
 */
async function acquire(store: Store, patience: number): Promise<Row | undefined> {
	let failingSince = Infinity;
	let holder: { readonly records: number; readonly since: number; looks: number } | undefined;
	for (let tries = 1; ; tries++) {
		const row = new Row(store);
		let failure: unknown;
		try {
			if (await row.lock()) return row;
			failingSince = Infinity;
			if (tries % triesPerLook === 0) {
				const records = await row.count();
				if (records !== holder?.records) holder = { records, since: performance.now(), looks: 0 };
				holder.looks += 1;
				if (performance.now() - holder.since > patience && holder.looks > minLooks) {
					holder = undefined;
					await row.unlock();
				}
			}
		} catch (error) {
			if (says(error, /incompatible/i)) return undefined;
			// A database that comes back must not make a lock look old that was just taken.
			holder = undefined;
			// Two processes inserted the row at the same moment, and the other one was first: that is no failure.
			if (!says(error, /unique|duplicate key|duplicate entry/i)) failure = error;
		}
		if (failure) {
			failingSince = Math.min(failingSince, performance.now());
			if (failure instanceof StoreFull || failure instanceof StoreUnavailable) throw failure;
			if (performance.now() - failingSince > patience) throw new StoreUnavailable(false, failure);
		}
		await sleep(between(timing.betweenTries));
	}
}

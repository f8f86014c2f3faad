import { ApplicationError, sleep, type IExecuteFunctions } from 'n8n-workflow';

/** n8n's deduplication store, as a node sees it: one row for the node (scope `node`), one for the workflow. */
export type Store = Pick<
	IExecuteFunctions['helpers'],
	'checkProcessedAndRecord' | 'removeProcessed' | 'clearAllProcessedItems' | 'getProcessedDataCount'
>;

// The row is a lock in this mode: only the first INSERT is atomic, and every later call says "processed".
const lockMode = { mode: 'latestIncrementalKey' } as const;

function message(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

/** Two processes inserted the row at the same moment; the other one was first. */
const wasFirst = (error: unknown) => /unique|duplicate key/i.test(message(error));

/** A Remove Duplicates node with scope Workflow keeps its history in the row; it is not ours to touch. */
const isTaken = (error: unknown) => /incompatible/i.test(message(error));

/** The store belongs to a workflow that n8n's database doesn't know, because it was never saved. */
const isWithoutWorkflow = (error: unknown) => /foreign key/i.test(message(error));

/** Another process took the lock over, so what was written under it can't be trusted. */
export class LockLost extends ApplicationError {}

/** The store can't be used: not now, or never for a workflow that wasn't saved. */
export class StoreUnavailable extends ApplicationError {
	constructor(
		readonly isForGood: boolean,
		cause: unknown,
	) {
		super("n8n's database cannot keep the duplicate guard's records", { cause });
	}
}

const tryLock = async (store: Store) => (await store.checkProcessedAndRecord([1], 'workflow', lockMode)).new.length > 0;
const release = async (store: Store) => await store.clearAllProcessedItems('workflow', lockMode);

/**
 * Runs `work` while no other n8n process changes this node's records: the store reads, changes and rewrites a row
 * without a lock of its own, and loses most records when processes do so at once.
 *
 * `work` gets a function that makes sure that the lock is still held. Where another node owns the lock's row, `work`
 * runs without the lock, and the result says so. While the database can't be reached it is asked again.
 *
 * @param patience milliseconds after which the lock's holder counts as dead, if no record was seen to come or go in the
 * second half of them, and the database as gone
 * @throws StoreUnavailable before `work` began; LockLost from the check, when another process took the lock over;
 * whatever `work` throws
 */
export async function underLock<T>(
	store: Store,
	work: (assertHeld: () => Promise<void>) => Promise<T>,
	patience = 8000 + Math.random() * 4000,
): Promise<{ result: T; locked: boolean }> {
	const locked = await acquire(store, patience);
	if (!locked) return { result: await work(async () => {}), locked };
	try {
		// The row can't tell whose lock it is: whoever asks for it writes back what it read, so a mark of ours would not last.
		const result = await work(async () => {
			if (await tryLock(store)) throw new LockLost('Another n8n process took over the lock of the duplicate guard');
		});
		return { result, locked };
	} finally {
		// What was done under the lock stands, even if the database goes away now: a lock that stays is taken over.
		await release(store).catch(() => {});
	}
}

/** Waits until the lock is ours. @returns false when another node owns the lock's row */
async function acquire(store: Store, patience: number): Promise<boolean> {
	let holder: Holder | undefined;
	// Since when the database has failed without a break, by a clock that nobody sets.
	let failingSince: number | undefined;
	for (;;) {
		let failure: unknown;
		try {
			if (await tryLock(store)) return true;
			failingSince = undefined;
			holder ??= new Holder(store, patience);
			if (await holder.looksDead()) {
				await release(store);
				holder = undefined;
				continue;
			}
		} catch (error) {
			if (isTaken(error)) return false;
			// A database that comes back must not make a lock look old that was just taken.
			holder = undefined;
			failure = wasFirst(error) ? undefined : error;
		}
		if (failure) {
			failingSince ??= performance.now();
			const isForGood = isWithoutWorkflow(failure);
			if (isForGood || performance.now() - failingSince > patience) throw new StoreUnavailable(isForGood, failure);
		}
		await sleep(5 + Math.random() * 15);
	}
}

/** A process that holds the lock, watched by one that waits for it. */
class Holder {
	private countFrom: number;
	private records: number | undefined;
	private unchangedSince = 0;

	constructor(
		private readonly store: Store,
		private readonly patience: number,
	) {
		this.countFrom = performance.now() + patience / 2;
	}

	/**
	 * Whether the process must be dead: it has held the lock for so long, and in the second half of that time no record came or
	 * went. Where they come and go, the lock passes from hand to hand.
	 */
	async looksDead(): Promise<boolean> {
		if (performance.now() < this.countFrom) return false;
		const records = await this.store.getProcessedDataCount('node', { mode: 'entries' });
		const now = performance.now();
		this.countFrom = now + this.patience / 16;
		if (records !== this.records) {
			this.records = records;
			this.unchangedSince = now;
		}
		return now - this.unchangedSince > this.patience / 2;
	}
}

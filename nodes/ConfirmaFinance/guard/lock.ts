import { ApplicationError, sleep } from 'n8n-workflow';

import { isTaken, lasting, StoreUnavailable, wasFirst, type Store } from '../n8n/deduplication';
import { abortable } from '../waiting';
import { timing } from './timing';

// The workflow's row is a lock in this mode: whoever inserts it has it, and every later call says "processed". It can't tell whose
// lock it is: whoever asks for it writes back what was read, so a mark of the owner's would not last.
const lockMode = { mode: 'latestIncrementalKey' } as const;

/** The lock was held for so long that another process may have taken it over: what was written under it can't be trusted. */
export class LockLost extends ApplicationError {}

/** The right to write, which ends by a clock: others presume its holder dead, and take the lock over, only later. */
export class Lease {
	private readonly since = performance.now();
	private readonly ended = AbortSignal.timeout(timing.lease);

	/** Makes a call if it still may, and waits for it no longer than the lease lasts. @throws LockLost when that has ended */
	async call<T>(make: () => Promise<T>): Promise<T> {
		this.check();
		return await abortable(make(), this.ended).finally(() => this.check());
	}

	private check(): void {
		if (performance.now() - this.since >= timing.lease) throw new LockLost('The duplicate guard held its lock for too long');
	}
}

const patient = () => timing.patience.min + Math.random() * (timing.patience.max - timing.patience.min);

/**
 * Runs `work` while no other n8n process changes this node's records, which would be lost if processes did so at once. A
 * database that can't be reached is asked again.
 *
 * @returns whether others were kept out; not where another node owns the lock's row
 * @throws StoreUnavailable before `work` began; whatever `work` throws
 */
export async function underLock(store: Store, work: (lease: Lease) => Promise<void>, patience = patient()): Promise<boolean> {
	const lease = await acquire(store, patience);
	try {
		await work(lease ?? new Lease());
	} finally {
		// A lock that isn't given back is taken over. One whose lease has ended may be another's by now, and isn't touched.
		await lease?.call(async () => await store.clearAllProcessedItems('workflow', lockMode)).catch(() => {});
	}
	return lease !== undefined;
}

/** Waits until the lock is ours. @returns undefined when another node owns the lock's row */
async function acquire(store: Store, patience: number): Promise<Lease | undefined> {
	let looksDead = watchHolder(store, patience);
	let reachedAt = performance.now();
	for (;;) {
		const lease = new Lease();
		try {
			const { new: mine } = await lease.call(async () => await store.checkProcessedAndRecord([1], 'workflow', lockMode));
			if (mine.length > 0) return lease;
			reachedAt = performance.now();
			if (await lease.call(looksDead)) {
				await store.clearAllProcessedItems('workflow', lockMode);
				looksDead = watchHolder(store, patience);
			}
		} catch (error) {
			if (isTaken(error)) return undefined;
			// A database that comes back must not make a lock look old that was just taken.
			looksDead = watchHolder(store, patience);
			const isAway = !wasFirst(error) && performance.now() - reachedAt > patience;
			const reason = lasting(error) ?? (isAway ? new StoreUnavailable(false, error) : undefined);
			if (reason) return await Promise.reject(reason);
		}
		const { min, max } = timing.betweenTries;
		await sleep(min + Math.random() * (max - min));
	}
}

// Where the database is so slow that each look at a lock takes long, it changes hands between two looks.
const minLooks = 64;

/**
 * Watches the process that holds the lock, from now on.
 *
 * @returns tells at each look whether it must be dead: it has held the lock for as long as one is patient, and in the second half
 * of that time no record came or went. Where they come and go, the lock passes from hand to hand.
 */
function watchHolder(store: Store, patience: number): () => Promise<boolean> {
	let looks = 0;
	let countAt = performance.now() + patience / 2;
	let seen: { records: number; since: number } | undefined;
	return async () => {
		looks += 1;
		if (performance.now() < countAt) return false;
		const records = await store.getProcessedDataCount('node', { mode: 'entries' });
		const now = performance.now();
		countAt = now + patience / 16;
		if (records !== seen?.records) seen = { records, since: now };
		return looks >= minLooks && now - seen.since > patience / 2;
	};
}

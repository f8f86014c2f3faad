import { sleep } from 'n8n-workflow';

import { deferred, type Deferred } from '../waiting';
import { Batches } from './batches';
import { StoreUnavailable, underLock, type Store } from './lock';
import { isSame, type Entry, type Records } from './records';

/** Something to be done in the store, and the promise that its caller waits for. */
type Job<Kind, Result> = Kind & { readonly done: Deferred<Result> };
type Entering = Job<{ readonly kind: 'enter'; readonly key: string; readonly expected: Entry }, Entry>;
type Closing = Job<{ readonly kind: 'close'; readonly key: string }, void>;
type TakingBack = Job<{ readonly kind: 'takeBack'; readonly key: string; readonly before: Entry }, void>;
type Finding = Job<{ readonly kind: 'findOpen'; readonly keys: readonly string[] }, Map<string, number>>;

const entries = { mode: 'entries' } as const;
const sentKey = (key: string) => `sent:${key}`;
const openKey = (key: string) => `open:${key}`;
const resentKey = (key: string, resend: number) => `resent:${resend}:${key}`;

const maxTries = 5;

/**
 * The records of one node in one workflow, in n8n's own database.
 *
 * A key has two entries there: `sent` for as long as it must not be sent again, and `open` until the outcome is known. Both
 * are written before the request leaves. So whatever dies afterwards leaves the key open and not forgotten. Each time it
 * is sent again, one more entry says so, and stays: an older attempt that ends afterwards finds it, and knows that what
 * stands there isn't its own to take back.
 *
 * The store only adds values and says which of them are new. What was added just to look is removed again; a process that
 * dies before that leaves a key open, which errs to the safe side.
 *
 * Everything that is asked of the store in this process goes there together, one batch at a time: calls side by side would
 * lose each other's entries, and the price is per call and hardly per entry.
 */
export class RecordsInStore implements Records {
	private readonly batches = new Batches<Entering | Closing | TakingBack | Finding>(async (jobs) => await this.write(jobs));

	/** The same store as each run sees it. Of a run that is over none is kept, since it holds the whole execution. */
	private readonly stores = new Set<Store>();

	/** Whether the last batch was written with other processes kept out; not where another node owns the lock's row. */
	isLocked = true;

	/** Whether no run uses the records. */
	get isIdle(): boolean {
		return this.stores.size === 0;
	}

	/** Lends a run's store for as long as the run lasts. */
	attach(store: Store): void {
		this.stores.add(store);
	}

	detach(store: Store): void {
		this.stores.delete(store);
	}

	async enter(key: string, expected: Entry): Promise<Entry> {
		const done = deferred<Entry>();
		this.batches.add({ kind: 'enter', key, expected, done });
		this.flush();
		return await done.promise;
	}

	async findOpen(keys: readonly string[]): Promise<Map<string, number>> {
		const done = deferred<Map<string, number>>();
		this.batches.add({ kind: 'findOpen', keys, done });
		this.flush();
		return await done.promise;
	}

	async close(key: string): Promise<void> {
		await insistently(async () => {
			const done = deferred();
			this.batches.add({ kind: 'close', key, done });
			await done.promise;
		});
	}

	async takeBack(key: string, before: Entry): Promise<void> {
		// Nobody knew before what became of it, and nobody does now.
		if (before.standing === 'unsettled') return;
		await insistently(async () => {
			const done = deferred();
			this.batches.add({ kind: 'takeBack', key, before, done });
			await done.promise;
		});
	}

	flush(): void {
		this.batches.flush();
	}

	/** Ended attempts come first, so that a key that was taken back can be entered again in the same batch. */
	private async write(jobs: ReadonlyArray<Entering | Closing | TakingBack | Finding>): Promise<void> {
		const ended = jobs.filter((job) => job.kind === 'close' || job.kind === 'takeBack');
		const asked = jobs.filter((job) => job.kind === 'enter' || job.kind === 'findOpen');
		const [store] = this.stores;
		try {
			const { locked } = await underLock(store!, async (assertHeld) => {
				if (ended.length > 0) await settling(ended, async () => await removeEnded(store!, ended));
				if (asked.length > 0) await settling(asked, async () => await answer(store!, asked, assertHeld));
			});
			this.isLocked = locked;
		} catch (error) {
			for (const { done } of jobs) done.reject(error);
		}
	}
}

/** Tries again for a while what the store could not do. */
async function insistently(work: () => Promise<void>, triesLeft = maxTries): Promise<void> {
	const failure = await work().then(
		() => undefined,
		(error: unknown) => ({ error }),
	);
	if (!failure) return;
	const isHopeless = failure.error instanceof StoreUnavailable && failure.error.isForGood;
	if (isHopeless || triesLeft <= 1) return await Promise.reject(failure.error as Error);
	await sleep((maxTries - triesLeft + 1) * 500);
	await insistently(work, triesLeft - 1);
}

/** Does the work of jobs that end together when it fails; when it succeeds it has told each of them. */
async function settling(jobs: ReadonlyArray<{ done: { reject: (error: unknown) => void } }>, work: () => Promise<void>) {
	await work().catch((error: unknown) => {
		for (const { done } of jobs) done.reject(error);
	});
}

/** Adds values to the store. @returns those that were there before */
async function addAll(store: Store, values: string[]): Promise<Set<string>> {
	if (values.length === 0) return new Set();
	const { new: added } = await store.checkProcessedAndRecord(values, 'node', entries);
	const isNew = new Set(added);
	return new Set(values.filter((value) => !isNew.has(value)));
}

async function removeAll(store: Store, values: string[]): Promise<void> {
	if (values.length > 0) await store.removeProcessed(values, 'node', entries);
}

async function removeEnded(store: Store, ended: ReadonlyArray<Closing | TakingBack>): Promise<void> {
	const takenBack = ended.filter((job) => job.kind === 'takeBack');
	// The entry that the next attempt would have made.
	const laterKey = ({ key, before }: TakingBack) => resentKey(key, before.standing === 'none' ? 1 : before.resends + 2);
	const found = await addAll(
		store,
		takenBack.flatMap((job) => [openKey(job.key), laterKey(job)]),
	);
	await removeAll(
		store,
		ended.flatMap((job) => {
			if (job.kind === 'close') return [openKey(job.key)];
			const isSentAgain = found.has(laterKey(job));
			const isClosed = !found.has(openKey(job.key));
			if (isSentAgain) return isClosed ? [openKey(job.key)] : [];
			const isForgotten = job.before.standing === 'none' && !isClosed;
			return [laterKey(job), openKey(job.key), ...(isForgotten ? [sentKey(job.key)] : [])];
		}),
	);
	for (const { done } of ended) done.resolve();
}

/** Enters and finds keys under the lock, and tells each job only when the lock was certainly held. */
async function answer(store: Store, asked: ReadonlyArray<Entering | Finding>, assertHeld: () => Promise<void>): Promise<void> {
	const entering = asked.filter((job) => job.kind === 'enter');
	const finding = asked.filter((job) => job.kind === 'findOpen');
	const entered = new Set(entering.map(({ key }) => key));
	// A value that stands twice in one call is new twice.
	const sought = [...new Set(finding.flatMap(({ keys }) => keys))].filter((key) => !entered.has(key));

	const found = await addAll(store, [...[...entered].map(sentKey), ...[...entered, ...sought].map(openKey)]);
	const isOpen = (key: string) => found.has(openKey(key)) && (!entered.has(key) || found.has(sentKey(key)));
	const expectsResend = entering.filter(({ expected }) => expected.standing === 'done').map(({ key }) => key);
	const counted = new Set([...[...entered, ...sought].filter(isOpen), ...expectsResend]);
	const { resends, added } = await countResends(store, [...counted]);

	const before = entering.map(({ key }): Entry => {
		if (!found.has(sentKey(key))) return { standing: 'none', resends: 0 };
		return { standing: isOpen(key) ? 'unsettled' : 'done', resends: resends.get(key) ?? 0 };
	});
	const isGranted = ({ expected }: Entering, index: number) => isSame(expected, before[index]!);
	const kept = new Set(
		entering
			.filter((job, index) => before[index]!.standing !== 'none' && isGranted(job, index))
			.flatMap(({ key }) => [openKey(key), resentKey(key, resends.get(key)! + 1)]),
	);
	const lookedUp = [
		...entering.filter((_, index) => before[index]!.standing === 'done').map(({ key }) => openKey(key)),
		...sought.filter((key) => !isOpen(key)).map(openKey),
		...added,
	];
	await removeAll(
		store,
		lookedUp.filter((value) => !kept.has(value)),
	);
	await assertHeld();

	entering.forEach(({ done }, index) => done.resolve(before[index]!));
	for (const { keys, done } of finding) {
		done.resolve(new Map(keys.filter(isOpen).map((key) => [key, resends.get(key)!])));
	}
}

/** How often keys were sent again. @returns also the entries that it added by looking: one for each key, its next resend */
async function countResends(store: Store, keys: string[]): Promise<{ resends: Map<string, number>; added: string[] }> {
	const resends = new Map<string, number>();
	const added: string[] = [];
	let counting = keys;
	for (let resend = 1; counting.length > 0; resend++) {
		const found = await addAll(
			store,
			counting.map((key) => resentKey(key, resend)),
		);
		const isLast = (key: string) => !found.has(resentKey(key, resend));
		for (const key of counting.filter(isLast)) {
			resends.set(key, resend - 1);
			added.push(resentKey(key, resend));
		}
		counting = counting.filter((key) => !isLast(key));
	}
	return { resends, added };
}

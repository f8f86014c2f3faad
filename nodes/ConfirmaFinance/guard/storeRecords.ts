import { sleep } from 'n8n-workflow';

import { deferred, type Deferred } from '../waiting';
import { Batches, type Job as BatchedJob } from './batches';
import { ask, writeEnds, type End } from './entries';
import { StoreUnavailable, underLock, type Store } from './lock';
import type { Attempt, Entry, Records } from './records';

/** What is to be done in the store, each with the promise that its caller waits for. */
type Ending = BatchedJob & { readonly end: End; readonly done: Deferred<void> };
type Entering = BatchedJob & { readonly key: string; readonly expected: Entry; readonly done: Deferred<Entry> };
type Finding = BatchedJob & { readonly done: Deferred<Map<string, Entry>> };
type Asking = Entering | Finding;
type Job = Ending | Asking;

const isEnding = (job: Job): job is Ending => 'end' in job;
const isAsking = (job: Job): job is Asking => !isEnding(job);
const isEntering = (job: Asking): job is Entering => 'expected' in job;
const isFinding = (job: Asking): job is Finding => !isEntering(job);

const maxTries = 5;

/**
 * The records of one node in one workflow, in n8n's own database.
 *
 * Everything that is asked of the store in this process goes there together, one batch at a time: calls side by side would
 * lose each other's entries, and the price is per call and hardly per entry.
 */
export class RecordsInStore implements Records {
	private readonly batches = new Batches<Job>(async (jobs) => await this.write(jobs));

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
		this.batches.add({ key, keys: [key], expected, done });
		return await done.promise;
	}

	async findOpen(keys: readonly string[]): Promise<Map<string, Entry>> {
		const done = deferred<Map<string, Entry>>();
		this.batches.add({ keys, done });
		return await done.promise;
	}

	async close(key: string, attempt?: Attempt): Promise<void> {
		await this.end({ kind: 'close', key, attempt });
	}

	async leaveOpen(key: string, attempt: Attempt): Promise<void> {
		await this.end({ kind: 'leaveOpen', key, attempt });
	}

	async takeBack(key: string, attempt: Attempt): Promise<void> {
		await this.end({ kind: 'takeBack', key, attempt });
	}

	flush(): void {
		this.batches.flush();
	}

	/** Writes how an attempt ended; tries again for a while if the store can't. */
	private async end(end: End, triesLeft = maxTries): Promise<void> {
		const done = deferred();
		this.batches.gather({ end, keys: [end.key], done });
		const failure = await done.promise.then(
			() => undefined,
			(error: unknown) => ({ error }),
		);
		if (!failure) return;
		const isHopeless = failure.error instanceof StoreUnavailable && failure.error.isForGood;
		if (isHopeless || triesLeft <= 1) return await Promise.reject(failure.error as Error);
		await sleep((maxTries - triesLeft + 1) * 500);
		await this.end(end, triesLeft - 1);
	}

	/** Ended attempts come first: a key that was created and is asked for in the same batch has to be found closed. */
	private async write(jobs: readonly Job[]): Promise<void> {
		const ended = jobs.filter(isEnding);
		const asked = jobs.filter(isAsking);
		const [store] = this.stores;
		try {
			const { locked } = await underLock(store!, async (assertHeld) => {
				if (ended.length > 0) await telling(ended, async () => await end(store!, ended));
				if (asked.length > 0) await telling(asked, async () => await answer(store!, asked, assertHeld));
			});
			this.isLocked = locked;
		} catch (error) {
			for (const { done } of jobs) done.reject(error);
		}
	}
}

/** Does the work of some jobs, which tells each of them how it ended; when it fails, tells them that. */
async function telling(jobs: readonly Job[], work: () => Promise<void>): Promise<void> {
	await work().catch((error: unknown) => {
		for (const { done } of jobs) done.reject(error);
	});
}

async function end(store: Store, ended: readonly Ending[]): Promise<void> {
	await writeEnds(
		store,
		ended.map((job) => job.end),
	);
	for (const { done } of ended) done.resolve();
}

async function answer(store: Store, asked: readonly Asking[], assertHeld: () => Promise<void>): Promise<void> {
	const entering = asked.filter(isEntering);
	const finding = asked.filter(isFinding);
	const { before, open } = await ask(store, {
		enter: new Map(entering.map(({ key, expected }) => [key, expected])),
		find: new Set(finding.flatMap(({ keys }) => keys)),
	});
	await assertHeld();
	for (const { key, done } of entering) done.resolve(before.get(key)!);
	for (const { keys, done } of finding) {
		done.resolve(new Map(keys.flatMap((key) => (open.has(key) ? [[key, open.get(key)!] as const] : []))));
	}
}

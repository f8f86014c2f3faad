import { sleep } from 'n8n-workflow';

import { underLock, type Store } from './lock';

/** What is known of a client: nothing, that it was created, or that it was sent and its outcome isn't known. */
export type Standing = 'none' | 'done' | 'unsettled';

/** Where the guard keeps what it knows of clients. */
export interface Records {
	/**
	 * Enters a client as sent, with its outcome open, unless it was entered before.
	 *
	 * @param anyway enter it again all the same
	 * @returns how the client stood before
	 */
	enter(client: string, anyway: boolean): Promise<Standing>;
	/** Notes that the client was created. */
	close(client: string): Promise<void>;
	/** Takes the client out as if it had never been entered. */
	forget(client: string): Promise<void>;
	/** Has everything written soon that is still waiting to be. */
	flush(): void;
}

/** Records that last as long as the object: for workflows that n8n has no database row for. */
export class RecordsInMemory implements Records {
	private readonly standings = new Map<string, Standing>();

	async enter(client: string, anyway: boolean): Promise<Standing> {
		const before = this.standings.get(client) ?? 'none';
		if (before === 'none' || anyway) this.standings.set(client, 'unsettled');
		return before;
	}

	async close(client: string): Promise<void> {
		this.standings.set(client, 'done');
	}

	async forget(client: string): Promise<void> {
		this.standings.delete(client);
	}

	flush(): void {}
}

interface Entering {
	readonly client: string;
	readonly anyway: boolean;
	readonly resolve: (before: Standing) => void;
	readonly reject: (error: unknown) => void;
}

interface Removing {
	readonly client: string;
	/** Whether the client was refused, so that all its entries go, and not only the open one. */
	readonly wholly: boolean;
	readonly resolve: () => void;
	readonly reject: (error: unknown) => void;
}

const entries = { mode: 'entries' } as const;
const sent = (client: string) => `sent:${client}`;
const open = (client: string) => `open:${client}`;

// Removals are no hurry: gathered for a while (in milliseconds) they cost one call instead of many.
const gather = 1000;
const removalTries = 5;

/**
 * The records of one node in one workflow, in n8n's own database.
 *
 * A client has two entries there: one that stays for as long as the client must not be sent again, and one that is
 * open until the outcome is known. Both are written before the request leaves. So whatever dies afterwards leaves
 * the client open and not forgotten, and an open entry that was written only to look a client up errs, if the
 * process dies before taking it back, to the same safe side.
 *
 * All calls that wait in this process go to the store together, one batch at a time: calls side by side would lose
 * each other's entries, and the price is per call and hardly per entry.
 */
export class RecordsInStore implements Records {
	private entering: Entering[] = [];
	private removing: Removing[] = [];
	private writing = false;
	/** Whether someone waits for what is in the queues. */
	private urgent = false;
	private endGathering: (() => void) | undefined;

	/** Whether the last batch had to do without the lock, because another node owns the row that serves as one. */
	unlocked = false;

	/** The same store as each run sees it. Of a run that is over none is kept, since it holds the whole execution. */
	private readonly stores = new Set<Store>();

	/** Lends a run's store for as long as the run lasts. */
	attach(store: Store): void {
		this.stores.add(store);
	}

	detach(store: Store): void {
		this.stores.delete(store);
	}

	async enter(client: string, anyway: boolean): Promise<Standing> {
		return await new Promise((resolve, reject) => {
			this.entering.push({ client, anyway, resolve, reject });
			this.write();
			this.flush();
		});
	}

	async close(client: string): Promise<void> {
		await this.remove(client, false);
	}

	async forget(client: string): Promise<void> {
		await this.remove(client, true);
	}

	flush(): void {
		this.urgent = true;
		this.endGathering?.();
	}

	private async remove(client: string, wholly: boolean, triesLeft = removalTries): Promise<void> {
		const removed = new Promise<void>((resolve, reject) => {
			this.removing.push({ client, wholly, resolve, reject });
			this.write();
		});
		await removed.catch(async () => {
			if (triesLeft <= 1) return await removed;
			await sleep((removalTries - triesLeft + 1) * 500);
			await this.remove(client, wholly, triesLeft - 1);
		});
	}

	private write(): void {
		if (this.writing) return;
		this.writing = true;
		void this.writeBatches().finally(() => (this.writing = false));
	}

	private async writeBatches(): Promise<void> {
		for (let batches = 0; this.entering.length > 0 || this.removing.length > 0; batches++) {
			await this.gathered();
			// Lets the calls of the same moment come along, and from the second batch on other processes: they ask for the
			// lock every 20 ms at the least, and one that never gets it would take it for a dead one's.
			await sleep(batches === 0 ? 0 : 25);
			this.urgent = false;
			const [entering, removing] = [this.entering, this.removing];
			this.entering = [];
			this.removing = [];
			let isRemoved = false;
			try {
				const [store] = this.stores;
				const before = await this.writeBatch(store!, entering, removing, () => (isRemoved = true));
				entering.forEach(({ resolve }, index) => resolve(before[index]!));
			} catch (error) {
				for (const { reject } of entering) reject(error);
				// What was removed is not removed again: the client may have been entered anew since.
				if (!isRemoved) for (const { reject } of removing) reject(error);
			}
			for (const { resolve } of removing) resolve();
		}
	}

	/** Resolves when the queues have gathered long enough, at once when someone waits for them. */
	private async gathered(): Promise<void> {
		if (this.urgent) return;
		await Promise.race([sleep(gather), new Promise<void>((resolve) => (this.endGathering = resolve))]);
		this.endGathering = undefined;
	}

	/** Removals come first, so that a client that was refused can be entered again in the same batch. */
	private async writeBatch(store: Store, entering: Entering[], removing: Removing[], onRemoved: () => void): Promise<Standing[]> {
		const { result, locked } = await underLock(store, async (assertHeld) => {
			if (removing.length > 0) {
				await store.removeProcessed(await this.keysToRemove(store, removing), 'node', entries);
				onRemoved();
			}
			if (entering.length === 0) return [];

			const clients = entering.map(({ client }) => client);
			const { new: added } = await store.checkProcessedAndRecord([...clients.map(sent), ...clients.map(open)], 'node', entries);
			const isNew = new Set(added);
			const before = clients.map((client): Standing => {
				if (isNew.has(sent(client))) return 'none';
				return isNew.has(open(client)) ? 'done' : 'unsettled';
			});
			const lookedUp = entering.filter(({ anyway }, index) => before[index] === 'done' && !anyway);
			if (lookedUp.length > 0) {
				await store.removeProcessed(
					lookedUp.map(({ client }) => open(client)),
					'node',
					entries,
				);
			}
			await assertHeld();
			return before;
		});
		this.unlocked = !locked;
		return result;
	}

	/**
	 * A refused client keeps its entry as sent if another process created it meanwhile, sending it anyway: then its open
	 * entry is gone, and writing it finds it new.
	 */
	private async keysToRemove(store: Store, removing: Removing[]): Promise<string[]> {
		const refused = removing.filter(({ wholly }) => wholly).map(({ client }) => client);
		const closed = new Set(
			refused.length > 0 ? (await store.checkProcessedAndRecord(refused.map(open), 'node', entries)).new : [],
		);
		return removing.flatMap(({ client, wholly }) =>
			wholly && !closed.has(open(client)) ? [open(client), sent(client)] : [open(client)],
		);
	}
}

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
	readonly keys: string[];
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
	private hurry: (() => void) | undefined;

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
		await this.remove([open(client)]);
	}

	async forget(client: string): Promise<void> {
		await this.remove([open(client), sent(client)]);
	}

	flush(): void {
		this.urgent = true;
		this.hurry?.();
	}

	private async remove(keys: string[], triesLeft = removalTries): Promise<void> {
		const removed = new Promise<void>((resolve, reject) => {
			this.removing.push({ keys, resolve, reject });
			this.write();
		});
		await removed.catch(async () => {
			if (triesLeft <= 1) return await removed;
			await sleep((removalTries - triesLeft + 1) * 500);
			await this.remove(keys, triesLeft - 1);
		});
	}

	private write(): void {
		if (this.writing) return;
		this.writing = true;
		void this.writeBatches().finally(() => (this.writing = false));
	}

	private async writeBatches(): Promise<void> {
		while (this.entering.length > 0 || this.removing.length > 0) {
			if (!this.urgent) {
				await Promise.race([sleep(gather), new Promise<void>((resolve) => (this.hurry = resolve))]);
				this.hurry = undefined;
			}
			// Lets the calls of the same moment come along: those of one window are made one after the other.
			await sleep(0);
			this.urgent = false;
			const [entering, removing] = [this.entering, this.removing];
			this.entering = [];
			this.removing = [];
			try {
				const [store] = this.stores;
				const before = await this.writeBatch(store!, entering, removing);
				for (const { resolve } of removing) resolve();
				entering.forEach(({ resolve }, index) => resolve(before[index]!));
			} catch (error) {
				for (const { reject } of [...entering, ...removing]) reject(error);
			}
		}
	}

	/** Removals come first, so that a client that was refused can be entered again in the same batch. */
	private async writeBatch(store: Store, entering: Entering[], removing: Removing[]): Promise<Standing[]> {
		const { result, locked } = await underLock(store, async (assertHeld) => {
			if (removing.length > 0) {
				await store.removeProcessed(
					removing.flatMap(({ keys }) => keys),
					'node',
					entries,
				);
			}
			if (entering.length === 0) return [];

			const clients = entering.map(({ client }) => client);
			const { new: added } = await store.checkProcessedAndRecord(
				[...clients.map(sent), ...clients.map(open)],
				'node',
				entries,
			);
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
}

import { sleep } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { Records, Standing } from './records';

/** `granted`: nothing was sent for this client before, or it may be sent all the same, so it is this item's to send. */
export type Verdict = 'granted' | 'duplicate' | 'unsettled';

/** How an item's request ended; `rejected` is certain that nothing was created. */
export type Ending = 'created' | 'rejected' | 'unknown';

// An attempt that another n8n process is making right now may end while we ask again (milliseconds).
const askFor = 10_000;
const askEvery = 500;

const mostAbandoned = 10_000;

/** What all runs of one node in one workflow share within this process. */
export class Guard {
	/** Clients being sent, each with a promise that resolves when the attempt has ended. */
	private readonly inFlight = new Map<string, { ended: Promise<void>; end: () => void; before: Standing }>();

	/** Clients whose outcome is going to stay unknown: nobody is working on them, so there's no use in asking for long. */
	private readonly abandoned = new Set<string>();

	constructor(readonly records: Records) {}

	/**
	 * Asks for the right to send a client. At most one attempt has it at a time, in this process and, through the
	 * records, in all others; an attempt that is still under way elsewhere is waited for.
	 *
	 * @param anyway grant it even if the client was sent before
	 * @param signal ends the waiting
	 * @throws when `signal` fires while waiting, and when the records can't be written: nothing was sent then
	 */
	async claim(client: string, anyway: boolean, signal?: AbortSignal): Promise<Verdict> {
		const askUntil = Date.now() + askFor;
		for (;;) {
			const attempt = this.inFlight.get(client);
			if (attempt) {
				await abortable(attempt.ended, signal);
				continue;
			}
			const own = this.begin(client);
			let granted = false;
			try {
				own.before = await this.records.enter(client, anyway);
				granted = own.before === 'none' || anyway;
			} finally {
				if (!granted) this.end(client);
			}
			if (granted) return 'granted';
			if (own.before === 'done') return 'duplicate';
			// Unsettled: another process may be sending it right now.
			if (this.abandoned.has(client)) return 'unsettled';
			if (Date.now() > askUntil) this.abandon(client);
			else await abortable(sleep(askEvery), signal);
		}
	}

	/**
	 * Ends the attempt that `claim` granted. Resolves when the outcome is written, which takes a while unless
	 * `records.flush` is called. Others that wait for this client go on at once, but after a refusal only then.
	 */
	async settle(client: string, ending: Ending): Promise<void> {
		const before = this.inFlight.get(client)?.before;
		const written = this.write(client, ending, before);
		// A refused client may be claimed again, but not before its entries are gone: they would be taken for the new claim's.
		if (ending === 'rejected') await written.finally(() => this.end(client));
		else this.end(client);
		await written;
	}

	private async write(client: string, ending: Ending, before: Standing | undefined): Promise<void> {
		if (ending === 'created') {
			await this.records.close(client);
		} else if (ending === 'rejected') {
			if (before === 'none') await this.records.forget(client);
			else if (before === 'done') await this.records.close(client);
		} else {
			this.abandon(client);
		}
	}

	private abandon(client: string): void {
		this.abandoned.add(client);
		if (this.abandoned.size > mostAbandoned) this.abandoned.delete(this.abandoned.values().next().value!);
	}

	private begin(client: string) {
		let end!: () => void;
		const ended = new Promise<void>((resolve) => (end = resolve));
		const attempt = { ended, end, before: 'none' as Standing };
		this.inFlight.set(client, attempt);
		return attempt;
	}

	private end(client: string): void {
		this.inFlight.get(client)?.end();
		this.inFlight.delete(client);
	}
}

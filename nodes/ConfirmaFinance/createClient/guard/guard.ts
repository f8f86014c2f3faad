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

const maxAbandoned = 10_000;

/** Which clients may be sent although they were sent before. */
export interface Resend {
	/** Those that were created. */
	readonly created: boolean;
	/** Those whose outcome nobody knows. */
	readonly unknown: boolean;
}

const holdBack: Resend = { created: false, unknown: false };

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
	 * @param resend grants it to clients that were sent before, too
	 * @param signal ends the waiting
	 * @throws when `signal` fires while waiting, and when the records can't be written: nothing was sent then
	 */
	async claim(client: string, resend: Resend, signal?: AbortSignal): Promise<Verdict> {
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
				own.before = await this.records.enter(client, false);
				const isGivenUp = this.abandoned.has(client) || Date.now() > askUntil;
				granted =
					own.before === 'none' ||
					(own.before === 'done' && resend.created) ||
					(own.before === 'unsettled' && resend.unknown && isGivenUp);
				if (granted && own.before !== 'none') await this.records.enter(client, true);
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
	 * Records that a client exists, because somebody asked. An attempt in flight is waited for first.
	 *
	 * @returns whether it was recorded before; if not, nothing is recorded
	 * @throws as `claim` does
	 */
	async takeAsCreated(client: string, signal?: AbortSignal): Promise<boolean> {
		const verdict = await this.claim(client, holdBack, signal);
		const settled =
			verdict === 'granted'
				? this.settle(client, 'rejected')
				: verdict === 'unsettled'
					? this.records.close(client)
					: Promise.resolve();
		this.records.flush();
		await settled;
		return verdict !== 'granted';
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
		if (this.abandoned.size > maxAbandoned) this.abandoned.delete(this.abandoned.values().next().value!);
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

import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard, type Ending, type Resend, type Verdict } from './guard';
import { StoreUnavailable } from './lock';
import { RecordsInStore } from './records';

const guards = new Map<string, { guard: Guard; records: RecordsInStore }>();

/** n8n's id of a workflow that was never saved. */
const unsaved = '__EMPTY__';

/**
 * The duplicate guard as one run uses it: at most one request per client leaves, through redelivery, retries,
 * restarts, killed processes and n8n's queue mode.
 */
export class RunGuard {
	private readonly shared: { guard: Guard; records: RecordsInStore } | undefined;
	private readonly store: IExecuteFunctions['helpers'];
	private guard: Guard;
	/** The records may vanish in the middle of a run: what was claimed from them is settled with them all the same. */
	private readonly claimedFrom = new Map<string, Guard>();

	/** @param fallback holds back within this run where n8n can't keep records */
	constructor(
		context: IExecuteFunctions,
		private readonly fallback: Guard,
	) {
		this.store = context.helpers;
		const workflowId = context.getWorkflow().id;
		if (workflowId && workflowId !== unsaved) {
			const key = JSON.stringify([workflowId, context.getNode().id]);
			let shared = guards.get(key);
			if (!shared) {
				const records = new RecordsInStore();
				shared = { guard: new Guard(records), records };
				guards.set(key, shared);
			}
			shared.records.attach(this.store);
			this.shared = shared;
		}
		this.guard = this.shared?.guard ?? fallback;
	}

	/** Whether what is recorded outlasts this run. */
	get isLasting(): boolean {
		return this.guard !== this.fallback;
	}

	/** Whether other n8n processes are kept out while records are written. */
	get isLocked(): boolean {
		return this.shared?.records.unlocked !== true;
	}

	/** See {@link Guard.claim}. */
	async claim(client: string, resend: Resend, signal?: AbortSignal): Promise<Verdict> {
		return await this.whereRecordsCanBeKept(async (guard) => {
			const verdict = await guard.claim(client, resend, signal);
			if (verdict === 'granted') this.claimedFrom.set(client, guard);
			return verdict;
		});
	}

	/** See {@link Guard.takeAsCreated}. */
	async takeAsCreated(client: string, signal?: AbortSignal): Promise<boolean> {
		return await this.whereRecordsCanBeKept(async (guard) => await guard.takeAsCreated(client, signal));
	}

	/** See {@link Guard.settle}. */
	async settle(client: string, ending: Ending): Promise<void> {
		await this.claimedFrom.get(client)!.settle(client, ending);
	}

	private async whereRecordsCanBeKept<T>(ask: (guard: Guard) => Promise<T>): Promise<T> {
		return await ask(this.guard).catch(async (error: unknown) => {
			const lacksDatabase = error instanceof StoreUnavailable && error.isForGood;
			if (!lacksDatabase) return await Promise.reject(error as Error);
			this.guard = this.fallback;
			return await ask(this.guard);
		});
	}

	/** Has what is settled written now. */
	flush(): void {
		this.shared?.records.flush();
	}

	/** Ends the run's part in the guard; to be called when all that was settled is written. */
	release(): void {
		this.shared?.records.detach(this.store);
	}
}

import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard, type Ending, type Verdict } from './guard';
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
	async claim(client: string, anyway: boolean, signal?: AbortSignal): Promise<Verdict> {
		const verdict = this.guard.claim(client, anyway, signal);
		return await verdict.catch(async (error: unknown) => {
			const lacksDatabase = error instanceof StoreUnavailable && error.isForGood;
			// Rejects with the same error: it is for others to handle.
			if (!lacksDatabase) return await verdict;
			this.guard = this.fallback;
			return await this.guard.claim(client, anyway, signal);
		});
	}

	/** See {@link Guard.settle}. */
	async settle(client: string, ending: Ending): Promise<void> {
		await this.guard.settle(client, ending);
	}

	/** Has what is settled written now. */
	flush(): void {
		this.guard.records.flush();
	}

	/** Ends the run's part in the guard; to be called when all that was settled is written. */
	release(): void {
		this.shared?.records.detach(this.store);
	}
}

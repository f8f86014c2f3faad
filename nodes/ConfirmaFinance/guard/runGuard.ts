import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard, type Ending, type Resend, type Verdict } from './guard';
import { StoreUnavailable } from './lock';
import type { Standing } from './records';
import { RecordsInStore } from './storeRecords';
import type { Watch } from './watch';

/** What all runs of one node in one workflow share, as long as this process lives. */
class NodeGuard {
	readonly records = new RecordsInStore();
	readonly guard = new Guard(this.records);
}

/** By workflow and node, the one used last at the end. */
const nodeGuards = new Map<string, NodeGuard>();
const maxNodeGuards = 100;

/** n8n's id of a workflow that was never saved. */
const unsaved = '__EMPTY__';

/**
 * The duplicate guard as one run uses it: at most one request per key leaves, through redelivery, retries, restarts, killed
 * processes and n8n's queue mode.
 *
 * A key is claimed twice: from the run's own guard, and from the one that lasts in n8n's database. Where the database has no
 * place for the workflow, or has none any more, the run's own guard goes on alone.
 */
export class RunGuard {
	private readonly nodeGuard: NodeGuard | undefined;
	private readonly watch: Watch | undefined;
	private readonly store: IExecuteFunctions['helpers'];
	/** What was claimed in the database is settled there, even if it turns out in between that it has no place for it. */
	private readonly claimedLastingly = new Set<string>();
	/** What another attempt took over: it was still under way in this run, so nobody can have asked about it. */
	private readonly superseded = new Set<string>();

	/** Whether what is recorded outlasts this run. */
	isLasting: boolean;

	/**
	 * @param own holds back within the run, and within its retries
	 * @param keys all keys that the run may claim
	 */
	constructor(
		context: IExecuteFunctions,
		private readonly own: Guard,
		keys: readonly string[],
	) {
		this.store = context.helpers;
		const workflowId = context.getWorkflow().id;
		this.isLasting = workflowId !== undefined && workflowId !== '' && workflowId !== unsaved;
		if (!this.isLasting) return;
		this.nodeGuard = nodeGuardOf(JSON.stringify([workflowId, context.getNode().id]));
		this.nodeGuard.records.attach(this.store);
		this.watch = this.nodeGuard.guard.watch(keys);
	}

	/** Whether other n8n processes are kept out while records are written. */
	get isLocked(): boolean {
		return this.nodeGuard?.records.isLocked ?? true;
	}

	/** See {@link Guard.claim}. */
	async claim(key: string, resend: Resend, signal?: AbortSignal): Promise<Verdict> {
		const ownVerdict = await this.own.claim(key, resend, signal);
		if (ownVerdict !== 'granted') return ownVerdict;
		let isGranted = false;
		try {
			const verdict = await this.lastingly<Verdict>(
				async (guard) => {
					const unknown = resend.unknown && !this.superseded.has(key);
					const lasting = await guard.claim(key, { ...resend, unknown }, signal, this.watch);
					if (lasting === 'granted') this.claimedLastingly.add(key);
					return lasting;
				},
				async () => ownVerdict,
			);
			isGranted = verdict === 'granted';
			return verdict;
		} finally {
			if (!isGranted) await this.own.settle(key, 'notSent');
		}
	}

	/** See {@link Guard.renew}. */
	async renew(key: string): Promise<boolean> {
		if (!this.claimedLastingly.has(key)) return true;
		const isHeld = await this.lastingly(
			async (guard) => await guard.renew(key),
			async () => true,
		);
		if (isHeld) return true;
		this.claimedLastingly.delete(key);
		this.superseded.add(key);
		await this.own.settle(key, 'notSent');
		return false;
	}

	/** See {@link Guard.takeAsCreated}. */
	async takeAsCreated(key: string, signal?: AbortSignal): Promise<boolean> {
		return await this.lastingly(
			async (guard) => await guard.takeAsCreated(key, signal, this.watch),
			async () => await this.own.takeAsCreated(key, signal),
		);
	}

	/** See {@link Guard.lookUp}. */
	async lookUp(key: string, signal?: AbortSignal): Promise<Standing> {
		return await this.lastingly(
			async (guard) => await guard.lookUp(key, signal),
			async () => await this.own.lookUp(key, signal),
		);
	}

	/** See {@link Guard.settle}. */
	async settle(key: string, ending: Ending): Promise<void> {
		const isLasting = this.claimedLastingly.delete(key);
		// Both at once: what the run flushes right after has to hold it already.
		await Promise.all([this.own.settle(key, ending), isLasting ? this.nodeGuard!.guard.settle(key, ending) : undefined]);
	}

	/** Has what is settled written now. */
	flush(): void {
		this.nodeGuard?.records.flush();
	}

	/** Ends the run's part in the guard; to be called when all that was settled is written. */
	release(): void {
		this.nodeGuard?.records.detach(this.store);
		forgetIdleGuards();
	}

	private async lastingly<T>(ask: (guard: Guard) => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
		if (!this.isLasting) return await otherwise();
		return await ask(this.nodeGuard!.guard).catch(async (error: unknown) => {
			const hasNoPlace = error instanceof StoreUnavailable && error.isForGood;
			if (!hasNoPlace) return await Promise.reject(error as Error);
			this.isLasting = false;
			return await otherwise();
		});
	}
}

function nodeGuardOf(key: string): NodeGuard {
	const nodeGuard = nodeGuards.get(key) ?? new NodeGuard();
	nodeGuards.delete(key);
	nodeGuards.set(key, nodeGuard);
	return nodeGuard;
}

/** Keeps the guards of the nodes that ran last, and those that are running. What they know beyond the database is no loss. */
function forgetIdleGuards(): void {
	for (const [key, { records }] of nodeGuards) {
		if (nodeGuards.size <= maxNodeGuards) return;
		if (records.isIdle) nodeGuards.delete(key);
	}
}

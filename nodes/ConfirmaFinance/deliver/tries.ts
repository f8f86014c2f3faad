import type { IExecuteFunctions } from 'n8n-workflow';

import { Shared } from '../guard/guard';
import { retriedRun } from '../n8n/retries';
import type { Created, NotCreated } from '../outcome/outcome';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** What became of the clients that an earlier try created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, Sent>;
	/** Holds clients back where n8n has no database row to keep records in. */
	readonly memory: Shared;
	/** How many tries n8n may still make after this one. */
	left: number;
}

export interface Sent {
	/** The client's key in the guard. */
	readonly client: string;
	readonly outcome: Created | NotCreated;
}

/** By execution: what its tries know holds access tokens, and goes with the execution at the latest. */
const executions = new WeakMap<object, Map<string, Tries>>();

/** Begins a try. @returns what the tries of this run know so far; nothing when this is the first one or n8n won't retry */
export function beginTry(context: IExecuteFunctions): Tries {
	const run = retriedRun(context);
	const runs = (run && executions.get(run.execution)) ?? new Map<string, Tries>();
	const first = () => ({ sent: new Map<number, Sent>(), memory: Shared.inMemory(), left: run?.tries ?? 1 });
	const tries: Tries = (run && runs.get(run.key)) ?? first();
	tries.left -= 1;
	if (!run) return tries;
	executions.set(run.execution, runs);
	// From the beginning, since an AI agent's tool calls run side by side in one execution. The last try knows it alone.
	if (tries.left > 0) runs.set(run.key, tries);
	else runs.delete(run.key);
	return tries;
}

/** Keeps an outcome for the next try, where there may be one. A client that was refused is sent again then. */
export function rememberTry(tries: Tries, itemIndex: number, sent: Sent): void {
	const { kind } = sent.outcome;
	if (kind === 'created' || kind === 'unknown') tries.sent.set(itemIndex, sent);
}

/**
 * Ends a try. What the tries know is dropped when the run went well.
 *
 * @returns whether n8n is going to try again
 */
export function endTry(context: IExecuteFunctions, tries: Tries, hasFailed: boolean): boolean {
	if (tries.left === 0) return false;
	const run = retriedRun(context);
	if (!hasFailed && run) executions.get(run.execution)?.delete(run.key);
	return hasFailed;
}

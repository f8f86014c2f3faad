import type { IExecuteFunctions } from 'n8n-workflow';

import { retriedRun } from '../n8n/retries';
import type { Created, NotCreated } from '../outcome/outcome';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** What became of the clients that an earlier try created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, Sent>;
	/** How many tries n8n may still make after this one. */
	left: number;
	/** Drops all that is known: no further try follows. */
	readonly forget: () => void;
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
	const { execution, key, tries: left } = retriedRun(context) ?? { execution: {}, key: '', tries: 1 };
	const runs = executions.get(execution) ?? new Map<string, Tries>();
	executions.set(execution, runs);
	const forget = () => void runs.delete(key);
	const tries = runs.get(key) ?? { sent: new Map<number, Sent>(), left, forget };
	// From the beginning, since an AI agent's tool calls run side by side in one execution.
	runs.set(key, tries);
	tries.left -= 1;
	// The last try knows it alone.
	if (tries.left === 0) forget();
	return tries;
}

/** Keeps an outcome for the next try, where there may be one. A client that was refused is sent again then. */
export function rememberTry(tries: Tries, itemIndex: number, sent: Sent): void {
	const { kind } = sent.outcome;
	if (kind === 'created' || kind === 'unknown') tries.sent.set(itemIndex, sent);
}

/** Ends a try. @returns whether n8n is going to try again */
export function endTry(tries: Tries, hasFailed: boolean): boolean {
	if (tries.left === 0) return false;
	if (!hasFailed) tries.forget();
	return hasFailed;
}

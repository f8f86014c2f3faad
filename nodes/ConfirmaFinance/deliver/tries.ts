import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard } from '../guard/guard';
import { RecordsInMemory } from '../guard/records';
import type { Created, NotCreated } from '../outcome/outcome';
import { ShortMemory } from './shortMemory';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** By what the run is known; none where n8n won't retry it. */
	readonly key: string | undefined;
	/** What became of the clients that an earlier try created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, Sent>;
	/** Holds clients back where n8n has no database row to keep records in. */
	readonly guard: Guard;
	/** How many tries n8n will still make after this one. */
	left: number;
}

export interface Sent {
	/** The client's key in the guard. */
	readonly client: string;
	readonly outcome: Created | NotCreated;
}

const runs = new ShortMemory<Tries>(10_000);

// n8n's own bounds: workflow-execute.ts of n8n-core.
const triesOf = (maxTries: number | undefined) => Math.min(5, Math.max(2, maxTries || 3));

function runKey(context: IExecuteFunctions): string | undefined {
	const executionId = context.getExecutionId();
	if (!executionId || context.getNode().retryOnFail !== true) return undefined;
	// A loop runs the node several times in one execution, and those are no retries of each other.
	const runIndex = String(context.evaluateExpression('{{ $runIndex }}', 0));
	return JSON.stringify([executionId, context.getNode().id, runIndex]);
}

/** Begins a try. @returns what the tries of this run know so far; nothing when this is the first one or n8n won't retry */
export function beginTry(context: IExecuteFunctions): Tries {
	const key = runKey(context);
	const earlier = key === undefined ? undefined : runs.get(key);
	const tries = earlier ?? {
		key,
		sent: new Map(),
		guard: new Guard(new RecordsInMemory()),
		left: key === undefined ? 0 : triesOf(context.getNode().maxTries),
	};
	tries.left -= 1;
	// From the beginning, since an AI agent's tool calls run side by side in one execution.
	if (key !== undefined) runs.keep(key, tries);
	return tries;
}

/** Keeps an outcome for the next try, where there may be one. A client that was refused is sent again then. */
export function rememberTry(tries: Tries, itemIndex: number, sent: Sent): void {
	const { kind } = sent.outcome;
	if (tries.key !== undefined && (kind === 'created' || kind === 'unknown')) tries.sent.set(itemIndex, sent);
}

/**
 * Ends a try. What the tries know is dropped once n8n makes no further one: the run went well, or this was the last try.
 *
 * @returns whether n8n is going to try again
 */
export function endTry(tries: Tries, hasFailed: boolean): boolean {
	if (tries.key === undefined) return false;
	const willRetry = hasFailed && tries.left > 0;
	if (willRetry) runs.keep(tries.key, tries);
	else runs.drop(tries.key);
	return willRetry;
}

import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard } from '../guard/guard';
import { RecordsInMemory } from '../guard/records';
import type { Created, NotCreated } from '../outcome/outcome';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** By what the run is known; none where n8n won't retry it. */
	readonly key: string | undefined;
	/** What became of the clients that an earlier try created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, { readonly client: string; readonly outcome: Created | NotCreated }>;
	/** Holds clients back where n8n has no database row to keep records in. */
	readonly guard: Guard;
	left: number;
	/** When the last try ended, in milliseconds; none while one is running. */
	waitingSince?: number;
}

// Answers hold tokens, so they stay no longer than they can be needed: n8n waits 5 seconds between two tries at the
// most, and an execution that is cancelled meanwhile leaves its answers here.
const longestWait = 10 * 60_000;
const runs = new Map<string, Tries>();

// n8n's own bounds: workflow-execute.ts of n8n-core.
const triesOf = (maxTries: number | undefined) => Math.min(5, Math.max(2, maxTries || 3));

function runKey(context: IExecuteFunctions): string | undefined {
	const executionId = context.getExecutionId();
	if (!executionId || context.getNode().retryOnFail !== true) return undefined;
	// A loop runs the node several times in one execution, and those are no retries of each other.
	const runIndex = String(context.evaluateExpression('{{ $runIndex }}', 0));
	return JSON.stringify([executionId, context.getNode().id, runIndex]);
}

/** The tries of this run so far; a fresh, empty record when this is the first one or n8n won't retry. */
export function triesOfRun(context: IExecuteFunctions): Tries {
	const key = runKey(context);
	const fresh: Tries = {
		key,
		sent: new Map(),
		guard: new Guard(new RecordsInMemory()),
		left: triesOf(context.getNode().maxTries),
	};
	if (key === undefined) return fresh;
	const tries = runs.get(key) ?? fresh;
	tries.left -= 1;
	tries.waitingSince = undefined;
	runs.set(key, tries);
	for (const [other, { waitingSince }] of runs) {
		if (waitingSince !== undefined && Date.now() - waitingSince > longestWait) runs.delete(other);
	}
	return tries;
}

/** Drops what the tries know once n8n makes no further one: the run went well, or this was the last try. */
export function endTry(tries: Tries, willRetry: boolean): void {
	if (willRetry && tries.left > 0) tries.waitingSince = Date.now();
	else if (tries.key !== undefined) runs.delete(tries.key);
}

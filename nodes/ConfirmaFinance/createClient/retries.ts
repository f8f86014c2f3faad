import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard, RecordsInMemory } from './guard';
import type { Created, NotCreated } from './outcome';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** By what the run is known; none where n8n won't retry it. */
	readonly key: string | undefined;
	/** What became of the clients that an earlier try created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, { readonly client: string; readonly outcome: Created | NotCreated }>;
	/** Holds clients back where n8n has no database row to keep records in. */
	readonly guard: Guard;
	left: number;
}

// Answers hold tokens, so they stay no longer than they can be needed, and never in great number: an execution that
// is cancelled between two tries leaves its answers here until newer ones push them out.
const mostRuns = 100;
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
	runs.set(key, tries);
	if (runs.size > mostRuns) runs.delete(runs.keys().next().value!);
	return tries;
}

/** Drops what the tries know once n8n makes no further one: the run went well, or this was the last try. */
export function endTry({ key, left }: Tries, willRetry: boolean): void {
	if (key !== undefined && (!willRetry || left <= 0)) runs.delete(key);
}

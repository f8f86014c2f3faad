import type { IExecuteFunctions } from 'n8n-workflow';

/** A run that n8n's Retry On Fail tries again as a whole, with all its items. */
export interface RetriedRun {
	/** Lives as long as the execution, and is the same in each try. */
	readonly execution: object;
	/** Tells the run from the others of its execution. */
	readonly key: string;
	/** How many tries n8n makes. */
	readonly tries: number;
}

/** @returns undefined for a run that n8n won't try again */
export function retriedRun(context: IExecuteFunctions): RetriedRun | undefined {
	const { id, retryOnFail, maxTries } = context.getNode();
	const execution = context.getExecutionCancelSignal();
	if (retryOnFail !== true || !execution) return undefined;
	// A loop runs the node several times in one execution, and those are no retries of each other.
	const runIndex = String(context.evaluateExpression('{{ $runIndex }}', 0));
	// n8n's own bounds: workflow-execute.ts of n8n-core.
	return { execution, key: JSON.stringify([id, runIndex]), tries: Math.min(5, Math.max(2, maxTries || 3)) };
}

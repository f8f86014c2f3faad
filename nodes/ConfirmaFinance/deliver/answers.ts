import type { IExecuteFunctions } from 'n8n-workflow';

import type { Guard } from '../guard/guard';
import { identifiersInWords } from '../outcome/createdAnswer';
import type { Created, NotCreated } from '../outcome/outcome';
import { quote } from '../text';
import type { Keyed } from './item';

/** What the tries of one run know of each other, when Retry On Fail runs the whole node again with all its items. */
export interface Tries {
	/** What became of the clients that were created, or sent without a known outcome, by item index. */
	readonly sent: Map<number, { readonly key: string; readonly businessCode: string; readonly outcome: Created | NotCreated }>;
	/** How many tries n8n may still make after this one. */
	left: number;
	/** Drops all that is known: no further try follows. */
	readonly forget: () => void;
}

/** By execution: what its tries know holds access tokens, and goes with the execution at the latest. */
const executions = new WeakMap<object, Map<string, Tries>>();

/** Begins a try. @returns what the tries of this run know so far: nothing when this is the first one, or n8n won't retry */
export function beginTry(context: IExecuteFunctions): Tries {
	const { id, retryOnFail, maxTries } = context.getNode();
	// n8n's own bounds: workflow-execute.ts of n8n-core.
	const left = retryOnFail === true ? Math.min(5, Math.max(2, maxTries || 3)) : 1;
	const execution = context.getExecutionCancelSignal() ?? {};
	// A loop runs the node several times in one execution, and those are no retries of each other.
	const run = left > 1 ? JSON.stringify([id, context.evaluateExpression('{{ $runIndex }}', 0)]) : '';
	const runs = executions.get(execution) ?? new Map<string, Tries>();
	executions.set(execution, runs);
	const fresh = { sent: new Map() as Tries['sent'], left, forget: () => void runs.delete(run) };
	const tries = runs.get(run) ?? fresh;
	// From the beginning, since an AI agent's tool calls run side by side in one execution.
	runs.set(run, tries);
	tries.left -= 1;
	// The last try knows it alone.
	if (tries.left === 0) tries.forget();
	return tries;
}

/** Keeps an outcome for the next try, and for when n8n drops the output. A client that was refused is sent again then. */
export function remember({ sent }: Tries, { itemIndex, key, client }: Keyed, outcome: Created | NotCreated): void {
	const { businessCode } = client;
	if (outcome.kind === 'created' || outcome.kind === 'unknown') sent.set(itemIndex, { key, businessCode, outcome });
}

/** Ends a try. @returns whether n8n is going to try again */
export function endTry(tries: Tries, hasFailed: boolean): boolean {
	if (tries.left === 0) return false;
	if (!hasFailed) tries.forget();
	return hasFailed;
}

/**
 * Answers whose output n8n dropped, at a stop, a timeout and when the node failed: for the next delivery of the client, which
 * would get no token otherwise. They stay in this process, for ten minutes at the most; of too many, the oldest go first.
 */
const dropped = new Map<string, Created>();
const lifetime = 10 * 60_000;
const maxDropped = 10_000;

/** The guard's records are one node's in one workflow, and so is what is handed on. */
const scoped = (context: IExecuteFunctions, key: string) => JSON.stringify([context.getWorkflow().id, context.getNode().id, key]);

/** Hands over, once, the answer to a client that this node created within the last ten minutes in a run whose output was dropped. */
export function takeDropped(context: IExecuteFunctions, tries: Tries, item: Keyed, { records }: Guard): Created | undefined {
	const own = scoped(context, item.key);
	// Without lasting records, a duplicate is one within its own run.
	const answer = records.isLasting ? dropped.get(own) : undefined;
	if (!answer) return undefined;
	dropped.delete(own);
	remember(tries, item, answer);
	return answer;
}

/** Keeps the answers of a run whose output n8n drops for the next delivery, and logs the identifiers, never the tokens. */
export function keepDropped(context: IExecuteFunctions, { sent }: Tries): void {
	const lines: string[] = [];
	for (const { key, businessCode, outcome } of sent.values()) {
		if (outcome.kind !== 'created') continue;
		const own = scoped(context, key);
		dropped.delete(own);
		dropped.set(own, outcome);
		if (dropped.size > maxDropped) dropped.delete(dropped.keys().next().value!);
		// A timer that keeps neither a process alive nor an answer that was handed over, and needs no later run to take effect.
		const kept = new WeakRef(outcome);
		AbortSignal.timeout(lifetime).addEventListener('abort', () => {
			if (dropped.get(own) === kept.deref()) dropped.delete(own);
		});
		lines.push(`${quote(businessCode, 40)} → ${identifiersInWords(outcome.answer)}`);
	}
	if (lines.length === 0) return;
	context.logger.warn(`Confirma Finance: clients created by a run whose output n8n drops: ${lines.join('; ')}`);
}

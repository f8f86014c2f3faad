import type { IExecuteFunctions } from 'n8n-workflow';

import type { RunGuard } from '../guard/runGuard';
import { identifiersInWords } from '../outcome/createdAnswer';
import type { Created } from '../outcome/outcome';
import { quote } from '../text';
import { ShortMemory } from './shortMemory';

/**
 * Answers of which n8n drops the output: at a stop, at the workflow's timeout, and when the node fails. They would be lost
 * with their tokens, and the next delivery of the client would only hear that it was created.
 */
const answers = new ShortMemory<Created>(10_000);

/** The guard's records are one node's in one workflow, and so is what is handed on. */
const scoped = (context: IExecuteFunctions, key: string) => JSON.stringify([context.getWorkflow().id, context.getNode().id, key]);

/** A client that a run created. */
export interface CreatedClient {
	/** By what the guard tells the client apart. */
	readonly key: string;
	readonly businessCode: string;
	readonly outcome: Created;
}

/** Hands over, once, the answer to a client that this node created within the last ten minutes in a run whose output was dropped. */
export function takeLostAnswer(context: IExecuteFunctions, key: string, guard: RunGuard): Created | undefined {
	// Without lasting records, a duplicate is one within its own run.
	return guard.isLasting ? answers.take(scoped(context, key)) : undefined;
}

/** Keeps the answers of a run whose output n8n drops, for the next delivery, and logs the identifiers, never the tokens. */
export function keepLostAnswers(context: IExecuteFunctions, created: readonly CreatedClient[]): void {
	if (created.length === 0) return;
	for (const { key, outcome } of created) answers.keep(scoped(context, key), outcome);
	const list = created.map(({ businessCode, outcome }) => `${quote(businessCode, 40)} → ${identifiersInWords(outcome.answer)}`);
	context.logger.warn(`Confirma Finance: clients created by a run whose output n8n drops: ${list.join('; ')}`);
}

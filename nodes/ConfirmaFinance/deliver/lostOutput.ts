import type { IExecuteFunctions } from 'n8n-workflow';

import type { Guard } from '../guard/guard';
import { identifiersInWords } from '../outcome/createdAnswer';
import type { Created } from '../outcome/outcome';
import { quote } from '../text';

/**
 * Answers of which n8n drops the output: at a stop, at the workflow's timeout, and when the node fails. They would be lost
 * with their tokens, and the next delivery of the client would only hear that it was created. Kept in this process for ten
 * minutes at the most, and in a bounded number: the oldest goes first.
 */
const answers = new Map<string, Created>();
const lifetime = 10 * 60_000;
const maxAnswers = 10_000;

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
export function takeLostAnswer(
	context: IExecuteFunctions,
	key: string,
	{ isLasting }: Pick<Guard, 'isLasting'>,
): Created | undefined {
	// Without lasting records, a duplicate is one within its own run.
	const answer = isLasting ? answers.get(scoped(context, key)) : undefined;
	if (answer) answers.delete(scoped(context, key));
	return answer;
}

/** Keeps the answers of a run whose output n8n drops, for the next delivery, and logs the identifiers, never the tokens. */
export function keepLostAnswers(context: IExecuteFunctions, created: readonly CreatedClient[]): void {
	if (created.length === 0) return;
	for (const { key, outcome } of created) {
		const own = scoped(context, key);
		answers.delete(own);
		answers.set(own, outcome);
		if (answers.size > maxAnswers) answers.delete(answers.keys().next().value!);
		// A timer that keeps no process alive, and needs no later run to take effect.
		AbortSignal.timeout(lifetime).addEventListener('abort', () => {
			if (answers.get(own) === outcome) answers.delete(own);
		});
	}
	const list = created.map(({ businessCode, outcome }) => `${quote(businessCode, 40)} → ${identifiersInWords(outcome.answer)}`);
	context.logger.warn(`Confirma Finance: clients created by a run whose output n8n drops: ${list.join('; ')}`);
}

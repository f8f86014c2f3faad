import type { IExecuteFunctions } from 'n8n-workflow';

import { clientUrl } from '../n8n/send';
import { invalid, misconfigured, notRecorded, recordFull, takenAsCreated, withoutCredential } from '../outcome/messages';
import type { Outcome } from '../outcome/outcome';
import { StoreFull, type Guard } from '../guard/guard';
import { isSendable, type Item, type Sendable } from './item';
import { takeLostAnswer } from './lostOutput';
import type { Tries } from './tries';

/** What becomes of an item of which nothing is sent, or that it is to be sent. */
export type Decision = Settled | { readonly sendable: Sendable };

export interface Settled {
	readonly outcome: Outcome;
	/** Whether a run that stops on a failure sends nothing because of this item. */
	readonly stopsRun: boolean;
}

export const isSettled = (decision: Decision): decision is Settled => 'outcome' in decision;

const stopping = (outcome: Outcome): Settled => ({ outcome, stopsRun: true });
const passing = (outcome: Outcome): Settled => ({ outcome, stopsRun: false });

/** Decides whether an item is to be sent, and gives it its outcome if not. Sends nothing. */
export async function decide(context: IExecuteFunctions, item: Item, tries: Tries, guard: Guard): Promise<Decision> {
	const { itemIndex, key, credential, options, problems } = item;
	// Neither data that has changed nor a credential that can't be read any more hides what an earlier try did.
	const earlier = tries.sent.get(itemIndex);
	if (earlier && (key === undefined || earlier.client === key)) {
		return { outcome: earlier.outcome, stopsRun: earlier.outcome.kind !== 'created' };
	}
	if ('refusal' in credential) return stopping(misconfigured(credential.refusal));
	if ('unread' in credential) return stopping(withoutCredential(credential.unread));
	if (options.previewOnly) return isSendable(item) ? passing(await preview(item, guard)) : stopping(invalid(problems));
	if (key !== undefined && options.unknownHandling === 'created') return await takeAsCreated(context, item, key, guard);
	return isSendable(item) ? { sendable: item } : stopping(invalid(problems));
}

async function preview({ credential, key, body }: Sendable, guard: Guard): Promise<Outcome> {
	const standing = await guard.lookUp(key).catch(() => undefined);
	return { kind: 'preview', url: clientUrl(credential.endpoint.baseUrl), body, standing };
}

/** A person says that the client exists: it is recorded, and never sent. */
async function takeAsCreated(context: IExecuteFunctions, { client }: Item, key: string, guard: Guard): Promise<Settled> {
	try {
		await guard.takeAsCreated(key, context.getExecutionCancelSignal());
		return passing(takeLostAnswer(context, key, guard) ?? takenAsCreated(client));
	} catch (error) {
		return stopping(error instanceof StoreFull ? recordFull(client) : notRecorded(client));
	}
}

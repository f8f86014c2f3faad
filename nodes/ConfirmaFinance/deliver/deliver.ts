import type { IExecuteFunctions } from 'n8n-workflow';

import { guardOf, type Guard } from '../guard/guard';
import { StoreFull } from '../n8n/deduplication';
import { clientUrl } from '../n8n/send';
import { hints } from '../outcome/hints';
import { invalid, misconfigured, notReached, notRecorded, takenAsCreated, unreadCredential } from '../outcome/messages';
import type { Outcome } from '../outcome/outcome';
import { takeDropped, type Tries } from './answers';
import { Delivery } from './delivery';
import { isSendable, type Item, type Sendable } from './item';

/**
 * Gives each item its outcome: first those that send nothing, then, unless one of them forbids it, the others.
 *
 * @param stopsOnFailure whether nothing further is sent after a failure
 * @returns also what the user should know of the run as a whole
 */
export async function deliver(
	context: IExecuteFunctions,
	items: readonly Item[],
	tries: Tries,
	stopsOnFailure: boolean,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly notes: readonly string[] }> {
	const guard = guardOf(context);
	const unsent = await Promise.all(items.map(async (item) => await unsentOutcome(context, item, tries, guard)));
	const mayNotSend = stopsOnFailure && unsent.some((outcome) => outcome && forbidsSending(outcome));
	const toSend = mayNotSend ? [] : items.filter((_, index) => !unsent[index]).filter(isSendable);

	// The option takes no expressions: it is the same for all items.
	const maxConcurrency = items[0]?.options.maxConcurrency ?? 1;
	const delivery = new Delivery(context, guard, tries, stopsOnFailure, maxConcurrency);
	const sent = await delivery.deliver(toSend);
	const outcomes = items.map(({ itemIndex, client }, index) => unsent[index] ?? sent.get(itemIndex) ?? notReached(client));
	const { isLasting, isLocked } = guard.records;
	const guardNotes = [...(isLasting ? [] : [hints.notLasting]), ...(isLocked ? [] : [hints.notLocked])];
	return { outcomes, notes: toSend.length > 0 ? [...delivery.notes, ...guardNotes] : [] };
}

/** Whether such an outcome keeps everything from being sent, where the run stops on failures. */
const forbidsSending = ({ kind }: Outcome) => kind !== 'created' && kind !== 'preview' && kind !== 'duplicate';

/** The outcome of an item that sends nothing; undefined for one that is to be sent. */
async function unsentOutcome(context: IExecuteFunctions, item: Item, tries: Tries, guard: Guard): Promise<Outcome | undefined> {
	const { client, key, credential, options, problems } = item;
	// Neither data that has changed nor a credential that can't be read any more hides what an earlier try did.
	const earlier = tries.sent.get(item.itemIndex);
	if (earlier && (key === undefined || earlier.key === key)) return earlier.outcome;
	if ('refusal' in credential) return misconfigured(credential.refusal);
	if ('unread' in credential) return unreadCredential(credential.unread);
	if (!options.previewOnly && options.unknownHandling === 'created' && key !== undefined) {
		// A person says that the client exists: it is recorded, and never sent.
		return await guard.takeAsCreated(key, context.getExecutionCancelSignal()).then(
			() => takeDropped(context, tries, { ...item, key }, guard) ?? takenAsCreated(client),
			(error) => notRecorded(client, error instanceof StoreFull),
		);
	}
	if (!isSendable(item)) return invalid(problems);
	return options.previewOnly ? await preview(item, guard) : undefined;
}

async function preview({ credential, key, body }: Sendable, guard: Guard): Promise<Outcome> {
	const standing = await guard.lookUp(key).catch(() => undefined);
	return { kind: 'preview', url: clientUrl(credential.endpoint.baseUrl), body, standing };
}

import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { ClientName } from './client/body';
import { clientKey } from './client/identity';
import { Delivery, type Item, type Sendable } from './deliver/deliver';
import { keepLostAnswers, takeLostAnswer, type CreatedClient } from './deliver/lostOutput';
import { beginTry, endTry, type Tries } from './deliver/tries';
import { RunGuard } from './guard/runGuard';
import { hints, warningHints } from './outcome/hints';
import { toItems } from './outcome/items';
import { invalid, misconfigured, notReached, notRecorded, takenAsCreated, withoutCredential } from './outcome/messages';
import { isSuccess, type Created, type NotCreated, type Preview, type Result } from './outcome/outcome';
import { stoppingError } from './outcome/stoppingError';
import { prepareAll } from './prepare/prepare';
import { readCredentials } from './n8n/credential';
import { clientUrl } from './n8n/send';
import { escapeHtml } from './text';

/**
 * Creates one client at Confirma Finance for each input item: read → normalise → validate → guard → send → classify
 * → output. All items are validated before the first one is sent.
 *
 * @returns one item per input item, in the order of the input
 * @throws with On Error = stop: nothing is sent if any item is invalid or n8n can't read its credential, and after a failure
 * nothing further is sent
 */
export async function createClient(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const isAgent = isToolRun(context);
	// An error that is thrown reaches an AI agent without its description, if at all, and may end the agent's own run.
	const stopsOnFailure = !context.continueOnFail() && !isAgent;
	const tries = beginTry(context);
	const items = await readItems(context);
	const notes = await settleItems(context, items, tries, stopsOnFailure);

	const results = items.map((item) => resultOf(item, isAgent));
	const hasFailed = results.some((result) => !isSuccess(result));
	// When the run continues on failures, n8n takes the first item for all of them.
	const willRetry = endTry(tries, hasFailed && (stopsOnFailure || !isSuccess(results[0]!)));
	const isCancelled = context.getExecutionCancelSignal()?.aborted === true;
	if (isCancelled || (stopsOnFailure && hasFailed && !willRetry)) keepLostAnswers(context, createdClients(items, tries));
	if (stopsOnFailure && hasFailed) throw stoppingError(context.getNode(), results, notes);
	for (const message of [...warningHints(results), ...notes.map(escapeHtml)]) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return toItems(context.getNode(), results);
}

/** Every item as far as it gets without the guard and without sending. */
async function readItems(context: IExecuteFunctions): Promise<Item[]> {
	const credentials = await readCredentials(context);
	const prepared = await prepareAll(context);
	return prepared.map((item) => {
		const credential = credentials[item.itemIndex]!;
		return Object.assign(item, { credential, key: keyOf(credential, item.identity) });
	});
}

function keyOf(credential: Item['credential'], identity: Item['identity']): string | undefined {
	return identity && 'endpoint' in credential ? clientKey(credential.endpoint.baseUrl, identity) : undefined;
}

/**
 * Gives each item its outcome: first those of which nothing is sent, then, if none of them forbids it, the others.
 *
 * @returns what the user should know of the run as a whole
 */
async function settleItems(
	context: IExecuteFunctions,
	items: readonly Item[],
	tries: Tries,
	stopsOnFailure: boolean,
): Promise<string[]> {
	const guard = new RunGuard(
		context,
		tries.guard,
		items.flatMap(({ key }) => key ?? []),
	);
	try {
		await Promise.all(items.map(async (item) => await settleUnsent(context, item, tries, guard)));
		const sendable = items.filter(isSendable);
		if (sendable.length === 0 || (stopsOnFailure && items.some(forbidsSending))) return [];

		const delivery = new Delivery(context, { guard, tries, stopsOnFailure });
		await delivery.deliver(sendable, sendable[0]!.options.maxConcurrency);
		return [...delivery.notes, ...(guard.isLasting ? [] : [hints.notLasting]), ...(guard.isLocked ? [] : [hints.notLocked])];
	} finally {
		guard.release();
	}
}

/** Gives an item its outcome if nothing is to be sent for it. */
async function settleUnsent(context: IExecuteFunctions, item: Item, tries: Tries, guard: RunGuard): Promise<void> {
	const { itemIndex, key, credential, client, options, problems } = item;
	// Neither data that has changed nor a credential that can't be read any more hides what an earlier try did.
	const earlier = tries.sent.get(itemIndex);
	if (earlier && (key === undefined || earlier.client === key)) item.outcome = earlier.outcome;
	else if ('refusal' in credential) item.outcome = misconfigured(credential.refusal);
	else if ('unread' in credential) item.outcome = withoutCredential(credential.unread);
	else if (options.previewOnly) item.outcome = isSendable(item) ? await previewOf(item, guard) : invalid(problems);
	else if (key !== undefined && options.unknownHandling === 'created')
		item.outcome = await takeAsCreated(context, key, client, guard);
	if (!item.body) item.outcome ??= invalid(problems);
}

async function previewOf({ credential, key, body }: Sendable, guard: RunGuard): Promise<Preview> {
	const standing = await guard.lookUp(key).catch(() => undefined);
	return { kind: 'preview', url: clientUrl(credential.endpoint.baseUrl), body, standing };
}

/** A person says that the client exists. @returns nothing where the guard never heard of it: then it is sent as any other */
async function takeAsCreated(
	context: IExecuteFunctions,
	key: string,
	client: ClientName,
	guard: RunGuard,
): Promise<Created | NotCreated | undefined> {
	try {
		const isTaken = await guard.takeAsCreated(key, context.getExecutionCancelSignal());
		return isTaken ? (takeLostAnswer(context, key, guard) ?? takenAsCreated(client)) : undefined;
	} catch {
		return notRecorded(client);
	}
}

const isSendable = (item: Item): item is Sendable =>
	item.outcome === undefined && item.body !== undefined && item.key !== undefined && 'endpoint' in item.credential;

/**
 * Whether an item keeps all others from being sent, in a run that stops on a failure. Before anything is sent, an outcome that
 * is unknown is an earlier try's, and `notSent` says that n8n's database is away.
 */
const forbidsSending = ({ outcome }: Item) => ['invalid', 'notSent', 'unknown'].includes(outcome?.kind ?? '');

/** What the output needs to know of an item. Without an outcome the run ended before the item's turn. */
function resultOf({ itemIndex, client, credential, outcome, options, problems, changes }: Item, isAgent: boolean): Result {
	return {
		itemIndex,
		client,
		environment: 'endpoint' in credential ? credential.endpoint.environment : undefined,
		outcome: outcome ?? notReached(client),
		warnings: problems.filter(({ severity }) => severity === 'warning').map(({ text }) => text),
		changes,
		withToken: options.returnAccessToken ?? !isAgent,
		duplicateHandling: options.duplicateHandling,
		unknownHandling: options.unknownHandling,
	};
}

/** An item that an earlier try created counts, even if it can't say any more who the client is. */
const createdClients = (items: readonly Item[], { sent }: Tries): CreatedClient[] =>
	items.flatMap(({ itemIndex, key = sent.get(itemIndex)?.client, client, outcome }) =>
		key !== undefined && outcome?.kind === 'created' ? [{ key, businessCode: client.businessCode, outcome }] : [],
	);

/**
 * Whether an AI agent runs the node as its tool. n8n 1 has no call for it, and in n8n 2 the call says no when the engine
 * runs the tool; but a tool has a node type of its own.
 */
function isToolRun(context: IExecuteFunctions): boolean {
	const { isToolExecution } = context as Partial<IExecuteFunctions>;
	return isToolExecution?.call(context) === true || context.getNode().type.endsWith('Tool');
}

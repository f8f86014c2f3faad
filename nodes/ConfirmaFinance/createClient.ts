import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { clientKey } from './client/identity';
import { beginTry, endTry, keepDropped } from './deliver/answers';
import { deliver } from './deliver/deliver';
import type { Item } from './deliver/item';
import { readCredentials } from './n8n/credential';
import { isToolRun } from './n8n/tools';
import { warningHints } from './outcome/hints';
import { toItems } from './outcome/items';
import { isSuccess, type Result } from './outcome/outcome';
import { stoppingError } from './outcome/stoppingError';
import { prepareAll } from './prepare/prepare';
import { escapeHtml } from './text';

/**
 * Creates one client at Confirma Finance for each input item: prepare (read, normalise, validate) → deliver (guard, send,
 * classify) → report. All items are validated before the first one is sent.
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

	const items = await prepareItems(context);
	const { outcomes, notes } = await deliver(context, items, tries, stopsOnFailure);
	const results = items.map((item, index): Result => {
		const withToken = item.options.returnAccessToken ?? !isAgent;
		return { ...item, outcome: outcomes[index]!, withToken };
	});

	const hasFailed = results.some((result) => !isSuccess(result));
	// When the run continues on failures, n8n retries it if its first item failed.
	const willRetry = endTry(tries, hasFailed && (stopsOnFailure || !isSuccess(results[0]!)));
	const isCancelled = context.getExecutionCancelSignal()?.aborted === true;
	if (isCancelled || (stopsOnFailure && hasFailed && !willRetry)) keepDropped(context, tries);

	if (stopsOnFailure && hasFailed) throw stoppingError(context.getNode(), results, notes);
	for (const message of [...warningHints(results), ...notes.map(escapeHtml)]) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return toItems(context.getNode(), results);
}

/** Every item as far as it gets without the guard and without sending. */
async function prepareItems(context: IExecuteFunctions): Promise<Item[]> {
	const credentials = await readCredentials(context);
	const prepared = await prepareAll(context);
	return prepared.map((item) => {
		const credential = credentials[item.itemIndex]!;
		const { identity } = item;
		const key = identity && 'endpoint' in credential ? clientKey(credential.endpoint.baseUrl, identity) : undefined;
		return { ...item, credential, key };
	});
}

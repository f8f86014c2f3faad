import { NodeApiError, NodeOperationError, type IDataObject, type INode, type INodeExecutionData } from 'n8n-workflow';

import { escapeHtml } from '../text';
import type { CreatedAnswer } from './createdAnswer';
import { previewMessage } from './messages';
import { isFailed, type Created, type NotCreated, type Preview, type Result } from './outcome';

/** One output item for each result, in the order of the input. */
export function toItems(node: INode, results: readonly Result[]): INodeExecutionData[] {
	return results.map((result) => {
		const item: INodeExecutionData = { json: jsonOf(result), pairedItem: { item: result.itemIndex } };
		// n8n routes an item to the error output by its `error`, and afterwards replaces the `json` of every item that
		// still has one by the bare message. It routes a copy of the item, which a property that isn't enumerable
		// doesn't get into. (n8n-core: handleNodeErrorOutput and what follows it in workflow-execute.ts.)
		if (isFailed(result) && node.onError === 'continueErrorOutput') {
			Object.defineProperty(item, 'error', { value: failureError(node, result.outcome, result.itemIndex) });
		}
		return item;
	});
}

/**
 * What the user sees of an item. It begins and ends with the same keys whatever became of the item, so that a table reads;
 * the advice stands right after the message.
 */
function jsonOf(result: Result): IDataObject {
	const { outcome, client, environment, warnings } = result;
	const message = messageOf(result);
	const head: IDataObject = {
		outcome: outcome.kind,
		message,
		...(isFailed(result) ? { description: result.outcome.description } : {}),
		name: client.name,
		businessCode: client.businessCode,
		countryCode: client.countryCode,
	};
	const warned = warnings.length > 0 ? { warnings: [...warnings] } : {};
	const tail = { partnerCode: client.partnerCode, environment: environment ?? '' };
	const own: IDataObject = { ...head, ...bodyOf(result), ...warned };
	for (const key of Object.keys(tail)) delete own[key];
	// The item's own keys win over those of the answer.
	return Object.assign(own, head, tail);
}

function messageOf(result: Result): string {
	const { outcome } = result;
	if (outcome.kind === 'preview') return previewMessage(outcome, result);
	if (outcome.kind !== 'created') return outcome.message;
	const { message } = answerOf(outcome, result);
	return typeof message === 'string' && message ? message : 'The client was created';
}

/** What belongs to the outcome. */
function bodyOf(result: Result): IDataObject {
	const { outcome } = result;
	switch (outcome.kind) {
		case 'created':
			return answerOf(outcome, result);
		case 'preview':
			return previewOf(outcome, result);
		default:
			return isFailed(result) ? { error: outcome.message, ...(outcome.httpCode ? { httpCode: outcome.httpCode } : {}) } : {};
	}
}

function answerOf({ answer }: Created, { withToken }: Result): IDataObject {
	const json = withToken ? ({ ...answer } as IDataObject) : withoutToken(answer);
	// n8n takes an item with this key for one that failed, whatever its value, and would try it again.
	delete json.error;
	return json;
}

/** The answer without the client's token, and without a copy of it in any text. */
function withoutToken({ apiAccessToken: token, ...answer }: CreatedAnswer): IDataObject {
	const masked = (_: string, value: unknown) => (typeof value === 'string' ? value.replaceAll(token, '***') : value);
	return JSON.parse(JSON.stringify(answer), masked) as IDataObject;
}

function previewOf({ url, body, standing }: Preview, { warnings, changes }: Result): IDataObject {
	return {
		createdBefore: standing === 'done' ? 'yes' : standing === 'none' ? 'no' : 'unknown',
		warnings: [...warnings],
		changes: changes.map((change) => ({ ...change })),
		method: 'POST',
		url,
		body,
	};
}

/**
 * n8n's error for an item that failed: built from our own words only, since n8n stores it with the execution.
 *
 * @param text the description as plain text; n8n renders it as HTML
 */
export function failureError(node: INode, outcome: NotCreated, itemIndex: number, text = outcome.description) {
	const { kind, message, httpCode } = outcome;
	const description = escapeHtml(text).replaceAll('\n', '<br>');
	const error =
		kind === 'rejected' || (kind === 'unknown' && httpCode)
			? new NodeApiError(node, {}, { message, description, itemIndex, httpCode: httpCode ?? '' })
			: new NodeOperationError(node, message, { description, itemIndex });
	// n8n replaces a message in which it finds an error code that it knows, even inside a company's name; not afterwards.
	error.message = message;
	error.context.outcome = kind;
	return error;
}

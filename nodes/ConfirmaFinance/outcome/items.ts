import { NodeApiError, NodeOperationError, type IDataObject, type INode, type INodeExecutionData } from 'n8n-workflow';

import { escapeHtml } from '../text';
import type { CreatedAnswer } from './createdAnswer';
import { isFailed, warningsOf, type NotCreated, type Result } from './outcome';
import { previewMessage } from './preview';

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
	const { outcome, client, credential } = result;
	const { name, businessCode, countryCode, partnerCode } = client;
	const { message, ...own } = bodyOf(result);
	const advice = isFailed(result) ? { description: result.outcome.description } : {};
	const head = { outcome: outcome.kind, message, ...advice, name, businessCode, countryCode };
	const tail = { partnerCode, environment: 'endpoint' in credential ? credential.endpoint.environment : '' };
	const warnings = warningsOf(result);
	const warned = warnings.length > 0 ? { warnings } : {};
	// The item's own keys win over those of the answer.
	const rest = Object.entries({ ...own, ...warned }).filter(([key]) => !(key in head) && !(key in tail));
	return { ...head, ...Object.fromEntries(rest), ...tail } as IDataObject;
}

/** What belongs to the outcome, and its message. */
function bodyOf(result: Result): Record<string, unknown> {
	const { outcome, changes } = result;
	switch (outcome.kind) {
		case 'created': {
			const { message, ...answer } = result.withToken ? outcome.answer : withoutToken(outcome.answer);
			// n8n takes an item with this key for one that failed, whatever its value, and would try it again.
			delete answer.error;
			return { message: typeof message === 'string' && message ? message : 'The client was created', ...answer };
		}
		case 'preview': {
			const createdBefore = { created: 'yes', none: 'no', free: 'no', unsettled: 'unknown' }[outcome.standing ?? 'unsettled'];
			const message = previewMessage(outcome, result);
			const { url, body } = outcome;
			return { message, createdBefore, warnings: warningsOf(result), changes, method: 'POST', url, body };
		}
		default: {
			const { message, httpCode } = outcome;
			return isFailed(result) ? { message, error: message, ...(httpCode ? { httpCode } : {}) } : { message };
		}
	}
}

/** The answer without the client's token, and without a copy of it in any text. */
function withoutToken({ apiAccessToken: token, ...answer }: CreatedAnswer) {
	const masked = (_: string, value: unknown) => (typeof value === 'string' ? value.replaceAll(token, '***') : value);
	return JSON.parse(JSON.stringify(answer), masked) as Partial<CreatedAnswer>;
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

import { NodeApiError, NodeOperationError, type IDataObject, type INode, type INodeExecutionData } from 'n8n-workflow';

import { escapeHtml } from '../text';
import { previewMessages } from './messages';
import { isFailed, reportedOutcome, type Created, type NotCreated, type Preview, type Result } from './outcome';

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

/** What the user sees of an item. It begins with the same keys whatever became of the item, so that a table reads. */
function jsonOf(result: Result): IDataObject {
	const { outcome, client } = result;
	const head = (message: string) => ({ outcome: reportedOutcome(outcome), message, ...client });
	switch (outcome.kind) {
		case 'created':
			return createdJson(outcome, result, head);
		case 'preview':
			return previewJson(outcome, result, head);
		default:
			return isFailed(result) ? failedJson(result.outcome, head) : head(outcome.message);
	}
}

type Head = (message: string) => IDataObject;

function createdJson({ answer }: Created, { withToken }: Result, head: Head): IDataObject {
	const own = head(typeof answer.message === 'string' && answer.message ? answer.message : 'The client was created');
	const json: IDataObject = { ...own, ...(answer as IDataObject), ...own };
	// n8n takes an item with this key for one that failed, whatever its value, and would try it again.
	delete json.error;
	if (!withToken) delete json.apiAccessToken;
	return json;
}

function previewJson({ url, body, standing }: Preview, { warnings, changes }: Result, head: Head): IDataObject {
	return {
		...head(previewMessages[standing ?? 'none']),
		createdBefore: standing === 'done' ? 'yes' : standing === 'none' ? 'no' : 'unknown',
		warnings: [...warnings],
		changes: changes.map((change) => ({ ...change })),
		method: 'POST',
		url,
		body,
	};
}

function failedJson({ message, description, httpCode }: NotCreated, head: Head): IDataObject {
	return { ...head(message), error: message, description, ...(httpCode ? { httpCode } : {}) };
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

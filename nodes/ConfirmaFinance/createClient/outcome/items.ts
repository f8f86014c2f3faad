import { NodeApiError, NodeOperationError, type IDataObject, type INode, type INodeExecutionData } from 'n8n-workflow';

import { createdBefore } from './messages';
import type { ClientName, Created, NotCreated, Outcome } from './outcome';
import { escapeHtml, quote } from '../text';

/** An item with its outcome, and what the output says about it. */
export interface Result {
	readonly itemIndex: number;
	readonly client: ClientName;
	readonly outcome: Outcome;
	/** Warnings of the validation, as sentences. */
	readonly warnings: readonly string[];
	/** Whether the API's access token goes into the output. */
	readonly withToken: boolean;
	/** Whether a duplicate goes on as a result of its own kind instead of failing. */
	readonly skipDuplicate: boolean;
}

/** Whether the item goes on along the node's main output; the others fail. */
export function isSuccess({ outcome, skipDuplicate }: Pick<Result, 'outcome' | 'skipDuplicate'>): boolean {
	return outcome.outcome === 'created' || outcome.outcome === 'preview' || (outcome.outcome === 'duplicate' && skipDuplicate);
}

type Failed = Result & { readonly outcome: NotCreated };

const isFailed = (result: Result): result is Failed => !isSuccess(result);

function successJson({ outcome, withToken, client, warnings }: Result): IDataObject {
	switch (outcome.outcome) {
		case 'created': {
			const answer = { ...outcome.answer } as IDataObject;
			// n8n takes an item with this key for one that failed, whatever its value, and would try it again.
			delete answer.error;
			if (!withToken) delete answer.apiAccessToken;
			return answer;
		}
		case 'preview':
			return {
				outcome: 'notSent',
				method: 'POST',
				url: outcome.url,
				body: outcome.body,
				warnings: [...warnings],
			};
		default:
			return { outcome: outcome.outcome, message: (outcome as NotCreated).message, ...client };
	}
}

/**
 * n8n's error for an item that failed: built from our own words only, since n8n stores it with the execution.
 *
 * The message is set after construction because n8n replaces one in which it finds an error code that it knows, even
 * inside a company's name.
 */
function failureError(node: INode, outcome: NotCreated, itemIndex: number, text = outcome.description) {
	const { message, httpCode } = outcome;
	// Rendered as HTML, where a line break is nothing but a space.
	const description = escapeHtml(text).replaceAll('\n', '<br>');
	const error =
		outcome.outcome === 'rejected' || (outcome.outcome === 'unknown' && httpCode)
			? new NodeApiError(node, {}, { message, description, itemIndex, httpCode: httpCode ?? '' })
			: new NodeOperationError(node, message, { description, itemIndex });
	error.message = message;
	error.context.outcome = outcome.outcome;
	return error;
}

/** One output item for each result, in the order of the input. */
export function toItems(node: INode, results: readonly Result[]): INodeExecutionData[] {
	return results.map((result) => {
		const { itemIndex } = result;
		const pairedItem = { item: itemIndex };
		if (!isFailed(result)) return { json: successJson(result), pairedItem };

		const { message, description, httpCode, outcome: kind } = result.outcome;
		const item: INodeExecutionData = {
			json: { error: message, description, outcome: kind, ...(httpCode ? { httpCode } : {}) },
			pairedItem,
		};
		// n8n routes an item to the error output by its `error`, and afterwards replaces the `json` of every item that
		// still has one by the bare message. It routes a copy of the item, which a property that isn't enumerable
		// doesn't get into. (n8n-core: handleNodeErrorOutput and what follows it in workflow-execute.ts.)
		if (node.onError === 'continueErrorOutput') {
			Object.defineProperty(item, 'error', { value: failureError(node, result.outcome, itemIndex) });
		}
		return item;
	});
}

const mostNamed = 100;

function list<R extends Result>(results: readonly R[], line: (result: R) => string): string {
	const named = results.slice(0, mostNamed).map(line).join('; ');
	const more = results.length - mostNamed;
	return more > 0 ? `${named}; and ${more} more` : named;
}

/** What the API's answer says about a created client, but for its token: the key, and what a message calls it. */
const codeNames = {
	clientIdentifier: 'client',
	confirmaFinanceCustomerCode: 'customer code',
	paymentReferencePrefix: 'reference prefix',
};

function codesOf({ answer }: Created): Array<[key: string, name: string, code: unknown]> {
	return Object.entries(codeNames).flatMap(([key, name]) => (answer[key] === undefined ? [] : [[key, name, answer[key]]]));
}

function identifiers({ client, outcome }: Result & { readonly outcome: Created }): string {
	const named = codesOf(outcome).map(([, name, code]) => `${name} ${quote(String(code), 40)}`);
	return `${quote(client.businessCode || client.name, 40)} → ${named.join(', ')}`;
}

const nameOf = ({ client, itemIndex }: Result) => `item ${itemIndex + 1} (${quote(client.businessCode || client.name, 40)})`;

/**
 * The error that ends a run: the first item that failed, and what became of all others, so that nothing that was
 * created is lost from sight.
 *
 * @param notes what would be hints in a run that doesn't stop: n8n shows none of one that does
 */
export function stoppingError(node: INode, results: readonly Result[], notes: readonly string[]) {
	const unsuccessful = results.filter(isFailed);
	const failed = unsuccessful.filter(({ outcome }) => outcome.outcome !== 'notSent');
	// An item that was merely not reached is no cause; one that could not be recorded is.
	const first = failed[0] ?? unsuccessful.find(({ outcome }) => !outcome.isNotReached) ?? unsuccessful[0]!;
	const others = failed.slice(1);
	const notSent = unsuccessful.filter((result) => result.outcome.outcome === 'notSent' && result !== first);
	const created = results.filter(
		(result): result is Result & { readonly outcome: Created } => result.outcome.outcome === 'created',
	);

	const paragraphs = [first.outcome.description, ...first.warnings.map((warning) => `Worth checking: ${warning}`)];
	for (const other of others.slice(0, 10)) {
		const { message, description, outcome } = other.outcome;
		paragraphs.push(`${nameOf(other)}: ${outcome === 'invalid' ? description : message}`);
	}
	if (others.length > 10) paragraphs.push(`${others.length - 10} more items failed`);
	if (created.length > 0) {
		paragraphs.push(createdBefore(list(created, identifiers)));
	}
	if (results.length > 1 && results.every(({ outcome }) => ['invalid', 'notSent'].includes(outcome.outcome))) {
		paragraphs.push(`None of the ${results.length} items was sent.`);
	} else if (notSent.length > 0) {
		paragraphs.push(`Not sent: ${list(notSent, nameOf)}.`);
	}

	paragraphs.push(...notes.map((note) => `${note}.`));

	const error = failureError(node, first.outcome, first.itemIndex, paragraphs.join('\n'));
	// For a workflow that handles the error, and complete where the description names only the first ones.
	error.context.outcomes = results.map(({ itemIndex, client, outcome }) => ({
		item: itemIndex,
		businessCode: client.businessCode,
		outcome: outcome.outcome === 'preview' ? 'notSent' : outcome.outcome,
		...(outcome.outcome === 'created' ? Object.fromEntries(codesOf(outcome).map(([key, , code]) => [key, code])) : {}),
	}));
	return error;
}

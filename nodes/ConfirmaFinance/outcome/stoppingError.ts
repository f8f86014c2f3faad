import type { INode } from 'n8n-workflow';

import { quote } from '../text';
import { identifiersIn, identifiersInWords } from './createdAnswer';
import { failureError } from './items';
import { createdBefore, named } from './messages';
import { isCreated, isFailed, type CreatedResult, type FailedResult, type Result } from './outcome';

const maxExplained = 10;
const maxNamed = 100;

/** Of several failures, the one that a person has to see first. */
const byGravity = ['unknown', 'rejected', 'notSent', 'invalid', 'duplicate'] as const;

/**
 * The error that ends a run: the gravest failure, and what became of all other items, so that nothing that was created
 * is lost from sight.
 *
 * @param notes what would be hints in a run that doesn't stop: n8n shows none of one that does
 */
export function stoppingError(node: INode, results: readonly Result[], notes: readonly string[]) {
	const gravest = gravestOf(results.filter(isFailed));
	const { client, outcome, itemIndex } = gravest;
	const message = `${named(client)}: ${lowerFirst(outcome.message)}`;
	const error = failureError(node, { ...outcome, message }, itemIndex, reportOf(gravest, results, notes).join('\n'));
	// For a workflow that handles the error, and complete where the description names only the first ones.
	error.context.outcomes = results.map(({ itemIndex: item, client: { businessCode }, outcome }) => ({
		item,
		businessCode,
		outcome: outcome.kind,
		...(outcome.kind === 'created' ? identifiersIn(outcome.answer) : {}),
	}));
	return error;
}

/** The first of the gravest failures. An item that merely waited its turn is the cause of nothing. */
function gravestOf(failed: readonly FailedResult[]): FailedResult {
	const causes = failed.filter(({ outcome }) => !outcome.isNotReached);
	for (const kind of byGravity) {
		const found = causes.find(({ outcome }) => outcome.kind === kind);
		if (found) return found;
	}
	return failed[0]!;
}

/** What became of all items, in paragraphs: the gravest failure first, and what to do about each kind of failure. */
function reportOf(gravest: FailedResult, results: readonly Result[], notes: readonly string[]): string[] {
	const others = results.filter(isFailed).filter((result) => result !== gravest && !result.outcome.isNotReached);
	const notReached = results.filter(isFailed).filter((result) => result !== gravest && result.outcome.isNotReached);
	const created = results.filter(isCreated);
	const isNothingSent = results.every(({ outcome }) => ['invalid', 'notSent', 'preview'].includes(outcome.kind));
	return [
		results.length > 1 ? `Item ${gravest.itemIndex}: ${gravest.outcome.description}` : gravest.outcome.description,
		...gravest.warnings.map((warning) => `Please check: ${warning}`),
		...explained(gravest, others),
		...(created.length > 0 ? [createdBefore(list(created, identifiersOf))] : []),
		...(results.length > 1 && isNothingSent ? [`None of the ${results.length} items was sent.`] : []),
		...(notReached.length > 0 && !isNothingSent ? [`Not sent: ${list(notReached, nameOf)}.`] : []),
		...(results.length > 1 ? ['Items are counted from 0, as n8n counts them.'] : []),
		...notes.map((note) => `${note}.`),
	];
}

/** The other failures, with advice where the gravest one or one before hasn't given it. */
function explained(gravest: FailedResult, others: readonly FailedResult[]): string[] {
	const known = new Set([gravest.outcome.message]);
	const lines = others.slice(0, maxExplained).map((other) => {
		const { kind, message, description } = other.outcome;
		const isKnown = known.has(message) && kind !== 'invalid';
		known.add(message);
		return `${capitalised(nameOf(other))}: ${isKnown ? `${message}.` : `${message}. ${description}`}`;
	});
	const more = others.length - lines.length;
	return more > 0 ? [...lines, `${more} more items failed.`] : lines;
}

function list<R extends Result>(results: readonly R[], line: (result: R) => string): string {
	const lines = results.slice(0, maxNamed).map(line).join('; ');
	const more = results.length - maxNamed;
	return more > 0 ? `${lines}; and ${more} more` : lines;
}

const nameOf = ({ client, itemIndex }: Result) => `item ${itemIndex} (${quote(client.businessCode || client.name, 40)})`;

const identifiersOf = ({ client, outcome }: CreatedResult) =>
	`${quote(client.businessCode || client.name, 40)} → ${identifiersInWords(outcome.answer)}`;

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A sentence made to go on another: names and labels keep their capitals. */
const lowerFirst = (sentence: string) => sentence.replace(/^(?:It|This|The|No|Something|A)\b/, (word) => word.toLowerCase());

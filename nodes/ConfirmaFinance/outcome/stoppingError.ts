import type { INode } from 'n8n-workflow';

import { identifiersIn, identifiersInWords } from './createdAnswer';
import { failureError } from './items';
import { holdBack, named, skipCreated } from './messages';
import { isCreated, isFailed, warningsOf, type CreatedResult, type FailedResult, type NotCreated, type Result } from './outcome';

const maxExplained = 10;
const maxNamed = 100;

/** Of several failures, the one that a person has to see first. An item that merely waited its turn is the cause of nothing. */
const byGravity: ReadonlyArray<NotCreated['kind']> = ['unknown', 'rejected', 'notSent', 'invalid', 'duplicate'];
const rank = ({ outcome }: FailedResult) => (outcome.isNotReached ? byGravity.length : byGravity.indexOf(outcome.kind));

/**
 * The error that ends a run: the gravest failure, and what became of all other items, so that nothing that was created
 * is lost from sight.
 *
 * @param notes what would be hints in a run that doesn't stop: n8n shows none of one that does
 */
export function stoppingError(node: INode, results: readonly Result[], notes: readonly string[]) {
	const failed = results.filter(isFailed).sort((one, other) => rank(one) - rank(other));
	const { client, outcome, itemIndex } = failed[0]!;
	const message = `${outcome.message}: ${named(client)}`;
	const error = failureError(node, { ...outcome, message }, itemIndex, reportOf(failed, results, notes).join('\n'));
	// For a workflow that handles the error, and complete where the description names only the first ones.
	error.context.outcomes = results.map(({ itemIndex: item, client: { businessCode }, outcome }) => ({
		item,
		businessCode,
		outcome: outcome.kind,
		...(outcome.kind === 'created' ? identifiersIn(outcome.answer) : {}),
	}));
	return error;
}

/** What became of all items, in paragraphs: what to do about the gravest failure, then the others, then what was created. */
function reportOf(failed: readonly FailedResult[], results: readonly Result[], notes: readonly string[]): string[] {
	const gravest = failed[0]!;
	const others = failed.slice(1).filter(({ outcome }) => !outcome.isNotReached);
	const notReached = failed.slice(1).filter(({ outcome }) => outcome.isNotReached);
	const created = results.filter(isCreated);
	const isNothingSent = results.every(({ outcome }) => ['invalid', 'notSent', 'preview'].includes(outcome.kind));
	const lines = [gravest.outcome.description, ...warningsOf(gravest).map((warning) => `Please check: ${warning}`)];
	lines.push(...explained(gravest, others));
	if (created.length > 0) lines.push(`Created: ${list(created, identifiersOf)}.`);
	if (results.length > 1 && isNothingSent) {
		lines.push(`None of the ${results.length} items was sent.`);
	} else if (results.length > 1) {
		if (notReached.length > 0) lines.push(`Not sent: ${list(notReached, nameOf)}.`);
		const back = gravest.outcome.kind === 'unknown' ? `${holdBack}, ` : '';
		const tokens = created.length > 0 ? '. Within ten minutes, that also gives you the access tokens of the clients created' : '';
		lines.push(`Afterwards, ${back}${skipCreated} and run the same items again${tokens}.`);
	}
	return [...lines, ...notes.map((note) => `${note}.`)];
}

/** The other failures, those with the same message together, each with advice unless the gravest one is of its kind. */
function explained(gravest: FailedResult, others: readonly FailedResult[]): string[] {
	const groups = new Map<string, FailedResult[]>();
	for (const other of others) {
		const { kind, message, description } = other.outcome;
		// What is to be corrected differs from item to item.
		const key = kind === 'invalid' ? description : message;
		groups.set(key, [...(groups.get(key) ?? []), other]);
	}
	const lines = [...groups.values()].map((group) => {
		const { kind, message, description } = group[0]!.outcome;
		const isKnown = kind === gravest.outcome.kind && kind !== 'invalid';
		return `${message}: ${list(group, nameOf)}.${isKnown ? '' : ` ${description}`}`;
	});
	const more = lines.splice(maxExplained).length;
	return more > 0 ? [...lines, `And ${more} more.`] : lines;
}

function list<R extends Result>(results: readonly R[], line: (result: R) => string): string {
	const lines = results.slice(0, maxNamed).map(line).join('; ');
	const more = results.length - maxNamed;
	return more > 0 ? `${lines}; and ${more} more` : lines;
}

const nameOf = ({ client, itemIndex }: Result) => `item ${itemIndex}, ${named(client)}`;

const identifiersOf = ({ client, outcome }: CreatedResult) => `${named(client)} → ${identifiersInWords(outcome.answer)}`;

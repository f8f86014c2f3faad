import type { ClientName } from '../client/body';
import { escapeHtml } from '../text';
import { named } from './messages';
import { isCreated, type Result } from './outcome';

const maxWarnings = 10;

/**
 * The hints under the output about values that look odd: of clients that were created, and of the others. n8n renders hints as HTML.
 *
 * Items are counted as n8n counts them, from 0.
 */
export function warningHints(results: readonly Result[]): string[] {
	return [
		...warningHint('Created, but please check:', results.filter(isCreated), results.length > 1),
		...warningHint(
			'Please check:',
			results.filter((result) => !isCreated(result)),
			results.length > 1,
		),
	];
}

function warningHint(title: string, results: readonly Result[], areSeveral: boolean): string[] {
	const warnings = results.flatMap((result) => result.warnings.map((text) => ({ item: result.itemIndex, text })));
	if (warnings.length === 0) return [];
	const lines = warnings.slice(0, maxWarnings).map(({ item, text }) => escapeHtml(areSeveral ? `Item ${item}: ${text}` : text));
	const more = warnings.length - lines.length;
	return [[title, ...lines, ...(more > 0 ? [`And ${more} more`] : [])].join('<br>')];
}

/** What the user should know of a run as a whole, as plain text without a full stop. */
export const hints = {
	notLasting:
		'Save the workflow: until then, this node cannot remember which clients it created, and running it again creates them again',
	notLocked:
		"A Remove Duplicates node in this workflow keeps its history with scope Workflow, in the place that this node needs when several n8n workers run. Set that node's scope to Node",
	notRecorded: (client: ClientName) =>
		`What became of ${named(client)} is in the output, but n8n's database could not record it. If the event arrives again, the item will be reported as unknown`,
};

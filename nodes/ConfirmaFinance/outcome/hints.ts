import type { ClientName } from '../client/body';
import { escapeHtml } from '../text';
import { named } from './messages';
import { isCreated, warningsOf, type Result } from './outcome';

const maxWarnings = 10;

/**
 * The hints under the output about values that look odd: of clients that were created, and of the others. n8n renders hints as
 * HTML, and counts items from 0.
 */
export function warningHints(results: readonly Result[]): string[] {
	const hint = (title: string, some: readonly Result[]) => {
		const lines = some.flatMap((result) =>
			warningsOf(result).map((text) => escapeHtml(results.length > 1 ? `Item ${result.itemIndex}: ${text}` : text)),
		);
		const more = lines.splice(maxWarnings).length;
		if (more > 0) lines.push(`And ${more} more`);
		return lines.length > 0 ? [[title, ...lines].join('<br>')] : [];
	};
	const others = results.filter((result) => !isCreated(result));
	return [...hint('Created, but please check:', results.filter(isCreated)), ...hint('Please check:', others)];
}

/** What the user should know of a run as a whole, as plain text without a full stop. */
export const hints = {
	notLasting:
		'Save the workflow: until then, this node cannot remember which clients it created, and running it again creates them again',
	notLocked:
		"A Remove Duplicates node in this workflow has the scope Workflow and takes up the place that this node needs when several n8n workers run. Set that node's scope to Node",
	notRecorded: (client: ClientName) =>
		`What became of ${named(client)} is in the output, but n8n's database could not record it. If the event arrives again, the item will be reported as unknown`,
};

import type { Books } from '../sandbox/reconcile';

/** Columns of the table: its heading, and what stands under it. */
const columns: Array<[string, (books: Books) => string | number]> = [
	['deals', ({ deliveries }) => new Set(deliveries.map(({ businessCode }) => businessCode)).size],
	['deliveries', ({ deliveries }) => deliveries.length],
	['POSTs', ({ requests }) => requests.length],
	['clients', ({ created }) => created.length],
	...['created', 'duplicate', 'unknown', 'rejected', 'invalid', 'notSent'].map((outcome): [string, (books: Books) => number] => [
		`\`${outcome}\``,
		({ ended }) => ended.filter((each) => each.outcome === outcome).length,
	]),
	['cut off', ({ ended }) => ended.filter(({ outcome }) => outcome === undefined).length],
	['refused by n8n', ({ deliveries }) => deliveries.reduce((sum, { refusals }) => sum + refusals, 0)],
	['node, median', ({ ended }) => seconds(nodeTimes(ended).at(Math.floor(nodeTimes(ended).length / 2)))],
	['node, longest', ({ ended }) => seconds(nodeTimes(ended).at(-1))],
];

/** The figures of each scenario as a table in Markdown. */
export function table(scenarios: ReadonlyMap<string, Books>): string {
	const rows = [...scenarios].map(([name, books]) => [name, ...columns.map(([, cell]) => cell(books))]);
	const lines = [['scenario', ...columns.map(([heading]) => heading)], ['---', ...columns.map(() => '---:')], ...rows];
	return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function nodeTimes(ended: Books['ended']): number[] {
	return ended.flatMap(({ took }) => took ?? []).sort((left, right) => left - right);
}

const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? '' : `${(milliseconds / 1000).toFixed(1)} s`);

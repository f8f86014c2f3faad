import { median } from './rounds';

/** Something that was measured, beside what it is held against. */
export interface Figure {
	readonly group: string;
	readonly name: string;
	readonly unit: string;
	/** Median over the rounds, in `unit`. */
	readonly value: number;
	/** The same of something else, measured in the same rounds. */
	readonly peer?: { readonly name: string; readonly value: number };
	/** Median over the rounds of value / peer's value. */
	readonly ratio?: number;
	/** The most that the ratio, or the value itself, is to be. */
	readonly goal?: { readonly of: 'ratio' | 'value'; readonly most: number };
}

type Goal = NonNullable<Figure['goal']>;

/** Makes figures of one group. */
export class Group {
	readonly figures: Figure[] = [];

	constructor(private readonly name: string) {}

	/** Adds what was measured in some rounds. @param values one for each round, in `unit` */
	add(name: string, unit: string, values: readonly number[], goal?: Goal): void {
		this.figures.push({ group: this.name, name, unit, value: median(values), ...(goal && { goal }) });
	}

	/** Adds what was measured together with a peer. @param peers the peer's values of the same rounds */
	compare(name: string, unit: string, values: readonly number[], peer: string, peers: readonly number[], goal?: Goal): void {
		this.figures.push({
			group: this.name,
			name,
			unit,
			value: median(values),
			peer: { name: peer, value: median(peers) },
			ratio: median(values.map((value, round) => value / peers[round]!)),
			...(goal && { goal }),
		});
	}
}

export const ratioOf = (most: number): Goal => ({ of: 'ratio', most });
export const valueOf = (most: number): Goal => ({ of: 'value', most });

/** Whether a figure's goal is met; undefined for one without a goal, or where there is nothing to hold it against. */
export function isMet({ goal, ratio, value }: Figure): boolean | undefined {
	const judged = goal?.of === 'ratio' ? ratio : value;
	return goal && Number.isFinite(judged) ? judged! <= goal.most : undefined;
}

const amount = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const shown = (value: number) => (Number.isFinite(value) ? (Math.abs(value) >= 100 ? whole : amount).format(value) : '–');

const columns: Array<[string, (figure: Figure) => string]> = [
	['figure', ({ group, name }) => `${group}: ${name}`],
	['this node', ({ value, unit }) => `${shown(value)} ${unit}`],
	['peer', ({ peer, unit }) => (peer ? `${shown(peer.value)} ${unit} (${peer.name})` : '')],
	['ratio', ({ ratio }) => (Number.isFinite(ratio) ? ratio!.toFixed(2) : '')],
	['goal', ({ goal, unit }) => (goal ? `≤ ${goal.of === 'ratio' ? goal.most : `${shown(goal.most)} ${unit}`}` : '')],
	['met', (figure) => ({ true: 'yes', false: 'no' })[String(isMet(figure))] ?? ''],
];

/** The figures as a table in Markdown. */
export function table(figures: readonly Figure[]): string {
	return markdown(
		columns.map(([heading]) => heading),
		figures.map((figure) => columns.map(([, cell]) => cell(figure))),
	);
}

function markdown(headings: string[], rows: string[][]): string {
	const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
	const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
	return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

import { createHash } from 'node:crypto';
import type { IConnections, IDataObject, INode, INodeParameters } from 'n8n-workflow';

/** A workflow as n8n exports it. */
export interface WorkflowFile {
	name: string;
	nodes: Array<Omit<INode, 'credentials'>>;
	connections: IConnections;
	pinData: Record<string, Array<{ json: IDataObject }>>;
	settings: IDataObject;
}

/** A node before it has its id and its place. */
export interface NodeDraft extends Partial<Omit<INode, 'position'>> {
	name: string;
	type: string;
	typeVersion: number;
	parameters: INodeParameters;
	/** Column and row on the canvas. */
	at: [column: number, row: number];
}

export interface WorkflowDraft {
	name: string;
	/** What a person does first, in at most four steps; Markdown. */
	note: { content: string; width: number; height: number };
	nodes: NodeDraft[];
	/** Lines between nodes. A node's outputs, from the first on, each with the nodes that it leads to. */
	lines: Record<string, string[][]>;
	/** The item that stands in for a node's output when a person runs the workflow by hand. */
	pinned: Record<string, IDataObject>;
}

const column = 190;
const row = 200;

/** The same id for the same words, so that a file changes only where its workflow does. */
export function idOf(...words: string[]): string {
	const hash = createHash('sha256').update(words.join('\n')).digest('hex');
	return hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-5$3-a$4-$5');
}

/** The register that the shared workflow keeps, an n8n Data Table. */
export const clientsTable = 'Confirma Finance clients';

/** A node that finds the Data Tables with {@link clientsTable} anywhere in their names; n8n has no search for the exact name. */
export const findTables = (name: string, at: NodeDraft['at']): NodeDraft => ({
	name,
	type: 'n8n-nodes-base.dataTable',
	typeVersion: 1.1,
	at,
	parameters: { resource: 'table', operation: 'list', returnAll: true, options: { filterName: clientsTable } },
	executeOnce: true,
	alwaysOutputData: true,
	onError: 'continueRegularOutput',
});

/** The one with exactly that name, of those that a node has found; no table has the id that stands in for a missing one. */
export const exactTable = (foundBy: string): INodeParameters => ({
	__rl: true,
	mode: 'id',
	value: `={{ $('${foundBy}').all().find(({ json }) => json.name === '${clientsTable}')?.json.id ?? 'none' }}`,
});

/** Puts a workflow together, with a note above it. */
export function workflow({ name, note, nodes, lines, pinned }: WorkflowDraft): WorkflowFile {
	const top = Math.min(...nodes.map(({ at: [, y] }) => y * row));
	// Steps as headings: at the zoom that n8n chooses, its plain text is too small.
	const content = note.content.replace(/^(?=\d\. )/gm, '### ');
	const sticky = { name: 'Note', type: 'n8n-nodes-base.stickyNote', typeVersion: 1, parameters: { ...note, content, color: 7 } };
	const place = (node: Omit<NodeDraft, 'at'>, position: [number, number]) => {
		const { parameters, name: ownName, type, typeVersion, ...rest } = node;
		return { parameters, id: idOf(name, ownName), name: ownName, type, typeVersion, position, ...rest };
	};
	return {
		name,
		nodes: [
			place(sticky, [-40, top - note.height - 60]),
			...nodes.map(({ at: [x, y], ...node }) => place(node, [x * column, y * row])),
		],
		connections: Object.fromEntries(
			Object.entries(lines).map(([from, outputs]) => [
				from,
				{ main: outputs.map((targets) => targets.map((node) => ({ node, type: 'main', index: 0 }))) },
			]),
		),
		pinData: Object.fromEntries(Object.entries(pinned).map(([node, json]) => [node, [{ json }]])),
		// Never cut off between a client's creation and its record; and the access token's only place until it is handed on.
		settings: { executionOrder: 'v1', executionTimeout: -1, saveDataErrorExecution: 'all', saveDataSuccessExecution: 'all' },
	};
}

/** Fields that an Edit Fields node makes, by name. */
export function assignments(owner: string, values: Record<string, string>): INodeParameters {
	return {
		assignments: {
			assignments: Object.entries(values).map(([name, value]) => ({ id: idOf(owner, name), name, value, type: 'string' })),
		},
		options: {},
	};
}

/** One comparison, as If, Filter and Switch nodes have them. */
export interface Condition {
	left: string;
	operation: string;
	type?: 'string' | 'boolean' | 'dateTime';
	right?: string;
}

/** Comparisons that all, or any of which, must hold. Capitals don't matter. */
export function conditions(owner: string, combinator: 'and' | 'or', list: Condition[]): INodeParameters {
	return {
		options: { caseSensitive: false, leftValue: '', typeValidation: 'loose', version: 2 },
		conditions: list.map(({ left, operation, type = 'string', right }, index) => ({
			id: idOf(owner, String(index)),
			leftValue: left,
			rightValue: right ?? '',
			operator: { type, operation, ...(right === undefined && { singleValue: true }) },
		})),
		combinator,
	};
}

import type { IExecuteFunctions } from 'n8n-workflow';

// What dragging a field onto a parameter makes: `={{ $json.company.name }}`, `={{ $('HubSpot').item.json['VAT number'] }}`.
// Nothing but names, texts and numbers in brackets, and `?.` follows an item's data. So it can't change anything, and in a list
// of expressions it keeps to its place.
const text = String.raw`'[^'\\{}\n]*'|"[^"\\{}\n]*"`;
const item = String.raw`\$json|\$input\.item\.json|\$\((?:${text})\)\.item\.json`;
const step = String.raw`\??\.[A-Za-z_$][\w$]*|(?:\?\.)?\[(?:\d+|${text})\]`;
const path = new RegExp(String.raw`^=\{\{\s*((?:${item})(?:${step})*)\s*\}\}$`);

/** Whether what stands in a parameter is a path into an item's data, and nothing else. */
export const isPath = (raw: string) => path.test(raw);

/** The node's parameters, as one run reads them. A name is `parameter`, or `collection.parameter`. */
export interface Parameters {
	/**
	 * A top-level parameter's value for one item, expressions resolved; `''` where the node hasn't got it.
	 *
	 * @throws what n8n throws for an expression that it can't resolve
	 */
	readonly valueOf: (name: string, itemIndex: number) => unknown;
	/** What stands in a parameter if it is an expression, as `{{ $json.name }}`; undefined for a fixed value. */
	readonly expressionOf: (name: string) => string | undefined;
}

/** The parameters of the node that runs. Those made of paths are evaluated together, the others by n8n, one by one. */
export function parametersOf(context: IExecuteFunctions): Parameters {
	const raw = context.getNode().parameters as Record<string, unknown>;
	const pathsOf = new Map(Object.entries(raw).map(([name, value]) => [name, pathsIn(value) ?? []]));
	const readPaths = pathReader(context, [...new Set([...pathsOf.values()].flat())]);
	let latest: { itemIndex: number; values: PathValues } | undefined;
	return {
		valueOf(name, itemIndex) {
			const paths = pathsOf.get(name) ?? [];
			if (paths.length > 0 && latest?.itemIndex !== itemIndex) latest = { itemIndex, values: readPaths(itemIndex) };
			const isKnown = paths.length > 0 && paths.every((one) => latest!.values.has(one));
			return isKnown ? filledIn(raw[name], latest!.values) : context.getNodeParameter(name, itemIndex, '');
		},
		expressionOf(name) {
			const at = (value: unknown, key: string) =>
				Object.hasOwn(Object(value) as object, key) ? (value as Record<string, unknown>)[key] : undefined;
			const value = name.split('.').reduce(at, raw);
			return typeof value === 'string' && /^=.*\{\{/s.test(value) ? value.slice(1) : undefined;
		},
	};
}

/** The paths in a parameter and its children; undefined where there is any other expression. */
function pathsIn(raw: unknown): string[] | undefined {
	if (typeof raw === 'string' && raw.startsWith('=')) return isPath(raw) ? [raw] : undefined;
	if (typeof raw !== 'object' || raw === null) return [];
	const inner = Object.values(raw).map(pathsIn);
	return inner.every((paths) => paths !== undefined) ? inner.flat() : undefined;
}

/** What paths give for an item, by what stands in the parameter. What n8n has to evaluate by itself is missing. */
type PathValues = ReadonlyMap<unknown, unknown>;

/**
 * Evaluates the same paths for one item after another, in one call for each, which takes n8n as long as a single path.
 *
 * Each has a function of its own. n8n gives undefined where one ends in a TypeError, such as a field that is missing in depth; in
 * the list that is an empty object, since one of n8n's engines makes undefined null there. An empty list stands for anything else
 * that is thrown, and for lists and objects: those are left to n8n. So are all paths where it doesn't take the list, as with a
 * key that it forbids.
 */
function pathReader(context: IExecuteFunctions, raws: readonly string[]): (itemIndex: number) => PathValues {
	const functions = raws.map((raw) => `() => ${path.exec(raw)![1]!}`).join(', ');
	const isSimple = 'value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)';
	const result = `value === undefined ? {} : ${isSimple} ? value : []`;
	const evaluate = `try { const value = read(); return ${result}; } catch (error) { return error instanceof TypeError ? {} : []; }`;
	const list = `{{ [${functions}].map((read) => { ${evaluate} }) }}`;
	return (itemIndex) => {
		try {
			const results = context.evaluateExpression(list, itemIndex) as unknown[];
			const known = raws.map((raw, index) => [raw, results[index]] as const).filter(([, value]) => !Array.isArray(value));
			return new Map(known.map(([raw, value]) => [raw, typeof value === 'object' && value !== null ? undefined : value]));
		} catch {
			return new Map();
		}
	};
}

/** A parameter with its paths replaced by their values. */
function filledIn(raw: unknown, values: PathValues): unknown {
	if (values.has(raw)) return values.get(raw);
	if (Array.isArray(raw)) return raw.map((inner) => filledIn(inner, values));
	if (typeof raw !== 'object' || raw === null) return raw;
	return Object.fromEntries(Object.entries(raw).map(([name, inner]) => [name, filledIn(inner, values)]));
}

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

/** What paths give for an item, by what stands in the parameter. What n8n has to evaluate by itself is missing. */
export type PathValues = ReadonlyMap<string, unknown>;

/**
 * Evaluates the same paths for one item after another, in one call for each, which takes n8n as long as a single path.
 *
 * Each has a function of its own. n8n gives undefined where one ends in a TypeError, such as a field that is missing in depth; in
 * the list that is an empty object, since one of n8n's engines makes undefined null there. An empty list stands for anything else
 * that is thrown, and for lists and objects: those are left to n8n. So are all paths where it doesn't take the list, as with a
 * key that it forbids.
 */
export function pathReader(context: IExecuteFunctions, raws: readonly string[]): (itemIndex: number) => PathValues {
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

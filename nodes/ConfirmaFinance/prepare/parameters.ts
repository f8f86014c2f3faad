import type { IExecuteFunctions } from 'n8n-workflow';

import { isSelfContained, isTranslated, mayChangeData, templateOf, type Template } from './expressions';

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

/** What expressions gave for an item, by their code. One that n8n has to evaluate by itself is missing. */
type Values = ReadonlyMap<string, unknown>;

/** A parameter whose expressions can be evaluated together with others. */
interface Listable {
	readonly codes: readonly string[];
	readonly valueFrom: (values: Values) => unknown;
}

/** The parameters of the node that runs. */
export function parametersOf(context: IExecuteFunctions): Parameters {
	const raw = context.getNode().parameters;
	return {
		valueOf: reader(context, raw),
		expressionOf(name) {
			let value: unknown = raw;
			for (const key of name.split('.')) {
				if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
				value = (value as Record<string, unknown>)[key];
			}
			return typeof value === 'string' && /^=.*\{\{/s.test(value) ? value.slice(1) : undefined;
		},
	};
}

/**
 * Gives what `getNodeParameter` gives, and throws what it throws, but many times as fast: n8n takes as long for one expression
 * as for a list of all that an item needs. Parameters that can't be resolved by a list are left to n8n, and all of them where one
 * may change the item.
 */
function reader(context: IExecuteFunctions, raw: object): Parameters['valueOf'] {
	const read: Parameters['valueOf'] = (name, itemIndex) => context.getNodeParameter(name, itemIndex, '');
	if (expressionsIn(raw).some(mayChangeData)) return read;
	const listables = new Map<string, Listable>();
	for (const [name, value] of Object.entries(raw)) {
		const listable = listableOf(value);
		if (listable && listable.codes.length > 0) listables.set(name, listable);
	}
	const valuesFor = evaluator(
		context,
		[...listables.values()].flatMap(({ codes }) => codes),
	);

	return (name, itemIndex) => {
		const listable = listables.get(name);
		if (!listable) return read(name, itemIndex);
		const values = valuesFor(itemIndex);
		return listable.codes.every((code) => values.has(code)) ? listable.valueFrom(values) : read(name, itemIndex);
	};
}

function expressionsIn(raw: unknown): string[] {
	if (typeof raw === 'string') return raw.startsWith('=') ? [raw.slice(1)] : [];
	return typeof raw === 'object' && raw !== null ? Object.values(raw).flatMap(expressionsIn) : [];
}

/** @param raw a parameter's value as the workflow has it, with children where it's a collection */
function listableOf(raw: unknown): Listable | undefined {
	if (typeof raw === 'string' && raw.startsWith('=')) {
		const template = templateOf(raw.slice(1));
		const isListable = template?.codes.every((code) => isSelfContained(code) && isTranslated(code) !== undefined);
		return template && isListable ? { codes: template.codes, valueFrom: (values) => filledIn(template, values) } : undefined;
	}
	if (typeof raw !== 'object' || raw === null) return { codes: [], valueFrom: () => raw };

	const children = Object.entries(raw).map(([key, child]) => [key, listableOf(child)] as const);
	if (!children.every((child): child is [string, Listable] => child[1] !== undefined)) return undefined;
	const codes = children.flatMap(([, child]) => child.codes);
	const entriesFrom = (values: Values) => children.map(([key, { valueFrom }]) => [key, valueFrom(values)] as const);
	return Array.isArray(raw)
		? { codes, valueFrom: (values) => entriesFrom(values).map(([, value]) => value) }
		: { codes, valueFrom: (values) => Object.fromEntries(entriesFrom(values)) };
}

/** A text whose expressions are replaced by their values, of which n8n shows a number, true, false and any text. */
function filledIn({ parts, codes, isValue }: Template, values: Values): unknown {
	if (isValue) return values.get(codes[0]!);
	const shown = (value: unknown) => (value || value === 0 || value === false ? String(value) : '');
	return parts.map((part, index) => (index % 2 === 1 ? shown(values.get(part)) : part)).join('');
}

/** Evaluates expressions for an item in as few calls as n8n allows. */
function evaluator(context: IExecuteFunctions, codes: readonly string[]): (itemIndex: number) => Values {
	const distinct = [...new Set(codes)];
	let lists = [false, true]
		.map((translated) => distinct.filter((code) => isTranslated(code) === translated))
		.filter((list) => list.length > 0)
		.map((list) => ({ codes: list, expression: listExpression(list) }));
	let current: { itemIndex: number; values: Values } | undefined;

	const evaluate = (itemIndex: number): Values => {
		const values = new Map<string, unknown>();
		// A list that n8n doesn't take for one item it takes for none.
		lists = lists.filter((list) => {
			const results = resultsOf(context, list.expression, itemIndex);
			if (results?.length !== list.codes.length) return false;
			list.codes.forEach((code, index) => {
				const result = results[index];
				if (!Array.isArray(result)) values.set(code, isNone(result) ? undefined : result);
			});
			return true;
		});
		return values;
	};

	return (itemIndex) => {
		if (current?.itemIndex !== itemIndex) current = { itemIndex, values: evaluate(itemIndex) };
		return current.values;
	};
}

/**
 * One expression for a list of them, each in a function of its own. n8n gives undefined for what ends in a TypeError, such as a
 * field that is missing in depth; in a list that is an empty object, since one of n8n's engines makes undefined null there.
 * An empty list stands for what is thrown otherwise and for what isn't simple: n8n has ways of its own with those.
 */
function listExpression(codes: readonly string[]): string {
	const functions = codes.map((code) => `() => { return (${code}\n); }`).join(', ');
	const isSimple = 'value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)';
	const result = `value === undefined ? {} : ${isSimple} ? value : []`;
	const evaluate = `try { const value = read(); return ${result}; } catch (error) { return error instanceof TypeError ? {} : []; }`;
	return `{{ [${functions}].map((read) => { ${evaluate} }) }}`;
}

const isNone = (result: unknown) => typeof result === 'object' && result !== null;

function resultsOf(context: IExecuteFunctions, expression: string, itemIndex: number): readonly unknown[] | undefined {
	try {
		const results: unknown = context.evaluateExpression(expression, itemIndex);
		return Array.isArray(results) ? results : undefined;
	} catch {
		return undefined;
	}
}

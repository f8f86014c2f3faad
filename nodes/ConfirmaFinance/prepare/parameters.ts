import type { IExecuteFunctions } from 'n8n-workflow';

import { isPath, pathReader, type PathValues } from './expressions';

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
	const valuesFor = (itemIndex: number): PathValues => {
		if (latest?.itemIndex !== itemIndex) latest = { itemIndex, values: readPaths(itemIndex) };
		return latest.values;
	};
	return {
		valueOf(name, itemIndex) {
			const paths = pathsOf.get(name) ?? [];
			const isKnown = paths.length > 0 && paths.every((path) => valuesFor(itemIndex).has(path));
			return isKnown ? filledIn(raw[name], valuesFor(itemIndex)) : context.getNodeParameter(name, itemIndex, '');
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

/** A parameter with its paths replaced by their values. */
function filledIn(raw: unknown, values: PathValues): unknown {
	if (typeof raw === 'string') return values.has(raw) ? values.get(raw) : raw;
	if (Array.isArray(raw)) return raw.map((inner) => filledIn(inner, values));
	if (typeof raw !== 'object' || raw === null) return raw;
	return Object.fromEntries(Object.entries(raw).map(([name, inner]) => [name, filledIn(inner, values)]));
}

import type { IExecuteFunctions } from 'n8n-workflow';

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

/** The parameters of the node that runs. */
export function parametersOf(context: IExecuteFunctions): Parameters {
	const raw = context.getNode().parameters;
	return {
		valueOf: (name, itemIndex) => context.getNodeParameter(name, itemIndex, ''),
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

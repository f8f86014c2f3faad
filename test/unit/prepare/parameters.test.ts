import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { properties } from '../../../nodes/ConfirmaFinance/client/properties';
import { parametersOf } from '../../../nodes/ConfirmaFinance/prepare/parameters';

/** A context that counts what is asked of n8n. @param list what n8n makes of a list of expressions */
function counting(parameters: object, list: () => unknown) {
	const context = {
		getNode: () => ({ parameters }),
		getNodeParameter: jest.fn((name: string) => `${name}, read alone`),
		evaluateExpression: jest.fn(list),
	};
	return { ...context, valueOf: parametersOf(context as unknown as IExecuteFunctions).valueOf };
}

const parameters = {
	a: '={{ $json.a }}',
	b: { c: '={{ $json.c }}', d: 'text', e: '={{ $json.a }}' },
	f: 'text',
	g: { h: '={{ $json.a }}', i: '={{ $json.a + 1 }}' },
};

it('n8n is asked once for all paths of an item, and for each of them once', () => {
	const { valueOf, evaluateExpression, getNodeParameter } = counting(parameters, () => [1, {}]);
	for (const itemIndex of [0, 1]) {
		expect(['a', 'b'].map((name) => valueOf(name, itemIndex))).toEqual([1, { c: undefined, d: 'text', e: 1 }]);
		expect(Object.keys(valueOf('b', itemIndex) as object)).toEqual(['c', 'd', 'e']);
	}
	expect(evaluateExpression.mock.calls.map(([, itemIndex]: unknown[]) => itemIndex)).toEqual([0, 1]);
	expect(getNodeParameter).not.toHaveBeenCalled();
});

it('fixed values, parameters that the node has not got, and all else than paths are read from n8n', () => {
	const { valueOf, evaluateExpression, getNodeParameter } = counting(parameters, () => [1, 2]);
	for (const name of ['f', 'none', 'g']) expect(valueOf(name, 0)).toBe(`${name}, read alone`);
	expect(getNodeParameter.mock.calls).toEqual([
		['f', 0, ''],
		['none', 0, ''],
		['g', 0, ''],
	]);
	expect(evaluateExpression).not.toHaveBeenCalled();
});

it('what n8n is to judge by itself is read from n8n, with all of the collection that it is in', () => {
	const { valueOf } = counting(parameters, () => [1, []]);
	expect(['a', 'b'].map((name) => valueOf(name, 0))).toEqual([1, 'b, read alone']);
});

it.each([
	[
		'throws',
		() => {
			throw new Error('invalid syntax');
		},
	],
	['gives nothing', () => undefined],
])('everything is read from n8n where it %s for a list', (_, list) => {
	const { valueOf } = counting(parameters, list);
	expect(valueOf('a', 0)).toBe('a, read alone');
});

it('the panel has no parameter whose value n8n converts when it is read', () => {
	const childrenOf = ({ options = [] }: INodeProperties) =>
		options.flatMap((option) => ('values' in option ? option.values : 'type' in option ? [option] : []));
	const withChildren = (one: INodeProperties): INodeProperties[] => [one, ...childrenOf(one).flatMap(withChildren)];
	const all = properties.flatMap(withChildren);
	expect(all.length).toBeGreaterThan(properties.length);
	const converted = all.filter((one) => one.validateType ?? one.extractValue ?? /resource/.test(one.type));
	expect(converted.map(({ name }) => name)).toEqual([]);
});

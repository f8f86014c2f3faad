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
	b: { c: '={{ $json.c }}', d: 'text' },
	e: '={{ $json.a }} and {{ $json.c }}',
	f: 'text',
};

it('n8n is asked once for all expressions of an item, and for each of them once', () => {
	const { valueOf, evaluateExpression, getNodeParameter } = counting(parameters, () => [1, {}]);
	for (const itemIndex of [0, 1]) {
		expect(['a', 'b', 'e'].map((name) => valueOf(name, itemIndex))).toEqual([1, { c: undefined, d: 'text' }, '1 and ']);
		expect(Object.keys(valueOf('b', itemIndex) as object)).toEqual(['c', 'd']);
	}
	expect(evaluateExpression.mock.calls.map(([, itemIndex]: unknown[]) => itemIndex)).toEqual([0, 1]);
	expect(getNodeParameter).not.toHaveBeenCalled();
});

it('fixed values, and parameters that the node has not got, are read from n8n', () => {
	const { valueOf, evaluateExpression, getNodeParameter } = counting(parameters, () => [1, 2]);
	expect([valueOf('f', 0), valueOf('g', 0)]).toEqual(['f, read alone', 'g, read alone']);
	expect(getNodeParameter.mock.calls).toEqual([
		['f', 0, ''],
		['g', 0, ''],
	]);
	expect(evaluateExpression).not.toHaveBeenCalled();
});

it('what n8n is to judge by itself is read from n8n, with all of the collection that it is in', () => {
	const { valueOf } = counting(parameters, () => [1, []]);
	expect(['a', 'b', 'e'].map((name) => valueOf(name, 0))).toEqual([1, 'b, read alone', 'e, read alone']);
});

it.each([
	[
		'throws',
		() => {
			throw new Error('invalid syntax');
		},
	],
	['gives no list', () => 'text'],
	['gives too short a list', () => [1]],
])('a list for which n8n %s is not tried again', (_, list) => {
	const { valueOf, evaluateExpression } = counting(parameters, list);
	for (const itemIndex of [0, 1, 2]) expect(valueOf('a', itemIndex)).toBe('a, read alone');
	expect(evaluateExpression).toHaveBeenCalledTimes(1);
});

it('nothing is evaluated together where an expression may change the item', () => {
	const { valueOf, evaluateExpression } = counting({ ...parameters, f: '={{ $json.tags.sort() }}' }, () => [1, 2]);
	expect(valueOf('a', 0)).toBe('a, read alone');
	expect(evaluateExpression).not.toHaveBeenCalled();
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

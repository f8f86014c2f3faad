import { inspect } from 'node:util';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { parametersOf, type Parameters } from '../../../nodes/ConfirmaFinance/prepare/parameters';

/** What the probe says of one parameter and one item, when it reads in both ways. */
export interface Probed extends IDataObject {
	name: string;
	itemIndex: number;
	/** What `getNodeParameter` gives. */
	expected: string;
	/** What is read with some other parameters beside it, and with all the others but those that are to be left apart. */
	withFew: string;
	withAll: string;
	/** Whether `getNodeParameter` was needed in neither case. */
	isListed: boolean;
}

type Read = Parameters['valueOf'];

const count = 400;

/** Reads its parameters for each item through n8n, through the node's reader of parameters, or both, and says what came of it. */
export class ParameterProbe implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Parameter Probe',
		name: 'parameterProbe',
		group: ['transform'],
		version: 1,
		description: 'Reads its parameters in two ways',
		defaults: { name: 'Parameter Probe' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [
			{ displayName: 'Way', name: 'way', type: 'string', default: 'both' },
			{ displayName: 'Apart', name: 'apart', type: 'string', default: '' },
			...Array.from({ length: count }, (_, index) => ({
				displayName: `Value ${index}`,
				name: `value${index}`,
				type: 'json' as const,
				default: '',
			})),
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { way, apart, ...all } = this.getNode().parameters;
		const values = Object.fromEntries(Object.entries(all).filter(([, raw]) => raw !== ''));
		const probed =
			way === 'both' ? inBothWays(this, values, String(apart).split(' ')) : inOneWay(this, Object.keys(values), way === 'n8n');
		return [probed.map((json) => ({ json }))];
	}
}

function inOneWay(context: IExecuteFunctions, names: string[], isN8n: boolean): IDataObject[] {
	const read: Read = isN8n ? (...given) => context.getNodeParameter(...given) : parametersOf(context).valueOf;
	return context.getInputData().map((_item, itemIndex) => ({
		outcomes: names.map((name) => outcomeOf(() => read(name, itemIndex))),
	}));
}

function inBothWays(context: IExecuteFunctions, values: Record<string, unknown>, apart: string[]): Probed[] {
	let calls = 0;
	const readerOf = (parameters: object) => parametersOf(seeing(context, parameters, () => (calls += 1))).valueOf;
	const withAll = readerOf(Object.fromEntries(Object.entries(values).filter(([name]) => !apart.includes(name))));
	return Object.entries(values).flatMap(([name, raw]) => {
		const [before, after] = ['={{ $json.name }}', '={{ $json.tags[0].isEmpty() }}'];
		const withFew = readerOf({ before, [name]: raw, between: '={{ $json.missing.deeper }}', after });
		return context.getInputData().map((_item, itemIndex) => {
			calls = 0;
			return {
				name,
				itemIndex,
				withFew: outcomeOf(() => withFew(name, itemIndex)),
				withAll: outcomeOf(() => withAll(name, itemIndex)),
				isListed: calls === 0,
				expected: outcomeOf(() => context.getNodeParameter(name, itemIndex)),
			};
		});
	});
}

/** The context, with other parameters in its node. */
function seeing(context: IExecuteFunctions, parameters: object, onRead: () => void): IExecuteFunctions {
	const getNodeParameter: Read = (...given) => {
		onRead();
		return context.getNodeParameter(...given);
	};
	return Object.create(context, {
		getNode: { value: () => ({ ...context.getNode(), parameters }) },
		getNodeParameter: { value: getNodeParameter },
	}) as IExecuteFunctions;
}

function outcomeOf(read: () => unknown): string {
	try {
		return inspect(read(), { depth: 9, maxStringLength: 100, breakLength: Infinity });
	} catch (error) {
		const { name, message, description } = error as Error & { description?: string };
		return `${name}: ${message} (${description})`;
	}
}

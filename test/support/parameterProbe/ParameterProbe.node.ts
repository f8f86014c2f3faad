import { inspect } from 'node:util';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { parametersOf } from '../../../nodes/ConfirmaFinance/prepare/parameters';

/** What the probe says of one parameter and one item. */
export interface Probed extends IDataObject {
	name: string;
	/** What the node's own reader gives, and what `getNodeParameter` gives. */
	read: string;
	expected: string;
	/** Whether the reader did without `getNodeParameter`. */
	isListed: boolean;
}

/** Reads its parameters for each item through the node's reader of parameters, then through n8n, and says what came of it. */
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
		properties: Array.from({ length: 200 }, (_, index) => ({
			displayName: `Value ${index}`,
			name: `value${index}`,
			type: 'json',
			default: '',
		})),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		let calls = 0;
		const getNodeParameter = (...given: [name: string, itemIndex: number, fallback?: unknown]): unknown => {
			calls += 1;
			return this.getNodeParameter(...given);
		};
		const { valueOf } = parametersOf(Object.create(this, { getNodeParameter: { value: getNodeParameter } }) as IExecuteFunctions);
		const names = Object.entries(this.getNode().parameters).flatMap(([name, raw]) => (raw === '' ? [] : [name]));
		const probed = this.getInputData().flatMap((_item, itemIndex) =>
			names.map((name): Probed => {
				calls = 0;
				const read = outcomeOf(() => valueOf(name, itemIndex));
				return { name, read, isListed: calls === 0, expected: outcomeOf(() => this.getNodeParameter(name, itemIndex)) };
			}),
		);
		return [probed.map((json) => ({ json }))];
	}
}

function outcomeOf(read: () => unknown): string {
	try {
		return inspect(read(), { depth: 9, maxStringLength: 100, breakLength: Infinity });
	} catch (error) {
		const { name, message, description } = error as Error & { description?: string };
		return `${name}: ${message} (${description})`;
	}
}

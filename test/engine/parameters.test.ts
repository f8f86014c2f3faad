import type { IDataObject } from 'n8n-workflow';
import { itemsOf, loadPackage, NODE_NAME, runWorkflow, smallestWorkflow } from '../support/engine';
import { ParameterProbe, type Probed } from '../support/parameterProbe/ParameterProbe.node';
import { cases, changing, items, probing } from '../support/parameterProbe/expressions';

async function probe(parameters: IDataObject): Promise<IDataObject[]> {
	const { error, nodes } = await runWorkflow({
		workflow: smallestWorkflow(parameters),
		items: itemsOf(...structuredClone(items)),
		credentials: {},
		nodePackage: { ...loadPackage(), node: new ParameterProbe() },
		mode: 'webhook',
	});
	expect(error).toBeUndefined();
	return nodes[NODE_NAME]!.outputs[0]!.map(({ json }) => json);
}

describe('A parameter is read as n8n reads it, by itself or beside others', () => {
	const table = cases('Webhook');
	let probed: Probed[];

	beforeAll(async () => {
		probed = (await probe(probing(table))) as Probed[];
	});

	it.each(table.map(({ raw, ...rest }) => ({ raw: JSON.stringify(raw), ...rest })))('$raw', ({ name, listed }) => {
		const outcomes = probed.filter((one) => one.name === name);
		const expected = outcomes.map((one) => one.expected);
		expect(expected).toHaveLength(items.length);
		expect(outcomes.map(({ withFew }) => withFew)).toEqual(expected);
		expect(outcomes.map(({ withAll }) => withAll)).toEqual(expected);
		expect(outcomes.filter(({ isListed }) => isListed)).toHaveLength(listed);
	});
});

it.each(changing)('what $value1 changes is seen by the others as n8n lets them see it', async (parameters) => {
	expect(await probe({ way: 'reader', ...parameters })).toEqual(await probe({ way: 'n8n', ...parameters }));
});

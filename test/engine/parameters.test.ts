import { itemsOf, loadPackage, NODE_NAME, runWorkflow, smallestWorkflow } from '../support/engine';
import { ParameterProbe, type Probed } from '../support/parameterProbe/ParameterProbe.node';
import { cases, forbidden, items, probing, type Case } from '../support/parameterProbe/expressions';

async function probe(table: readonly Case[]): Promise<Probed[]> {
	const { error, nodes } = await runWorkflow({
		workflow: smallestWorkflow(probing(table)),
		items: itemsOf(...structuredClone(items)),
		credentials: {},
		nodePackage: { ...loadPackage(), node: new ParameterProbe() },
		mode: 'webhook',
	});
	expect(error).toBeUndefined();
	return nodes[NODE_NAME]!.outputs[0]!.map(({ json }) => json as Probed);
}

describe('A parameter is read as n8n reads it, and a path together with others', () => {
	const table = cases('Webhook');
	let probed: Probed[];

	beforeAll(async () => {
		probed = await probe(table);
	});

	it.each(table.map(({ raw, ...rest }) => ({ raw: JSON.stringify(raw), ...rest })))('$raw', ({ name, listed }) => {
		const outcomes = probed.filter((one) => one.name === name);
		expect(outcomes).toHaveLength(items.length);
		expect(outcomes.map(({ read }) => read)).toEqual(outcomes.map(({ expected }) => expected));
		expect(outcomes.filter(({ isListed }) => isListed)).toHaveLength(listed);
	});
});

it.each(forbidden.map((table) => [table[0]!.raw, table] as const))('%s leaves the others as they are', async (_, table) => {
	const probed = await probe(table);
	expect(probed.map(({ read }) => read)).toEqual(probed.map(({ expected }) => expected));
});

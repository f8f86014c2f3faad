import type { IDataObject } from 'n8n-workflow';

import { options, type OptionName } from '../../nodes/ConfirmaFinance/createClient/panel/options';
import { startSandbox, type Sandbox } from '../sandbox/sandbox';
import { credentialsFor, dealFields, deals } from '../support/engine/deals';
import { DeduplicationStore, itemsOf, NODE_NAME, runWorkflow, smallestWorkflow, useDeduplicationStore } from '../support/engine';

let sandbox: Sandbox;

beforeAll(async () => {
	sandbox = await startSandbox({ environment: 'staging' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => {
	sandbox.reset();
	useDeduplicationStore(new DeduplicationStore());
});

/** Creates a client with these parameters, and gives what the node says of it. */
async function createWith(parameters: IDataObject, item: IDataObject = {}): Promise<IDataObject> {
	const { nodes } = await runWorkflow({
		workflow: smallestWorkflow({ ...dealFields, ...parameters }, { onError: 'continueRegularOutput' }),
		items: itemsOf({ ...deals(1)[0], ...item }),
		credentials: credentialsFor(sandbox),
	});
	return nodes[NODE_NAME]!.outputs[0]![0]!.json;
}

describe('An option', () => {
	const names = Object.keys(options) as OptionName[];
	const nothings = ['={{ $json.none }}', '={{ $json.none.deeper }}', '={{ null }}', '={{ "" }}'];

	it.each(names.flatMap((name) => nothings.map((expression) => [name, expression] as const)))(
		'%s, given as %s, keeps the client from being sent',
		async (name, expression) => {
			const json = await createWith({ options: { [name]: expression } });
			expect(sandbox.requests).toEqual([]);
			expect(json).toMatchObject({ outcome: 'invalid' });
			expect(json.description).toContain(`'Options > ${options[name].property.displayName}' must be`);
			expect(json.description).toContain('found no value');
		},
	);

	it('that was not added has its default', async () => {
		await createWith({ options: {} });
		await createWith({}, deals(1, 1)[0]);
		expect(sandbox.created).toHaveLength(2);
	});
});

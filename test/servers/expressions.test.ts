import type { IDataObject, INodeParameters, INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { fields, valueAt } from '../../nodes/ConfirmaFinance/client/fields';
import { options, type OptionName } from '../../nodes/ConfirmaFinance/client/options';
import { additionalFields, properties } from '../../nodes/ConfirmaFinance/client/properties';
import { swedishExample } from '../sandbox/clientBodies';
import { company, nodeName } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { type Execution, outputs } from '../support/n8n/n8nClient';

const mapped = (path: string) => `={{ $json.${path} }}`;

/** A parameter whose value comes from the item: its children, too, each under the parameter's path. */
function mappedParameter({ name, type, options: children = [] }: INodeProperties): INodeParameters[string] {
	if (type === 'collection') {
		const mappable = (children as INodeProperties[]).filter(({ noDataExpression }) => !noDataExpression);
		return Object.fromEntries(mappable.map((child) => [child.name, mapped(`${name}.${child.name}`)]));
	}
	if (type === 'fixedCollection') {
		const [{ name: entry, values }] = children as [INodePropertyCollection];
		return { [entry]: [Object.fromEntries(values.map((child) => [child.name, mapped(`${name}.${child.name}`)]))] };
	}
	return mapped(name);
}

/** Every parameter of the panel that takes an expression, mapped by one. */
const everything = Object.fromEntries(properties.map((property) => [property.name, mappedParameter(property)]));

/** An item that has a value for each of them: the Swedish example, and every option as it is where it wasn't added. */
function itemFor(changes: IDataObject = {}): IDataObject {
	const item: Record<string, unknown> = {
		serviceTypeCode: 'LIFECYCLE',
		additionalFields: { section: 'client', name: 'invoiceFormat', value: 'PDF' },
		options: Object.fromEntries(
			Object.entries(options).map(([name, { property, preset }]) => [name, preset ?? property.default]),
		),
	};
	for (const field of fields) {
		const [name, child] = field.parameter.split('.') as [string, string?];
		const value = valueAt(swedishExample, field);
		if (child) item[name] = { ...(item[name] as object | undefined), [child]: value };
		else item[name] = value;
	}
	return { ...(item as IDataObject), ...changes };
}

const names = (Object.keys(options) as OptionName[]).filter((name) => !options[name].property.noDataExpression);

const results = (execution: Execution) => (outputs(execution, nodeName)[0] ?? []).map(({ json }) => json);

describe.each(selectedVersions())('on n8n $version with Node $node', (version) => {
	let live: LiveN8n;
	let deliver: (item: IDataObject) => Promise<Execution>;

	beforeAll(async () => {
		live = await startLiveN8n(version);
		// `deploy` publishes: n8n refuses a workflow in which a parameter that it takes for required is empty.
		const deployed = await live.deploy({ parameters: everything, settings: { onError: 'continueRegularOutput' } });
		deliver = async (item) => await deployed.deliver(item as never);
	});
	afterEach(() => live.sandbox.reset());
	afterAll(async () => await live?.close());

	it('maps every parameter that takes an expression', () => {
		expect(Object.keys(everything)).toContain(additionalFields.name);
		const text = JSON.stringify(everything);
		for (const { parameter } of fields) expect(text).toContain(mapped(parameter));
	});

	it('publishes and runs a workflow in which every parameter is mapped by an expression', async () => {
		const options = { ...(itemFor().options as IDataObject), previewOnly: true };
		const [preview] = results(await deliver(itemFor({ options })));
		expect(preview).toMatchObject({
			outcome: 'preview',
			body: {
				...swedishExample,
				client: { ...swedishExample.client, plusgiro: '286543-4', invoiceFormat: 'PDF' },
			},
		});
		expect(live.sandbox.requests).toEqual([]);
	});

	it('publishes and runs one in which Service Type alone is mapped', async () => {
		const { deliver: send } = await live.deploy({ parameters: { serviceType: '={{ $json.name && "COOP" }}' } });
		await send(company(1));
		expect(live.sandbox.created.map(({ body }) => body.service.type)).toEqual(['COOP']);
	});

	it.each(names)('sends nothing when the expression of %s finds nothing', async (name) => {
		const others = { ...(itemFor().options as IDataObject) };
		delete others[name];
		const [result] = results(await deliver(itemFor({ options: others })));
		expect(result).toMatchObject({
			outcome: 'invalid',
			description: expect.stringContaining(`but the expression {{ $json.options.${name} }} found no value`) as string,
		});
		expect(live.sandbox.requests).toEqual([]);
	});
});

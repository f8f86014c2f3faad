import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { fields, type FieldPath } from '../../nodes/ConfirmaFinance/client/fields';
import { businessId } from '../sandbox/clientBodies';
import { namedOutcomes } from '../sandbox/faults';
import { CONFIRMA_NODE, type NodeSettings, type WorkflowFile } from '../support/engine';
import { realWorldValues } from '../support/realWorldValues';

/** What stands in a client's fields. */
export type Client = Partial<Record<FieldPath, unknown>>;

/** Clients that are delivered together. */
export interface Input {
	readonly title: string;
	/** Those of one workflow know each other's clients. */
	readonly workflowId: string;
	readonly clients: readonly Client[];
	readonly options: IDataObject;
	readonly settings: NodeSettings;
}

type OnError = NodeSettings['onError'];

let companies = 0;
let workflows = 0;

/** A client that lacks nothing and was never delivered before, but for what is given. */
function client(values: Client = {}): Client {
	const number = ++companies;
	const country = values['client.countryCode'] ?? 'FI';
	return {
		'service.type': 'LIFECYCLE',
		'service.partnerCode': 'QUICK3',
		'client.name': `Testiyritys ${number} Oy`,
		// A Finnish one in another country would hide all else.
		'client.businessCode': country === 'FI' ? businessId(number) : `A-${10_000 + number}`,
		'client.countryCode': country,
		'contacts.primary.name': 'Matti Meikäläinen',
		'contacts.primary.email': 'matti@example.com',
		...values,
	};
}

const tableOfValues = () =>
	realWorldValues.map(({ country, field, given, iban }) =>
		client({ 'client.countryCode': country, ...(iban && { 'client.ibanAccount': iban }), [field.path]: given }),
	);

const noise = [
	null,
	'',
	'   ',
	0,
	100,
	12345671,
	-5,
	1e21,
	true,
	['x'],
	{ a: 1 },
	'undefined',
	'[object Object]',
	'N/A',
	'-',
	'ei ole',
];
const texts = [
	'a\u0007b',
	'x'.repeat(300),
	'#REF!',
	'&amp; Oy',
	'<b>x</b>',
	'\u00A0Oy\u00A0',
	'"quoted"',
	'JyvÃ¤skylÃ¤ Oy',
	'  two  spaces ',
];
const contacts = [
	'A@EXAMPLE.COM ',
	'mailto:x@example.com',
	'040 123 4567',
	'+46 8 123 456',
	'00358401234567',
	'12',
	'(08) 12 34 56',
];

const quickFaults = Object.keys(namedOutcomes).filter((name) => !/429|slow|timeout/.test(name));

/** Clients with up to four values of their country, or of no kind at all, and some whose names ask the sandbox for a fault. */
function randomClients(count: number, seed: number): Client[] {
	const countries = [...Array<string>(12).fill('FI'), ...new Set(realWorldValues.map(({ country }) => country))];
	const paths = fc.constantFrom(...fields.map(({ path }) => path));
	const anything = fc.tuple(paths, fc.constantFrom<unknown>(...noise, ...texts, ...contacts));
	const random = fc.constantFrom(...countries).chain((country) => {
		const own = realWorldValues.filter((row) => row.country === country);
		const value = fc.constantFrom(...own).map(({ field, given }) => [field.path, given] as [FieldPath, unknown]);
		const values = fc.array(fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: anything }), { maxLength: 4 });
		const name = fc.option(fc.constantFrom(...quickFaults), { freq: 7 });
		return fc.tuple(values, name).map(
			([chosen, fault]): Client => ({
				'client.countryCode': country,
				...(fault && { 'client.name': fault }),
				...Object.fromEntries(chosen),
			}),
		);
	});
	return fc.sample(random, { seed, numRuns: count }).map((values) => client(values));
}

/** The clients of the ready workflows' sample data, as their mappings give them. */
function clientsOfExamples(): Client[] {
	const folder = join(__dirname, '../../examples');
	const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
	return files.flatMap((file) => {
		const { nodes, pinData = {} } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as WorkflowFile;
		const node = (name: string) => {
			const [item] = pinData[name] ?? [];
			if (!item) throw new Error(`Never ran: ${name}`);
			return { item };
		};
		// A CRM's workflow ends so.
		const mapping = pinData['Write the identifiers'] && nodes.find(({ name }) => name === 'The client')!.parameters.jsonOutput;
		const mapped = typeof mapping === 'string' ? [evaluate(mapping, { $: node }) as IDataObject] : [];
		const called = pinData['When another workflow calls'] ?? [];
		const [won] = pinData['Deal Won'] ?? [];
		const own = won ? [mappedBy(nodes.find(({ type }) => type === CONFIRMA_NODE)!.parameters, won.json)] : [];
		return [...[...called.map(({ json }) => json), ...mapped].map(clientFrom), ...own];
	});
}

// n8n's own.
const jmespath = createRequire(require.resolve('n8n-workflow'))('jmespath') as { search: unknown };

/** What an expression gives, where it is nothing but JavaScript and these names of n8n's. */
function evaluate(expression: string, names: object): unknown {
	const known = { $jmespath: jmespath.search, ...names };
	return new Function(...Object.keys(known), `return ${expression.slice(3, -2)}`)(...Object.values(known)) as unknown;
}

/** A client as a node's own fields have it. */
const mappedBy = (parameters: INodeParameters, $json: IDataObject): Client =>
	client(
		Object.fromEntries(
			fields.flatMap(({ path, parameter }) => {
				const [name, child] = parameter.split('.') as [string, string?];
				const raw = child === undefined ? parameters[name] : (parameters[name] as INodeParameters | undefined)?.[child];
				if (raw === undefined) return [];
				return [[path, typeof raw === 'string' && raw.startsWith('={{') ? evaluate(raw, { $json }) : raw]];
			}),
		),
	);

/** A client from the inputs of the workflow that creates it. */
const clientFrom = (inputs: IDataObject): Client =>
	client(
		Object.fromEntries(
			fields.flatMap(({ path, parameter }) => {
				const value = inputs[parameter.split('.').at(-1)!];
				return value === undefined ? [] : [[path, value]];
			}),
		),
	);

const inBatches = <T>(all: readonly T[], size: number) =>
	Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

/**
 * The table of values, the samples of the ready workflows, random clients with each option, delivered twice, and runs that stop.
 * @param count of the random clients
 */
export function inputs(count: number, seed: number): Input[] {
	const options: IDataObject[] = [
		{},
		{ validation: 'strict' },
		{ validation: 'off' },
		{ duplicateHandling: 'skip' },
		{ duplicateHandling: 'send' },
		{ unknownHandling: 'send' },
		{ unknownHandling: 'created' },
		{ returnAccessToken: false },
		{ previewOnly: true },
	];
	const planned = (
		clients: readonly Client[],
		deliveries: Record<string, IDataObject>,
		onError: OnError = 'continueRegularOutput',
	) => {
		const workflowId = `workflow ${++workflows}`;
		return Object.entries(deliveries).map(([title, given]) => ({
			title,
			workflowId,
			clients,
			options: given,
			settings: { onError },
		}));
	};
	const stopping = [client(), client({ 'client.name': 'Sandbox 400' }), client(), client({ 'client.name': 'Sandbox reset' })];
	const invalid = [client(), client({ 'client.countryCode': 'Narnia' })];
	return [
		...inBatches([...tableOfValues(), ...clientsOfExamples()], 50).flatMap((clients) =>
			planned(clients, { 'values, previewed': { previewOnly: true }, values: {} }),
		),
		...inBatches(randomClients(count, seed), 40).flatMap((clients, index) => {
			const given = options[index % options.length]!;
			return planned(clients, {
				'random clients, previewed': { ...given, previewOnly: true },
				'random clients': given,
				'random clients, again': { duplicateHandling: 'skip' },
			});
		}),
		...(['stopWorkflow', 'continueErrorOutput'] as const).flatMap((onError) =>
			[1, 2, 3, 4].flatMap((length) => planned(stopping.slice(0, length), { [`failures, ${onError}`]: {} }, onError)),
		),
		...planned(invalid, { 'an invalid client, stopWorkflow': {} }, 'stopWorkflow'),
	];
}

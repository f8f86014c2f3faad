import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { bodyFrom, fields, valueAt } from '../../../nodes/ConfirmaFinance/client/fields';
import { clientBody } from '../../../nodes/ConfirmaFinance/client/body';
import { apiExample } from '../../sandbox/clientBodies';
import { readDescription } from '../../sandbox/description';

const root = resolve(__dirname, '../../..');

describe('The body', () => {
	it('has the keys of the API page’s example, in its order', () => {
		expect(JSON.stringify(clientBody.parse(apiExample))).toBe(JSON.stringify(apiExample));
		expect(JSON.stringify(bodyFrom((field) => valueAt(apiExample, field)))).toBe(JSON.stringify(apiExample));
	});

	it('takes nothing but text in any field, and none can be missing', () => {
		const isTaken = (path: string, value: unknown) =>
			clientBody.safeParse(bodyFrom((field) => (field.path === path ? value : ''))).success;
		expect(fields.filter(({ path }) => !isTaken(path, 'text'))).toEqual([]);
		expect(fields.filter(({ path }) => [undefined, null, 5, {}].some((value) => isTaken(path, value)))).toEqual([]);
	});

	it.each([
		['at the top', { ...apiExample, extra: '' }],
		['in the client', { ...apiExample, client: { ...apiExample.client, extra: '' } }],
		['in a contact', { ...apiExample, contacts: { ...apiExample.contacts, technical: { name: '', email: '', extra: '' } } }],
	])('takes no further key %s', (_, body) => {
		expect(clientBody.safeParse(body).success).toBe(false);
	});
});

interface Schema {
	$ref?: string;
	properties?: Record<string, Schema>;
	required?: string[];
}

it('The sandbox’s description of the API has exactly the fields of the table, all of them required', () => {
	const { schemas } = readDescription().components as { schemas: Record<string, Schema> };
	const pathsIn = ({ $ref, properties, required = [] }: Schema): string[] => {
		if ($ref !== undefined && properties === undefined) return pathsIn(schemas[$ref.split('/').at(-1)!]!);
		const entries = Object.entries(properties ?? {});
		expect(required).toEqual(entries.map(([key]) => key));
		return entries.length === 0 ? [''] : entries.flatMap(([key, inner]) => pathsIn(inner).map((path) => `.${key}${path}`));
	};
	expect(pathsIn(schemas.NewClient!)).toEqual(fields.map(({ path }) => `.${path}`));
});

describe('A row that is added to the table of fields', () => {
	const row = "invoiceFormat: row('clientDetails.invoiceFormat', 'Invoice Format', 'text', 'How invoices are made', 'PDF'),";
	let copy: string;
	const load = <Module extends object>(path: string) => jest.requireActual<Module>(join(copy, path));

	beforeAll(() => {
		copy = mkdtempSync(join(tmpdir(), 'one-row-'));
		for (const path of ['nodes', 'scripts', 'README.md', 'tsconfig.json']) {
			cpSync(join(root, path), join(copy, path), { recursive: true });
		}
		symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
		const table = join(copy, 'nodes/ConfirmaFinance/client/fields.ts');
		const text = readFileSync(table, 'utf8');
		writeFileSync(
			table,
			text.replace('\t\tibanAccount: row(', (next) => `\t\t${row}\n${next}`),
		);
	});
	afterAll(() => rmSync(copy, { recursive: true }));

	it('is in the panel, in its section', () => {
		const { properties } = load<typeof import('../../../nodes/ConfirmaFinance/client/properties')>(
			'nodes/ConfirmaFinance/client/properties.ts',
		);
		const section = properties.find(({ name }) => name === 'clientDetails');
		expect(section!.options).toContainEqual({
			displayName: 'Invoice Format',
			name: 'invoiceFormat',
			type: 'string',
			default: '',
			placeholder: 'e.g. PDF',
			description: 'How invoices are made',
		});
	});

	it('is read, validated under its label, and sent', () => {
		const { prepare } = load<typeof import('../../../nodes/ConfirmaFinance/prepare/prepare')>(
			'nodes/ConfirmaFinance/prepare/prepare.ts',
		);
		const client = (invoiceFormat: unknown) =>
			prepare(
				{
					valueOf: (name) =>
						({
							partnerCode: 'QUICK3',
							serviceType: 'COOP',
							name: 'Test Customer Oy',
							businessCode: '0112038-9',
							countryCode: 'FI',
							primaryContactName: 'Matti Meikäläinen',
							primaryContactEmail: 'matti@example.com',
							clientDetails: { invoiceFormat },
						})[name] ?? '',
					expressionOf: () => undefined,
				},
				0,
			);
		expect(client(' PDF ').body!.client).toHaveProperty('invoiceFormat', 'PDF');
		expect(client(['PDF']).problems).toMatchObject([
			{ parameter: 'clientDetails.invoiceFormat', label: 'Client Details > Invoice Format' },
		]);
	});

	it('is in the README’s table', () => {
		const { readmeWithTable } = load<typeof import('../../../scripts/fieldTable')>('scripts/fieldTable.ts');
		expect(readmeWithTable()).toContain(', Invoice Format `client.invoiceFormat` |');
	});

	it('is an input of the workflow that the others call', () => {
		const { exampleTexts } = load<typeof import('../../../scripts/examples/all')>('scripts/examples/all.ts');
		expect(exampleTexts()['create-the-client.json']).toContain('"name": "invoiceFormat"');
	});
});

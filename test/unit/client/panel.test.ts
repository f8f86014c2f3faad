import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { ConfirmaFinanceApi } from '../../../credentials/ConfirmaFinanceApi.credentials';
import codex from '../../../nodes/ConfirmaFinance/ConfirmaFinance.node.json';
import { ConfirmaFinance } from '../../../nodes/ConfirmaFinance/ConfirmaFinance.node';
import { bodyFrom, fields, valueAt } from '../../../nodes/ConfirmaFinance/client/fields';
import { properties } from '../../../nodes/ConfirmaFinance/client/properties';
import { clientBody } from '../../../nodes/ConfirmaFinance/client/body';
import { apiExample } from '../../sandbox/clientBodies';

const { description } = new ConfirmaFinance();
const credential = new ConfirmaFinanceApi();

/** The parameters that a collection holds. */
function childrenOf({ type, options = [] }: INodeProperties): INodeProperties[] {
	if (type === 'collection') return options as INodeProperties[];
	return type === 'fixedCollection' ? (options as INodePropertyCollection[]).flatMap(({ values }) => values) : [];
}
const choicesOf = ({ type, options }: INodeProperties) => (type === 'options' ? (options as INodePropertyOptions[]) : []);

/** Every parameter of the node and the credential, those in collections too, with a name for the test's output. */
const parameters = [...description.properties, ...credential.properties].flatMap((property) => [
	{ path: property.name, property },
	...childrenOf(property).map((child) => ({ path: `${property.name}.${child.name}`, property: child })),
]);
const choices = parameters.flatMap(({ path, property }) =>
	choicesOf(property).map((choice) => ({ path: `${path}=${String(choice.value)}`, choice })),
);

describe('No field is forgotten', () => {
	// What is missing on the right is in the stand-in's own list: test/sandbox/clientBodies.ts and what it is made of.
	it('the schema, the fields and the API page’s example have the same keys in the same order', () => {
		expect(JSON.stringify(clientBody.parse(apiExample))).toBe(JSON.stringify(apiExample));
		expect(JSON.stringify(bodyFrom((field) => valueAt(apiExample, field)))).toBe(JSON.stringify(apiExample));
	});

	it('every parameter of the panel fills one field, but for options, additional fields and the custom service type', () => {
		const inPanel = properties.flatMap((property) =>
			property.type === 'collection' ? childrenOf(property).map(({ name }) => `${property.name}.${name}`) : [property.name],
		);
		const others = ['serviceTypeCode', 'additionalFields'];
		const forFields = inPanel.filter((name) => !name.startsWith('options.') && !others.includes(name));
		expect(forFields.sort()).toEqual(fields.map(({ parameter }) => parameter).sort());
	});

	it('the parameters have the names that saved workflows use', () => {
		expect(properties.map(({ name }) => name)).toEqual([
			'serviceType',
			'serviceTypeCode',
			'partnerCode',
			'name',
			'businessCode',
			'countryCode',
			'primaryContactName',
			'primaryContactEmail',
			'clientDetails',
			'bankDetails',
			'contactDetails',
			'additionalFields',
			'options',
		]);
		expect(
			childrenOf(properties.at(-1)!)
				.map(({ name }) => name)
				.sort(),
		).toEqual([
			'duplicateHandling',
			'maxConcurrency',
			'previewOnly',
			'returnAccessToken',
			'timeout',
			'unknownHandling',
			'validation',
		]);
	});

	it('the defaults are the documented ones', () => {
		const defaults = Object.fromEntries(parameters.map(({ path, property }) => [path, property.default]));
		expect(defaults).toMatchObject({
			operation: 'createClient',
			serviceType: 'LIFECYCLE',
			environment: 'staging',
			'options.duplicateHandling': 'error',
			'options.maxConcurrency': 5,
			'options.previewOnly': false,
			'options.returnAccessToken': true,
			'options.timeout': 60_000,
			'options.unknownHandling': 'hold',
			'options.validation': 'standard',
		});
	});

	// n8n appends a field that is dragged onto a parameter to what stands there: `FI {{ $json.country }}`.
	it('no text has a default', () => {
		const texts = parameters.filter(({ property }) => property.type === 'string');
		expect(texts.filter(({ property }) => property.default !== '')).toEqual([]);
	});

	it('the choices are the documented ones', () => {
		expect(choices.map(({ path }) => path).sort()).toEqual(
			[
				'additionalFields.section=client',
				'additionalFields.section=contacts.accountant',
				'additionalFields.section=contacts.primary',
				'additionalFields.section=contacts.technical',
				'additionalFields.section=service',
				'environment=custom',
				'environment=production',
				'environment=staging',
				'operation=createClient',
				'options.duplicateHandling=error',
				'options.duplicateHandling=send',
				'options.duplicateHandling=skip',
				'options.unknownHandling=created',
				'options.unknownHandling=hold',
				'options.unknownHandling=send',
				'options.validation=off',
				'options.validation=standard',
				'options.validation=strict',
				'serviceType=COOP',
				'serviceType=INTERMEDIATION',
				'serviceType=LIFECYCLE',
				'serviceType=custom',
			].sort(),
		);
	});

	it('what is required is at the top, and nothing in a collection is', () => {
		const required = parameters.filter(({ property }) => property.required).map(({ path }) => path);
		expect(required.filter((path) => path.includes('.'))).toEqual([]);
		const optionalAtTop = properties.filter(({ type, required: isRequired }) => !/collection/i.test(type) && !isRequired);
		expect(optionalAtTop.map(({ name }) => name)).toEqual(['serviceTypeCode']);
	});

	// n8n takes the condition for met while the parameter that it looks at holds an expression, and then publishes no workflow in
	// which what is required is empty.
	it('nothing that is shown only sometimes is required', () => {
		const sometimes = description.properties.filter(({ displayOptions }) => displayOptions !== undefined);
		expect(sometimes.map(({ name, required }) => [name, required === true])).toEqual([['serviceTypeCode', false]]);
	});
});

/** Whether a text keeps n8n's rule for full stops: none after one sentence, one after each of several. */
function keepsFullStopRule(text: string): boolean {
	const sentences = text.split(/(?<=[.!?]) (?=[A-Z])/).length;
	return text.endsWith('.') === sentences > 1;
}

const frowned = /\b(error|problem|failure|mistake)s?\b/i;

// What n8n's lint leaves unchecked: hints, placeholders, the order of choices, and the words.
const such = (matches: (property: INodeProperties) => boolean) => parameters.filter(({ property }) => matches(property));

describe('The text of', () => {
	it.each(such(({ type, name }) => type !== 'collection' && name !== 'operation'))(
		'$path describes more than its title does',
		({ property }) => {
			expect(property.description).toMatch(/^[A-Z]/);
			expect(property.description).not.toBe(property.displayName);
			expect(property.description).not.toMatch(frowned);
		},
	);

	it.each(such(({ hint }) => hint !== undefined))('$path has a hint that is short', ({ property: { hint } }) => {
		expect(hint!.length).toBeLessThanOrEqual(120);
		expect(hint).toMatch(/^[A-Z]/);
		expect(hint).toSatisfyRule(keepsFullStopRule);
		expect(hint).not.toMatch(frowned);
	});

	it.each(such(({ type, typeOptions }) => type === 'string' && !typeOptions?.password))(
		'$path shows an example',
		({ property }) => {
			expect(property.placeholder).toMatch(/^e\.g\. \S/);
		},
	);

	it.each(such(({ type }) => type === 'options' || type === 'collection'))(
		'$path lists what it holds alphabetically',
		({ property }) => {
			const names = [
				...choicesOf(property).map(({ name }) => name),
				...childrenOf(property).map(({ displayName }) => displayName),
			];
			expect(names.length).toBeGreaterThan(0);
			expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en')));
		},
	);

	it.each(such(({ type }) => /collection/i.test(type)))('$path says what is added to it', ({ property }) => {
		expect(property.placeholder).toMatch(/^Add [A-Z][a-z]+$/);
	});

	it.each(choices)('$path describes the choice', ({ choice }) => {
		expect(choice.description).toMatch(/^[A-Z]/);
		expect(choice.description).toSatisfyRule(keepsFullStopRule);
		expect(choice.description).not.toMatch(frowned);
	});
});

describe('The node', () => {
	it('can be an agent’s tool, has a subtitle, and declares the token as secret', () => {
		expect(description.usableAsTool).toBe(true);
		expect(description.subtitle).toMatch(/^=\{\{/);
		expect(description.sensitiveOutputFields).toEqual(['apiAccessToken']);
		expect(description.credentials).toMatchObject([{ name: credential.name, required: true }]);
	});

	it('says before it runs that a preview sends nothing', () => {
		const [hint, ...others] = description.hints!;
		expect(others).toEqual([]);
		expect(hint).toMatchObject({ location: 'outputPane', whenToDisplay: 'beforeExecution' });
		expect(hint!.message).toMatch(/^Preview Only is on.*nothing is sent/);
		expect(hint!.message).toSatisfyRule(keepsFullStopRule);
		expect(hint!.message.length).toBeLessThanOrEqual(120);
		expect(hint!.displayCondition).toBe('={{ $parameter.options.previewOnly === true }}');
	});

	it('tells an assistant to preview first', () => {
		expect(description.builderHint.searchHint).toMatch(/Preview Only first/);
		expect(description.builderHint.searchHint).toSatisfyRule(keepsFullStopRule);
	});

	it('shows its operation, which takes no expression, with an action in sentence case', () => {
		const operation = description.properties[0]!;
		expect(operation).toMatchObject({ name: 'operation', noDataExpression: true, default: 'createClient' });
		expect(choicesOf(operation)).toEqual([expect.objectContaining({ name: 'Create Client', action: 'Create client' })]);
	});

	it('is described in one sentence without a full stop', () => {
		expect(description.description).toSatisfyRule(keepsFullStopRule);
	});

	it('is found by what users look for', () => {
		expect(codex.node).toBe(`n8n-nodes-confirma-finance.${description.name}`);
		expect(codex.categories).toEqual(['Finance & Accounting', 'Sales']);
		expect(codex.alias).toEqual(expect.arrayContaining(['creditor onboarding', 'debt collection', 'invoicing', 'laskutus']));
	});

	it.each([
		['node', description.icon, '../../../nodes/ConfirmaFinance'],
		['credential', credential.icon, '../../../credentials'],
	])('the %s has an icon for the light theme and one for the dark, and they differ', (_, icon, folder) => {
		const { light, dark } = icon as { light: string; dark: string };
		const files = [light, dark].map((file) => resolve(__dirname, folder, file.replace(/^file:/, '')));
		expect(files.every((file) => file.endsWith('.svg') && existsSync(file))).toBe(true);
		expect(readFileSync(files[0]!, 'utf8')).not.toBe(readFileSync(files[1]!, 'utf8'));
	});

	it('has an output preview with what every item begins with, and exactly the fields of the API’s answer', () => {
		const schema = resolve(__dirname, '../../../nodes/ConfirmaFinance/__schema__/v1.0.0/createClient.json');
		const { properties: shown } = JSON.parse(readFileSync(schema, 'utf8')) as { properties: object };
		expect(Object.keys(shown)).toEqual([
			'outcome',
			'message',
			'name',
			'businessCode',
			'clientIdentifier',
			'confirmaFinanceCustomerCode',
			'paymentReferencePrefix',
			'apiAccessToken',
		]);
	});
});

expect.extend({
	toSatisfyRule(text: string, rule: (text: string) => boolean) {
		return { pass: rule(text), message: () => `“${text}” breaks the rule ${rule.name}` };
	},
});

declare global {
	// eslint-disable-next-line @typescript-eslint/no-namespace
	namespace jest {
		interface Matchers<R> {
			toSatisfyRule(rule: (text: string) => boolean): R;
		}
	}
}

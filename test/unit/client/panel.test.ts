import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { ConfirmaFinanceApi } from '../../../credentials/ConfirmaFinanceApi.credentials';
import codex from '../../../nodes/ConfirmaFinance/ConfirmaFinance.node.json';
import { ConfirmaFinance } from '../../../nodes/ConfirmaFinance/ConfirmaFinance.node';
import { bodyParts, fields } from '../../../nodes/ConfirmaFinance/client/fields';
import { properties } from '../../../nodes/ConfirmaFinance/client/properties';

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

/** The names of the parameters that a user fills in for a client. */
const clientParameters = properties.flatMap((property) => {
	if (['options', 'additionalFields'].includes(property.name)) return [];
	return property.type === 'collection' ? childrenOf(property).map(({ name }) => `${property.name}.${name}`) : [property.name];
});

describe('The panel', () => {
	it('asks for what is required first, with nothing optional between, and has all else in five sections', () => {
		const kinds = properties.map(({ type, required, displayOptions }) => {
			if (/collection/i.test(type)) return 'section';
			return required ? 'required' : displayOptions ? 'sometimes' : 'optional';
		});
		expect(kinds).toEqual(['required', 'sometimes', ...Array<string>(6).fill('required'), ...Array<string>(5).fill('section')]);
	});

	it('fills every field once', () => {
		expect(clientParameters.sort()).toEqual([...fields.map(({ parameter }) => parameter), 'serviceTypeCode'].sort());
	});

	it('has no two fields of the same name, so that a workflow can take them all as inputs', () => {
		const names = clientParameters.map((parameter) => parameter.split('.').at(-1));
		expect(names).toHaveLength(new Set(names).size);
	});

	it('can add a field to every part of the request body', () => {
		const sections = choices.flatMap(({ path, choice }) => (path.startsWith('additionalFields') ? [choice.value] : []));
		expect(sections.sort()).toEqual([...bodyParts].sort());
	});

	it('offers Preview Only first, on as soon as it is added', () => {
		const [first] = childrenOf(properties.at(-1)!);
		expect(first).toMatchObject({ name: 'previewOnly', default: true });
	});

	// n8n appends a field that is dragged onto a parameter to what stands there: `FI {{ $json.country }}`.
	it('gives no text a default', () => {
		const texts = parameters.filter(({ property }) => property.type === 'string');
		expect(texts.filter(({ property }) => property.default !== '')).toEqual([]);
	});

	// n8n takes the condition for met while the parameter that it looks at holds an expression, and then publishes no workflow in
	// which what is required is empty.
	it('requires nothing that is shown only sometimes, nor anything in a section', () => {
		const sometimes = parameters.filter(({ path, property }) => property.displayOptions ?? path.includes('.'));
		expect(sometimes.filter(({ property }) => property.required)).toEqual([]);
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

/** Every text that a user reads in the panel. */
const sentences = [
	...parameters.flatMap(({ path, property: { description: text, hint } }) => [
		{ path, text },
		{ path: `${path}, hint`, text: hint },
	]),
	...choices.map(({ path, choice }) => ({ path, text: choice.description })),
	...description.hints!.map(({ message }) => ({ path: 'hint', text: message })),
	{ path: 'node', text: description.description },
].flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));

describe('The text of', () => {
	it.each(sentences)('$path is short and keeps n8n’s style', ({ text }) => {
		expect(text.length).toBeLessThanOrEqual(120);
		expect(text).toMatch(/^['A-Z]/);
		expect(text).toSatisfyRule(keepsFullStopRule);
		expect(text).not.toMatch(frowned);
	});

	it.each(such(({ type, name }) => type !== 'collection' && name !== 'operation'))(
		'$path describes more than its title does',
		({ property }) => {
			expect(property.description).toBeDefined();
			expect(property.description).not.toBe(property.displayName);
		},
	);

	it.each(such(({ type, typeOptions }) => type === 'string' && !typeOptions?.password))(
		'$path shows an example',
		({ property }) => {
			expect(property.placeholder).toMatch(/^e\.g\. \S/);
		},
	);

	it.each(such(({ type, name }) => (type === 'options' || type === 'collection') && name !== 'options'))(
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
});

describe('The node', () => {
	it('can be an agent’s tool, has a subtitle, and declares the token as secret', () => {
		expect(description.usableAsTool).toBe(true);
		expect(description.subtitle).toMatch(/^=\{\{/);
		expect(description.sensitiveOutputFields).toEqual(['apiAccessToken']);
		expect(description.credentials).toMatchObject([{ name: credential.name, required: true }]);
	});

	it('tells an assistant to preview first', () => {
		expect(description.builderHint.searchHint).toMatch(/Preview Only first/);
		expect(description.builderHint.searchHint).toSatisfyRule(keepsFullStopRule);
	});

	it('is the one that its search words are for', () => {
		expect(codex.node).toBe(`n8n-nodes-confirma-finance.${description.name}`);
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

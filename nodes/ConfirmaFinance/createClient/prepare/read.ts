import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { z } from 'zod';

import { bodyFrom, label, type Field } from '../panel/fields';
import { kindOf, type Problem } from './problem';
import { properties } from '../panel/properties';
import type { RawBody } from '../clientBody';
import { quote } from '../text';

// The descriptions end up in messages: "must be …".
const wholeNumber = (least: number, most: number, unit = '') =>
	z
		.preprocess(
			(value) => (typeof value === 'string' && value.trim() ? Number(value) : value),
			z.number().int().min(least).max(most),
		)
		.describe(`a whole number${unit} from ${least} to ${most}`);

// A boolean made by an expression is often the text of one.
const yesOrNo = z
	.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
	.describe('true or false');

const oneOf = <const Choices extends [string, string, string]>(choices: Choices) =>
	z.enum(choices).describe(`${choices[0]}, ${choices[1]} or ${choices[2]}`);

const itemOptions = z.object({
	duplicateHandling: oneOf(['error', 'skip', 'send']).default('error'),
	maxConcurrency: wholeNumber(1, 50).default(5),
	previewOnly: yesOrNo.default(false),
	// No default: for an AI agent it depends on whether the option was set.
	returnAccessToken: yesOrNo.optional(),
	timeout: wholeNumber(1, 3_600_000, ' of milliseconds,').default(60_000),
	validation: oneOf(['standard', 'strict', 'off']).default('standard'),
});
const optionNames = itemOptions.keyof().options;

export type ItemOptions = z.infer<typeof itemOptions>;

/** An item as the user's fields give it; values may be of any type. */
export interface ItemInput {
	readonly draft: RawBody;
	readonly options: ItemOptions;
	/** What couldn't be read; always errors. */
	readonly problems: readonly Problem[];
	/** The label under which the user finds a field. */
	readonly labelOf: (field: Field) => string;
}

function shown(value: unknown): string {
	return typeof value === 'object' && value !== null ? kindOf(value) : `“${quote(String(value))}”`;
}

const collections = properties
	.filter(({ type }) => type === 'collection')
	.map(({ name, options }) => ({ name, children: (options as INodeProperties[]).map((option) => option.name) }));

const serviceTypes = properties.find(({ name }) => name === 'serviceType')!.options as INodePropertyOptions[];

/** The value of a choice that an expression gives by its name, or in small letters; any other is returned as it is. */
function serviceCode(given: unknown): unknown {
	if (typeof given !== 'string') return given;
	const wanted = given.trim().toLowerCase();
	return (
		serviceTypes.find(({ name, value }) => [name, String(value)].some((one) => one.toLowerCase() === wanted))?.value ?? given
	);
}

/**
 * Reads the node's fields for one item, expressions resolved.
 *
 * What can't be read becomes a problem instead of an exception, so that an item never ends a run that other items
 * are in: an expression that n8n can't resolve, a collection that isn't an object with the collection's own fields,
 * an option with a value that it doesn't have.
 */
export function read(context: IExecuteFunctions, itemIndex: number): ItemInput {
	const problems: Problem[] = [];
	const report = (name: string, text: string) => {
		problems.push({ severity: 'error', label: label(name), text: `'${label(name)}' ${text}` });
	};

	const parameter = (name: string): unknown => {
		try {
			return context.getNodeParameter(name, itemIndex, '');
		} catch (error) {
			const reason = quote(error instanceof Error ? error.message : String(error), 200);
			report(name, `has an expression that n8n cannot resolve (${reason}). Open the expression and correct it.`);
			return undefined;
		}
	};

	const collected = new Map<string, unknown>();
	for (const { name, children } of collections) {
		const value = parameter(name) ?? '';
		if (value === '') continue;
		if (typeof value !== 'object' || Array.isArray(value)) {
			report(name, `must hold its fields one by one, but ${shown(value)} was given. Map ${children.join(', ')} instead.`);
			continue;
		}
		for (const child of children) {
			collected.set(`${name}.${child}`, (value as Record<string, unknown>)[child]);
		}
		const stranger = Object.keys(value).find((key) => !children.includes(key));
		if (stranger !== undefined) {
			report(name, `has no field “${quote(stranger)}”. Its fields are ${children.join(', ')}.`);
		}
	}

	const serviceType = serviceCode(parameter('serviceType'));
	const nameOf = (field: Field) =>
		field.path === 'service.type' && serviceType === 'custom' ? 'serviceTypeCode' : field.parameter;
	const draft = bodyFrom((field) => {
		const name = nameOf(field);
		if (name === 'serviceType') return serviceType;
		return name.includes('.') ? collected.get(name) : parameter(name);
	});

	const given = Object.fromEntries(optionNames.map((name) => [name, collected.get(`options.${name}`)]));
	let parsed = itemOptions.safeParse(given);
	if (!parsed.success) {
		for (const name of new Set(parsed.error.issues.map(({ path }) => path[0] as keyof ItemOptions))) {
			report(`options.${name}`, `must be ${itemOptions.shape[name].description}, but ${shown(given[name])} was given.`);
			delete given[name];
		}
		parsed = itemOptions.safeParse(given);
	}
	return { draft, options: parsed.data!, problems, labelOf: (field) => label(nameOf(field)) };
}

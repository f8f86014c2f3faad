import type { INodeProperties } from 'n8n-workflow';

import type { RawBody } from '../client/body';
import { bodyFrom, fields, type Field } from '../client/fields';
import { options as definitions, type ItemOptions, type OptionName } from '../client/options';
import { foundNothing, problem, type Problem } from '../client/problem';
import { named, properties } from '../client/properties';
import { quote, shown } from '../text';
import { readAdditionalFields, type AdditionalField } from './additionalFields';
import type { Parameters } from './parameters';

/** An item as the user's fields give it; values may be of any type. */
export interface ItemInput {
	/** As the parameters give it. */
	readonly given: RawBody;
	/** The same, but with the service type's code where it was given by its name. */
	readonly draft: RawBody;
	readonly additional: readonly AdditionalField[];
	readonly options: ItemOptions;
	/** What couldn't be read; always errors. */
	readonly problems: readonly Problem[];
	/** The name of the parameter that fills a field of this item. */
	readonly parameterOf: (field: Field) => string;
}

/** Reads the parameters of one item, and takes what can't be read. */
interface Reader {
	readonly valueOf: (name: string) => unknown;
	readonly expressionOf: (name: string) => string | undefined;
	/** @param text goes on after the parameter's label */
	readonly report: (name: string, text: string) => void;
}

function readerOf({ valueOf, expressionOf }: Parameters, itemIndex: number, report: Reader['report']): Reader {
	const readable = (name: string): unknown => {
		try {
			return valueOf(name, itemIndex);
		} catch (error) {
			const reason = quote(error instanceof Error ? error.message : String(error), 200);
			report(name, `has an expression that n8n cannot resolve (${reason}). Open the expression and correct it.`);
			return undefined;
		}
	};
	return { valueOf: readable, expressionOf, report };
}

const collections = properties
	.filter(({ type }) => type === 'collection')
	.map(({ name, options: children }) => ({ name, children: (children as INodeProperties[]).map((child) => child.name) }));

/** What a collection holds, by `collection.parameter`; a parameter that wasn't added to it is missing. */
function readCollection({ name, children }: (typeof collections)[number], { valueOf, report }: Reader): Array<[string, unknown]> {
	const value = valueOf(name) ?? '';
	if (value === '') return [];
	if (typeof value !== 'object' || Array.isArray(value)) {
		report(name, `must hold its fields one by one, but ${shown(value)} was given. Map ${children.join(', ')} instead.`);
		return [];
	}
	const unknownKey = Object.keys(value).find((key) => !children.includes(key));
	if (unknownKey !== undefined) {
		report(name, `has no field “${quote(unknownKey)}”. Its fields are ${children.join(', ')}.`);
	}
	return children
		.filter((child) => Object.hasOwn(value, child))
		.map((child) => [`${name}.${child}`, (value as Record<string, unknown>)[child]]);
}

const { choices: serviceTypes = [] } = fields.find(({ path }) => path === 'service.type')!;

/** The value of a service type that an expression gives by its name, or in small letters; any other is returned as it is. */
function serviceCode(given: unknown): unknown {
	if (typeof given !== 'string') return given;
	const wanted = given.trim().toLowerCase();
	return (
		serviceTypes.find(({ name, value }) => [name, String(value)].some((one) => one.toLowerCase() === wanted))?.value ?? given
	);
}

const isNothing = (value: unknown) => value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** What is wrong with an option that was added. @param value of any type */
function misread(name: OptionName, value: unknown, { expressionOf }: Reader): string | undefined {
	const { property, schema, expected } = definitions[name];
	const expression = expressionOf(`options.${name}`);
	if (property.noDataExpression && (expression ?? expressionOf('options'))) {
		return `holds for all items of a run, so it takes no expression. Enter ${expected}.`;
	}
	if (isNothing(value)) return `must be ${expected}, but ${expression ? foundNothing(expression) : 'nothing was given'}.`;
	return schema.safeParse(value).success ? undefined : `must be ${expected}, but ${shown(value)} was given.`;
}

/**
 * An option that wasn't added has its preset. One that gives nothing is an error instead: whoever maps Preview Only to a field
 * that is missing doesn't want the client created.
 */
function readOptions(collected: ReadonlyMap<string, unknown>, reader: Reader): ItemOptions {
	const read = Object.entries(definitions).map(([name, { preset, schema }]) => {
		const path = `options.${name}`;
		if (!collected.has(path)) return [name, preset];
		const wrong = misread(name as OptionName, collected.get(path), reader);
		if (wrong === undefined) return [name, schema.parse(collected.get(path))];
		reader.report(path, wrong);
		return [name, preset];
	});
	return Object.fromEntries(read) as ItemOptions;
}

/**
 * Reads the node's fields for one item, expressions resolved.
 *
 * What can't be read becomes a problem instead of an exception, so that an item never ends a run that other items
 * are in: an expression that n8n can't resolve, a collection that isn't an object with the collection's own fields,
 * an option with a value that it doesn't have, or with none.
 */
export function read(parameters: Parameters, itemIndex: number): ItemInput {
	const problems: Problem[] = [];
	const reader = readerOf(parameters, itemIndex, (name, text) => problems.push(problem('error', named(name), text)));
	const collected = new Map(collections.flatMap((collection) => readCollection(collection, reader)));

	const givenType = reader.valueOf('serviceType');
	const serviceType = serviceCode(givenType);
	const parameterOf = ({ path, parameter }: Field) =>
		path === 'service.type' && serviceType === 'custom' ? 'serviceTypeCode' : parameter;
	const given = bodyFrom((field) => {
		const parameter = parameterOf(field);
		if (parameter === 'serviceType') return givenType;
		return field.section ? collected.get(parameter) : reader.valueOf(parameter);
	});
	const draft = serviceType === 'custom' ? given : { ...given, service: { ...given.service, type: serviceType } };

	const options = readOptions(collected, reader);
	const collection = reader.valueOf('additionalFields');
	const { additional, problems: unfit } = readAdditionalFields(collection, options.validation, parameters.expressionOf);
	return { given, draft, additional, options, problems: [...problems, ...unfit], parameterOf };
}

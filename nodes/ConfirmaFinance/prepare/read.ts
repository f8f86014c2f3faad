import type { INodeProperties } from 'n8n-workflow';

import { bodyFrom, type Field } from '../client/fields';
import { options as definitions, type ItemOptions, type OptionName } from '../client/options';
import { foundNothing, problem, type Problem } from '../client/problem';
import { named, properties } from '../client/properties';
import { quote, shown } from '../text';
import { readAdditionalFields } from './additionalFields';
import type { Parameters } from './parameters';

/** @param text goes on after the parameter's label */
type Report = (parameter: string, text: string) => void;

const collections = properties
	.filter(({ type }) => type === 'collection')
	.map(({ name, options: children }) => ({ name, children: (children as INodeProperties[]).map((child) => child.name) }));

/** What a collection holds, by `collection.parameter`; a parameter that wasn't added to it is missing. */
function childrenIn({ name, children }: (typeof collections)[number], given: unknown, report: Report): Array<[string, unknown]> {
	const value = given ?? '';
	if (value === '') return [];
	if (typeof value !== 'object' || Array.isArray(value)) {
		report(name, `must hold its fields one by one, but ${shown(value)} was given. Map ${children.join(', ')} instead.`);
		return [];
	}
	const unknownKey = Object.keys(value).find((key) => !children.includes(key));
	if (unknownKey !== undefined) report(name, `has no field “${quote(unknownKey)}”. Its fields are ${children.join(', ')}.`);
	const own = new Map(Object.entries(value));
	return children.filter((child) => own.has(child)).map((child) => [`${name}.${child}`, own.get(child)]);
}

const isNothing = (value: unknown) => value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/**
 * Reads the node's fields for one item, expressions resolved; values may be of any type.
 *
 * What can't be read becomes a problem instead of an exception, so that an item never ends a run that other items
 * are in: an expression that n8n can't resolve, a collection that isn't an object with the collection's own fields,
 * an option with a value that it doesn't have, or with none.
 *
 * @returns also the name of the parameter that fills a field of this item
 */
export function read({ valueOf, expressionOf }: Parameters, itemIndex: number) {
	const problems: Problem[] = [];
	const report: Report = (parameter, text) => problems.push(problem('error', named(parameter), text));
	const valueIn = (parameter: string): unknown => {
		try {
			return valueOf(parameter, itemIndex);
		} catch (error) {
			const reason = quote(error instanceof Error ? error.message : String(error), 200);
			report(parameter, `has an expression that n8n cannot resolve (${reason}). Open the expression and correct it.`);
			return undefined;
		}
	};
	const children = new Map(collections.flatMap((one) => childrenIn(one, valueIn(one.name), report)));

	const serviceType = valueIn('serviceType');
	const parameterOf = ({ parameter }: Field) =>
		parameter === 'serviceType' && serviceType === 'custom' ? 'serviceTypeCode' : parameter;
	const draft = bodyFrom((field) => {
		const parameter = parameterOf(field);
		if (parameter === 'serviceType') return serviceType;
		return field.section ? children.get(parameter) : valueIn(parameter);
	});

	// An option that wasn't added has its preset. One that gives nothing is an error instead: whoever maps Preview Only to a field
	// that is missing doesn't want the client created.
	const optionIn = (name: OptionName): unknown => {
		const { preset, property, schema, expected } = definitions[name];
		const path = `options.${name}`;
		if (!children.has(path)) return preset;
		const [value, expression] = [children.get(path), expressionOf(path)];
		const { success, data } = schema.safeParse(value);
		if (property.noDataExpression && (expression ?? expressionOf('options'))) {
			report(path, `holds for all items of a run, so it takes no expression. Enter ${expected}.`);
		} else if (isNothing(value)) {
			report(path, `must be ${expected}, but ${expression ? foundNothing(expression) : 'nothing was given'}.`);
		} else if (!success) {
			report(path, `must be ${expected}, but ${shown(value)} was given.`);
		} else {
			return data;
		}
		return preset;
	};
	const names = Object.keys(definitions) as OptionName[];
	const options = Object.fromEntries(names.map((name) => [name, optionIn(name)])) as ItemOptions;

	const additional = readAdditionalFields(valueIn('additionalFields'), options.validation);
	return { draft, additional: additional.fields, options, problems: [...problems, ...additional.problems], parameterOf };
}

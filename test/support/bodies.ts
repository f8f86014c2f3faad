import type { GenericValue, IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { fields, valueAt, type Field, type FieldPath } from '../../nodes/ConfirmaFinance/client/fields';
import { normalise } from '../../nodes/ConfirmaFinance/prepare/normalise';
import { parametersOf } from '../../nodes/ConfirmaFinance/prepare/parameters';
import { prepare, type Prepared } from '../../nodes/ConfirmaFinance/prepare/prepare';
import type { ClientBody, RawBody } from '../../nodes/ConfirmaFinance/client/body';
import type { ItemOptions } from '../../nodes/ConfirmaFinance/client/options';
import { validate } from '../../nodes/ConfirmaFinance/prepare/validate';
import { apiExample } from '../sandbox/clientBodies';

export type Values = Partial<Record<FieldPath, unknown>>;

/** A copy of a body with some of its values replaced. */
export function bodyWith(values: Values, base: ClientBody = apiExample): RawBody {
	const body = structuredClone(base) as unknown as RawBody;
	for (const [path, value] of Object.entries(values)) {
		const keys = path.split('.');
		const section = keys.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, body as Record<string, unknown>);
		section[keys.at(-1)!] = value;
	}
	return body;
}

/** The field that stands at a path. */
export function fieldAt(path: FieldPath): Field {
	return fields.find((field) => field.path === path)!;
}

/** What one value becomes, in a client of the given country. */
export function normalised(path: FieldPath, value: unknown, country = 'FI'): unknown {
	const body = normalise(bodyWith({ 'client.countryCode': country, [path]: value }));
	return valueAt(body, fieldAt(path));
}

/** What validation says about a body, as the node does it: normalised before. */
export function judged(values: Values, level: ItemOptions['validation'] = 'standard', base?: ClientBody) {
	return validate(normalise(bodyWith(values, base)), level, (field) => field);
}

/** The numbers of the API's example are one digit short; with these a client is flawless. */
export const goodNumbers = { 'client.businessCode': '0112038-9', 'client.vatRegNbr': 'FI01120389' } as const;

/** The severity of what is found about one field, `ok` for none; the rest of the client is flawless. */
export function severityOf(values: Values, path: FieldPath): string {
	const { problems } = judged({ ...goodNumbers, ...values });
	return problems.find(({ label }) => label === fieldAt(path).label)?.severity ?? 'ok';
}

/** The severities and texts of the problems, for comparing. */
export function texts(values: Values, level: ItemOptions['validation'] = 'standard', base?: ClientBody): string[] {
	return judged(values, level, base).problems.map(({ severity, text }) => `${severity}: ${text}`);
}

/** Node parameters with values at their places: `name`, or `collection.name`. */
export function parametersAt(values: ReadonlyArray<readonly [place: string, value: unknown]>): IDataObject {
	const parameters: IDataObject = {};
	for (const [place, value] of values as ReadonlyArray<[string, GenericValue]>) {
		const [name, child] = place.split('.') as [string, string?];
		parameters[name] = child === undefined ? value : { ...(parameters[name] as object | undefined), [child]: value };
	}
	return parameters;
}

/** The node's parameters that hold a body. */
export const parametersFor = (body: RawBody): IDataObject =>
	parametersAt(fields.map((field) => [field.parameter, valueAt(body, field)]));

/**
 * Stands in for n8n where nothing but one item's parameters is read. A function as a value is called, so that a
 * parameter can throw as an expression does.
 *
 * @param raw what stands in the node's fields, where it isn't the value itself
 */
export function contextOf(parameters: Record<string, unknown>, raw: Record<string, unknown> = parameters): IExecuteFunctions {
	return {
		getNode: () => ({ parameters: raw }),
		getNodeParameter: (name: string, _itemIndex: number, fallback: unknown) => {
			const value = Object.hasOwn(parameters, name) ? parameters[name] : fallback;
			return typeof value === 'function' ? (value as () => unknown)() : value;
		},
	} as unknown as IExecuteFunctions;
}

/** An item with these parameters, as far as the node gets with it without sending anything. */
export function prepared(parameters: Record<string, unknown>, raw?: Record<string, unknown>): Prepared {
	return prepare(parametersOf(contextOf(parameters, raw)), 0);
}

import type { INodeProperties } from 'n8n-workflow';

import { properties } from './properties';
import type { ClientBody, RawBody } from './body';

/** What a field holds; decides how its value is normalised and which rules it must pass. */
export type FieldKind =
	| 'text'
	| 'businessCode'
	| 'vatNumber'
	| 'postalCode'
	| 'country'
	| 'language'
	| 'currency'
	| 'phone'
	| 'email'
	| 'website'
	| 'iban'
	| 'bic'
	| 'giro';

type Paths<T> = T extends string
	? ''
	: { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}` }[keyof T & string];

/** Where a field stands in the request body, as `section.key` or `contacts.person.key`. */
export type FieldPath = Paths<ClientBody>;

/** One field of the API's request body and the node parameter that fills it. */
export interface Field {
	readonly path: FieldPath;
	/** The path in steps. */
	readonly keys: readonly string[];
	/** Name of the node parameter; `collection.parameter` for the optional ones. */
	readonly parameter: string;
	/** The parameter's name as the user sees it. */
	readonly label: string;
	readonly kind: FieldKind;
	/** Whether the node asks for it; the API doesn't document which fields it requires. */
	readonly required: boolean;
}

// In the order of the API's own example.
const mapping: Array<[FieldPath, parameter: string, kind: FieldKind]> = [
	['service.type', 'serviceType', 'text'],
	['service.partnerCode', 'partnerCode', 'text'],
	['client.name', 'name', 'text'],
	['client.businessCode', 'businessCode', 'businessCode'],
	['client.vatRegNbr', 'clientDetails.vatRegNbr', 'vatNumber'],
	['client.postalAddress', 'clientDetails.postalAddress', 'text'],
	['client.postalCode', 'clientDetails.postalCode', 'postalCode'],
	['client.postalDistrict', 'clientDetails.postalDistrict', 'text'],
	['client.countryCode', 'countryCode', 'country'],
	['client.telephone', 'clientDetails.telephone', 'phone'],
	['client.email', 'clientDetails.email', 'email'],
	['client.website', 'clientDetails.website', 'website'],
	['client.languageCode', 'clientDetails.languageCode', 'language'],
	['client.currencyCode', 'clientDetails.currencyCode', 'currency'],
	['client.ibanAccount', 'bankDetails.ibanAccount', 'iban'],
	['client.bic', 'bankDetails.bic', 'bic'],
	['client.bankgiro', 'bankDetails.bankgiro', 'giro'],
	['client.plusgiro', 'bankDetails.plusgiro', 'giro'],
	['contacts.primary.name', 'primaryContactName', 'text'],
	['contacts.primary.telephone', 'contactDetails.primaryTelephone', 'phone'],
	['contacts.primary.mobile', 'contactDetails.primaryMobile', 'phone'],
	['contacts.primary.email', 'primaryContactEmail', 'email'],
	['contacts.technical.name', 'contactDetails.technicalName', 'text'],
	['contacts.technical.email', 'contactDetails.technicalEmail', 'email'],
	['contacts.accountant.name', 'contactDetails.accountantName', 'text'],
	['contacts.accountant.email', 'contactDetails.accountantEmail', 'email'],
];

/** The parameter's definition in the panel. @throws Error when the panel has no such parameter. */
export function property(parameter: string): INodeProperties {
	const [name, child] = parameter.split('.');
	const top = properties.find((candidate) => candidate.name === name);
	const found = child ? (top?.options as INodeProperties[] | undefined)?.find((option) => option.name === child) : top;
	if (!found) throw new Error(`The panel has no parameter '${parameter}'`);
	return found;
}

/** The name of a parameter as the user sees it: `Business ID`, or `Client Details > Postal Code` in a collection. */
export function label(parameter: string): string {
	const [name, child] = parameter.split('.');
	const own = property(parameter).displayName;
	return child ? `${property(name!).displayName} > ${own}` : own;
}

/** Every field of the request body, in the order of the API's documentation. */
export const fields: readonly Field[] = mapping.map(([path, parameter, kind]) => ({
	path,
	keys: path.split('.'),
	parameter,
	label: label(parameter),
	kind,
	required: property(parameter).required === true,
}));

/** The value of one field in a body. */
export function valueAt(body: RawBody, field: Field): unknown {
	let value: unknown = body;
	for (const key of field.keys) value = (value as Record<string, unknown>)[key];
	return value;
}

/** A body made field by field, with every key of the API's documentation in its order. */
export function bodyFrom(value: (field: Field) => unknown): RawBody {
	const body: Record<string, unknown> = {};
	for (const field of fields) {
		let section = body;
		for (const key of field.keys.slice(0, -1)) section = (section[key] ??= {}) as Record<string, unknown>;
		section[field.keys.at(-1)!] = value(field);
	}
	return body as RawBody;
}

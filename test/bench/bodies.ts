import type { INodeParameters } from 'n8n-workflow';
import { bodyFrom, fields, type Field, type FieldPath } from '../../nodes/ConfirmaFinance/client/fields';
import { businessId } from '../sandbox/clientBodies';
import type { ClientBody } from '../sandbox/sandbox';
import { parametersFor } from '../support/bodies';

const service: Partial<Record<FieldPath, string>> = { 'service.type': 'LIFECYCLE', 'service.partnerCode': 'QUICK3' };

const texts: Partial<Record<FieldPath, string>> = {
	...service,
	'client.postalAddress': 'Testikuja 7',
	'client.postalCode': '00100',
	'client.postalDistrict': 'HELSINKI',
	'client.countryCode': 'FI',
	'client.telephone': '+35891234567',
	'client.email': 'info@example.com',
	'client.website': 'https://www.example.com',
	'client.languageCode': 'FI',
	'client.currencyCode': 'EUR',
	'client.ibanAccount': 'FI2112345600000785',
	'client.bic': 'NDEAFIHH',
	'contacts.primary.name': 'Matti Meikäläinen',
	'contacts.primary.telephone': '+35891234567',
	'contacts.primary.mobile': '+358441234567',
	'contacts.primary.email': 'matti@example.com',
	'contacts.technical.name': 'IT',
	'contacts.technical.email': 'it@example.com',
	'contacts.accountant.name': 'Accounts',
	'contacts.accountant.email': 'accounts@example.com',
};

/** A client with every field filled that a Finnish one can have, in the API's form already, so that whoever sends it sends the same. */
export function clientBody(number: number): ClientBody {
	const id = businessId(number);
	const own: typeof texts = {
		'client.name': `Example ${number} Oy`,
		'client.businessCode': id,
		'client.vatRegNbr': `FI${id.replace('-', '')}`,
	};
	return bodyFrom(({ path }) => own[path] ?? texts[path] ?? '');
}

/** Where it comes from: all of a client is taken from the item, by an expression each. */
const mapped = ({ path }: Field) => service[path] ?? `={{ $json.${path} }}`;

/** The fields of this node. */
export const nodeParameters = () => parametersFor(bodyFrom(mapped)) as INodeParameters;

/** The same for HTTP Request, as a field for each value. */
export function bodyParameters(): INodeParameters {
	const parameters = fields.map((field) => ({ name: field.path, value: mapped(field) }));
	return { bodyParameters: { parameters } };
}

/** The same as a JSON text with expressions in it. */
export function jsonText(): INodeParameters {
	const body = bodyFrom(({ path }) => service[path] ?? `{{ $json.${path} }}`);
	return { specifyBody: 'json', jsonBody: `=${JSON.stringify(body, null, 2)}` };
}

import type { INodeParameters } from 'n8n-workflow';
import { bodyFrom, fields, type Field } from '../../nodes/ConfirmaFinance/client/fields';
import { businessId } from '../sandbox/clientBodies';
import type { ClientBody } from '../sandbox/sandbox';

/** A client with every field filled that a Finnish one can have, in the API's form already, so that whoever sends it sends the same. */
export function clientBody(number: number): ClientBody {
	const id = businessId(number);
	return {
		service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
		client: {
			name: `Example ${number} Oy`,
			businessCode: id,
			vatRegNbr: `FI${id.replace('-', '')}`,
			postalAddress: 'Testikuja 7',
			postalCode: '00100',
			postalDistrict: 'HELSINKI',
			countryCode: 'FI',
			telephone: '+35891234567',
			email: 'info@example.com',
			website: 'https://www.example.com',
			languageCode: 'FI',
			currencyCode: 'EUR',
			ibanAccount: 'FI2112345600000785',
			bic: 'NDEAFIHH',
			bankgiro: '',
			plusgiro: '',
		},
		contacts: {
			primary: { name: 'Matti Meikäläinen', telephone: '+35891234567', mobile: '+358441234567', email: 'matti@example.com' },
			technical: { name: 'IT', email: 'it@example.com' },
			accountant: { name: 'Accounts', email: 'accounts@example.com' },
		},
	};
}

/**
 * What of a client is taken from the item, by an expression each: `all` fields but those of the service; `six` of them, the rest
 * being empty; `missing` like all, but ten of them are in no item; `alone` like all, but as n8n has to evaluate them one by one.
 */
export type Mapping = 'all' | 'six' | 'missing' | 'alone';

const service: Record<string, string> = { 'service.type': 'LIFECYCLE', 'service.partnerCode': 'QUICK3' };
const unmapped: Record<string, string> = { 'client.languageCode': 'FI', 'client.currencyCode': 'EUR' };
const six = /^client\.(name|businessCode|countryCode|postalCode)$|^contacts\.primary\.(name|email)$/;
const missing = /technical|accountant|website|bic|giro|telephone/;

/** What is in a field: a text, or code that n8n is to evaluate. */
function contentOf({ path }: Field, mapping: Mapping): { text: string } | { code: string } {
	if (path in service) return { text: service[path]! };
	if (mapping === 'six' && !six.test(path)) return { text: unmapped[path] ?? '' };
	if (mapping === 'missing' && missing.test(path)) return { code: `$json.missing.${path}` };
	return { code: mapping === 'alone' ? `/* mapped */ $json.${path}` : `$json.${path}` };
}

/** The fields of this node. */
export function nodeParameters(mapping: Mapping): INodeParameters {
	const parameters: INodeParameters = {};
	for (const field of fields) {
		const content = contentOf(field, mapping);
		const value = 'code' in content ? `={{ ${content.code} }}` : content.text;
		const [name, child] = field.parameter.split('.') as [string, string?];
		if (child === undefined) parameters[name] = value;
		else if (value !== '') parameters[name] = { ...(parameters[name] as INodeParameters | undefined), [child]: value };
	}
	return parameters;
}

/** The same for HTTP Request, as a field for each value. */
export function bodyParameters(mapping: Mapping): INodeParameters {
	const parameters = fields.map((field) => {
		const content = contentOf(field, mapping);
		return { name: field.path, value: 'code' in content ? `={{ ${content.code} }}` : content.text };
	});
	return { bodyParameters: { parameters } };
}

/** The same as a JSON text with expressions in it. */
export function jsonText(mapping: Mapping): INodeParameters {
	const body = bodyFrom((field) => {
		const content = contentOf(field, mapping);
		return 'code' in content ? `{{ ${content.code} }}` : content.text;
	});
	return { specifyBody: 'json', jsonBody: `=${JSON.stringify(body, null, 2)}` };
}

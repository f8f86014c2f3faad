import type { INodeParameters } from 'n8n-workflow';
import { bodyFrom, fields } from '../../nodes/ConfirmaFinance/client/fields';
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

const service: Record<string, string> = { 'service.type': 'LIFECYCLE', 'service.partnerCode': 'QUICK3' };

/** The fields of this node: all of a client is taken from the item, by an expression each. */
export function nodeParameters(): INodeParameters {
	const parameters: INodeParameters = {};
	for (const { path, parameter } of fields) {
		const value = service[path] ?? `={{ $json.${path} }}`;
		const [name, child] = parameter.split('.') as [string, string?];
		if (child === undefined) parameters[name] = value;
		else parameters[name] = { ...(parameters[name] as INodeParameters | undefined), [child]: value };
	}
	return parameters;
}

/** The same for HTTP Request, as a field for each value. */
export function bodyParameters(): INodeParameters {
	const parameters = fields.map(({ path }) => ({ name: path, value: service[path] ?? `={{ $json.${path} }}` }));
	return { bodyParameters: { parameters } };
}

/** The same as a JSON text with expressions in it. */
export function jsonText(): INodeParameters {
	const body = bodyFrom(({ path }) => service[path] ?? `{{ $json.${path} }}`);
	return { specifyBody: 'json', jsonBody: `=${JSON.stringify(body, null, 2)}` };
}

import { type Company, company } from '../support/n8n/dealWorkflow';
import type { ClientBody } from '../sandbox/sandbox';

/** A company whose values are in the API's form already, so that whoever sends it sends the same body. */
export function readyCompany(number: number): Company {
	return company(number, { country: 'FI', zip: '00100' });
}

/** The body that the node makes of such a company. */
export function bodyOf({ name, id, country, zip, contact }: Company): ClientBody {
	return {
		service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
		client: {
			name,
			businessCode: id,
			vatRegNbr: '',
			postalAddress: '',
			postalCode: String(zip),
			postalDistrict: '',
			countryCode: country,
			telephone: '',
			email: '',
			website: '',
			languageCode: 'FI',
			currencyCode: 'EUR',
			ibanAccount: '',
			bic: '',
			bankgiro: '',
			plusgiro: '',
		},
		contacts: {
			primary: { name: contact.name, telephone: '', mobile: '', email: contact.email },
			technical: { name: '', email: '' },
			accountant: { name: '', email: '' },
		},
	};
}

/** The same body with the item's values in it as n8n's expressions, to be entered into a field. */
export const bodyOfItem = bodyOf({
	name: '{{ $json.name }}',
	id: '{{ $json.id }}',
	country: '{{ $json.country }}',
	zip: '{{ $json.zip }}',
	contact: { name: '{{ $json.contact.name }}', email: '{{ $json.contact.email }}' },
});

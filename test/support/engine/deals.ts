import type { IDataObject } from 'n8n-workflow';

import { businessId } from '../../sandbox/clientBodies';
import type { Sandbox, ClientBody } from '../../sandbox/sandbox';
import type { ConfirmaCredentials } from '.';

/** A request body entered into the node's fields by hand, each in the field in which a user would look for it. */
export function fieldsFor({ service, client, contacts }: ClientBody): IDataObject {
	return {
		serviceType: service.type,
		partnerCode: service.partnerCode,
		name: client.name,
		businessCode: client.businessCode,
		countryCode: client.countryCode,
		primaryContactName: contacts.primary.name,
		primaryContactEmail: contacts.primary.email,
		clientDetails: {
			vatRegNbr: client.vatRegNbr,
			postalAddress: client.postalAddress,
			postalCode: client.postalCode,
			postalDistrict: client.postalDistrict,
			telephone: client.telephone,
			email: client.email,
			website: client.website,
			languageCode: client.languageCode,
			currencyCode: client.currencyCode,
		},
		bankDetails: {
			ibanAccount: client.ibanAccount,
			bic: client.bic,
			bankgiro: client.bankgiro,
			plusgiro: client.plusgiro,
		},
		contactDetails: {
			primaryTelephone: contacts.primary.telephone,
			primaryMobile: contacts.primary.mobile,
			technicalName: contacts.technical.name,
			technicalEmail: contacts.technical.email,
			accountantName: contacts.accountant.name,
			accountantEmail: contacts.accountant.email,
		},
	};
}

/** Fields that take everything that differs between deals from the item: `{ name, id }`. */
export const dealFields: IDataObject = {
	partnerCode: 'QUICK3',
	name: '={{ $json.name }}',
	businessCode: '={{ $json.id }}',
	countryCode: 'FI',
	primaryContactName: 'Matti Meikäläinen',
	primaryContactEmail: 'matti@example.com',
};

/** Won deals with different businesses, numbered from `first`. */
export function deals(count: number, first = 0): Array<{ name: string; id: string }> {
	return Array.from({ length: count }, (_, index) => ({
		name: `Testiyritys ${first + index} Oy`,
		id: businessId(first + index),
	}));
}

/** The credential that a user enters for the sandbox. */
export function credentialsFor(sandbox: Sandbox, provisioningToken = sandbox.tokens.staging): ConfirmaCredentials {
	return { environment: 'custom', baseUrl: sandbox.url, provisioningToken };
}

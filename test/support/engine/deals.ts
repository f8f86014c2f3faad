import type { IDataObject } from 'n8n-workflow';

import { businessId } from '../../sandbox/clientBodies';
import type { Sandbox } from '../../sandbox/sandbox';
import type { ConfirmaCredentials } from '.';

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

import type { ClientName } from '../../../nodes/ConfirmaFinance/client/body';
import type { Result } from '../../../nodes/ConfirmaFinance/outcome/outcome';

export const client: ClientName = {
	name: 'Test Customer Oy',
	businessCode: '0112038-9',
	countryCode: 'FI',
	partnerCode: '1234567',
};

/** An item with its outcome, and what a test doesn't say of it. */
export const resultWith = (some: Pick<Result, 'outcome'> & Partial<Result>): Result => ({
	itemIndex: 0,
	client,
	environment: 'staging',
	warnings: [],
	changes: [],
	withToken: true,
	duplicateHandling: 'error',
	unknownHandling: 'hold',
	...some,
});

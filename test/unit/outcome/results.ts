import type { ClientName } from '../../../nodes/ConfirmaFinance/client/body';
import type { Problem } from '../../../nodes/ConfirmaFinance/client/problem';
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
	credential: { endpoint: { environment: 'staging', baseUrl: 'https://gateway.example.com' }, data: {} },
	options: { duplicateHandling: 'error', unknownHandling: 'hold' },
	problems: [],
	changes: [],
	withToken: true,
	...some,
});

/** What the validation warns about. */
export const warning = (text: string): Problem => ({ severity: 'warning', parameter: 'name', label: 'Name', text });

import type { ClientBody } from '../../nodes/ConfirmaFinance/client/body';

export type { ClientBody };

/** The example of the API's own page. Its business code and VAT number are one digit short of real ones. */
export const apiExample: ClientBody = {
	service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
	client: {
		name: 'Test Customer Oy',
		businessCode: '123456-7',
		vatRegNbr: 'FI1234567',
		postalAddress: 'Testikuja 7',
		postalCode: '12345',
		postalDistrict: 'HELSINKI',
		countryCode: 'FI',
		telephone: '',
		email: 'email@testcustomer.fi',
		website: '',
		languageCode: 'FI',
		currencyCode: 'EUR',
		ibanAccount: '',
		bic: '',
		bankgiro: '',
		plusgiro: '',
	},
	contacts: {
		primary: { name: 'Matti Meikäläinen', telephone: '', mobile: '+358441234567', email: 'matti@testcustomer.fi' },
		technical: { name: '', email: '' },
		accountant: { name: '', email: '' },
	},
};

/** A made-up Swedish client with every field filled that a Swedish client can have. */
export const swedishExample: ClientBody = {
	service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
	client: {
		name: 'Exempelbolaget AB',
		businessCode: '559876-5435',
		vatRegNbr: 'SE559876543501',
		postalAddress: 'Exempelgatan 1',
		postalCode: '111 22',
		postalDistrict: 'STOCKHOLM',
		countryCode: 'SE',
		telephone: '+46812345678',
		email: 'info@example.com',
		website: 'https://www.example.com',
		languageCode: 'SV',
		currencyCode: 'SEK',
		ibanAccount: 'SE4550000000058398257466',
		bic: 'ESSESESS',
		bankgiro: '991-2346',
		plusgiro: '28 65 43-4',
	},
	contacts: {
		primary: { name: 'Åsa Öberg', telephone: '', mobile: '+46701234567', email: 'asa@example.com' },
		technical: { name: 'Teknik', email: 'it@example.com' },
		accountant: { name: 'Ekonomi', email: 'ekonomi@example.com' },
	},
};

/** A Finnish business id of its own for each number: made up, with a right check digit. */
export function businessId(number: number): string {
	// A remainder of 1 has no check digit: of eleven numbers in a row, one is no business id.
	for (let candidate = 1_000_000 + number * 11; ; candidate++) {
		const digits = [...String(candidate)].map(Number);
		const remainder = [7, 9, 10, 5, 8, 4, 2].reduce((sum, weight, index) => sum + weight * digits[index]!, 0) % 11;
		if (remainder !== 1) return `${candidate}-${remainder === 0 ? 0 : 11 - remainder}`;
	}
}

import { clientKey } from '../../nodes/ConfirmaFinance/createClient/clientKey';
import { apiExample } from '../sandbox/clientBodies';
import type { ClientBody } from '../sandbox/sandbox';

function keyOf(
	businessCode: string,
	countryCode = 'FI',
	partnerCode = 'QUICK3',
	changes: Partial<ClientBody['client']> = {},
): string {
	return clientKey('https://gateway.example.com', {
		...apiExample,
		service: { ...apiExample.service, partnerCode },
		client: { ...apiExample.client, ...changes, businessCode, countryCode },
	});
}

describe('One business is one key, however its ID is written', () => {
	it.each<[country: string, spellings: string[]]>([
		['FI', ['0112038-9', '01120389', '112038-9', 'FI01120389', 'FI 0112038-9', 'Y-tunnus: 0112038-9', '０１１２０３８-９']],
		['SE', ['556012-5790', '5560125790', 'SE556012579001', '165560125790', 'Org.nr 556012-5790', 'se 556012-5790 01']],
		['NO', ['923609016', '923 609 016', 'NO923609016MVA', 'Org.nr. 923609016', '923609016 mva']],
		['DK', ['24256790', '24 25 67 90', 'DK24256790', 'CVR 24256790']],
		['DE', ['HRB 1234 B', 'hrb-1234-b', 'HRB1234B']],
		['EE', ['12345678', 'EE12345678']],
	])('%s: %j', (country, spellings) => {
		expect(new Set(spellings.map((spelling) => keyOf(spelling, country))).size).toBe(1);
	});

	it('the name, the address and the contacts make no other business of it', () => {
		expect(keyOf('0112038-9', 'FI', 'QUICK3', { name: 'Other Oy', postalCode: '00100' })).toBe(keyOf('0112038-9'));
	});

	it('Åland’s businesses are in Finland’s register', () => {
		expect(keyOf('112038-9', 'AX')).toBe(keyOf('0112038-9', 'FI'));
	});

	it('the partner code counts once, in capitals or not', () => {
		expect(keyOf('0112038-9', 'FI', 'quick3')).toBe(keyOf('0112038-9'));
	});
});

describe('Different businesses are different keys', () => {
	it.each<[string, string, string, string]>([
		['0112038-9', 'FI', '0112039-7', 'FI'],
		['12345678', 'FI', '12345678', 'DK'],
		['5560125790', 'SE', '5560360793', 'SE'],
		['HRB 1234', 'DE', 'HRA 1234', 'DE'],
		['112038', 'FI', '0112038-9', 'FI'],
	])('%s in %s, %s in %s', (one, country, other, otherCountry) => {
		expect(keyOf(one, country)).not.toBe(keyOf(other, otherCountry));
	});

	it.each(['FI', 'SE', 'NO', 'DK', 'DE'])('in %s, also where the ID has not the form of the country', (country) => {
		const ids = ['1', '123456', 'ABC 1', '1234567890123', '55601257'];
		expect(new Set(ids.map((id) => keyOf(id, country))).size).toBe(ids.length);
	});

	it('for other partners and other base URLs', () => {
		expect(keyOf('0112038-9', 'FI', 'OTHER')).not.toBe(keyOf('0112038-9'));
		expect(clientKey('https://other.example.com', apiExample)).not.toBe(clientKey('https://gateway.example.com', apiExample));
	});

	it.each(['', '-', 'N/A', 'unknown', '0000000-0'])(
		'%j identifies nobody: the name, the VAT number and the postal code do',
		(id) => {
			for (const other of [{ name: 'Other Oy' }, { vatRegNbr: 'FI01120389' }, { postalCode: '00100' }]) {
				expect(keyOf(id)).not.toBe(keyOf(id, 'FI', 'QUICK3', other));
			}
			expect(keyOf(id)).toBe(keyOf(id, 'FI', 'QUICK3', { telephone: '+358441234567' }));
		},
	);
});

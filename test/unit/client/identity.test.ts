import fc from 'fast-check';

import { clientKey } from '../../../nodes/ConfirmaFinance/client/identity';
import { apiExample } from '../../sandbox/clientBodies';
import type { ClientBody } from '../../sandbox/sandbox';

function keyOf(id: string, country = 'FI', changes: Partial<ClientBody['client']> = {}, partnerCode = 'QUICK3'): string {
	const client = { ...apiExample.client, ...changes, businessCode: id, countryCode: country, partnerCode };
	return clientKey('https://gateway.example.com', client);
}

const other = { name: 'Another Company', vatRegNbr: 'FI01120389', postalCode: '00100' };

describe('A number that a Nordic register can have given out is one client, whatever the name and the spelling', () => {
	it.each<[country: string, spellings: string[]]>([
		['FI', ['0112038-9', '01120389', '112038-9', 'FI01120389', 'FI-0112038-9', 'Y-tunnus: 112038-9', '０１１２０３８-９']],
		['FI', ['0012038-7', '120387', '12038-7', '00120387', 'FI00120387']],
		['SE', ['556012-5790', '5560125790', 'SE556012579001', '165560125790', 'Org.nr 556012-5790', 'SE 556.012.579.001']],
		['SE', ['19811228-9874', '198112289874', '811228-9874', 'SE811228987401', '811228987401']],
		['SE', ['19000101-9801', '190001019801', '000101-9801', '000101+9801', 'SE000101980101']],
		// The same digits without the letters are those of a person, born on the first of January 1900.
		['SE', ['190001-0198', 'SE190001019801']],
		['SE', ['202100-3054', '2021003054', 'SE202100305401', '16202100-3054']],
		['NO', ['923609016', '923 609 016', 'NO923609016MVA', 'Org.nr. 923609016', '923609016 mva']],
		['DK', ['24256790', '24 25 67 90', 'DK24256790', 'CVR 24256790', 'SE-nr. 24256790']],
	])('%s: %j', (country, spellings) => {
		expect(new Set([...spellings.map((one) => keyOf(one, country)), keyOf(spellings[0]!, country, other)]).size).toBe(1);
	});

	it('also in Åland, whose businesses are in Finland’s register, and in Svalbard, whose are in Norway’s', () => {
		expect(keyOf('112038-9', 'AX')).toBe(keyOf('0112038-9', 'FI'));
		expect(keyOf('923609016', 'SJ')).toBe(keyOf('923609016', 'NO'));
	});
});

describe('Any other ID is one client with the name', () => {
	it.each([
		['DE', 'HRB 1234 B', 'hrb-1234-b'],
		['DE', '136695976', 'DE 136 695 976'],
		['ES', 'B12345674', 'es b 12.345.674'],
		['GR', '094014201', 'EL094014201'],
		['GB', '980780684', 'XI 980 7806 84'],
		['CH', 'CHE-100.155.212', 'CHE100155212'],
		['FI', '123456-7', 'FI 1234567'],
		['FI', '', '-'],
	])('in %s, %j and %j are the same, letter by letter', (country, one, spelled) => {
		expect(keyOf(one, country)).toBe(keyOf(spelled, country, { name: 'TEST-customer oy', vatRegNbr: '' }));
	});

	it.each([
		['DE', 'HRB 12345'],
		['FI', '1234567-8'],
		['NO', '923609017'],
		['US', '53-6904399'],
		['FI', 'N/A'],
	])('in %s, %s with another name is another client', (country, id) => {
		expect(keyOf(id, country)).not.toBe(keyOf(id, country, other));
	});
});

describe('Different clients are different keys', () => {
	it.each<[string, string, string, string]>([
		['0112038-9', 'FI', '0112039-7', 'FI'],
		['12345678', 'FI', '12345678', 'DK'],
		['5560125790', 'SE', '5560360793', 'SE'],
		['556012-5790', 'SE', '556012-5840', 'SE'],
		['0112038-9', 'FI', '0112046-9', 'FI'],
		['112038', 'FI', '0112038-9', 'FI'],
		['HRB 1234 B', 'DE', 'HRB 1234', 'DE'],
		['HRB 12345 München', 'DE', 'HRB 12345 Köln', 'DE'],
		['DK22222276', 'FI', '22222276', 'FI'],
		['SE303265045', 'FR', '303265045', 'FR'],
	])('%s in %s, %s in %s', (one, country, another, anotherCountry) => {
		expect(keyOf(one, country)).not.toBe(keyOf(another, anotherCountry));
	});

	it('for other partners and other base URLs, but not for a partner code in small letters', () => {
		expect(keyOf('0112038-9', 'FI', {}, 'OTHER')).not.toBe(keyOf('0112038-9'));
		expect(keyOf('0112038-9', 'FI', {}, 'quick3')).toBe(keyOf('0112038-9'));
		const client = { ...apiExample.client, partnerCode: 'QUICK3' };
		expect(clientKey('https://other.example.com', client)).not.toBe(clientKey('https://gateway.example.com', client));
	});

	it.each(Object.entries({ FI: 8, NO: 9, DK: 8, SE: 10, DE: 9 }))(
		'in %s, where a single digit of all %i differs',
		(country, length) => {
			const digit = fc.integer({ min: 0, max: 9 });
			fc.assert(
				fc.property(
					fc.array(digit, { minLength: length, maxLength: length }),
					fc.nat(length - 1),
					digit,
					(one, index, changed) => {
						fc.pre(one[index] !== changed);
						expect(keyOf(one.join(''), country)).not.toBe(keyOf(one.with(index, changed).join(''), country));
					},
				),
				{ numRuns: 300 },
			);
		},
	);
});

it('any text makes a key, and the same text the same key', () => {
	const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'0123456789 -./HRBAGSE') }));
	fc.assert(
		fc.property(text, fc.constantFrom('FI', 'SE', 'DE', 'GB', 'SV', 'XX', '', 'constructor'), (id, country) => {
			expect(keyOf(id, country)).toBe(keyOf(` ${id} `, country));
		}),
		{ numRuns: 1000 },
	);
});

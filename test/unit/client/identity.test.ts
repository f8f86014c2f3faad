import fc from 'fast-check';

import { clientKey } from '../../../nodes/ConfirmaFinance/client/identity';
import { apiExample } from '../../sandbox/clientBodies';
import type { ClientBody } from '../../sandbox/sandbox';

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
		['FI', ['0112038-9', '01120389', '112038-9', 'FI01120389', 'FI 0112038-9', 'Y-tunnus: 112038-9', '０１１２０３８-９']],
		['FI', ['0012038-9', '120389', '12038-9', '00120389', 'FI00120389']],
		['SE', ['556012-5790', '5560125790', 'SE556012579001', '165560125790', 'Org.nr 556012-5790', 'se 556012-5790 01']],
		['SE', ['19811228-9874', '198112289874', '811228-9874', 'SE811228987401', '811228987401']],
		['NO', ['923609016', '923 609 016', 'NO923609016MVA', 'Org.nr. 923609016', '923609016 mva']],
		['DK', ['24256790', '24 25 67 90', 'DK24256790', 'CVR 24256790']],
		['ES', ['B12345674', 'ESB12345674', 'B-12345674', 'es b 12.345.674']],
		['ES', ['54362315K', 'ES54362315K', 'ES 54362315-K']],
		['GR', ['094014201', 'EL094014201', 'EL 094014201', 'GR094014201', '94014201']],
		['AT', ['U13585627', 'ATU13585627', 'AT U13585627']],
		['AT', ['FN 122119m', '122119 m', 'AT FN122119M']],
		['GB', ['SC123456', 'GBSC123456', 'sc 123456']],
		['GB', ['SC012345', 'SC12345', 'GBSC012345']],
		['GB', ['01234567', '1234567', 'GB01234567', 'Company no. 01234567']],
		['GB', ['980780684', 'GB 980 7806 84', 'XI980780684']],
		['NL', ['01234567', '1234567', 'KvK 01234567', 'NL01234567']],
		['NL', ['004495445B01', 'NL004495445B01', 'NL4495445B01', 'NL 0044.95.445.B.01']],
		['BE', ['0403.019.261', 'BE 403019261', 'BE0403019261', '403.019.261']],
		['FR', ['303 265 045', 'FR40303265045', '40 303 265 045', 'RCS Paris B 303 265 045', '30326504500017']],
		['DE', ['136695976', 'DE136695976', 'DE 136 695 976', 'USt-IdNr. DE136695976']],
		['DE', ['HRB 1234 B', 'hrb-1234-b', 'HRB1234B']],
		[
			'DE',
			[
				'HRB 12345 München',
				'HRB 12345, Amtsgericht München',
				'Amtsgericht München, HRB 12345',
				'AG München HRB-Nr. 12345',
				'HRB12345 (München)',
				'hrb 012345 münchen',
				'DE HRB 12345 München',
			],
		],
		['IT', ['00743110157', 'IT00743110157', 'IT 00743110157']],
		['IT', ['MI-1234567', 'REA MI 1234567', 'rea mi-1234567']],
		['CZ', ['25123891', 'CZ25123891', 'CZ 25123891']],
		['CZ', ['00023205', '0023205', 'CZ00023205']],
		['CZ', ['C 12345 Praha', 'c12345/praha']],
		['CH', ['CHE-100.155.212', 'CHE-100.155.212 MWST', 'CHE100155212TVA', '100155212']],
		['PL', ['8567346215', 'PL8567346215', 'PL 856-734-62-15']],
		['PT', ['501964843', 'PT501964843', 'PT 501 964 843']],
		['IE', ['6433435F', 'IE6433435F', 'IE 6433435 F']],
		['EE', ['12345678', 'EE12345678']],
		['LV', ['40003521600', 'LV40003521600']],
		['LT', ['119511515', 'LT119511515']],
		['HU', ['12892312', 'HU12892312', '12892312-2-41']],
		['JP', ['5835678256246', 'T5835678256246', '5-8356-7825-6246']],
		['US', ['53-6904399', '536904399', 'EIN 53-6904399']],
	])('%s: %j', (country, spellings) => {
		expect(new Set(spellings.map((spelling) => keyOf(spelling, country))).size).toBe(1);
	});

	it('the name, the address and the contacts make no other business of it', () => {
		expect(keyOf('0112038-9', 'FI', 'QUICK3', { name: 'Other Oy', postalCode: '00100' })).toBe(keyOf('0112038-9'));
	});

	it('Åland’s businesses are in Finland’s register', () => {
		expect(keyOf('112038-9', 'AX')).toBe(keyOf('0112038-9', 'FI'));
	});

	it('Svalbard’s businesses are in Norway’s', () => {
		expect(keyOf('923609016', 'SJ')).toBe(keyOf('923609016', 'NO'));
	});

	it('a Swedish ID is in Sweden’s register also where the country was SV, until someone corrected it', () => {
		expect(keyOf('556012-5790', 'SV')).toBe(keyOf('556012-5790', 'SE'));
		expect(keyOf('SE556012579001', 'SV')).toBe(keyOf('556012-5790', 'SE'));
	});

	it('the partner code counts once, in capitals or not', () => {
		expect(keyOf('0112038-9', 'FI', 'quick3')).toBe(keyOf('0112038-9'));
	});
});

it('a key is made of the identity alone, so that a form can settle a client', () => {
	const { service, client } = apiExample;
	const { name, businessCode, vatRegNbr, postalCode, countryCode } = client;
	const identity = {
		service: { partnerCode: service.partnerCode },
		client: { name, businessCode, vatRegNbr, postalCode, countryCode },
	};
	expect(clientKey('https://gateway.example.com', identity)).toBe(clientKey('https://gateway.example.com', apiExample));
});

it('any text makes a key, and the same text the same key', () => {
	const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'0123456789 -./HRBAGSE') }));
	fc.assert(
		fc.property(text, fc.constantFrom('FI', 'SE', 'DE', 'GB', 'IT', 'CZ', 'US', 'SV', 'XX', ''), (id, country) => {
			expect(keyOf(id, country)).toBe(keyOf(` ${id} `, country));
		}),
		{ numRuns: 5000 },
	);
});

describe('Different businesses are different keys', () => {
	it.each<[string, string, string, string]>([
		['0112038-9', 'FI', '0112039-7', 'FI'],
		['12345678', 'FI', '12345678', 'DK'],
		['5560125790', 'SE', '5560360793', 'SE'],
		['HRB 1234', 'DE', 'HRA 1234', 'DE'],
		['112038', 'FI', '0112038-9', 'FI'],
		['0112038', 'FI', '0011203-8', 'FI'],
		['HRB 1234 B', 'DE', 'HRB 1234', 'DE'],
		['HRB 12345 München', 'DE', 'HRB 12345 Köln', 'DE'],
		['HRB 12345 Köln', 'DE', 'HRB 12345 K', 'DE'],
		['VR 12345 Köln', 'DE', 'HRB 12345 Köln', 'DE'],
		['REA MI 1234567', 'IT', 'REA RM 1234567', 'IT'],
		['C 12345 Praha', 'CZ', 'C 12345 Brno', 'CZ'],
		['C 12345', 'CZ', '00012345', 'CZ'],
		['DK22222276', 'FI', '22222276', 'FI'],
		['SE303265045', 'FR', '303265045', 'FR'],
		['00000012345', 'IT', '12345', 'IT'],
		['SC123456', 'GB', 'NI123456', 'GB'],
		['SC123456', 'GB', '00123456', 'GB'],
		['FN 122119m', 'AT', 'FN 122119p', 'AT'],
		['556012-5791', 'SV', '556012-5791', 'SE'],
		['0614-050707-104-8', 'SV', '0614-050707-104-8', 'SE'],
	])('%s in %s, %s in %s', (one, country, other, otherCountry) => {
		expect(keyOf(one, country)).not.toBe(keyOf(other, otherCountry));
	});

	it.each(['FI', 'SE', 'NO', 'DK', 'DE'])('in %s, also where the ID has not the form of the country', (country) => {
		const ids = ['1', '123456', 'ABC 1', '1234567890123', '55601257'];
		expect(new Set(ids.map((id) => keyOf(id, country))).size).toBe(ids.length);
	});

	describe.each([
		['DE', 'HRB 12345'],
		['DE', '12345'],
		['DE', 'VR 12345'],
		['IT', 'REA 1234567'],
		['CZ', 'C 12345'],
		['US', 'C1234567'],
	])('in %s, where %s is given out more than once', (country, id) => {
		const key = (changes: Partial<ClientBody['client']>) => keyOf(id, country, 'QUICK3', { vatRegNbr: '', ...changes });

		it('by the VAT number, with which the name doesn’t matter', () => {
			expect(key({ vatRegNbr: 'XX136695976' })).not.toBe(key({ vatRegNbr: 'XX129274202' }));
			expect(key({ vatRegNbr: 'XX136695976', name: 'One GmbH' })).toBe(key({ vatRegNbr: 'xx 136 695 976', name: 'Two GmbH' }));
		});

		it('by the name, where there is no VAT number', () => {
			expect(key({ name: 'One GmbH' })).not.toBe(key({ name: 'Two GmbH' }));
			expect(key({ name: 'One GmbH', vatRegNbr: 'none' })).toBe(key({ name: 'ONE  GmbH', vatRegNbr: '-' }));
		});
	});

	it('but the VAT number and the name tell nothing apart beside a number that is unique', () => {
		const [one, other] = [
			{ name: 'One', vatRegNbr: 'DE1' },
			{ name: 'Two', vatRegNbr: 'DE2' },
		];
		for (const [id, country] of [
			['0112038-9', 'FI'],
			['HRB 12345 Köln', 'DE'],
			['53-6904399', 'US'],
		] as const) {
			expect(keyOf(id, country, 'QUICK3', one)).toBe(keyOf(id, country, 'QUICK3', other));
		}
	});

	it.each(['constructor', '__proto__', 'toString', ''])(
		'also in a country %j, which only validation "off" lets through',
		(country) => {
			expect(keyOf('1', country)).not.toBe(keyOf('2', country));
		},
	);

	it.each(Object.entries({ FI: 8, NO: 9, DK: 8, DE: 9, FR: 9, GB: 8, NL: 8, BE: 10, PL: 10, IT: 11, CZ: 8 }))(
		'in %s, where a single digit of all %i differs',
		(country, length) => {
			const digit = fc.integer({ min: 0, max: 9 });
			fc.assert(
				fc.property(
					fc.array(digit, { minLength: length, maxLength: length }),
					fc.nat(length - 1),
					digit,
					(one, index, changed) => {
						const other = one.with(index, changed);
						fc.pre(one[index] !== changed && one.some(Boolean) && other.some(Boolean));
						expect(keyOf(one.join(''), country)).not.toBe(keyOf(other.join(''), country));
					},
				),
				{ numRuns: 500 },
			);
		},
	);

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

import { normalise } from '../../../nodes/ConfirmaFinance/prepare/normalise';
import { bodyFrom, type FieldPath } from '../../../nodes/ConfirmaFinance/client/fields';
import { apiExample, swedishExample } from '../../sandbox/clientBodies';
import { bodyWith, normalised } from '../../support/bodies';

describe('Any field', () => {
	it.each<[unknown, unknown]>([
		[null, ''],
		[undefined, ''],
		['', ''],
		['   ', ''],
		[0, '0'],
		[-0, '0'],
		[12.5, '12.5'],
		[NaN, 'NaN'],
		[123n, '123'],
		['  Oy Ab  ', 'Oy Ab'],
		[' Oy ', 'Oy'],
		['Oy\u00A0Ab', 'Oy Ab'],
		['Oy\u202F\u2009Ab', 'Oy Ab'],
		['Oy\r\n\tAb', 'Oy Ab'],
		['A\u2013B\u2014C\u2011D\u2212E\uFF0DF', 'A-B-C-D-E-F'],
		['\uFEFFOy\u200B Ab\u00AD', 'Oy Ab'],
		['A\u030Akerman', 'Åkerman'],
		['\u2800', ''],
		['\u3164 \u200D', ''],
		['نام\u200Cها', 'نام\u200Cها'],
	])('makes %p the text %p', (value, expected) => {
		expect(normalised('client.name', value)).toBe(expected);
	});

	it.each<[unknown]>([[true], [false], [{ a: 1 }], [['FI']], [[]], ['Österström & Söner <b>']])(
		'leaves %p to validation',
		(value) => {
			expect(normalised('client.name', value)).toEqual(value);
			expect(normalised('client.ibanAccount', value)).toEqual(value);
		},
	);
});

type Case = [given: unknown, expected: string, country?: string];

function cases(path: FieldPath, table: Case[]) {
	it.each(table)(`makes %p %p`, (given, expected, country = 'FI') => {
		expect(normalised(path, given, country)).toBe(expected);
	});
}

describe('Business ID', () => {
	cases('client.businessCode', [
		['0112038-9', '0112038-9'],
		['01120389', '0112038-9'],
		[1120389, '0112038-9'],
		[1120389, '0112038-9', 'AX'],
		['0112038\u200D-9\u200C', '0112038-9'],
		[112038, '0011203-8'],
		[' 0112038 – 9 ', '0112038-9'],
		['123456-7', '123456-7'],
		['123456789', '123456789'],
		['5560125790', '556012-5790', 'SE'],
		[5560125790, '556012-5790', 'SE'],
		['556012-5790', '556012-5790', 'SE'],
		['923 609 016', '923609016', 'NO'],
		[923609016, '923609016', 'NO'],
		['24 25 67 90', '24256790', 'DK'],
		['12345678', '12345678', 'DE'],
		['HRB 1234 B', 'HRB 1234 B', 'DE'],
		['not known', 'not known'],
		['12345', '12345'],
		['0112038', '0112038'],
		['FI01120389', '0112038-9'],
		['fi 0112038-9', '0112038-9'],
		['SE556012579001', '556012-5790', 'SE'],
		['165560125790', '556012-5790', 'SE'],
		['556012579001', '556012579001', 'SE'],
		['NO 923 609 016 mva', '923609016', 'NO'],
		['923609016MVA', '923609016', 'NO'],
		['DK24256790', '24256790', 'DK'],
		[2425679, '2425679', 'DK'],
		['FI01120389', 'FI01120389', 'SE'],
		['19811228-9874', '19811228-9874', 'SE'],
		['198112289874', '19811228-9874', 'SE'],
		['811228-9874', '811228-9874', 'SE'],
		['SE811228987401', '811228-9874', 'SE'],
		['112038-9', '0112038-9'],
		['12038-7', '0012038-7'],
		['112038-8', '112038-8'],
		['1120389.0', '0112038-9'],
		['5560125790,0', '556012-5790', 'SE'],
		['1120389.5', '1120389.5'],
	]);

	it('uses the country also when that is given by name', () => {
		expect(normalised('client.businessCode', '5560125790', 'Ruotsi')).toBe('556012-5790');
	});
});

describe('VAT number', () => {
	cases('client.vatRegNbr', [
		['FI01120389', 'FI01120389'],
		['fi 0112038-9', 'FI01120389'],
		['SE556012-5790 01', 'SE556012579001', 'SE'],
		['NO 923 609 016 mva', 'NO923609016MVA', 'NO'],
		['FI1234567', 'FI1234567'],
		['0112038-9', '0112038-9'],
		['not registered', 'not registered'],
	]);
});

describe('Postal code', () => {
	cases('client.postalCode', [
		[100, '00100'],
		['100', '00100'],
		[1200, '01200'],
		[20, '00020'],
		['00100', '00100'],
		['00 100', '00100'],
		['FI-00100', '00100'],
		['fi 00100', '00100'],
		['FI-100', '00100'],
		[150, '0150', 'NO'],
		[10, '0010', 'NO'],
		[800, '0800', 'DK'],
		['DK-1050', '1050', 'DK'],
		['111 22', '111 22', 'SE'],
		['11122', '11122', 'SE'],
		['SE-111 22', '111 22', 'SE'],
		['LV-1010', 'LV-1010', 'LV'],
		['1010', 'LV-1010', 'LV'],
		['01103', 'LT-01103', 'LT'],
		['00950', '00-950', 'PL'],
		['D02X285', 'D02 X285', 'IE'],
		['0100', '0100'],
		['DE-10115', '10115', 'DE'],
		['SW1A 1AA', 'SW1A 1AA', 'GB'],
		['SE-111 22', 'SE-111 22', 'FI'],
		[0, '0'],
		['1', '1'],
		['123456', '123456'],
		['PL 5', 'PL 5'],
		['1001', '1001', 'XX'],
		['F-00100', 'F-00100'],
		['AX-22100', '22100'],
		['AX-22100', '22100', 'AX'],
		[22100, '22100', 'AX'],
		['FI-22100', '22100', 'AX'],
		['L-1009', '1009', 'LU'],
		['A-1010', '1010', 'AT'],
		['F-75001', 'F-75001'],
		['A-1010', 'A-1010', 'AX'],
		['S-111 22', '111 22', 'SE'],
		['G1 1AA', 'G1 1AA', 'GB'],
		['100.0', '00100'],
		['1000001', '1000-001', 'PT'],
		['1000-001', '1000-001', 'PT'],
		['1000001', '100-0001', 'JP'],
		['902101234', '90210-1234', 'US'],
		['90210', '90210', 'US'],
		['00 950', '00-950', 'PL'],
		['111-22', '111 22', 'SE'],
		['110 00', '110 00', 'CZ'],
		['9170', '9170', 'SJ'],
		['FR-97400', '97400', 'RE'],
		['1067', '1067', 'DE'],
	]);
});

describe('Phone', () => {
	cases('client.telephone', [
		['00358 (0)44-123 4567', '+358441234567'],
		['+358 (0)40 123 4567', '+358401234567'],
		['040 123 4567', '0401234567'],
		['(09) 123.456', '09123456'],
		['+46 8/123 45 678', '+46812345678'],
		['+358441234567', '+358441234567'],
		[401234567, '401234567'],
		['070-123-45-67', '0701234567'],
		['0911/123456', '0911123456'],
		['(+358) 40 123 4567', '+358401234567'],
		['08-12 34 56 / 57', '08-12 34 56 / 57'],
		['0531-12345/12346', '0531-12345/12346'],
		['+358 40/1234567', '+358401234567'],
		['+358 (0)9 / 123 456', '+3589123456'],
		['0046 8/12345678', '+46812345678'],
		['04131/123456', '04131123456'],
		['0431 / 1234', '04311234'],
		['22123456 / 987654', '22123456 / 987654'],
		['040 1234567 / 050 1234567', '040 1234567 / 050 1234567'],
		['040 / 123 / 4567', '0401234567'],
		['09 1234567-9', '09 1234567-9'],
		['00', '00'],
		['+(0)', '+(0)'],
		['ask Matti', 'ask Matti'],
		['040 123 4567 ext. 5', '040 123 4567 ext. 5'],
	]);

	describe('that a spreadsheet took for a fraction', () => {
		cases('client.telephone', [
			['358441234567.0', '358441234567'],
			['358441234567,0', '358441234567'],
			['01.23.45.67.00', '0123456700', 'FR'],
			['3.58441E+11', '3.58441E+11'],
		]);
	});

	describe('that is more than one number stays as it is', () => {
		cases(
			'client.telephone',
			[
				'22334455-66',
				'22334455-566',
				'08-12 34 56 - 57',
				'040-123 4567 - 8',
				'040-123 4567 -8',
				'0401234567 0507654321',
				'1234567 7654321',
				'040-1234567 050-7654321',
				'+358401234567 +358507654321',
				'09 123 456 (7)',
			].map((text): Case => [text, text]),
		);
	});

	describe('with hyphens between the groups of one number is one number', () => {
		cases('client.telephone', [
			['070-123-45-67', '0701234567'],
			['070 - 123 - 45 - 67', '0701234567'],
			['050-1234-567', '0501234567'],
			['0431 - 12 34 56', '0431123456'],
			['1-202-555-0123', '12025550123', 'US'],
		]);
	});

	describe('with an extension behind a hyphen, as Germans and Austrians write it, is one number', () => {
		cases('client.telephone', [
			['089 1234567-18', '089123456718', 'DE'],
			['05444 347687-350', '05444347687350', 'DE'],
			['0911 12345-0', '0911123450', 'DE'],
			['+49 30 3432622-113', '+49303432622113'],
			['+43 1 12345-67', '+4311234567', 'AT'],
			['+47 22334455-66', '+47 22334455-66', 'DE'],
			['089 1234567-18', '089 1234567-18', 'FI'],
		]);
	});

	describe('with the 0 that is for callers inside the country is dialled without it', () => {
		cases('client.telephone', [
			['+358 (09) 123 456', '+3589123456'],
			['+46 (08) 123 456 78', '+46812345678'],
			['+46 08 123 456 78', '+46812345678'],
			['+4608 123 456 78', '+46812345678'],
			['00358 (09) 123 456', '+3589123456'],
			['(+358) (0)9 123 456', '+3589123456'],
			['(00358) 40 123 4567', '+358401234567'],
			['+44 (0)20 7946 0123', '+442079460123'],
			['+39 (0)6 1234 5678', '+390612345678'],
			['+39 06 1234 5678', '+390612345678'],
			['+47 (022) 33 44 55', '+47 (022) 33 44 55'],
			['0(0)358 40 123 4567', '0(0)358 40 123 4567'],
		]);
	});
});

describe('Account and bank', () => {
	cases('client.ibanAccount', [
		['fi21 1234 5600 0007 85', 'FI2112345600000785'],
		['IBAN: FI21 1234 5600 0007 85', 'FI2112345600000785'],
		['FI21-1234-5600-0007-85', 'FI2112345600000785'],
		['FI21 3IBAN 45', 'FI213IBAN45'],
		['ask the client', 'ask the client'],
		[21123456, '21123456'],
	]);
	cases('client.bic', [
		['ndeafihh', 'NDEAFIHH'],
		['DABA FI HH XXX', 'DABAFIHHXXX'],
		['N/A', 'N/A'],
	]);
	cases('client.bankgiro', [
		['991-2346', '991-2346'],
		['991 2346', '9912346'],
		['991–2346', '991-2346'],
		[9912346, '9912346'],
		['none', 'none'],
	]);
	cases('client.plusgiro', [
		['28 65 43-4', '286543-4'],
		['2865434', '2865434'],
	]);
});

describe('Codes', () => {
	cases('client.currencyCode', [
		['eur', 'EUR'],
		['€', 'EUR'],
		['Sek', 'SEK'],
		['kronor', 'kronor'],
	]);
	cases('client.languageCode', [
		['fi', 'FI'],
		['sv-SE', 'SV'],
		['sv_FI', 'SV'],
		['DK', 'DK'],
		['ruotsi', 'SV'],
		['Klingon', 'Klingon'],
		['swe', 'SV'],
		['Danish', 'DK'],
		['da', 'DA'],
		['English (US)', 'EN'],
	]);

	it.each([
		['Suomi', 'FI'],
		[' finland ', 'FI'],
		['se', 'SE'],
		['UK', 'GB'],
		['Atlantis', 'Atlantis'],
	])('makes the country %p %p', (given, expected) => {
		expect(normalise(bodyWith({ 'client.countryCode': given })).client.countryCode).toBe(expected);
	});
});

describe('The whole body', () => {
	it('leaves the API page’s example as it is', () => {
		expect(normalise(apiExample)).toEqual(apiExample);
	});

	it('leaves the Swedish example as it is, but for the spaces of its plusgiro', () => {
		expect(normalise(swedishExample)).toEqual(bodyWith({ 'client.plusgiro': '286543-4' }, swedishExample));
	});

	it('leaves email, website and free text alone', () => {
		const values = {
			'client.email': 'Info@Example.COM',
			'client.website': 'WWW.Example.com/Öl',
			'client.postalAddress': 'PL 00, fi 1',
			'service.partnerCode': 'quick3',
			'service.type': 'lifecycle',
		} as const;
		expect(normalise(bodyWith(values))).toEqual(bodyWith(values));
	});

	it('does not change what it is given', () => {
		const draft = Object.freeze(bodyWith({ 'client.name': '  Oy  ' }));
		Object.freeze(draft.client);
		normalise(draft);
		expect(draft.client.name).toBe('  Oy  ');
	});

	it.each(['1'.repeat(1_000_000) + 'x', '('.repeat(1_000_000), 'fi'.repeat(500_000), '-'.repeat(1_000_000)])(
		'leaves a megabyte of text as it is, in every field (%#)',
		(text) => {
			expect(normalise(bodyFrom(() => text))).toEqual(bodyFrom(() => text));
		},
	);
});

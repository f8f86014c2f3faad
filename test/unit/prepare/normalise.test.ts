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
		['1067', '1067', 'DE'],
	]);
});

it.each([
	'08-12 34 56 / 57',
	'0531-12345/12346',
	'22123456 / 987654',
	'040 1234567 / 050 1234567',
	'09 1234567-9',
	'22334455-66',
	'08-12 34 56 - 57',
	'070 - 123 - 45 - 67',
	'040-123 4567 -8',
	'0401234567 0507654321',
	'+358401234567 +358507654321',
	'09 123 456 (7)',
	'040 123 4567 ext. 5',
	'+47 (022) 33 44 55',
	'00 040 123 4567',
	'3.58441E+11',
	'ask Matti',
])('%s is not one phone number, and stays as it is', (text) => {
	expect(normalised('client.telephone', text)).toBe(text);
});

it.each([
	['040 / 123 / 4567', '+358401234567', 'FI'],
	['089 1234567-18', '+4989123456718', 'DE'],
	['+39 (0)6 1234 5678', '+390612345678', 'FI'],
])('%s is one phone number: %s', (given, sent, country) => {
	expect(normalised('client.telephone', given, country)).toBe(sent);
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

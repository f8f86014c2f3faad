import { normalise } from '../../../nodes/ConfirmaFinance/prepare/normalise';
import { bodyFrom } from '../../../nodes/ConfirmaFinance/client/fields';
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

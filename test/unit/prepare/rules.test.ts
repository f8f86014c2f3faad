import type { FieldPath } from '../../../nodes/ConfirmaFinance/client/fields';
import { fieldAt, goodNumbers, judged, severityOf, type Values } from '../../support/bodies';

type Case = [path: FieldPath, value: string, expected: 'ok' | 'warning' | 'error', others?: Values];

const table: Case[] = [
	['client.email', 'first.last+tag@mail.example.com', 'ok'],
	['client.email', 'a@localhost', 'warning'],
	['client.email', 'a@b', 'warning'],
	['client.email', 'a..b@example.com', 'ok'],
	['client.email', '.a.@example.com', 'ok'],
	['client.email', "o'hara!#$%&*+/=?^_`{|}~-@example.com", 'ok'],
	['client.email', 'a@-example.com', 'error'],
	['client.email', 'a@example..com', 'error'],
	['client.email', `a@${'x'.repeat(64)}.com`, 'error'],
	['client.email', 'a@example.com, b@example.com', 'error'],
	['client.email', 'Matti <matti@example.com>', 'error'],
	['client.email', '"matti m"@example.com', 'error'],
	['client.email', '"matti"@example.com', 'error'],
	['client.email', 'mätti@example.com', 'error'],
	['client.email', 'matti@exämple.example', 'error'],
	['client.email', 'mailto:matti@example.com', 'error'],

	['client.website', 'https://www.example.com', 'ok'],
	['client.website', 'www.example.com', 'ok'],
	['client.website', 'example.com/sv?a=1#b', 'ok'],
	['client.website', 'https://my_company.example.com', 'ok'],
	['client.website', 'example', 'error'],
	['client.website', 'ftp://example.com', 'error'],
	['client.website', 'javascript:alert(1)', 'error'],
	['client.website', 'matti@example.com', 'error'],
	['client.website', 'https://user:word@example.com', 'error'],
	['client.website', 'http://exa mple.com', 'error'],

	['client.countryCode', 'SE', 'ok', { 'client.postalCode': '111 22' }],
	['client.countryCode', 'EU', 'error'],
	['client.countryCode', 'SV', 'warning'],
	['client.countryCode', 'ET', 'warning'],
	['client.countryCode', 'Kosovo', 'warning'],
	['client.languageCode', 'DK', 'ok'],
	['client.languageCode', 'DA', 'ok'],
	['client.languageCode', 'NO', 'ok'],
	['client.languageCode', 'EN', 'ok'],
	['client.languageCode', 'SV', 'ok'],
	['client.languageCode', 'XX', 'error'],
	['client.languageCode', 'SE', 'warning'],
	['client.languageCode', 'EE', 'warning'],
	['client.languageCode', 'UK', 'warning'],
	['client.currencyCode', 'NOK', 'ok'],
	['client.currencyCode', 'ZZZ', 'error'],

	['client.postalCode', '00100', 'ok'],
	['client.postalCode', '00000', 'error'],
	['client.postalCode', '0', 'error'],
	['client.postalCode', '1234567', 'error'],
	['client.postalCode', 'ABC', 'error'],
	['client.postalCode', '111 22', 'ok', { 'client.countryCode': 'SE' }],
	['client.postalCode', '0000', 'error', { 'client.countryCode': 'NO' }],
	['client.postalCode', '0000', 'error', { 'client.countryCode': 'DK' }],
	['client.postalCode', '0150', 'ok', { 'client.countryCode': 'NO' }],
	['client.postalCode', 'SW1A 1AA', 'ok', { 'client.countryCode': 'GB' }],
	['client.postalCode', '1010', 'ok', { 'client.countryCode': 'LV' }],
	['client.postalCode', 'D02X285', 'ok', { 'client.countryCode': 'IE' }],
	['client.postalCode', '0100', 'error'],
	['client.postalCode', 'anything', 'ok', { 'client.countryCode': 'AQ' }],

	['client.ibanAccount', 'FI21 1234 5600 0007 85', 'ok'],
	['client.ibanAccount', 'FI21 1234 5600 0007 86', 'error'],
	['client.ibanAccount', 'FI21 1234', 'error'],
	['client.ibanAccount', 'SE45 5000 0000 0583 9825 7466', 'ok'],
	['client.ibanAccount', 'NO93 8601 1117 947', 'ok'],
	['client.ibanAccount', 'DK50 0040 0440 1162 43', 'ok'],
	['client.bic', 'NDEAFIHH', 'ok'],
	['client.bic', 'NDEAFIHHXXX', 'ok'],
	['client.bic', 'NDEAFI', 'error'],
	['client.bic', 'NDEAFIHH', 'ok', { 'client.ibanAccount': 'FI2112345600000785' }],
	['client.bic', 'ESSESESS', 'warning', { 'client.ibanAccount': 'FI2112345600000785' }],

	['client.bankgiro', '991-2346', 'ok'],
	['client.bankgiro', '5402-9681', 'ok'],
	['client.bankgiro', '991-2347', 'error'],
	['client.bankgiro', '000-0000', 'error'],
	['client.bankgiro', '12345', 'error'],
	['client.bankgiro', '9912-346', 'error'],
	['client.plusgiro', '28 65 43-4', 'ok'],
	['client.plusgiro', '28 65 43-5', 'error'],
	['client.plusgiro', '0-0', 'error'],
	['client.plusgiro', '123456789', 'error'],

	['client.businessCode', '0112038-9', 'ok'],
	['client.businessCode', '1572860-0', 'ok', { 'client.vatRegNbr': '' }],
	['client.businessCode', '0112038-8', 'warning'],
	['client.businessCode', '0000000-0', 'error'],
	['client.businessCode', 'N/A', 'error'],
	['client.businessCode', 'unknown', 'error', { 'client.countryCode': 'DE', 'client.vatRegNbr': '' }],
	['client.businessCode', '5.56013E+09', 'error', { 'client.countryCode': 'SE' }],
	['client.businessCode', '1,12E6', 'error'],
	['client.businessCode', 'FI01120389', 'ok'],
	['client.businessCode', 'ABC 0112038-9', 'ok'],
	['client.businessCode', '0112038', 'warning'],
	['client.businessCode', '91-1144442', 'ok', { 'client.countryCode': 'US', 'client.vatRegNbr': '' }],
	['client.businessCode', '556012-5790', 'ok', { 'client.countryCode': 'SE' }],
	['client.businessCode', '556036-0793', 'ok', { 'client.countryCode': 'SE' }],
	['client.businessCode', '556012-5791', 'warning', { 'client.countryCode': 'SE' }],
	['client.businessCode', '000000-0000', 'error', { 'client.countryCode': 'SE' }],
	['client.businessCode', '923609016', 'ok', { 'client.countryCode': 'NO' }],
	['client.businessCode', '923609017', 'warning', { 'client.countryCode': 'NO' }],
	['client.businessCode', '000000000', 'error', { 'client.countryCode': 'NO' }],
	['client.businessCode', '24256790', 'ok', { 'client.countryCode': 'DK' }],
	['client.businessCode', '24256791', 'warning', { 'client.countryCode': 'DK' }],
	['client.businessCode', '00000000', 'error', { 'client.countryCode': 'DK' }],

	['client.vatRegNbr', 'FI0112038-9', 'ok'],
	['client.vatRegNbr', 'fi 01120389', 'ok'],
	['client.vatRegNbr', 'FI01120388', 'warning'],
	['client.vatRegNbr', 'FI00000000', 'warning'],
	['client.vatRegNbr', 'FI15728600', 'warning'],
	['client.vatRegNbr', 'SE556012579001', 'error'],
	['client.vatRegNbr', '01120389', 'warning'],
	['client.vatRegNbr', 'SE556012579001', 'ok', { 'client.countryCode': 'SE', 'client.businessCode': '556012-5790' }],
	['client.vatRegNbr', 'SE000000000001', 'warning', { 'client.countryCode': 'SE', 'client.businessCode': '' }],
	['client.vatRegNbr', 'NO923609016MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
	['client.vatRegNbr', 'NO 923 609 016 MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
	['client.vatRegNbr', 'DK24256790', 'ok', { 'client.countryCode': 'DK', 'client.businessCode': '24256790' }],
	['client.vatRegNbr', 'EL123456789', 'ok', { 'client.countryCode': 'GR' }],
	['client.vatRegNbr', 'XI123456789', 'ok', { 'client.countryCode': 'GB' }],
	['client.vatRegNbr', '923609016MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
	['client.vatRegNbr', 'SE811228987401', 'ok', { 'client.countryCode': 'SE', 'client.businessCode': '19811228-9874' }],
	['client.businessCode', '19811228-9874', 'ok', { 'client.countryCode': 'SE', 'client.vatRegNbr': '' }],
	['client.businessCode', '19811228-9875', 'warning', { 'client.countryCode': 'SE', 'client.vatRegNbr': '' }],
	['client.vatRegNbr', '12-3456789', 'ok', { 'client.countryCode': 'US' }],
	['client.vatRegNbr', 'T5835678256246', 'ok', { 'client.countryCode': 'JP' }],

	['client.businessCode', '0112038-9', 'ok', { 'client.countryCode': 'AX' }],
	['client.businessCode', '0112038-8', 'warning', { 'client.countryCode': 'AX' }],
	['client.vatRegNbr', 'FI01120389', 'ok', { 'client.countryCode': 'AX' }],
	['client.postalCode', '22100', 'ok', { 'client.countryCode': 'Åland' }],
	['client.postalCode', '2210', 'ok', { 'client.countryCode': 'Åland' }],
	['client.postalCode', '221000', 'error', { 'client.countryCode': 'Åland' }],
	['client.website', 'https://dev-null.example.com', 'ok'],
	['client.email', 'null@example.com', 'ok'],

	['client.telephone', '+358 44 123 4567', 'ok'],
	['client.telephone', '040 123 4567', 'ok'],
	['client.telephone', 'ask Matti', 'warning'],
	['client.telephone', '08-12 34 56 / 57', 'warning'],
	['client.telephone', '09 1234567-9', 'warning'],
	['client.telephone', '22334455-66', 'warning'],
	['client.telephone', '3.58441E+11', 'warning'],
	['client.telephone', '+47 (022) 33 44 55', 'warning'],
	['client.telephone', '0401234567 / 0407654321', 'warning'],
];

describe('Each rule', () => {
	it.each(table)('%s %p: %s', (path, value, expected, others = {}) => {
		expect(severityOf({ ...others, [path]: value }, path)).toBe(expected);
	});

	const wrong = table.filter(([, , expected]) => expected !== 'ok');
	it.each(wrong)(
		'%s %p is told in sentences that quote the value and say what would be right',
		(path, value, _expected, others = {}) => {
			const { label: own } = fieldAt(path);
			const [problem, ...more] = judged({ ...goodNumbers, ...others, [path]: value }).problems.filter(
				({ label }) => label === own,
			);
			expect(more).toEqual([]);
			expect(problem!.text.startsWith(`'${own}' `)).toBe(true);
			expect(problem!.text).toMatch(/^'[^']+' [a-z].* \(given: “[^“”]+”\)\. [A-Z].*[^.]\.$/);
			expect(problem!.text).not.toMatch(/\b(error|problem|failure|mistake)s?\b/i);
		},
	);
});

describe('What a broken expression leaves behind', () => {
	it.each([
		'undefined',
		'null',
		'NaN',
		'[object Object]',
		'undefined undefined',
		'Testikuja undefined',
		'null null',
		'Matti null',
		'null, Helsinki',
		'Matti (null)',
		'null/null',
		'null;null',
		'hello [object Object]',
		NaN,
		'Invalid Date',
	])('%p is stopped in every field', (value) => {
		for (const path of [
			'client.name',
			'client.postalAddress',
			'client.telephone',
			'contacts.technical.name',
			'client.businessCode',
		] as const) {
			const { body, problems } = judged({ ...goodNumbers, [path]: value });
			expect(body).toBeUndefined();
			expect(problems.some(({ severity, text }) => severity === 'error' && text.includes('what an expression gives'))).toBe(true);
		}
	});

	it.each(['{{ $json.name }}', '={{ $json.name }}', 'Testikuja {{ $json.number }}'])(
		'%p is an expression in a field that takes none',
		(value) => {
			const { body, problems } = judged({ ...goodNumbers, 'client.name': value });
			expect(body).toBeUndefined();
			expect(problems[0]!.text).toMatch(/expression that n8n did not evaluate .* Switch the field from Fixed to Expression/);
		},
	);

	it.each(['Dev-null Oy', 'Nullarbor Oy', 'Undefined Ideas Oy', 'NaNo Oy', 'Null & Co Oy'])('%p is a name', (name) => {
		expect(judged({ ...goodNumbers, 'client.name': name }).problems).toEqual([]);
	});
});

describe('A placeholder for a business ID', () => {
	const found = (id: string, country = 'FI') =>
		judged({ 'client.vatRegNbr': '', 'client.postalCode': '', 'client.businessCode': id, 'client.countryCode': country })
			.problems;

	it.each(['TBD1', 'tbd-2', 'N/A 1', 'unknown 7', 'Puuttuu 1', 'saknas 2', 'MISSING1'])(
		'%p says that there is none: it stops the client',
		(id) => {
			expect(found(id)).toMatchObject([{ severity: 'error', text: expect.stringContaining('is not a business ID') as string }]);
		},
	);

	it.each([
		['1234567-8', 'FI'],
		['123456-7', 'FI'],
		['7654321-0', 'FI'],
		['1111111-1', 'FI'],
		['FI99999999', 'FI'],
		['123456-7890', 'SE'],
		['555555-5555', 'SE'],
		['123456789', 'NO'],
		['999999999', 'NO'],
		['12345678', 'DK'],
		['11111111', 'DK'],
		['12345678', 'EE'],
		['DE123456789', 'DE'],
		['0000001', 'DE'],
		['TEST 1', 'DE'],
		['xxx123', 'GB'],
	])('%s in %s is sent with a warning', (id, country) => {
		expect(found(id, country)).toMatchObject([
			{ severity: 'warning', text: expect.stringContaining('looks like a placeholder') as string },
		]);
	});

	it.each([
		['0112038-9', 'FI'],
		['1572860-0', 'FI'],
		['556012-5790', 'SE'],
		['923609016', 'NO'],
		['24256790', 'DK'],
		['SC123457', 'GB'],
		['B12345674', 'ES'],
		['FN 122119m', 'AT'],
		['HRB 12345 Testorf', 'DE'],
		['HRB 11111 Köln', 'DE'],
	])('%s in %s is none', (id, country) => {
		expect(found(id, country)).toEqual([]);
	});
});

describe('Intermediation, whose payments go to the client’s own account', () => {
	const found = (values: Values) => judged({ ...goodNumbers, ...values }).problems;

	it('without an IBAN or a giro number is worth a warning', () => {
		expect(found({ 'service.type': 'INTERMEDIATION' })).toMatchObject([
			{ severity: 'warning', label: 'Bank Details > IBAN', text: expect.stringContaining('is empty') as string },
		]);
	});

	it.each<[FieldPath, string]>([
		['client.ibanAccount', 'FI2112345600000785'],
		['client.bankgiro', '991-2346'],
		['client.plusgiro', '28 65 43-4'],
	])('with %s is fine', (path, account) => {
		expect(found({ 'service.type': 'INTERMEDIATION', [path]: account })).toEqual([]);
	});

	it('other services need no account', () => {
		expect(found({ 'service.type': 'LIFECYCLE' })).toEqual([]);
		expect(found({ 'service.type': 'COOP' })).toEqual([]);
	});
});

describe('Text that lost its letters on the way', () => {
	it.each<FieldPath>(['client.name', 'client.postalDistrict', 'contacts.primary.name', 'client.businessCode'])(
		'stops the client: %s',
		(path) => {
			const { body, problems } = judged({ ...goodNumbers, 'client.vatRegNbr': '', [path]: 'Jyv\uFFFDskyl\uFFFD' });
			expect(body).toBeUndefined();
			expect(problems).toMatchObject([
				{ severity: 'error', text: expect.stringContaining('read in the wrong encoding') as string },
			]);
		},
	);

	it.each([
		'JyvÃ¤skylÃ¤',
		'Ã…bo Ab',
		'Ã–rebro',
		'Ã„lvsjÃ¶',
		'KÃ¸benhavn',
		'Ã˜stfold',
		'CafÃ© Oy',
		'ÅšlÄ…sk',
		'Tartu Ãœlikool',
		'Matti â€“ Oy',
	])('is worth a warning where UTF-8 was read as Windows-1252: %s', (name) => {
		expect(judged({ ...goodNumbers, 'client.name': name }).problems).toMatchObject([
			{ severity: 'warning', text: expect.stringContaining('looks as if it was read in the wrong encoding') as string },
		]);
	});

	it.each([
		'Jyväskylä',
		'Åbo Ab',
		'ÅÄÖ',
		'SÃO TOMÉ',
		'IRMÃ Lda',
		'Ångström & Co',
		'Müller-Straße',
		'Ærø',
		'Łódź',
		'Āgenskalns',
		'«Café»',
		'Ä Oy',
	])('is not suspected in %s', (name) => {
		expect(judged({ ...goodNumbers, 'client.name': name }).problems).toEqual([]);
	});

	it.each(['\u0000', 'a\u0007b', '\u0085', '\uD800', 'a\uDC00', '\uFFFF', '\u{1FFFE}'])(
		'characters that are not text are stopped: %j',
		(value) => {
			const [problem] = judged({ ...goodNumbers, 'client.name': `Oy${value}Ab` }).problems;
			expect(problem).toMatchObject({ severity: 'error', label: 'Business Name' });
			expect(problem!.text).toContain('holds characters that are not text');
			expect(problem!.text.isWellFormed()).toBe(true);
			expect(problem!.text).not.toMatch(/\p{Cc}/u);
		},
	);
});

import { clientBody } from '../../../nodes/ConfirmaFinance/createClient/clientBody';
import { fields, type FieldPath } from '../../../nodes/ConfirmaFinance/createClient/panel/fields';
import { apiExample, swedishExample } from '../../sandbox/clientBodies';
import { bodyWith, fieldAt, judged, texts, type Values } from '../../support/bodies';

const good = { 'client.businessCode': '0112038-9', 'client.vatRegNbr': 'FI01120389' } as const;

/** The severity of what is found about one field, `ok` for none; the rest of the client is flawless. */
function severity(values: Values, path: FieldPath, level?: 'standard' | 'strict' | 'off'): string {
	const { problems } = judged({ ...good, ...values }, level);
	return problems.find(({ label }) => label === fieldAt(path).label)?.severity ?? 'ok';
}

describe('The examples', () => {
	it('the API page’s example passes "standard" unchanged, with a warning for each of its two short numbers', () => {
		expect(judged({}).body).toEqual(apiExample);
		expect(texts({})).toEqual([
			"warning: 'Business ID' is not a business ID in Finland (FI): its length or its check digit is wrong (given: “123456-7”). Compare it with the register; it has seven digits, a hyphen and a check digit, such as 0112038-9.",
			"warning: 'Client Details > VAT Number' is not a VAT number: its length or its check digit is wrong (given: “FI1234567”). Compare it with the register; it has FI and eight digits, such as FI01120389.",
		]);
	});

	it('the API page’s example does not pass "strict", for the same two reasons', () => {
		const { body, problems } = judged({}, 'strict');
		expect(body).toBeUndefined();
		expect(problems.map(({ severity, label }) => [severity, label])).toEqual([
			['error', 'Business ID'],
			['error', 'Client Details > VAT Number'],
		]);
	});

	it.each(['standard', 'strict', 'off'] as const)('the Swedish example passes "%s" without a warning', (level) => {
		const { body, problems } = judged({}, level, swedishExample);
		expect(problems).toEqual([]);
		expect(body).toEqual(bodyWith({ 'client.plusgiro': '286543-4' }, swedishExample));
	});
});

describe('Required fields', () => {
	const required: FieldPath[] = [
		'service.type',
		'service.partnerCode',
		'client.name',
		'client.businessCode',
		'client.countryCode',
		'client.languageCode',
		'client.currencyCode',
		'contacts.primary.name',
		'contacts.primary.email',
	];
	it.each(required)('%s must be filled in', (path) => {
		for (const empty of ['', '  ', null, undefined]) {
			const { body, problems } = judged({ ...good, [path]: empty });
			expect(body).toBeUndefined();
			expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
			expect(problems.at(0)?.text).toMatch(/^'[A-Z].+' is empty\. Fill it in/);
		}
	});

	it('all others may be empty', () => {
		const optional = fields.map(({ path }) => path).filter((path) => !required.includes(path));
		for (const empty of ['', null, undefined]) {
			expect(texts({ ...good, ...Object.fromEntries(optional.map((path) => [path, empty])) })).toEqual([]);
		}
	});
});

it('every problem of a client is in one result, in the order of the fields', () => {
	expect(
		texts({
			...good,
			'client.countryCode': 'Atlantis',
			'client.email': 'nobody',
			'client.ibanAccount': 'FI00 1234 5600 0007 85',
			'client.currencyCode': 'EURO',
			'contacts.primary.email': 'a@b',
		}),
	).toEqual([
		"error: 'Country' is not a country (given: “Atlantis”). Enter a two-letter code such as FI, or a name such as Finland or Suomi.",
		"error: 'Client Details > Email' is not an email address (given: “nobody”). Enter a single address such as matti@example.com.",
		"error: 'Currency' is not a currency (given: “EURO”). Enter a three-letter code such as EUR, SEK, NOK or DKK.",
		"error: 'Bank Details > IBAN' is not a valid IBAN: its length or its check digits are wrong (given: “FI0012345600000785”). Copy it from the bank once more, such as FI21 1234 5600 0007 85.",
		"error: 'Primary Contact Email' is not an email address (given: “a@b”). Enter a single address such as matti@example.com.",
	]);
});

type Case = [path: FieldPath, value: string, expected: 'ok' | 'warning' | 'error', others?: Values];

const table: Case[] = [
	['client.email', 'first.last+tag@mail.example.com', 'ok'],
	['client.email', 'a@localhost', 'error'],
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
	['client.website', 'example', 'error'],
	['client.website', 'ftp://example.com', 'error'],
	['client.website', 'javascript:alert(1)', 'error'],
	['client.website', 'matti@example.com', 'error'],
	['client.website', 'https://user:word@example.com', 'error'],
	['client.website', 'http://exa mple.com', 'error'],

	['client.countryCode', 'SE', 'ok', { 'client.postalCode': '111 22' }],
	['client.countryCode', 'EU', 'error'],
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
	['client.businessCode', 'ABC 0112038-9', 'warning'],
	['client.businessCode', '0112038', 'warning'],
	['client.businessCode', 'HRB 1234', 'ok', { 'client.countryCode': 'DE', 'client.vatRegNbr': '' }],
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
	['client.vatRegNbr', 'SE556012579001', 'warning'],
	['client.vatRegNbr', '01120389', 'warning'],
	['client.vatRegNbr', 'SE556012579001', 'ok', { 'client.countryCode': 'SE', 'client.businessCode': '556012-5790' }],
	['client.vatRegNbr', 'SE000000000001', 'warning', { 'client.countryCode': 'SE', 'client.businessCode': '' }],
	['client.vatRegNbr', 'NO923609016MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
	['client.vatRegNbr', 'NO 923 609 016 MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
	['client.vatRegNbr', 'DK24256790', 'ok', { 'client.countryCode': 'DK', 'client.businessCode': '24256790' }],
	['client.vatRegNbr', 'EL123456789', 'ok', { 'client.countryCode': 'GR' }],
	['client.vatRegNbr', 'XI123456789', 'ok', { 'client.countryCode': 'GB' }],

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
	['client.telephone', '0401234567 / 0407654321', 'warning'],
];

describe('Each rule', () => {
	it.each(table)('%s %p: %s', (path, value, expected, others = {}) => {
		expect(severity({ ...others, [path]: value }, path)).toBe(expected);
	});

	const wrong = table.filter(([, , expected]) => expected !== 'ok');
	it.each(wrong)(
		'%s %p is told in sentences that quote the value and say what would be right',
		(path, value, _expected, others = {}) => {
			const { label: own } = fieldAt(path);
			const [problem, ...more] = judged({ ...good, ...others, [path]: value }).problems.filter(({ label }) => label === own);
			expect(more).toEqual([]);
			expect(problem!.text.startsWith(`'${own}' `)).toBe(true);
			expect(problem!.text).toMatch(/^'[^']+' [a-z].* \(given: “[^“”]+”\)\. [A-Z].*[^.]\.$/);
			expect(problem!.text).not.toMatch(/\b(error|problem|failure|mistake)s?\b/i);
		},
	);

	it('"off" lets even an empty client through, with every key', () => {
		const { body } = judged({ 'client.name': '', 'service.partnerCode': null, 'contacts.primary.email': undefined }, 'off');
		expect(clientBody.safeParse(body).success).toBe(true);
	});
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
			const { body, problems } = judged({ ...good, [path]: value });
			expect(body).toBeUndefined();
			expect(problems.some(({ severity, text }) => severity === 'error' && text.includes('what an expression gives'))).toBe(true);
		}
	});

	it.each(['{{ $json.name }}', '={{ $json.name }}', 'Testikuja {{ $json.number }}'])(
		'%p is an expression in a field that takes none',
		(value) => {
			const { body, problems } = judged({ ...good, 'client.name': value });
			expect(body).toBeUndefined();
			expect(problems[0]!.text).toMatch(/expression that n8n did not evaluate .* Switch the field from Fixed to Expression/);
		},
	);

	it.each(['Dev-null Oy', 'Nullarbor Oy', 'Undefined Ideas Oy', 'NaNo Oy', 'Null & Co Oy'])('%p is a name', (name) => {
		expect(judged({ ...good, 'client.name': name }).problems).toEqual([]);
	});
});

describe('Values that are no text', () => {
	it.each([
		[{ value: 'FI' }, 'an object with fields of its own'],
		[['FI', 'SE'], 'a list'],
		[true, 'true or false'],
	])('%p is named for what it is, at every level', (value, kind) => {
		for (const level of ['standard', 'strict', 'off'] as const) {
			const { body, problems } = judged({ ...good, 'client.countryCode': value }, level);
			expect(body).toBeUndefined();
			expect(problems).toContainEqual({
				severity: 'error',
				label: 'Country',
				text: `'Country' must be text, but ${kind} was given. Map a single value to it.`,
			});
		}
	});

	it.each(['\u0000', 'a\u0007b', '\u0085', '\uD800', 'a\uDC00', '\uFFFF', '\u{1FFFE}'])(
		'characters that are not text are stopped: %j',
		(value) => {
			const [problem] = judged({ ...good, 'client.name': `Oy${value}Ab` }).problems;
			expect(problem).toMatchObject({ severity: 'error', label: 'Business Name' });
			expect(problem!.text).toContain('holds characters that are not text');
			expect(problem!.text.isWellFormed()).toBe(true);
			expect(problem!.text).not.toMatch(/\p{Cc}/u);
		},
	);

	it('a megabyte of text is stopped, and the message stays short', () => {
		for (const path of [
			'client.name',
			'client.email',
			'client.website',
			'client.ibanAccount',
			'client.telephone',
			'client.postalCode',
		] as const) {
			const problems = judged({ ...good, [path]: 'x1'.repeat(500_000) }).problems;
			expect(problems).toHaveLength(1);
			expect(problems[0]!.text).toContain('is 1000000 characters long');
			expect(problems[0]!.text.length).toBeLessThan(300);
		}
	});

	it('HTML in a value is quoted as it stands: whoever renders HTML escapes it', () => {
		const [problem] = judged({ ...good, 'client.email': '<img src=x onerror="alert(1)">&amp;' }).problems;
		expect(problem!.text).toContain('“<img src=x onerror="alert(1)">&amp;”');
	});

	it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%p is judged as text, in every field', (value) => {
		const values = Object.fromEntries(Object.keys(apiExample.client).map((key) => [`client.${key}`, value]));
		expect(() => judged(values)).not.toThrow();
		expect(severity({ 'client.countryCode': value }, 'client.countryCode')).toBe('error');
	});
});

import { clientBody } from '../../../nodes/ConfirmaFinance/client/body';
import { fields, type FieldPath } from '../../../nodes/ConfirmaFinance/client/fields';
import { apiExample, swedishExample } from '../../sandbox/clientBodies';
import { bodyWith, goodNumbers, judged, severityOf, texts, type Values } from '../../support/bodies';

describe('The examples', () => {
	it('the API page’s example passes "standard" unchanged, with a warning for each of its two short numbers', () => {
		expect(judged({}).body).toEqual(apiExample);
		expect(texts({})).toEqual([
			"warning: 'Business ID' is not a valid business ID in Finland (FI): its length or its check digit is wrong (given: “123456-7”). Compare it with the register; it looks like 0112038-9.",
			"warning: 'Client Details > VAT Number' is not a valid VAT number in Finland (FI): its length or its check digit is wrong (given: “FI1234567”). Compare it with the register; it looks like FI01120389.",
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
		'contacts.primary.name',
		'contacts.primary.email',
	];
	it.each(required)('%s must be filled in', (path) => {
		for (const empty of ['', '  ', null, undefined]) {
			const { body, problems } = judged({ ...goodNumbers, [path]: empty });
			expect(body).toBeUndefined();
			expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
			expect(problems.at(0)?.text).toMatch(/^'[A-Z].+' is empty\. Fill it in/);
		}
	});

	it('all others may be empty', () => {
		const optional = fields.map(({ path }) => path).filter((path) => !required.includes(path));
		for (const empty of ['', null, undefined]) {
			expect(texts({ ...goodNumbers, ...Object.fromEntries(optional.map((path) => [path, empty])) })).toEqual([]);
		}
	});
});

it('every problem of a client is in one result, in the order of the fields', () => {
	expect(
		texts({
			...goodNumbers,
			'client.countryCode': 'Atlantis',
			'client.email': 'nobody',
			'client.ibanAccount': 'FI00 1234 5600 0007 85',
			'client.currencyCode': 'EURO',
			'contacts.primary.email': 'a@b@c',
		}),
	).toEqual([
		"error: 'Country' is not a country code or name that this node knows (given: “Atlantis”). Enter a two-letter code such as FI, or a name such as Finland or Suomi.",
		"error: 'Client Details > Email' is not an email address (given: “nobody”). Enter a single address such as matti@example.com.",
		"error: 'Client Details > Currency' is not a currency code (given: “EURO”). Enter a three-letter code such as EUR, SEK, NOK or DKK.",
		"error: 'Bank Details > IBAN' is not a valid IBAN: its length or its check digits are wrong (given: “FI0012345600000785”). Copy it again from the bank; it looks like FI21 1234 5600 0007 85.",
		"error: 'Primary Contact Email' is not an email address (given: “a@b@c”). Enter a single address such as matti@example.com.",
	]);
});

it.each<[string, Values]>([
	[
		'the name of several countries (given: “Congo”). Enter the code of the one you mean: Congo - Brazzaville (CG) or Congo - Kinshasa (CD)',
		{ 'client.countryCode': 'Congo' },
	],
	['as it is written on letters, such as 00100, or correct the country', { 'client.postalCode': 'x' }],
	['as it is written on letters, or correct the country', { 'client.countryCode': 'DE', 'client.postalCode': 'x' }],
	["enter the language's code, such as AM", { 'client.countryCode': 'ET', 'client.languageCode': 'ET' }],
	['does not begin with GB or XI', { 'client.countryCode': 'GB', 'client.vatRegNbr': 'FR12345678901' }],
	[
		'belongs to another business than the business ID (given: “FI15728600”). Correct the one that is wrong',
		{ 'client.vatRegNbr': 'FI15728600' },
	],
	['Enter at most 1000 characters', { 'client.name': 'x'.repeat(1001) }],
])('a problem says “%s”', (words, values) => {
	expect(texts({ ...goodNumbers, ...values })).toContainEqual(expect.stringContaining(words));
});

it('a text of 1000 characters passes', () => {
	expect(texts({ ...goodNumbers, 'client.name': 'x'.repeat(1000) })).toEqual([]);
});

describe('Values that are no text', () => {
	it.each([
		[{ value: 'FI' }, 'an object with fields of its own'],
		[['FI', 'SE'], 'a list'],
		[true, 'true or false'],
	])('%p is named for what it is, at every level', (value, kind) => {
		for (const level of ['standard', 'strict', 'off'] as const) {
			const { body, problems } = judged({ ...goodNumbers, 'client.countryCode': value }, level);
			expect(body).toBeUndefined();
			expect(problems).toContainEqual({
				severity: 'error',
				parameter: 'countryCode',
				label: 'Country',
				text: `'Country' must be text, but ${kind} was given. Map a single value to it.`,
			});
		}
	});

	it('a megabyte of text is stopped, and the message stays short', () => {
		for (const path of [
			'client.name',
			'client.email',
			'client.website',
			'client.ibanAccount',
			'client.telephone',
			'client.postalCode',
		] as const) {
			const problems = judged({ ...goodNumbers, [path]: 'x1'.repeat(500_000) }).problems;
			expect(problems).toHaveLength(1);
			expect(problems[0]!.text).toContain('is 1000000 characters long');
			expect(problems[0]!.text.length).toBeLessThan(300);
		}
	});

	it('HTML in a value is quoted as it stands: whoever renders HTML escapes it', () => {
		const [problem] = judged({ ...goodNumbers, 'client.email': '<img src=x onerror="alert(1)">&amp;' }).problems;
		expect(problem!.text).toContain('“<img src=x onerror="alert(1)">&amp;”');
	});

	it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%p is judged as text, in every field', (value) => {
		const values = Object.fromEntries(Object.keys(apiExample.client).map((key) => [`client.${key}`, value]));
		expect(() => judged(values)).not.toThrow();
		expect(severityOf({ 'client.countryCode': value }, 'client.countryCode')).toBe('error');
	});
});

it('"off" lets even an empty client through, with every key', () => {
	const { body } = judged({ 'client.name': '', 'service.partnerCode': null, 'contacts.primary.email': undefined }, 'off');
	expect(clientBody.safeParse(body).success).toBe(true);
});

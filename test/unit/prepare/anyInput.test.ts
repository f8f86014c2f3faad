import fc from 'fast-check';

import { bodyParts, fields, valueAt, type Field } from '../../../nodes/ConfirmaFinance/client/fields';
import { normalise } from '../../../nodes/ConfirmaFinance/prepare/normalise';
import { properties } from '../../../nodes/ConfirmaFinance/client/properties';
import { clientBody, type RawBody } from '../../../nodes/ConfirmaFinance/client/body';
import { validate } from '../../../nodes/ConfirmaFinance/prepare/validate';
import { apiExample, swedishExample } from '../../sandbox/clientBodies';
import { bodyWith, prepared, parametersAt, parametersFor } from '../../support/bodies';

// fast-check prints the seed and the smallest input that fails.
const often = (numRuns: number) => ({ numRuns });

const hostile = fc.constantFrom(
	'__proto__',
	'constructor',
	'undefined',
	'[object Object]',
	'<script>alert(1)</script>',
	'\uD800',
	'\u0000',
	'00358 (0)44-123 4567',
	'(0)00(0)',
	'IBANIBANFI21',
	'FI-FI-00100',
	'UK',
	'\u2212\u00A0\u200B',
	'\u212B', // the Ångström sign, which Unicode normalises to another letter
);
const valuesOfExamples = [apiExample, swedishExample].flatMap((body) => fields.map((field) => valueAt(body, field)));
const nearlyRight = fc.constantFrom(...valuesOfExamples, 'Suomi', 100, 1120389, 5560125790);
const text = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.string(),
	fc.string({ unit: fc.constantFrom(...'0123456789+-() /.FIiban\u2013\u00A0') }),
	hostile,
);
const value = fc.oneof(
	{ weight: 4, arbitrary: text },
	{ weight: 3, arbitrary: nearlyRight },
	{ weight: 2, arbitrary: fc.jsonValue() },
	{ weight: 1, arbitrary: fc.anything() },
);

const children = properties.flatMap(({ options = [] }) => options.map(({ name }) => name));
const collection = fc.oneof(fc.dictionary(fc.oneof(fc.constantFrom(...children), text), value), value);
const entry = fc.record(
	{
		section: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...bodyParts) }, value),
		name: fc.oneof({ weight: 3, arbitrary: fc.constantFrom('invoiceFormat', 'contractNumber', 'name') }, text),
		value,
	},
	{ requiredKeys: [] },
);
const fixedCollection = fc.oneof(
	fc.record({ field: fc.array(fc.oneof({ weight: 9, arbitrary: entry }, value), { maxLength: 4 }) }),
	value,
);
const valuesFor: Record<string, fc.Arbitrary<unknown>> = { collection, fixedCollection };
const parameters = fc.record(Object.fromEntries(properties.map(({ name, type }) => [name, valuesFor[type] ?? value])), {
	requiredKeys: [],
});

/** A body of the right shape with values of any type; often one that is nearly right. */
const draft: fc.Arbitrary<RawBody> = fc
	.tuple(
		fc.constantFrom(apiExample, swedishExample),
		fc.array(fc.tuple(fc.constantFrom(...fields.map(({ path }) => path)), value), { size: '-1' }),
		fc.constantFrom('FI', 'SE', 'NO', 'DK', 'Suomi', '\uFF26\uFF29', 'LV', 'XX', undefined, undefined, undefined),
	)
	.map(([base, values, country]) =>
		bodyWith({ ...Object.fromEntries(values), ...(country ? { 'client.countryCode': country } : {}) }, base),
	);

const plain = prepared(parametersFor(swedishExample)).body!;
const filledIn = (field: Field) => field;

it('no input of any shape makes an item throw, and each is either ready to be sent or says why not', () => {
	fc.assert(
		fc.property(parameters, (input) => {
			const item = prepared(input);
			const errors = item.problems.filter(({ severity }) => severity === 'error');
			expect(item.body === undefined).toBe(errors.length > 0);
			// Without it the guard would have no key for a client that is sent.
			if (item.body) expect(item.identity).toBeDefined();
			const unfit = item.problems.filter(
				({ text, label }) =>
					!text.startsWith(`'${label}' `) || /\p{Cc}/u.test(text) || !text.isWellFormed() || text.length > 1000,
			);
			expect(unfit).toEqual([]);
		}),
		often(1500),
	);
});

it('additional fields of any shape are sent as they are, beside a body that stays as it is, or are reported', () => {
	let sent = 0;
	fc.assert(
		fc.property(fixedCollection, (additionalFields) => {
			const { body, problems } = prepared({ ...parametersFor(swedishExample), additionalFields });
			expect(problems.filter(({ label }) => !label.startsWith('Additional Fields'))).toEqual([]);
			expect(body === undefined).toBe(problems.length > 0);
			if (!body) return;
			if (JSON.stringify(body) !== JSON.stringify(plain)) sent += 1;
			expect(body).toMatchObject(plain);
			expect(JSON.parse(JSON.stringify(body))).toEqual(body);
		}),
		often(1000),
	);
	expect(sent).toBeGreaterThan(5);
});

it('a client that is nearly right is changed in one field: still no throw, and the right field is named', () => {
	const good = parametersFor(swedishExample);
	fc.assert(
		fc.property(fc.constantFrom(...fields), value, (field, odd) => {
			const changed = parametersAt([...Object.entries(good), [field.parameter, odd]]);
			// A function stands for a broken expression here, and "custom" shows another field.
			fc.pre(typeof odd !== 'function' && odd !== 'custom');
			const { body, problems } = prepared(changed);
			if (!body)
				expect(
					problems
						.filter(({ severity }) => severity === 'error')
						.some(({ label }) => label === field.label || field.kind === 'country'),
				).toBe(true);
		}),
		// An object of which no text can be made.
		{ ...often(800), examples: fields.map((field): [(typeof fields)[number], unknown] => [field, { toString: '' }]) },
	);
});

it('normalising twice changes nothing', () => {
	fc.assert(
		fc.property(draft, (body) => {
			const once = normalise(body);
			expect(normalise(once)).toEqual(once);
		}),
		often(1500),
	);
});

const numberKinds = ['businessCode', 'vatNumber', 'iban', 'giro', 'postalCode', 'phone'];
const numberFields = fields.filter(({ kind }) => numberKinds.includes(kind));
// Nearly a Swedish number, since the likelihood of a right check digit is small otherwise.
const swedish = fc.tuple(fc.constantFrom('', '16', '19', 'SE'), fc.stringMatching(/^\d{6}-?\d{4}(01)?$/));
const written = fc.constantFrom(...'0123456789', ...'0123456789', ...' -./+()', 'FI', 'SE', 'NO', 'nr ', 'MVA');
const numberLike = fc.oneof(
	fc.string({ unit: written, maxLength: 22 }),
	swedish.map((parts) => parts.join('')),
	nearlyRight.map(String),
);

it('no number becomes another one: digits are left out in front, or 01 and .0 at the end; a phone number gains a calling code', () => {
	// Zeros may be added in front, and a phone number loses the one between calling code and area code.
	const digitsOf = (text: string) => text.replace(/^\s*(\d+)[.,]0\s*$/, '$1').replace(/[\D0]/g, '');
	const countries = fc.constantFrom('FI', 'SE', 'NO', 'DK', 'DE');
	let changed = 0;
	fc.assert(
		fc.property(fc.constantFrom(...numberFields), numberLike, countries, (field, given, country) => {
			const sent = String(valueAt(normalise(bodyWith({ 'client.countryCode': country, [field.path]: given })), field));
			if (sent !== given) changed += 1;
			const [before, after] = [digitsOf(given), digitsOf(sent)];
			const kept = [before, before.replace(/1$/, '')].some((digits) => digits.endsWith(after));
			expect(kept || (field.kind === 'phone' && after.endsWith(before))).toBe(true);
		}),
		often(3000),
	);
	expect(changed).toBeGreaterThan(300);
});

const firstOfKind = [...new Map(fields.map((field) => [field.kind, field])).values()];

/** Milliseconds of the processor's time, since others use this machine, too. */
function millisecondsFor(path: Field['path'], text: string): number {
	const start = process.cpuUsage();
	validate(normalise(bodyWith({ 'client.countryCode': 'FI', [path]: text })), 'standard', filledIn);
	const { user, system } = process.cpuUsage(start);
	return (user + system) / 1000;
}

it('no text of 1,000 characters takes 50 ms, in a field of any kind', () => {
	const signs = [..." -.,/()+'&#@:;0159aEeÅÃ√\u00A0\u0663\uFF10"];
	const pieces = [...signs, 'FI', '00', 'IBAN', 'null', 'NULL ', 'undefined', '{{', 'Republic of ', '01 ', 'a.', '&amp', '#R'];
	const rhythms = pieces.flatMap((piece, index) => [piece, ...[1, 7].map((step) => piece + (pieces[index + step] ?? ''))]);
	// What doesn't match at its very end is what patterns try over and over.
	const texts = rhythms.map((rhythm) => `${rhythm.repeat(1000).slice(0, 999)}!`);
	// The first one of a kind may make an index of names, or be compiled first.
	const isSlow = (path: Field['path'], text: string) => [1, 2, 3].every(() => millisecondsFor(path, text) >= 50);
	const slow = firstOfKind.flatMap(({ path }) => texts.filter((text) => isSlow(path, text)));
	expect(slow).toEqual([]);
});

it('what "standard" lets through matches the schema and survives JSON', () => {
	let passed = 0;
	fc.assert(
		fc.property(draft, (body) => {
			const { body: valid } = validate(normalise(body), 'standard', filledIn);
			if (!valid) return;
			passed += 1;
			expect(clientBody.parse(JSON.parse(JSON.stringify(valid)))).toEqual(valid);
			const unfit = fields.filter((field) => {
				const sent = valueAt(valid, field) as string;
				return sent !== sent.trim() || !sent.isWellFormed() || (field.required && sent === '');
			});
			expect(unfit).toEqual([]);
		}),
		often(1000),
	);
	expect(passed).toBeGreaterThan(20);
});

it('"strict" finds what "standard" finds, and lets nothing more through', () => {
	fc.assert(
		fc.property(draft, (body) => {
			const normal = normalise(body);
			const standard = validate(normal, 'standard', filledIn);
			const strict = validate(normal, 'strict', filledIn);
			expect(strict.problems.map(({ text }) => text)).toEqual(standard.problems.map(({ text }) => text));
			expect(strict.body !== undefined).toBe(standard.problems.length === 0);
		}),
		often(500),
	);
});

it('"off" lets every body of texts through as it is', () => {
	const texts = fc.record(Object.fromEntries(fields.map(({ path }) => [path, text])));
	fc.assert(
		fc.property(texts, (values) => {
			const body = bodyWith(values);
			expect(validate(body, 'off', filledIn)).toEqual({ body, problems: [] });
		}),
		often(1000),
	);
});

import { fields, valueAt } from '../../../nodes/ConfirmaFinance/client/fields';
import { normalise } from '../../../nodes/ConfirmaFinance/prepare/normalise';
import { bodyWith, judged } from '../../support/bodies';
import { realWorldValues as rows } from '../../support/realWorldValues';

it('the table has 300 values at least, of 22 countries and of every kind of field', () => {
	expect(rows.length).toBeGreaterThan(300);
	const counted = 'FI SE NO DK EE LV LT DE NL BE FR ES IT PT AT CH PL CZ GB IE US JP'.split(' ');
	expect(counted.filter((code) => rows.filter(({ country }) => country === code).length < 10)).toEqual([]);
	const kinds = new Set(rows.map(({ field }) => field.kind));
	expect(fields.map(({ kind }) => kind).filter((kind) => !kinds.has(kind))).toEqual([]);
	expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['ok', 'warning', 'error']));
});

// Kinds of values that were once misread, as their rows' forms begin.
const kindsOnceMisread = [
	...['YTJ, PRH', 'Bolagsverket, Skatteverket', 'Brønnøysund: words', 'CVR, SKAT', 'another Nordic register'],
	...['SCB: ', 'Skatteverket: 16, 18, 19 and 20', 'Skatteverket: +'],
	...['labels and dots around an IBAN', 'labels around a BIC', 'labels around a giro number', 'EPC, IBAN and BIC'],
	...['UN or ISO 3166-1 short name', 'UN official name', 'Salesforce’s and HubSpot’s lists', 'a name beside another'],
	...['name of two countries', 'brackets, prefixes and zeros', 'ISO 3166-1 alpha-3 in front', 'British Forces Post Office'],
	...['UTF-8 read as Windows-1252', 'UTF-8 read as Mac Roman', 'what a spreadsheet shows', 'a spreadsheet’s mark of text'],
	...['a database’s empty value', 'HTML in a CRM’s text', 'names like these exist', 'full-width digits', 'Arabic digits'],
	...['ISO 639-1, and a country’s code', 'ISO 4217: no currency', 'a number that a spreadsheet rounded'],
	...['GB 32100-2015', 'an E between digits'],
];

it('the table has ten different values at least of each kind that was once misread', () => {
	const valuesOf = (kind: string) =>
		new Set(rows.filter(({ form }) => form.startsWith(kind)).map(({ country, field, given }) => country + field.path + given));
	expect(kindsOnceMisread.filter((kind) => valuesOf(kind).size < 10)).toEqual([]);
});

it.each(rows)('$country, $field.title: $given is sent as $sent ($verdict)', ({ country, field, given, sent, verdict, iban }) => {
	const empty = Object.fromEntries(fields.map(({ path }) => [path, '']));
	const values = { ...empty, 'client.countryCode': country, 'client.ibanAccount': iban, [field.path]: given };
	const body = normalise(bodyWith(values));
	expect(normalise(body)).toEqual(body);
	const { problems } = judged(values);
	const [problem, ...more] = problems.filter(({ label }) => label === field.label);
	expect([valueAt(body, field), problem?.severity ?? 'ok', more]).toEqual([sent, verdict, []]);
	// A sentence that quotes the value, and one that says what would be right.
	if (problem) expect(problem.text).toMatch(/^'[^']+' [a-z].* \(given: “.+”\)\. [A-Z].*[^.]\.$/);
	expect(problem?.text ?? '').not.toMatch(/\b(error|problem|failure|mistake)s?\b/i);
});

import type { FieldPath } from '../../../nodes/ConfirmaFinance/client/fields';
import { goodNumbers, judged, severityOf, type Values } from '../../support/bodies';

// What a single field holds is in realWorldValues.md.
describe('Fields that are judged together', () => {
	const swedish = { 'client.countryCode': 'SE', 'client.businessCode': '556012-5790' };
	it.each<[path: FieldPath, value: string, expected: 'ok' | 'warning', others: Values]>([
		['client.bic', 'NDEAFIHH', 'ok', { 'client.ibanAccount': 'FI2112345600000785' }],
		['client.bic', 'ESSESESS', 'warning', { 'client.ibanAccount': 'FI2112345600000785' }],
		['client.vatRegNbr', 'SE556012579001', 'ok', swedish],
		['client.vatRegNbr', 'SE556036079301', 'warning', swedish],
		['client.vatRegNbr', 'SE811228987401', 'ok', { ...swedish, 'client.businessCode': '19811228-9874' }],
		['client.vatRegNbr', '923609016MVA', 'ok', { 'client.countryCode': 'NO', 'client.businessCode': '923609016' }],
		['client.vatRegNbr', 'FI15728600', 'warning', {}],
	])('%s %p: %s', (path, value, expected, others) => {
		expect(severityOf({ ...others, [path]: value }, path)).toBe(expected);
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
			const { body, problems } = judged({ ...goodNumbers, [path]: value });
			expect(body).toBeUndefined();
			expect(problems.some(({ severity, text }) => severity === 'error' && text.includes('holds no real value'))).toBe(true);
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

describe('Text that lost its letters on the way', () => {
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

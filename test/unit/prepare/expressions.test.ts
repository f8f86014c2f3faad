import fc from 'fast-check';

import { isSelfContained, isTranslated, mayChangeData, templateOf } from '../../../nodes/ConfirmaFinance/prepare/expressions';

const parses = (code: string): boolean => {
	try {
		return typeof new Function(`return ${code}`) === 'function';
	} catch {
		return false;
	}
};

const brackets = [
	'(',
	')',
	'[',
	']',
	'{',
	'}',
	'"',
	"'",
	'`',
	'${',
	'/',
	'//',
	'/*',
	'*/',
	'\\',
	'\n',
	'\r',
	'\u2028',
	';',
	',',
	'=>',
];
const pieces = [
	'.name',
	'?.',
	'+ $json',
	', $json',
	':',
	'...',
	'function',
	'class',
	'x',
	')}, () => {(0',
	'(0)',
	'[0]',
	'{ x }',
	'"a"',
	'/a/',
	'() =>',
];

it('an expression that is called self-contained stays in its place in a list, whatever it is made of', () => {
	let tried = 0;
	const part = fc.oneof(
		{ weight: 1, arbitrary: fc.constantFrom(...brackets) },
		{ weight: 2, arbitrary: fc.constantFrom(...pieces) },
	);
	const code = fc.array(part, { maxLength: 7 }).map((parts) => `$json${parts.join('')}`);
	fc.assert(
		fc.property(code, code, (first, second) => {
			if (!isSelfContained(first) || !isSelfContained(second)) return;
			const list = `[${[first, second].map((one) => `() => { return (${one}\n); }`).join(', ')}]`;
			if (!parses(list)) return;
			expect([parses(first), parses(second)]).toEqual([true, true]);
			tried += 1;
			const functions = (new Function(`return ${list}`) as () => unknown[])();
			expect(functions).toEqual([expect.any(Function), expect.any(Function)]);
		}),
		{ numRuns: 40_000, seed: 1 },
	);
	expect(tried).toBeGreaterThan(100);
});

it.each([
	['{{ a }}', ['', ' a ', ''], true],
	['{{ a }}{{ b }}', ['', ' a ', '', ' b ', ''], false],
	['x {{ a }} }} y', ['x ', ' a ', ' }} y'], false],
	[' {{ a }}', [' ', ' a ', ''], false],
	['{{ a\n}}', ['', ' a\n', ''], true],
])('%j is taken apart', (text, parts, isValue) => {
	expect(templateOf(text)).toMatchObject({ parts, isValue });
});

it.each(['text', '', '{{ a', '{{ a }', '{{ a }} {{ b', '\\{{ a }}', 'C:\\{{ a }}'])('%j is left to n8n', (text) => {
	expect(templateOf(text)).toBeUndefined();
});

it.each([
	'$json.name',
	"$('Your settings').first().json.partnerCode",
	'$json.set',
	'$json.sort.call',
	'$json.settings(1)',
	'$json.name.split(" ").pop()',
	'$json.name.split(" ").reverse().join(" ")',
	'$json.tags.filter((tag) => tag != "a" && tag >= "b" && tag === tag).sort()[0]',
	'(() => { const name = $json.name; return name })()',
	'$now.setZone("Europe/Helsinki").toISODate()',
	'"$json.tags.sort()" + $json.name',
	'$json.emails.find((email) => email.primary)',
])('%s changes nothing', (code) => {
	expect(mayChangeData(`{{ ${code} }}`)).toBe(false);
});

it.each([
	'$json.tags.sort()[0]',
	'$json.tags?.pop?.()',
	'$json.tags["pop"]()',
	'($json.tags["pop"])()',
	'$json.tags.slice().concat($json.others.sort())',
	'$json.x = 1',
	'$json.x ||= 1',
	'$json.x >>>= 1',
	'x = $json.x',
	'$json.x++',
	'--$json.x',
	'delete $json.x',
	'`${$json.tags.sort()}`',
	'$json.date.setHours(0)',
	'$execution.customData.set("a", "b")',
	'Object.assign($json, {})',
	'$json.a /* " */ + $json.tags.sort() /* " */',
])('%s may change something', (code) => {
	expect(mayChangeData(`text {{ ${code} }}`)).toBe(true);
	expect(mayChangeData(`{{ ${code}`)).toBe(true);
});

it.each([
	['$json.name', false],
	['$json.name.trim()', false],
	['$json.first', false],
	["$('Your settings').first().json", true],
	['$json.a?.isEmpty ?.()', true],
	['$if($json.a, 1, 2)', true],
	['"call .first() now" + $json.a', undefined],
	['"x" + $json.a.first()', true],
])('whether n8n translates %s: %s', (code, expected) => {
	expect(isTranslated(code)).toBe(expected);
});

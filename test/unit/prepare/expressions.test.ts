import fc from 'fast-check';

import { isPath } from '../../../nodes/ConfirmaFinance/prepare/parameters';

it.each([
	'$json.name',
	"$json['VAT number']",
	'$json.contacts[0].email',
	'$json?.company?.["name"]',
	"$('Read the deal').item.json.name",
	'$input.item.json.name',
])('%s, as dragging a field makes it, is a path', (code) => {
	expect(isPath(`={{ ${code} }}`)).toBe(true);
	expect(isPath(`={{${code}}}`)).toBe(true);
});

it.each([
	'={{ $json.name.trim() }}',
	'={{ $json.name ?? "none" }}',
	'={{ $json[$json.key] }}',
	'={{ $json.name }} ',
	'={{ $json.name }}{{ $json.name }}',
	'={{ $json["a }} b"] }}',
	'={{ $json["a\\"] }}',
	'={{ `$json.name` }}',
	'={{ $json.name = 1 }}',
	'{{ $json.name }}',
	'$json.name',
])('%s is none', (raw) => {
	expect(isPath(raw)).toBe(false);
});

const pieces = [
	'.a',
	'?.',
	'["b"]',
	"['",
	'"',
	"'",
	'[0]',
	'[',
	']',
	'(',
	')',
	' ',
	'\n',
	'\\',
	'`',
	'{',
	'}',
	'=',
	',',
	'//',
	'=>',
	';',
];

it('a path keeps to its place in a list, and only reads, whatever it is made of', () => {
	let tried = 0;
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (parts) => {
			const code = `$json${parts.join('')}`.trim();
			if (!isPath(`={{ ${code} }}`)) return;
			tried += 1;
			const list = new Function(`return [() => ${code}, () => "next"]`) as () => Array<() => unknown>;
			expect(list()).toHaveLength(2);
			expect(list()[1]!()).toBe('next');
			expect(code.replace(/"[^"]*"|'[^']*'/g, '')).toMatch(/^[$\w.?[\]]+$/);
		}),
		{ numRuns: 40_000, seed: 1 },
	);
	expect(tried).toBeGreaterThan(1000);
});

import { quote } from '../../nodes/ConfirmaFinance/createClient/text';

it.each([
	['plain text', 'plain text'],
	['<b>&</b>', '&lt;b&gt;&&lt;/b&gt;'],
	['Söner & Co', 'Söner & Co'],
	['&lt; &#60; &COPY', '&amp;lt; &amp;#60; &amp;COPY'],
	['two\r\n\tlines', 'two lines'],
	['a\u0000\u0007b', 'a b'],
	['a\u202Eb\u200Bc', 'a b c'],
	['\uD800', ' '],
	['', ''],
])('%j is quoted as %j', (text, quoted) => {
	expect(quote(text)).toBe(quoted);
});

it('text is cut to its length, and says that it was', () => {
	expect(quote('x'.repeat(80))).toBe('x'.repeat(80));
	expect(quote('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`);
	expect(quote('a'.repeat(50), 3)).toBe('aaa…');
	expect(quote(`a${' '.repeat(200)}b`)).toMatch(/^a …$/);
});

it('a character of two units is never cut in half', () => {
	expect(quote('ab😀', 3).isWellFormed()).toBe(true);
});

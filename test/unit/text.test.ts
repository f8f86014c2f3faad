import { escapeHtml, quote } from '../../nodes/ConfirmaFinance/text';

describe('Text that is quoted', () => {
	it.each([
		['plain text', 'plain text'],
		['<b>R&D</b> &amp;', '<b>R&D</b> &amp;'],
		['two\r\n\tlines', 'two lines'],
		['a\u0000\u0007b', 'a b'],
		['a\u202Eb\u200Bc', 'a b c'],
		['\uD800', ' '],
		['', ''],
	])('%j is one line of plain text: %j', (text, quoted) => {
		expect(quote(text)).toBe(quoted);
	});

	it('is cut to its length, and says that it was', () => {
		expect(quote('x'.repeat(80))).toBe('x'.repeat(80));
		expect(quote('x'.repeat(81))).toBe(`${'x'.repeat(80)}…`);
		expect(quote('a'.repeat(50), 3)).toBe('aaa…');
		expect(quote(`a${' '.repeat(200)}b`)).toMatch(/^a …$/);
	});

	it('is never cut within a character of two units', () => {
		expect(quote('ab😀', 3).isWellFormed()).toBe(true);
	});
});

describe('Text that n8n renders as HTML', () => {
	it.each([
		['plain text', 'plain text'],
		['<b>&</b>', '&lt;b>&&lt;/b>'],
		['Söner & Co', 'Söner & Co'],
		["'Client Details > Email'", "'Client Details > Email'"],
		['R&D Oy', 'R&amp;D Oy'],
		['&lt; &#60; &COPY', '&amp;lt; &amp;#60; &amp;COPY'],
	])('%j is written %j', (text, escaped) => {
		expect(escapeHtml(text)).toBe(escaped);
	});
});

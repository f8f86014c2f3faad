import { apiWords } from '../../../nodes/ConfirmaFinance/outcome/apiWords';

const provisioningToken = 'Prov-Tk9xQ/42+a=';
const clientToken = '8848372d-8457-4ca4-9da9-673f1cdd6684';

const wordsOf = (body: unknown) => apiWords(typeof body === 'string' ? body : JSON.stringify(body), provisioningToken);

describe('The words of an answer', () => {
	it.each<[string, unknown, string]>([
		['a message', { message: 'Bad VAT number' }, 'Bad VAT number'],
		['a message in capitals', { Message: 'Bad VAT number' }, 'Bad VAT number'],
		['an error as text', { error: 'Bad VAT number' }, 'Bad VAT number'],
		['a nested error', { error: { code: 7, message: 'Bad VAT number' } }, 'Bad VAT number'],
		['problem+json', { type: 'about:blank', title: 'Invalid', status: 400, detail: 'Bad VAT number' }, 'Invalid; Bad VAT number'],
		['a list of texts', ['Bad name', 'Bad email'], 'Bad name; Bad email'],
		['a list of errors', { errors: [{ field: 'email', message: 'is not valid' }] }, 'email; is not valid'],
		[
			'errors by field',
			{ title: 'Invalid', errors: { 'client.email': ['is not valid', 'is too short'], 'client.bic': 'is wrong' } },
			'Invalid; client.email: is not valid; client.email: is too short; client.bic: is wrong',
		],
		['a JSON text', '"Bad VAT number"', 'Bad VAT number'],
		['plain text', 'Bad VAT number', 'Bad VAT number'],
		['the same words twice', { title: 'Bad', detail: 'Bad' }, 'Bad'],
		['words with spaces around them', { message: '  Bad VAT number\n' }, 'Bad VAT number'],
	])('are found in %s', (_, body, words) => {
		expect(wordsOf(body)).toBe(words);
	});

	it.each<[string, unknown]>([
		['nothing', ''],
		['HTML', '<!DOCTYPE html><html><body>Bad request</body></html>'],
		['HTML after spaces', '  \n<html>Bad request</html>'],
		['an empty object', {}],
		['numbers', { message: 7, error: null }],
		['JSON that broke', '{"message": "Bad VAT number", "apiAccessToken": "no-uuid'],
		['text that names a token', 'New client created, apiAccessToken=no-uuid'],
		['other keys', { stack: 'at secret.ts:1', request: { headers: 'x' } }],
		['depth beyond reason', { error: { error: { error: { error: { error: 'deep' } } } } }],
	])('are left out for %s', (_, body) => {
		expect(wordsOf(body)).toBe('');
	});

	it('are on one line, and cut', () => {
		const shown = wordsOf({ message: `<script>alert(1)</script>\n${'x'.repeat(1000)}` });
		expect(shown).toContain('<script>alert(1)</script> xxx');
		expect(shown).not.toContain('\n');
		expect(shown).toContain('…');
		expect(shown.length).toBeLessThan(330);
	});

	it('survive a body made to hurt', () => {
		for (const body of [
			'['.repeat(100_000),
			'%'.repeat(100_000),
			'%C3%28',
			'\\u12',
			'{"message":"\\ud800"}',
			'{"__proto__":{"message":"x"}}',
		]) {
			expect(typeof wordsOf(body)).toBe('string');
		}
	});
});

describe('A token in an answer', () => {
	const entities = (text: string) => [...text].map((char) => `&#${char.charCodeAt(0)};`).join('');
	const jsonEscapes = (text: string) =>
		[...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
	const percents = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
	const spellings: Array<[string, (token: string) => string]> = [
		['as it is', (token) => token],
		['in capitals', (token) => token.toUpperCase()],
		['in small letters', (token) => token.toLowerCase()],
		['URL-encoded', encodeURIComponent],
		['URL-encoded twice', (token) => encodeURIComponent(encodeURIComponent(token))],
		['percent-encoded throughout', percents],
		['with JSON escapes', jsonEscapes],
		['with HTML entities', entities],
		['with escaped slashes', (token) => token.replaceAll('/', '\\/')],
		['inside a word', (token) => `key=${token}x`],
		['with a line break in it', (token) => `${token.slice(0, 9)}\n${token.slice(9)}`],
		['with a zero-width space in it', (token) => `${token.slice(0, 5)}\u200b${token.slice(5)}`],
		['as UTF-16', (token) => [...token].join('\u0000')],
	];

	it.each(spellings)('is never shown: %s', (_, spell) => {
		for (const token of [provisioningToken, clientToken, clientToken.replaceAll('-', '')]) {
			const spelled = spell(token);
			for (const body of [
				{ message: `Key ${spelled} is wrong` },
				{ errors: { key: [spelled], field: spelled } },
				`Key ${spelled} is wrong`,
			]) {
				const shown = wordsOf(body).toLowerCase();
				expect(shown).toContain('***');
				for (const trace of [spelled, token, token.slice(0, 8)]) expect(shown).not.toContain(trace.toLowerCase());
			}
		}
	});

	it.each<[string, string]>([
		['cut short', `${provisioningToken.slice(0, 10)}…`],
		['cut short in front', `…${provisioningToken.slice(7)}`],
	])('is not shown %s', (_, shown) => {
		expect(wordsOf({ message: `Key ${shown} is wrong` })).toBe('Key *** is wrong');
	});

	it('is not shown in part where the text is cut', () => {
		for (let before = 270; before < 310; before++) {
			const shown = wordsOf({ message: `${'x'.repeat(before)}${provisioningToken}` });
			expect(shown).not.toContain(provisioningToken.slice(0, 6));
		}
		const many = `${clientToken} `.repeat(54);
		expect(wordsOf({ message: `${many}${provisioningToken}` })).not.toContain('Prov');
	});

	it('is not shown under keys that hold secrets', () => {
		expect(wordsOf({ errors: { apiAccessToken: 'short-one', password: 'word' } })).not.toMatch(/short-one|word/);
	});

	it('an empty token masks nothing', () => {
		expect(apiWords('Bad name', '')).toBe('Bad name');
	});
});

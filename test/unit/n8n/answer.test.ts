import { answerOf, retryAfterMs } from '../../../nodes/ConfirmaFinance/n8n/answer';

beforeAll(() => jest.useFakeTimers({ now: Date.parse('Fri, 02 Jan 2026 12:00:00 GMT') }));
afterAll(() => jest.useRealTimers());

describe('Retry-After', () => {
	it.each<[string | undefined, number | undefined]>([
		[undefined, undefined],
		['0', 0],
		['7', 7000],
		[' 7 ', 7000],
		['Fri, 02 Jan 2026 12:00:30 GMT', 30_000],
		['Fri, 02 Jan 2026 11:00:00 GMT', 0],
		['', undefined],
		['soon', undefined],
		['-5', undefined],
		['1.5', undefined],
		['1e3', undefined],
		['5, 7', undefined],
		['Fri, 02 Jan 2026 12:00:30', undefined],
		['2026-01-02T12:00:30Z', undefined],
		['garbage 1', undefined],
		['Fri, 99 Jan 2026 99:00:30 GMT', undefined],
		['9'.repeat(400), Infinity],
	])('%p asks for %p ms', (header, ms) => {
		expect(retryAfterMs(header)).toBe(ms);
	});
});

it('An answer is taken as text, with what it asks to wait', () => {
	expect(answerOf({ statusCode: 429, body: 'Slow down', headers: { 'retry-after': '3' } })).toEqual({
		status: 429,
		text: 'Slow down',
		retryAfter: 3000,
	});
	expect(answerOf({ statusCode: 204, body: undefined as never, headers: {} })).toEqual({ status: 204, text: '' });
});

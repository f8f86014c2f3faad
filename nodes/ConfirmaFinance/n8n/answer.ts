import type { IN8nHttpFullResponse } from 'n8n-workflow';

/** The API's answer as text. */
export interface Answer {
	readonly status: number;
	readonly text: string;
	/** How long it asks to wait, in milliseconds; missing where it doesn't say. */
	readonly retryAfter?: number;
}

export function answerOf({ statusCode, body, headers }: IN8nHttpFullResponse): Answer {
	return {
		status: statusCode,
		text: typeof body === 'string' ? body : '',
		retryAfter: retryAfterMs(headers['retry-after'], headers.date),
	};
}

// The three forms of a date in HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
// `Sun Nov  6 08:49:37 1994`. Date.parse alone finds a date in almost anything, even in "-5". Source: RFC 9110, 5.6.7.
const dateForms = [
	/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
	/^[A-Z][a-z]{2,5}day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
	/^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
];

function timeOf(header: unknown): number | undefined {
	if (typeof header !== 'string' || !dateForms.some((form) => form.test(header.trim()))) return undefined;
	const time = Date.parse(header.endsWith('GMT') ? header : `${header} GMT`);
	return Number.isNaN(time) ? undefined : time;
}

/**
 * Milliseconds that a Retry-After header asks for, in seconds or as a date; undefined when it says neither. A date counts
 * from the answer's own date, since this machine's clock may be wrong.
 */
export function retryAfterMs(retryAfter: unknown, date?: unknown): number | undefined {
	if (typeof retryAfter !== 'string') return undefined;
	if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
	const until = timeOf(retryAfter);
	return until === undefined ? undefined : Math.max(0, until - (timeOf(date) ?? Date.now()));
}

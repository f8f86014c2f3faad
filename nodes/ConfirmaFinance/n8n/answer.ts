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

// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of a date that servers may send. Date.parse alone finds a date in almost
// anything, even in "-5". Source: RFC 9110, 5.6.7.
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

const timeOf = (header: unknown) => (typeof header === 'string' && httpDate.test(header) ? Date.parse(header) : NaN);

/**
 * Milliseconds that a Retry-After header asks for, in seconds or as a date; undefined when it says neither. A date counts
 * from the answer's own date, since this machine's clock may be wrong.
 */
export function retryAfterMs(retryAfter: unknown, date?: unknown): number | undefined {
	if (typeof retryAfter !== 'string') return undefined;
	if (/^\s*\d+\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
	const until = timeOf(retryAfter);
	return Number.isNaN(until) ? undefined : Math.max(0, until - (timeOf(date) || Date.now()));
}

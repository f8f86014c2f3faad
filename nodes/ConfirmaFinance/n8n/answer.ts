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
		retryAfter: retryAfterMs(headers['retry-after']),
	};
}

// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of a date that servers may send. Date.parse alone finds a date in almost
// anything, even in "-5". Source: RFC 9110, 5.6.7.
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Milliseconds that a Retry-After header asks for, in seconds or as a date; undefined when it says neither. */
export function retryAfterMs(header: unknown): number | undefined {
	if (typeof header !== 'string') return undefined;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
	const until = httpDate.test(header) ? Date.parse(header) : NaN;
	return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

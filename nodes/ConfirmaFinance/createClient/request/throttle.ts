import { sleep } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { Reply } from './send';

const mostTries = 5;
/** Longest time to wait for one item altogether, in milliseconds. */
const mostWaiting = 120_000;

/** Milliseconds that a Retry-After header asks for, in seconds or as an HTTP date; undefined when it says neither. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
	if (header === undefined) return undefined;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
	// Date.parse alone finds a date in almost anything, even in "-5".
	if (!/^\s*[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(header)) return undefined;
	// The oldest of the three forms has no time zone; it is GMT too.
	const date = Date.parse(/GMT\s*$/.test(header) ? header : `${header} GMT`);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Repeats a request that is answered with 429, the one answer that says that nothing was done, for as long as the
 * answer asks to wait and our bounds allow. Any other answer, and the last 429, is returned.
 *
 * @param attempt makes one request; the waiting in between takes none of its place from other items
 * @param signal ends the waiting; the 429 is the answer then
 */
export async function throttled<Answer extends Reply | undefined>(
	attempt: () => Promise<Answer>,
	signal?: AbortSignal,
): Promise<Answer> {
	let waited = 0;
	for (let tries = 1; ; tries++) {
		const reply = await attempt();
		if (!reply || !('status' in reply) || reply.status !== 429 || tries === mostTries) return reply;

		const wait = retryAfterMs(reply.retryAfter) ?? 1000 * 2 ** (tries - 1);
		if (waited + wait > mostWaiting) return reply;
		waited += wait;
		try {
			await abortable(sleep(wait), signal);
		} catch {
			return reply;
		}
	}
}

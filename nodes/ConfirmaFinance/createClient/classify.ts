import type { Endpoint } from '../../../credentials/baseUrl';
import { notConnected, refused, unknown, type ClientName } from './messages';
import type { Created, NotCreated } from './outcome';
import { createdAnswer } from './schema';
import type { Reply } from './send';
import { quote } from './text';

/** What an answer is judged by, and what its messages name. */
export interface Asked {
	readonly endpoint: Endpoint;
	readonly client: ClientName;
	/** Milliseconds that were waited for the answer. */
	readonly timeout: number;
	/** What must not be shown, should the API repeat it. */
	readonly provisioningToken: string;
}

/**
 * Decides what became of a client that was sent.
 *
 * A 2xx with the documented answer is `created`. A 4xx, or a connection that never came about, is `rejected`: certain
 * that nothing was created. All else is `unknown`, since the API has no way to find out.
 */
export function classify(reply: Reply, asked: Asked): Created | NotCreated {
	const { client, endpoint, timeout } = asked;
	if ('failure' in reply) {
		return reply.failure === 'notConnected'
			? notConnected(endpoint, reply.code, reply.isTls)
			: unknown(client, reply.failure, `${timeout / 1000} seconds`, reply.code);
	}
	const { status, text } = reply;
	if (status >= 400 && status < 500) return refused(endpoint, status, apiWords(text, asked));

	const code = String(status);
	if (status >= 200 && status < 300) {
		const answer = createdAnswer.safeParse(parsed(text));
		return answer.success
			? { outcome: 'created', answer: answer.data }
			: unknown(client, 'unreadable', code, code);
	}
	const silence = status >= 300 && status < 400 ? 'redirected' : 'failed';
	return unknown(client, silence, code, code);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

// Where APIs put words for people. Nothing else of a refusal is shown.
const wordy = /^(message|error|errors|title|detail|details|description|reason|error_description|field)$/i;

/** The words of a refusal that are meant for people: without secrets, not HTML, and cut to a sane length. */
function apiWords(text: string, { provisioningToken }: Asked): string {
	const body = parsed(text);
	const words = body === undefined ? (/^\s*</.test(text) ? [] : [text]) : [...wordsOf(body, 0)];
	return quote(withoutSecrets([...new Set(words)].join('; ').slice(0, 2000), provisioningToken).trim(), 300);
}

function* wordsOf(value: unknown, depth: number): Generator<string> {
	if (typeof value === 'string') {
		yield value;
	} else if (Array.isArray(value) && depth < 4) {
		for (const one of value.slice(0, 20)) yield* wordsOf(one, depth + 1);
	} else if (typeof value === 'object' && value !== null && depth < 4) {
		for (const [key, inner] of Object.entries(value).slice(0, 50)) {
			if (wordy.test(key)) yield* wordsOf(inner, depth + 1);
		}
	}
}

/** Clients' tokens are UUIDs, and no message needs one. */
function withoutSecrets(words: string, provisioningToken: string): string {
	const uuid = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/gi;
	const rest = provisioningToken.length > 3 ? words.replaceAll(provisioningToken, '***') : words;
	return rest.replace(uuid, '***');
}

import type { ClientName } from '../client/body';
import type { Endpoint } from '../n8n/credential';
import type { Answer } from '../n8n/answer';
import type { Failure } from '../n8n/failure';
import type { Reply } from '../n8n/send';
import { apiWords } from './apiWords';
import { isCreatedAnswer } from './createdAnswer';
import { parsed } from './json';
import { refused, refusedByN8n, silences, unknown, unreachable, untrusted } from './messages';
import type { Created, NotCreated } from './outcome';

/** What a reply is judged by, and what its messages name. */
export interface Asked {
	readonly endpoint: Endpoint;
	readonly client: ClientName;
	/** Milliseconds that were allowed for the answer. */
	readonly timeout: number;
	/** What must not be shown, should the API repeat it. */
	readonly provisioningToken: string;
	/** Whether the guard holds a client back beyond this run. */
	readonly isHeld: boolean;
}

/**
 * Decides what became of a client that was sent.
 *
 * A 2xx with the documented answer is `created`. A 4xx, or a connection that never came about, is `rejected`: certain
 * that nothing was created. All else is `unknown`, since the API has no way to find out.
 */
export function classify(reply: Reply, asked: Asked): Created | NotCreated {
	return 'failure' in reply ? classifyFailure(reply, asked) : classifyAnswer(reply, asked);
}

function classifyFailure({ failure, code }: Failure, { endpoint, client, timeout, isHeld }: Asked): NotCreated {
	if (failure === 'refusedByN8n') return refusedByN8n(endpoint, code);
	if (failure === 'untrusted') return untrusted(endpoint, code);
	if (failure === 'unreachable') return unreachable(endpoint, code);
	return unknown(client, { silence: silences[failure](timeout), httpCode: code, isHeld });
}

function classifyAnswer({ status, text, retryAfter }: Answer, asked: Asked): Created | NotCreated {
	const { client, endpoint, provisioningToken, isHeld } = asked;
	const answer = parsed(text);
	const isAccepted = status >= 200 && status < 300;
	if (isAccepted && isCreatedAnswer(answer)) return { kind: 'created', answer };

	const words = apiWords(text, provisioningToken);
	if (status >= 400 && status < 500) return refused(endpoint, { status, words, retryAfter });

	const silence = silenceOf(status);
	const found = isAccepted ? identifierIn(answer) : undefined;
	return unknown(client, { silence, httpCode: String(status), isHeld, found, words });
}

/** Why an answer with this status says nothing about the client. */
function silenceOf(status: number): string {
	if (status >= 200 && status < 300) return silences.unreadable(status);
	if (status >= 300 && status < 400) return silences.redirected(status);
	return [502, 503, 504].includes(status) ? silences.unavailable(status) : silences.failed(status);
}

/** The client's identifier in an answer that isn't whole: it says where to look. */
function identifierIn(answer: unknown): string | undefined {
	const { clientIdentifier: found } = (answer ?? {}) as { clientIdentifier?: unknown };
	return /^\d{1,20}$/.test(String(found)) ? String(found) : undefined;
}

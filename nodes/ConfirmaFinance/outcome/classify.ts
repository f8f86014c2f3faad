import type { ClientName } from '../client/body';
import type { Answer } from '../n8n/answer';
import type { Endpoint } from '../n8n/credential';
import { isUnsent } from '../n8n/failure';
import type { Reply } from '../n8n/send';
import { apiWords } from './apiWords';
import { isCreatedAnswer } from './createdAnswer';
import { parsed } from './json';
import { refusal, rejected, silence, unconnected, unknown } from './messages';
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
	if ('status' in reply) return classifyAnswer(reply, asked);
	if (isUnsent(reply)) return rejected(unconnected(asked.endpoint, reply), reply.code);
	return unknown(asked.client, { ...asked, reason: silence(reply.failure, asked.timeout), httpCode: reply.code });
}

function classifyAnswer({ status, text, retryAfter }: Answer, asked: Asked): Created | NotCreated {
	const answer = parsed(text);
	const isAccepted = status >= 200 && status < 300;
	if (isAccepted && isCreatedAnswer(answer)) return { kind: 'created', answer };

	const words = apiWords(text, asked.provisioningToken);
	const httpCode = String(status);
	if (status >= 400 && status < 500) return rejected(refusal(asked.endpoint, status, retryAfter), httpCode, words);
	const found = isAccepted ? identifierIn(answer) : undefined;
	return unknown(asked.client, { ...asked, reason: silence(status, asked.timeout), httpCode, found, words });
}

/** The client's identifier in an answer that isn't whole: it says where to look. */
function identifierIn(answer: unknown): string | undefined {
	const { clientIdentifier: found } = (answer ?? {}) as { clientIdentifier?: unknown };
	return /^\d{1,20}$/.test(String(found)) ? String(found) : undefined;
}

import type { Endpoint } from '../request/credential';
import { apiWords, parsed } from './apiWords';
import { notConnected, refused, silences, unknown } from './messages';
import type { ClientName, Created, NotCreated } from './outcome';
import { isCreatedAnswer } from '../clientBody';
import type { Reply } from '../request/reply';

/** What an answer is judged by, and what its messages name. */
export interface Asked {
	readonly endpoint: Endpoint;
	readonly client: ClientName;
	/** Milliseconds that were waited for the answer. */
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
	const { client, endpoint, timeout, provisioningToken, isHeld } = asked;
	if ('failure' in reply) {
		const { failure, code } = reply;
		return failure === 'untrusted' || failure === 'unreachable'
			? notConnected(endpoint, code, failure === 'untrusted')
			: unknown(client, silences[failure](timeout), { httpCode: code, isHeld });
	}
	const { status, text } = reply;
	if (status >= 400 && status < 500) return refused(endpoint, status, apiWords(text, provisioningToken));

	const code = String(status);
	if (status >= 200 && status < 300) {
		const answer = parsed(text);
		return isCreatedAnswer(answer)
			? { outcome: 'created', answer }
			: unknown(client, silences.unreadable(status), { httpCode: code, isHeld, found: identifierIn(answer) });
	}
	const silence = status >= 300 && status < 400 ? silences.redirected : silences.failed;
	return unknown(client, silence(status), { httpCode: code, isHeld });
}

/** The client's identifier in an answer that isn't whole: it says where to look. */
function identifierIn(answer: unknown): string | undefined {
	const { clientIdentifier: found } = (answer ?? {}) as { clientIdentifier?: unknown };
	return /^\d{1,20}$/.test(String(found)) ? String(found) : undefined;
}

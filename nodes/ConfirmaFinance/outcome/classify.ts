import type { ClientName } from '../client/body';
import { tokenOf, type Credential } from '../n8n/credential';
import type { Reply } from '../n8n/send';
import { apiWords } from './apiWords';
import { isCreatedAnswer } from './createdAnswer';
import { parsed } from './json';
import { refusal, rejected, silence, unconnected, unknown } from './messages';
import type { Created, NotCreated } from './outcome';

/** What was sent, as far as its messages name it. */
export interface Asked {
	readonly client: ClientName;
	readonly credential: Credential;
	readonly options: { readonly timeout: number };
}

/**
 * Decides what became of a client that was sent.
 *
 * A 2xx with the documented answer is `created`. A 4xx, or a connection that never came about, is `rejected`: certain
 * that nothing was created. All else is `unknown`, since the API has no way to find out.
 */
export function classify(reply: Reply, { client, credential, options }: Asked): Created | NotCreated {
	if ('failure' in reply) {
		const { failure, code } = reply;
		return failure === 'unsent'
			? rejected(unconnected(credential.endpoint, reply), code)
			: unknown(client, silence(failure, options.timeout), code);
	}
	const { status, text, retryAfter } = reply;
	const answer = parsed(text);
	if (status >= 200 && status < 300 && isCreatedAnswer(answer)) return { kind: 'created', answer };

	const words = apiWords(text, tokenOf(credential.data));
	const httpCode = String(status);
	if (status >= 400 && status < 500) return rejected(refusal(credential.endpoint, status, retryAfter), httpCode, words);
	return unknown(client, silence(status, options.timeout), httpCode, words);
}

import type { ICredentialDataDecryptedObject, IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { ClientBody } from '../clientBody';
import { failureOf, type Reply } from './reply';

// n8n's helper ends a silent request by itself. But where an answer breaks off that is compressed, and after a 101, it neither
// resolves nor rejects, whatever the timeout (axios 1.12, seen with n8n 2.8). So it is ended for it, this much later in
// milliseconds: after the operating system has given up connecting, since a client that was never sent isn't unknown.
const grace = 150_000;

/** Where clients are created, below a base URL without a trailing slash. */
export const clientUrl = (baseUrl: string) => `${baseUrl}/api/v1/partner/client`;

/**
 * Sends one client and reads the answer. One request, never repeated here, and no failure is thrown.
 *
 * Redirects are off: n8n's helper would follow them and hand the token to the other host.
 *
 * @param credential as n8n gave it, so that n8n's database isn't asked for it again: a request that didn't leave because
 * the database was away would look like one that couldn't reach the API
 * @param timeout milliseconds that the answer may take
 */
export async function send(
	context: IExecuteFunctions,
	credential: ICredentialDataDecryptedObject,
	baseUrl: string,
	body: ClientBody,
	timeout: number,
): Promise<Reply> {
	const request: IHttpRequestOptions = {
		method: 'POST',
		url: clientUrl(baseUrl),
		body,
		// An answer is a few lines long, and one that isn't compressed can be read as far as it came.
		headers: { 'Accept-Encoding': 'identity' },
		json: true,
		// The text as it came: reading it is our job, so that an unreadable answer to a created client isn't lost.
		encoding: 'text',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout,
	};
	const stopped = context.getExecutionCancelSignal();
	const deadline = AbortSignal.timeout(timeout + grace);
	const signal = stopped ? AbortSignal.any([stopped, deadline]) : deadline;
	// The helper closes the connection when this signal fires, so that nothing leaves any more.
	const own = Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as IExecuteFunctions;
	try {
		const answered = context.helpers.httpRequestWithAuthentication.call(own, 'confirmaFinanceApi', request, {
			credentialsDecrypted: { id: '', name: '', type: 'confirmaFinanceApi', data: credential },
		}) as Promise<IN8nHttpFullResponse>;
		const response = await abortable(answered, signal);
		const retryAfter = response.headers['retry-after'];
		return {
			status: response.statusCode,
			text: typeof response.body === 'string' ? response.body : '',
			...(typeof retryAfter === 'string' ? { retryAfter } : {}),
		};
	} catch (error) {
		// The error holds the request with its token, so nothing of it goes on but the code.
		if (stopped?.aborted) return { failure: 'cancelled', code: 'ERR_CANCELED' };
		return deadline.aborted ? { failure: 'timeout', code: 'ETIMEDOUT' } : failureOf(error);
	}
}

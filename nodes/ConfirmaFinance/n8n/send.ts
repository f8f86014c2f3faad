import { NodeApiError, sleep, type IExecuteFunctions, type IHttpRequestOptions, type IN8nHttpFullResponse } from 'n8n-workflow';

import type { ClientBody } from '../client/body';
import { abortable } from '../waiting';
import { answerOf, type Answer } from './answer';
import type { Credential } from './credential';
import { failureOf, type Failure } from './failure';

/** The API's answer, or why there is none. */
export type Reply = Answer | Failure;

// In milliseconds. The operating system tries to connect for a little over two minutes on Linux. Where n8n doesn't show whether a
// connection came about, that is waited for: a client that was never sent must not be called unknown.
const connecting = 150_000;
/** How long an answer that has arrived may take to be read, in a process that stalled until after the deadline. */
const reading = 50;
/** How long n8n's helper may take to tell what it knows of a request that was cut off. */
const lastWordIn = 1000;

/** Where clients are created, below a base URL without a trailing slash. */
export const clientUrl = (baseUrl: string) => `${baseUrl}/api/v1/partner/client`;

/**
 * Sends one client and reads the answer. One request, never repeated here. Throws nothing, and ends in any case: n8n's
 * helper alone may neither resolve nor reject, when a compressed answer breaks off, and after a 101.
 *
 * The credential goes along as n8n gave it, so that n8n's database isn't asked for it again: a request that didn't leave
 * because the database was away would look like one that couldn't reach the API.
 *
 * @param timeout milliseconds for the whole request; n8n 2.8 and before may take half as long again
 */
export async function send(
	context: IExecuteFunctions,
	{ endpoint, data }: Credential,
	body: ClientBody,
	timeout: number,
): Promise<Reply> {
	// The HTTP client gets longer than we wait: its timer would discard an answer that arrived while the process stalled.
	const [deadline, clientTimeout] = showsConnections(context)
		? [timeout, timeout + connecting]
		: [1.5 * timeout + connecting, 1.5 * timeout];
	const request: IHttpRequestOptions = {
		method: 'POST',
		url: clientUrl(endpoint.baseUrl),
		body,
		// An answer is a few lines long, and one that isn't compressed can be read as far as it came.
		headers: { 'Accept-Encoding': 'identity' },
		json: true,
		// The text as it came: reading it is our job, so that an unreadable answer to a created client isn't lost.
		encoding: 'text',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		// n8n's helper would follow redirects and hand the token to the other host.
		disableFollowRedirect: true,
		timeout: clientTimeout,
	};
	const cut = new AbortController();
	const answered = context.helpers.httpRequestWithAuthentication.call(
		withCancelSignal(context, cut.signal),
		'confirmaFinanceApi',
		request,
		{ credentialsDecrypted: { id: '', name: '', type: 'confirmaFinanceApi', data } },
	) as Promise<IN8nHttpFullResponse>;
	const reply: Promise<Reply> = answered.then(answerOf, failureOf);

	const stopped = context.getExecutionCancelSignal();
	const timeUp = AbortSignal.timeout(deadline);
	try {
		return await abortable(reply, stopped ? AbortSignal.any([stopped, timeUp]) : timeUp);
	} catch {
		const arrived = stopped?.aborted ? undefined : await Promise.race([reply, sleep(reading)]);
		if (arrived) return arrived;
		cut.abort();
		const lastWord = await Promise.race([reply, sleep(lastWordIn)]);
		if (lastWord && ('status' in lastWord || lastWord.failure === 'unsent')) return lastWord;
		return stopped?.aborted ? { failure: 'cancelled', code: 'ERR_CANCELED' } : { failure: 'timeout', code: 'ETIMEDOUT' };
	}
}

/**
 * The same context with another cancel signal. n8n-core takes the signal of a request from the helper's `this`, and closes
 * the connection when it fires, so that nothing leaves any more.
 */
function withCancelSignal(context: IExecuteFunctions, signal: AbortSignal): IExecuteFunctions {
	return Object.create(context, { getExecutionCancelSignal: { value: () => signal } }) as IExecuteFunctions;
}

/** Whether n8n's errors keep what caused them, and with it the connection. Those of n8n 2.8 and before don't. */
function showsConnections(context: IExecuteFunctions): boolean {
	return new NodeApiError(context.getNode(), new Error('cause') as never).cause !== undefined;
}

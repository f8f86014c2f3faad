import type { ICredentialDataDecryptedObject, IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { abortable } from '../waiting';
import type { ClientBody } from '../clientBody';

/** The API's answer as text, or what kept it from arriving. */
export type Reply =
	| { readonly status: number; readonly text: string; readonly retryAfter?: string }
	| { readonly failure: 'cancelled' | 'notConnected' | 'timeout' | 'dropped'; readonly code: string; readonly isTls: boolean };

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
		if (stopped?.aborted) return { failure: 'cancelled', code: 'ERR_CANCELED', isTls: false };
		return deadline.aborted ? { failure: 'timeout', code: 'ETIMEDOUT', isTls: false } : failureOf(error);
	}
}

// Node's codes for a server certificate that isn't accepted. Source: Node's documentation of X509 certificate error
// codes. The codes that begin with ERR_SSL_ come later, on a connection that stood.
const tlsCodes =
	/^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

// What Node and OpenSSL say when the handshake ended before the connection stood: the other side hung up, speaks something
// else, or refused in one of the ways that a server or a firewall has for it.
const noHandshake =
	/before secure TLS connection was established|EPROTO.*(wrong version number|alert handshake failure|alert protocol version|unrecognized name)/s;

// n8n's agent for proxies, when the proxy hung up instead of opening the way.
const noProxy = /Proxy connection ended before receiving CONNECT/;

const unreachableCodes = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;

interface HelperError {
	httpCode?: unknown;
	code?: unknown;
	message?: unknown;
	messages?: unknown;
	cause?: unknown;
}

/**
 * The codes and texts of n8n's error and of what caused it. n8n's error has the network's code as `httpCode`, and the
 * network's own text only in `messages`, since it rewrites `message`; whether it has a cause depends on the version.
 */
function readError(error: unknown): { codes: string[]; texts: string[] } {
	const [codes, texts]: [unknown[], unknown[]] = [[], []];
	for (let depth = 0, one = error; depth < 5 && typeof one === 'object' && one !== null; depth++) {
		const { httpCode, code, message, messages, cause } = one as HelperError;
		codes.push(httpCode, code);
		texts.push(message, ...(Array.isArray(messages) ? (messages as unknown[]) : []));
		one = cause;
	}
	const isText = (value: unknown) => typeof value === 'string' && value !== '';
	return { codes: codes.filter(isText) as string[], texts: texts.filter(isText) as string[] };
}

/** Whether certainly nothing was sent (`notConnected`) decides between a rejected and an unknown outcome. */
function failureOf(error: unknown): Reply {
	const { codes, texts } = readError(error);
	const says = (words: RegExp) => texts.some((text) => words.test(text));
	const tls = codes.find((code) => tlsCodes.test(code)) ?? (says(noHandshake) ? (codes[0] ?? 'EPROTO') : undefined);
	const unreachable = codes.find((code) => unreachableCodes.test(code)) ?? (says(noProxy) ? 'no proxy' : undefined);
	// Node's system errors begin with the call that failed: `connect ETIMEDOUT 192.0.2.1:443`.
	const connecting = says(/^(connect|getaddrinfo) E/);
	// On a connection that stood, the same codes say nothing about what arrived.
	const underWay = !connecting && says(/^(read|write|shutdown) E/);
	const code = tls ?? unreachable ?? codes[0] ?? 'no answer';
	if (tls || (!underWay && (unreachable || connecting))) return { failure: 'notConnected', code, isTls: tls !== undefined };
	const timedOut = codes.some((each) => each === 'ECONNABORTED' || each === 'ETIMEDOUT');
	return { failure: timedOut ? 'timeout' : 'dropped', code, isTls: false };
}

import type { ICredentialDataDecryptedObject, IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import type { ClientBody } from './schema';

/** The API's answer as text, or what kept it from arriving. */
export type Reply =
	| { readonly status: number; readonly text: string; readonly retryAfter?: string }
	| { readonly failure: 'cancelled' | 'notConnected' | 'timeout' | 'dropped'; readonly code: string; readonly isTls: boolean };

/** Where clients are created, below a base URL without a trailing slash. */
export const clientUrl = (baseUrl: string) => `${baseUrl}/api/v1/partner/client`;

/**
 * Sends one client and reads the answer. One request, never repeated here, and no failure is thrown.
 *
 * Redirects are off: n8n's helper would follow them and hand the token to the other host.
 *
 * @param credential as n8n gave it, so that n8n's database isn't asked for it again: a request that didn't leave because
 * the database was away would look like one that couldn't reach the API
 * @param timeout milliseconds without an answer
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
		json: true,
		// The text as it came: reading it is our job, so that an unreadable answer to a created client isn't lost.
		encoding: 'text',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout,
	};
	try {
		// Ends with the execution: n8n's helper adds the signal of the stop button by itself.
		const response = (await context.helpers.httpRequestWithAuthentication.call(
			context,
			'confirmaFinanceApi',
			request,
			{ credentialsDecrypted: { id: '', name: '', type: 'confirmaFinanceApi', data: credential } },
		)) as IN8nHttpFullResponse;
		const retryAfter = response.headers['retry-after'];
		return {
			status: response.statusCode,
			text: typeof response.body === 'string' ? response.body : '',
			...(typeof retryAfter === 'string' ? { retryAfter } : {}),
		};
	} catch (error) {
		// The error holds the request with its token, so nothing of it goes on but the code.
		return failureOf(error, context.getExecutionCancelSignal()?.aborted === true);
	}
}

// Node's codes for a server certificate that isn't accepted. Source: Node's documentation of X509 certificate error
// codes. The codes that begin with ERR_SSL_ come later, on a connection that stood.
const tlsCodes =
	/^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

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
function failureOf(error: unknown, cancelled: boolean): Reply {
	if (cancelled) return { failure: 'cancelled', code: 'ERR_CANCELED', isTls: false };
	const { codes, texts } = readError(error);
	// What answers to the handshake isn't TLS.
	const tls = texts.some((text) => /EPROTO.*wrong version number/s.test(text))
		? 'EPROTO'
		: codes.find((code) => tlsCodes.test(code));
	const unreachable = codes.find((code) => unreachableCodes.test(code));
	// Node's system errors begin with the call that failed: `connect ETIMEDOUT 192.0.2.1:443`.
	const connecting = texts.some((text) => /^(connect|getaddrinfo) E/.test(text));
	// On a connection that stood, the same codes say nothing about what arrived.
	const underWay = !connecting && texts.some((text) => /^(read|write|shutdown) E/.test(text));
	const code = tls ?? unreachable ?? codes[0] ?? 'no answer';
	if (tls || (!underWay && (unreachable || connecting))) return { failure: 'notConnected', code, isTls: tls !== undefined };
	const timedOut = codes.some((each) => each === 'ECONNABORTED' || each === 'ETIMEDOUT');
	return { failure: timedOut ? 'timeout' : 'dropped', code, isTls: false };
}

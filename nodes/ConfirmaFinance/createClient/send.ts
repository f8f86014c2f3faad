import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

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
 * @param timeout milliseconds without an answer
 */
export async function send(
	context: IExecuteFunctions,
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

// Node's codes for a server certificate that isn't accepted, and for an answer that isn't TLS. Source: Node's
// documentation of X509 certificate error codes.
const tlsCodes =
	/^(CERT_|ERR_TLS_CERT_|ERR_SSL_WRONG_VERSION_NUMBER$|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

const unreachableCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

interface SystemError {
	code?: unknown;
	syscall?: unknown;
	message?: unknown;
	cause?: unknown;
	errors?: unknown;
}

/** The error and everything it was made from, outermost first. */
function* origins(error: unknown): Generator<SystemError> {
	let origin = error;
	for (let depth = 0; depth < 6 && typeof origin === 'object' && origin !== null; depth++) {
		yield origin;
		const { errors, cause } = origin as SystemError;
		if (Array.isArray(errors)) for (const one of errors) if (one) yield one as SystemError;
		origin = cause;
	}
}

/** Whether certainly nothing was sent (`notConnected`) decides between a rejected and an unknown outcome. */
function failureOf(error: unknown, cancelled: boolean): Reply {
	if (cancelled) return { failure: 'cancelled', code: 'ERR_CANCELED', isTls: false };
	const codes: string[] = [];
	let connecting = false;
	for (const { code, syscall, message } of origins(error)) {
		if (typeof code === 'string') codes.push(code);
		connecting ||= syscall === 'connect' || syscall === 'getaddrinfo';
		if (code === 'EPROTO' && /wrong version number/i.test(String(message))) codes.push('ERR_SSL_WRONG_VERSION_NUMBER');
	}
	const tls = codes.find((code) => tlsCodes.test(code));
	const unreachable = codes.find((code) => unreachableCodes.has(code));
	const code = tls ?? unreachable ?? codes.at(-1) ?? 'no answer';
	if (tls || unreachable || connecting) return { failure: 'notConnected', code, isTls: tls !== undefined };
	const timedOut = codes.some((each) => each === 'ECONNABORTED' || each === 'ETIMEDOUT');
	return { failure: timedOut ? 'timeout' : 'dropped', code, isTls: false };
}

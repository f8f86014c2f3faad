/**
 * Why nothing was sent: n8n doesn't let its nodes send anything there, the server's certificate isn't accepted or it doesn't
 * speak https, or there was no connection.
 */
export interface Unsent {
	readonly failure: 'refusedByN8n' | 'untrusted' | 'unreachable';
	/** The network's code, such as ECONNREFUSED. */
	readonly code: string;
}

/**
 * Why no answer came to what may have been sent: the time was up, the connection was lost before the full answer arrived, or
 * the execution was stopped.
 */
export interface Unanswered {
	readonly failure: 'timeout' | 'dropped' | 'cancelled';
	readonly code: string;
}

export type Failure = Unsent | Unanswered;

export const isUnsent = (failure: Failure): failure is Unsent =>
	['refusedByN8n', 'untrusted', 'unreachable'].includes(failure.failure);

// Node's codes for a server certificate that isn't accepted. Source: Node's documentation of X509 certificate error
// codes. The codes that begin with ERR_SSL_ come later, on a connection that stood.
const certificateCodes =
	/^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

// What Node and OpenSSL say when the handshake ended before the connection stood: the other side hung up, speaks something
// else, or refused in one of the ways that a server or a firewall has for it.
const noHandshake =
	/before secure TLS connection was established|EPROTO.*(wrong version number|alert handshake failure|alert protocol version|unrecognized name)/s;

// n8n's protection against requests to private addresses (N8N_SSRF_PROTECTION_ENABLED) and to hosts on its own list.
// Source: @n8n/backend-network, src/ssrf.
const blockedByN8n = /^SsrfBlocked(Ip|Hostname)Error$/;
// The domains to which a credential is restricted. These have no name or code of their own. Source: n8n-workflow,
// credential-domain-restrictions.ts.
const outsideCredential = /^(Domain not allowed: |No allowed domains specified|This credential is configured to prevent use)/;

// n8n's agent for proxies, when the proxy hung up instead of opening the way.
const noProxy = /Proxy connection ended before receiving CONNECT/;

const unreachableCodes = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;

// Node's system errors begin with the call that failed: `connect ETIMEDOUT 192.0.2.1:443`.
const whileConnecting = /^(connect|getaddrinfo) E/;
const onceConnected = /^(read|write|shutdown) E/;

/**
 * What an error of n8n's request helper says about the request. The error holds the request with its token, so nothing of
 * it is kept but the network's code.
 *
 * Where it isn't certain that nothing was sent, the answer is `timeout` or `dropped`.
 */
export function failureOf(error: unknown): Failure {
	const chain = chainOf(error);
	const names = textsOf(chain, 'name');
	const codes = textsOf(chain, 'httpCode', 'code');
	const texts = textsOf(chain, 'message', 'messages', 'description');
	const says = (words: RegExp) => texts.some((text) => words.test(text));

	const block = names.find((name) => blockedByN8n.test(name));
	if (block) return { failure: 'refusedByN8n', code: block };
	if (says(outsideCredential)) return { failure: 'refusedByN8n', code: 'domain not allowed' };

	const certificateCode = codes.find((code) => certificateCodes.test(code));
	if (certificateCode) return { failure: 'untrusted', code: certificateCode };
	if (says(noHandshake)) return { failure: 'untrusted', code: codes[0] ?? 'EPROTO' };
	if (says(noProxy)) return { failure: 'unreachable', code: codes[0] ?? 'no proxy' };

	const unreachableCode = codes.find((code) => unreachableCodes.test(code));
	if (says(whileConnecting)) return { failure: 'unreachable', code: unreachableCode ?? codes[0] ?? 'no connection' };
	// Once connected, the same codes say nothing about what arrived.
	if (unreachableCode && !says(onceConnected)) return { failure: 'unreachable', code: unreachableCode };
	if (neverConnected(chain[1])) {
		return { failure: 'unreachable', code: codes.find((code) => code !== 'ERR_CANCELED') ?? 'ETIMEDOUT' };
	}

	const timedOut = codes.some((code) => code === 'ECONNABORTED' || code === 'ETIMEDOUT');
	return { failure: timedOut ? 'timeout' : 'dropped', code: codes[0] ?? 'no answer' };
}

/**
 * An error and what caused it. n8n's error has the network's code as `httpCode`, and the network's own text only in
 * `messages`, since it rewrites `message`; whether it has a cause depends on the version.
 */
function chainOf(error: unknown, depth = 5): Array<Record<string, unknown>> {
	if (typeof error !== 'object' || error === null || depth === 0) return [];
	return [error as Record<string, unknown>, ...chainOf((error as Error).cause, depth - 1)];
}

const textsOf = (chain: Array<Record<string, unknown>>, ...keys: string[]) =>
	chain
		.flatMap((error) => keys.flatMap((key) => error[key]))
		.filter((text): text is string => typeof text === 'string' && text !== '');

/**
 * Whether axios' error shows that there was no secure connection, and that nothing was sent therefore: its request has a TLS
 * socket, or none while a proxy is still opening the way. Not every n8n shows it.
 */
function neverConnected(cause?: { request?: { socket?: { secureConnecting?: unknown } | null } }): boolean {
	return cause?.request?.socket === null || cause?.request?.socket?.secureConnecting === true;
}

/**
 * Why no answer came:
 *
 * - `refusedByN8n`: n8n doesn't let its nodes send anything there; nothing was sent
 * - `untrusted`: the server's certificate isn't accepted, or it doesn't speak https; nothing was sent
 * - `unreachable`: there was no connection, so nothing was sent
 * - `timeout`: the time was up; the client may have been created
 * - `dropped`: the connection was lost before the full answer arrived; the client may have been created
 * - `cancelled`: the execution was stopped meanwhile; the client may have been created
 */
export interface Failure {
	readonly failure: 'refusedByN8n' | 'untrusted' | 'unreachable' | 'timeout' | 'dropped' | 'cancelled';
	/** The network's code, such as ECONNREFUSED. */
	readonly code: string;
}

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
	const { names, codes, texts } = readError(error);
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
	if (neverConnected(error)) {
		return { failure: 'unreachable', code: codes.find((code) => code !== 'ERR_CANCELED') ?? 'ETIMEDOUT' };
	}

	const timedOut = codes.some((code) => code === 'ECONNABORTED' || code === 'ETIMEDOUT');
	return { failure: timedOut ? 'timeout' : 'dropped', code: codes[0] ?? 'no answer' };
}

/** As far as a request by axios shows its connection: a TLS socket, or none while a proxy is still opening the way. */
interface AxiosRequest {
	readonly socket?: { readonly secureConnecting?: unknown } | null;
}

interface HelperError {
	name?: unknown;
	httpCode?: unknown;
	code?: unknown;
	message?: unknown;
	messages?: unknown;
	description?: unknown;
	cause?: unknown;
	request?: AxiosRequest;
}

/** Whether it is certain that there was no secure connection, and that nothing was sent therefore. Not every n8n shows it. */
function neverConnected(error: unknown): boolean {
	const { request } = ((error as HelperError | undefined)?.cause ?? {}) as HelperError;
	return request !== undefined && (request.socket === null || request.socket?.secureConnecting === true);
}

/**
 * The names, codes and texts of n8n's error and of what caused it. n8n's error has the network's code as `httpCode`, and the
 * network's own text only in `messages`, since it rewrites `message`; whether it has a cause depends on the version.
 */
function readError(error: unknown): { names: string[]; codes: string[]; texts: string[] } {
	const chain: HelperError[] = [];
	for (let one = error; chain.length < 5 && typeof one === 'object' && one !== null; one = (one as HelperError).cause) {
		chain.push(one as HelperError);
	}
	const texts = (...values: unknown[]) =>
		values.flat().filter((value): value is string => typeof value === 'string' && value !== '');
	return {
		names: chain.flatMap(({ name }) => texts(name)),
		codes: chain.flatMap(({ httpCode, code }) => texts(httpCode, code)),
		texts: chain.flatMap(({ message, messages, description }) => texts(message, messages, description)),
	};
}

/** Why there is no answer. */
export interface Failure {
	/**
	 * `unsent` is certain: n8n doesn't let its nodes send anything there, the server's certificate isn't accepted, or there was no
	 * connection. After the others something may have been sent: the time was up, the connection was lost before the full answer
	 * arrived, or the execution was stopped.
	 */
	readonly failure: 'unsent' | 'timeout' | 'dropped' | 'cancelled';
	/** The network's code, such as ECONNREFUSED, or n8n's own. */
	readonly code: string;
	/** Whether it was n8n that didn't let it out. */
	readonly isByN8n?: boolean;
}

// Codes of a connection that never came about: no way to the server, or a certificate that isn't accepted (Node's documentation of
// X509 certificate error codes). The codes that begin with ERR_SSL_ come later, on a connection that stood.
const unsentCodes =
	/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$|^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

// n8n's protection against requests to private addresses (N8N_SSRF_PROTECTION_ENABLED) and to hosts on its own list.
// Source: @n8n/backend-network, src/ssrf.
const blockedByN8n = /^SsrfBlocked(Ip|Hostname)Error$/;
// The domains to which a credential is restricted. Source: n8n-workflow, credential-domain-restrictions.ts.
const restrictedDomain = /^(Domain not allowed: |No allowed domains specified|This credential is configured to prevent use)/;

/** What errors say when nothing was sent, and what stands for their code where they have none. */
const unsentTexts: ReadonlyArray<readonly [RegExp, string]> = [
	// Node and OpenSSL, when the handshake ended before the connection stood: the other side hung up, speaks something else, or
	// refused in one of the ways that a server or a firewall has for it.
	[
		/before secure TLS connection was established|EPROTO.*(wrong version number|alert handshake failure|alert protocol version|unrecognized name)/s,
		'EPROTO',
	],
	// n8n's agent for proxies, when the proxy hung up instead of opening the way.
	[/Proxy connection ended before receiving CONNECT/, 'no proxy'],
	// Node's system errors begin with the call that failed: `connect ETIMEDOUT 192.0.2.1:443`.
	[/^(connect|getaddrinfo) E/, 'no connection'],
];
const onceConnected = /^(read|write|shutdown) E/;

/**
 * What an error of n8n's request helper says about the request. The error holds the request with its token, so nothing of
 * it is kept but the network's code.
 *
 * Where it isn't certain that nothing was sent, the answer is `timeout` or `dropped`.
 */
export function failureOf(error: unknown): Failure {
	const chain = chainOf(error);
	const codes = textsOf(chain, 'httpCode', 'code');
	const texts = textsOf(chain, 'message', 'messages', 'description');
	const says = (words: RegExp) => texts.some((text) => words.test(text));

	const refusedByN8n =
		textsOf(chain, 'name').find((name) => blockedByN8n.test(name)) ??
		(says(restrictedDomain) ? (codes[0] ?? 'domain not allowed') : undefined);
	if (refusedByN8n !== undefined) return { failure: 'unsent', code: refusedByN8n, isByN8n: true };

	const unsentText = unsentTexts.find(([words]) => says(words));
	const unsentCode =
		(unsentText && (codes[0] ?? unsentText[1])) ??
		// Once connected, the same codes say nothing about what arrived.
		(says(onceConnected) ? undefined : codes.find((code) => unsentCodes.test(code))) ??
		(neverConnected(chain[1]) ? (codes.find((code) => code !== 'ERR_CANCELED') ?? 'ETIMEDOUT') : undefined);
	if (unsentCode !== undefined) return { failure: 'unsent', code: unsentCode };

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

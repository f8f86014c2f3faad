import { ApplicationError, type ICredentialDataDecryptedObject, type IDataObject, type IHttpRequestOptions } from 'n8n-workflow';

import { endpointOf, isBelow, tokenOf } from './endpoint';

// n8n would take the token along to wherever a server redirects. Its HTTP Request node has names of its own for it.
const noRedirects = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false, maxRedirects: 0 };

// What n8n's helpers and nodes call a way of the request's own to the server (`agentOptions` may bring a certificate authority),
// and certificate checks that are switched off, beside `rejectUnauthorized`.
const unsafe = [
	...['proxy', 'agentOptions', 'agent', 'httpAgent', 'httpsAgent'],
	...['skipSslCertificateValidation', 'allowUnauthorizedCerts', 'ignoreSSLIssues'],
];

/**
 * Adds the token to a request as the header X-Api-Key. n8n lets every node use the credential, so a request that could give
 * the token away is refused, whoever makes it.
 *
 * @throws unless the request goes to the credential's endpoint, through no proxy of its own, with certificates checked, and
 * under the endpoint's own name. The message tells the user what to change
 */
export function authenticated(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): IHttpRequestOptions {
	const refusal = refusalOf(credentials, requestOptions as unknown as IDataObject);
	if (refusal) throw new ApplicationError(refusal);
	return {
		...requestOptions,
		headers: { ...requestOptions.headers, 'X-Api-Key': tokenOf(credentials) },
		...noRedirects,
	};
}

function refusalOf(credentials: ICredentialDataDecryptedObject, request: IDataObject): string | undefined {
	const endpoint = endpointOf(credentials);
	if ('refusal' in endpoint) return endpoint.refusal;
	const address = addressOf(request);
	if (!isBelow(endpoint, address)) return `The Confirma Finance credential is for requests to ${endpoint.baseUrl} only`;
	const { rejectUnauthorized = true } = request;
	if (rejectUnauthorized !== true || unsafe.some((name) => isSet(request[name]))) {
		return "The Confirma Finance credential can't be used with a proxy, an SSL certificate or 'Ignore SSL Issues' that is set in the node. Remove it there; the proxy that n8n itself is set up with still applies";
	}
	if (hasForeignHost(request, address)) {
		return "The Confirma Finance credential can't be used with a 'Host' header that names another server. Remove the header";
	}
	return undefined;
}

/** The address as n8n's helpers put it together. The HTTP Request node calls it uri; an absolute URL wins over baseURL. */
function addressOf(request: IDataObject): string {
	const url = String(request.url ?? request.uri ?? '');
	const isAbsolute = /^([a-z][a-z\d+.-]*:)?[\\/]{2}/i.test(url);
	return isAbsolute ? url : `${String(request.baseURL ?? '').replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

const isSet = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value));

/** Whether a Host header sends the request to another server than the address, where several share one address. */
function hasForeignHost(request: IDataObject, address: string): boolean {
	const { hostname, host, protocol } = new URL(address);
	const own = [host, `${hostname}:${protocol === 'https:' ? 443 : 80}`];
	return Object.entries((request.headers ?? {}) as IDataObject)
		.filter(([name]) => name.trim().toLowerCase() === 'host')
		.flatMap(([, value]) => value)
		.some((value) => !own.includes(String(value).trim().toLowerCase()));
}

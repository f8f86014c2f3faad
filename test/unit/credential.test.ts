import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { endpointOf } from '../../credentials/endpoint';
import { ConfirmaFinanceApi } from '../../credentials/ConfirmaFinanceApi.credentials';

const provisioningToken = 'token-1';
const custom = (baseUrl: unknown) => ({ environment: 'custom', baseUrl, provisioningToken }) as ICredentialDataDecryptedObject;

describe('The endpoint', () => {
	it.each([
		['staging', 'https://staging-integrations.confirmafinance.com'],
		['production', 'https://integrations.confirmafinance.com'],
	])('of %s is the documented one, whatever the base URL says', (environment, baseUrl) => {
		expect(endpointOf({ environment, provisioningToken, baseUrl: 'http://evil.example' })).toEqual({ environment, baseUrl });
	});

	it.each([
		['https://gateway.example.com', 'https://gateway.example.com'],
		['https://gateway.example.com/', 'https://gateway.example.com'],
		['https://gateway.example.com///', 'https://gateway.example.com'],
		['  https://gateway.example.com/confirma/ \n', 'https://gateway.example.com/confirma'],
		['HTTPS://Gateway.Example.com:443/Confirma', 'https://gateway.example.com/Confirma'],
		['https://gateway.example.com:8443', 'https://gateway.example.com:8443'],
		['https://10.0.0.1', 'https://10.0.0.1'],
		['http://localhost:3380', 'http://localhost:3380'],
		['http://LOCALHOST', 'http://localhost'],
		['http://127.0.0.1:3380/', 'http://127.0.0.1:3380'],
		['http://127.255.0.7', 'http://127.255.0.7'],
		['http://[::1]:3380', 'http://[::1]:3380'],
		['https://gateway.example.com/api/v1', 'https://gateway.example.com'],
		['https://gateway.example.com/api/v1/', 'https://gateway.example.com'],
		['https://gateway.example.com/confirma/api/v1/partner', 'https://gateway.example.com/confirma'],
		['https://gateway.example.com/confirma//api/v1/partner/client', 'https://gateway.example.com/confirma'],
		['https://gateway.example.com/api/v1/partner/validate', 'https://gateway.example.com'],
		['https://gateway.example.com/api/v1/partner/renew/', 'https://gateway.example.com'],
		['https://gateway.example.com/api/v1/confirma', 'https://gateway.example.com/api/v1/confirma'],
		['https://gateway.example.com/api/v10', 'https://gateway.example.com/api/v10'],
	])('%p is allowed', (given, baseUrl) => {
		expect(endpointOf(custom(given))).toEqual({ environment: 'custom', baseUrl });
	});

	it.each([
		'http://gateway.example.com',
		'http://localhost.evil.example',
		'http://127.0.0.1.example.com',
		'http://127.example.com',
		'http://evil.example/127.0.0.1',
		'http://evil.example/?http://localhost',
		'http://localhost@evil.example',
		'http://evil.example#@localhost',
		'http://[::ffff:10.0.0.1]',
		'http://[::2]',
		'http://0.0.0.0',
		'http://10.0.0.1',
		'http://128.0.0.1',
		'http://localhost\\@evil.example:80@evil.example',
		'https://user:pw@gateway.example.com',
		'https://user@gateway.example.com',
		'https://gateway.example.com?',
		'https://gateway.example.com/?key=1',
		'https://gateway.example.com#',
		'https://gateway.example.com/#/api',
		'ftp://localhost',
		'file:///etc/passwd',
		'javascript:alert(1)',
		'data:text/html,x',
		'gateway.example.com',
		'//gateway.example.com',
		'https://',
		'http://',
		'',
		'   ',
		undefined,
		null,
		42,
		{},
	])('%p is refused, in a sentence that says what would be right', (given) => {
		const endpoint = endpointOf(custom(given));
		expect(endpoint).toEqual({ refusal: expect.stringMatching(/^The credential's 'Base URL' .+/) as string });
	});

	it.each(['', '   ', undefined, null, 'to ken', 'tokën', 'token\nX-Other: 1', '“token”'])('the token %j is refused', (token) => {
		const endpoint = endpointOf({
			environment: 'staging',
			provisioningToken: token,
		} as unknown as ICredentialDataDecryptedObject);
		expect(endpoint).toEqual({ refusal: expect.stringContaining("'Provisioning Token'") as string });
	});

	it.each([undefined, '', 'Production', '__proto__'])('the environment %p is refused', (environment) => {
		const endpoint = endpointOf({ environment, provisioningToken } as unknown as ICredentialDataDecryptedObject);
		expect(endpoint).toEqual({ refusal: expect.stringContaining("'Environment'") as string });
	});
});

describe('The token', () => {
	const credential = new ConfirmaFinanceApi();
	const authenticate = async (credentials: ICredentialDataDecryptedObject, request: Partial<IHttpRequestOptions>) =>
		await credential.authenticate(credentials, request as IHttpRequestOptions);

	const gateway = custom('https://Gateway.Example.com:443/confirma/');

	it.each<[string, Partial<IHttpRequestOptions> & { uri?: string }]>([
		['a whole URL', { url: 'https://gateway.example.com/confirma/api/v1/partner/client' }],
		['a base URL and a path', { baseURL: 'https://gateway.example.com/confirma', url: '/api/v1/partner/validate' }],
		[
			'the base URL as the user wrote it',
			{ baseURL: 'https://Gateway.Example.com:443/confirma', url: '/api/v1/partner/validate' },
		],
		['a base URL with slashes at its end', { baseURL: 'https://gateway.example.com/confirma//', url: 'api/v1/partner/validate' }],
		['n8n’s HTTP Request node', { url: undefined, uri: 'https://gateway.example.com/confirma/api/v1/partner/renew' }],
	])('goes along below the base URL: %s', async (_, request) => {
		await expect(authenticate(gateway, { ...request, headers: { Accept: 'x' } })).resolves.toEqual({
			...request,
			headers: { Accept: 'x', 'X-Api-Key': provisioningToken },
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
			maxRedirects: 0,
		});
	});

	it.each<[string, Partial<IHttpRequestOptions>]>([
		['another host', { url: 'https://evil.example/confirma/api' }],
		['a host that begins alike', { url: 'https://gateway.example.com.evil.example/confirma/api' }],
		['another port', { url: 'https://gateway.example.com:8443/confirma/api' }],
		['another protocol', { url: 'http://gateway.example.com/confirma/api' }],
		['a path beside it', { url: 'https://gateway.example.com/confirmation/api' }],
		['a path above it', { url: 'https://gateway.example.com/confirma/../api' }],
		['an encoded path above it', { url: 'https://gateway.example.com/confirma/%2e%2e/api' }],
		['a path above it, in parts', { baseURL: 'https://gateway.example.com/confirma', url: '/../api' }],
		['a user name that looks like the host', { url: 'https://gateway.example.com@evil.example/confirma/' }],
		['an absolute URL beside a base URL', { baseURL: 'https://gateway.example.com/confirma/', url: 'https://evil.example/x' }],
		['a URL without a protocol', { baseURL: 'https://gateway.example.com/confirma/', url: '//evil.example/x' }],
		['backslashes', { baseURL: 'https://gateway.example.com/confirma/', url: '\\\\evil.example/x' }],
		['a path only', { url: '/confirma/api' }],
		['nothing', {}],
	])('does not go to %s', async (_, request) => {
		const refusal = authenticate(gateway, request);
		await expect(refusal).rejects.toThrow('is for requests to https://gateway.example.com/confirma only');
		await expect(refusal).rejects.not.toThrow(provisioningToken);
	});

	const url = 'https://gateway.example.com/confirma/api/v1/partner/client';

	it.each<[string, Record<string, unknown>]>([
		['a proxy', { proxy: 'http://127.0.0.1:8080' }],
		['a proxy in parts', { proxy: { host: '127.0.0.1', port: 8080 } }],
		['a certificate authority of its own', { agentOptions: { ca: 'PEM' } }],
		['checks switched off in the agent', { agentOptions: { rejectUnauthorized: false } }],
		['an agent', { agent: { options: {} } }],
		['an agent for https', { httpsAgent: { options: {} } }],
		['an agent for http', { httpAgent: { options: {} } }],
	])('does not go along with %s', async (_, request) => {
		await expect(authenticate(gateway, { url, ...request })).rejects.toThrow(
			"a proxy, an SSL certificate or 'Ignore SSL Issues' that is set in the node",
		);
	});

	it.each<[string, Record<string, unknown>]>([
		['rejectUnauthorized', { rejectUnauthorized: false }],
		['rejectUnauthorized, as text', { rejectUnauthorized: 'false' }],
		['rejectUnauthorized, as nothing', { rejectUnauthorized: null }],
		['skipSslCertificateValidation', { skipSslCertificateValidation: true }],
		['skipSslCertificateValidation, as text', { skipSslCertificateValidation: 'true' }],
		['allowUnauthorizedCerts', { allowUnauthorizedCerts: true }],
		['ignoreSSLIssues', { ignoreSSLIssues: true }],
	])('does not go along with certificate checks switched off by %s', async (_, request) => {
		await expect(authenticate(gateway, { url, ...request })).rejects.toThrow("'Ignore SSL Issues' that is set in the node");
	});

	it.each<[string, Record<string, unknown>]>([
		['a Host header', { Host: 'elsewhere.example.com' }],
		['a host header', { host: 'elsewhere.example.com' }],
		['a HOST header with spaces', { ' HOST ': 'elsewhere.example.com' }],
		['one of several Host headers', { Host: ['gateway.example.com', 'elsewhere.example.com'] }],
		['a Host header beside the right one', { Host: 'gateway.example.com', host: 'elsewhere.example.com' }],
		['a Host header with another port', { Host: 'gateway.example.com:8443' }],
		['an empty Host header', { Host: '' }],
	])('does not go along with %s that names another server', async (_, headers) => {
		await expect(authenticate(gateway, { url, headers } as never)).rejects.toThrow("a 'Host' header that names another server");
	});

	it.each<[string, Record<string, unknown>]>([
		[
			'what n8n fills in where nothing is set',
			{ proxy: '', agentOptions: {}, agent: undefined, rejectUnauthorized: true, skipSslCertificateValidation: false },
		],
		['its own name as Host', { headers: { Host: 'Gateway.Example.com' } }],
		['its own name and port as Host', { headers: { host: ['gateway.example.com:443'] } }],
	])('goes along with %s', async (_, request) => {
		const { headers } = await authenticate(gateway, { url, ...request });
		expect(headers).toMatchObject({ 'X-Api-Key': provisioningToken });
	});

	it('does not go anywhere over plain http', async () => {
		await expect(authenticate(custom('http://gateway.example.com'), { url: 'http://gateway.example.com/api' })).rejects.toThrow(
			'http://',
		);
	});

	it('is sent without the spaces and line ends that pasting adds', async () => {
		const pasted = { environment: 'staging', provisioningToken: ' token-1\n' };
		const url = 'https://staging-integrations.confirmafinance.com/api/v1/partner/validate';
		expect((await authenticate(pasted, { url })).headers).toEqual({ 'X-Api-Key': 'token-1' });
	});

	it('is a password field and has no default', () => {
		const property = credential.properties.find(({ name }) => name === 'provisioningToken');
		expect(property).toMatchObject({ typeOptions: { password: true }, default: '', required: true });
	});
});

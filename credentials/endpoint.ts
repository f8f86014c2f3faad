import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

export type Environment = 'staging' | 'production' | 'custom';

/** Where clients are created: the credential's environment and its address without a trailing slash. */
export interface Endpoint {
	readonly environment: Environment;
	readonly baseUrl: string;
}

/** Why a credential can't be used, as a sentence for the user without its full stop. */
export interface Refusal {
	readonly refusal: string;
}

/** Where the documented environments are. */
export const baseUrls: Record<Exclude<Environment, 'custom'>, string> = {
	staging: 'https://staging-integrations.confirmafinance.com',
	production: 'https://integrations.confirmafinance.com',
};

/** The provisioning token as it is sent: what pasting adds around it is left out. */
export function tokenOf(credentials: ICredentialDataDecryptedObject): string {
	return String(credentials.provisioningToken ?? '').trim();
}

const refuse = (parameter: string, text: string): Refusal => ({ refusal: `The credential's '${parameter}' ${text}` });

/**
 * The endpoint that a credential names, or why the token can't be sent there: a custom base URL has to be https, or http on
 * this machine, else everyone on the way could read the token.
 */
export function endpointOf(credentials: ICredentialDataDecryptedObject): Endpoint | Refusal {
	const token = tokenOf(credentials);
	if (token === '') return refuse('Provisioning Token', 'is empty. Enter the token that Confirma Finance gave you');
	// Other characters can't stand in a header, and the request would fail without saying why.
	if (!/^[!-~]+$/.test(token)) {
		return refuse('Provisioning Token', "has characters that can't be part of a token. Copy it again");
	}
	const environment = credentials.environment as Environment;
	if (environment === 'custom') return customEndpoint(String(credentials.baseUrl ?? '').trim());
	return environment === 'staging' || environment === 'production'
		? { environment, baseUrl: baseUrls[environment] }
		: refuse('Environment', 'is not set. Choose Staging, Production or Custom');
}

const loopback = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

// What people copy along with the address, from the API's page.
const apiPath = /\/api\/v1(\/partner(\/(client|validate|renew))?)?$/;

function customEndpoint(given: string): Endpoint | Refusal {
	if (given === '') return refuse('Base URL', 'is empty. Enter the address of your gateway, such as https://gateway.example.com');
	const url = URL.canParse(given) ? new URL(given) : undefined;
	if (!url?.hostname || !['https:', 'http:'].includes(url.protocol)) {
		return refuse('Base URL', 'is not a web address. Enter it with https:// in front, such as https://gateway.example.com');
	}
	if (url.username || url.password || /[?#\\]/.test(given)) {
		return refuse('Base URL', 'contains more than an address. Remove user names, passwords, question marks, # and backslashes');
	}
	if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
		return refuse(
			'Base URL',
			'begins with http://, so others could read the token on the way. Use https:// (http:// works on this machine only, as in http://127.0.0.1:3380)',
		);
	}
	return { environment: 'custom', baseUrl: url.href.replace(/\/+$/, '').replace(apiPath, '').replace(/\/+$/, '') };
}

/**
 * Whether a request stays below the endpoint's base URL. Both are compared as URLs, since `/confirma/../elsewhere` only
 * looks as if it were below `/confirma/`.
 *
 * @param address the request's whole address
 */
export function isBelow({ baseUrl }: Endpoint, address: string): boolean {
	return URL.canParse(address) && new URL(address).href.startsWith(`${baseUrl}/`);
}

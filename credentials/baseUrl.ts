import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

export type Environment = 'staging' | 'production' | 'custom';

/** Where clients are created: the credential's environment and its address without a trailing slash. */
export interface Endpoint {
	readonly environment: Environment;
	readonly baseUrl: string;
}

const documented: Record<Exclude<Environment, 'custom'>, string> = {
	staging: 'https://staging-integrations.confirmafinance.com',
	production: 'https://integrations.confirmafinance.com',
};

function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * The endpoint that a credential names, or, as a sentence for the user, why the token must not be sent there: a
 * custom base URL has to be https, or http on this machine, else everyone on the way could read the token.
 */
export function endpointOf(credentials: ICredentialDataDecryptedObject): Endpoint | { refusal: string } {
	const environment = credentials.environment as Environment;
	if (environment === 'staging' || environment === 'production') {
		return { environment, baseUrl: documented[environment] };
	}
	if (environment !== 'custom') {
		return { refusal: "The credential's 'Environment' is not set. Choose Staging, Production or Custom" };
	}
	const given = String(credentials.baseUrl ?? '').trim();
	const url = URL.canParse(given) ? new URL(given) : undefined;
	if (!url?.hostname || !['https:', 'http:'].includes(url.protocol)) {
		return {
			refusal:
				"The credential's 'Base URL' is not a web address. Enter it with https:// in front, such as https://gateway.example.com",
		};
	}
	if (url.username || url.password || url.search || url.hash) {
		return {
			refusal:
				"The credential's 'Base URL' holds more than an address. Leave out user names, passwords, question marks and #",
		};
	}
	if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
		return {
			refusal:
				"The credential's 'Base URL' begins with http://, which would show the token to everyone on the way. Use https:// (http:// is allowed on this machine only, as in http://127.0.0.1:3380)",
		};
	}
	return { environment, baseUrl: url.href.replace(/\/+$/, '') };
}

import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { apiWords } from './outcome/apiWords';
import { parsed } from './outcome/json';
import { place } from './outcome/messages';
import { authenticated, endpointOf, tokenOf, type Endpoint } from './n8n/credential';
import type { Answer } from './n8n/answer';
import { failureOf, type Failure } from './n8n/failure';
import type { Reply } from './n8n/send';

/** Milliseconds for the whole test: someone is waiting in front of it. */
const timeout = 15_000;

/**
 * Tests the credential when it is saved: asks the API whether the token is valid, and says in words what is wrong if it isn't.
 *
 * n8n's declarative test can't do that: of a connection that fails it shows the bare code.
 */
export async function testCredential(
	context: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const endpoint = endpointOf(data);
	if ('refusal' in endpoint) return { status: 'Error', message: endpoint.refusal };

	const request = authenticated(data, { method: 'GET', url: `${endpoint.baseUrl}/api/v1/partner/validate`, timeout });
	const reply = await ask(context, request);
	if (isConfirmed(reply)) return { status: 'OK', message: `${place(endpoint)} accepts this token` };
	const message = 'failure' in reply ? failed(reply, endpoint) : refused(reply, endpoint, tokenOf(data));
	return { status: 'Error', message };
}

/** Sends the request with the one helper that n8n gives to a credential's test. */
async function ask({ helpers }: ICredentialTestFunctions, request: object): Promise<Reply> {
	try {
		const { statusCode, body } = (await helpers.request({
			...request,
			simple: false,
			resolveWithFullResponse: true,
		})) as { statusCode: number; body?: unknown };
		return { status: statusCode, text: typeof body === 'string' ? body : JSON.stringify(body ?? '') };
	} catch (error) {
		return failureOf(error);
	}
}

const bodyOf = ({ text }: Answer) => parsed(text) as { isValid?: unknown } | undefined;

const isConfirmed = (reply: Reply): boolean => 'status' in reply && reply.status === 200 && bodyOf(reply)?.isValid === true;

/** Who can help when something other than the API seems to be in the way. */
function helpWith({ environment }: Endpoint): string {
	const it = 'your IT department whether a proxy or firewall stands in between';
	return environment === 'custom' ? `Check the 'Base URL', and ask ${it}` : `Ask ${it}`;
}

/** Network codes in words, for those that people meet when they mistype an address. */
const codeWords: Record<string, string> = {
	ENOTFOUND: 'there is no such server',
	EAI_AGAIN: "the server's name could not be looked up",
	ECONNREFUSED: 'nothing answers at this address',
};

function failed({ failure, code }: Failure, endpoint: Endpoint): string {
	const where = place(endpoint);
	const what = {
		refusedByN8n: `n8n does not allow requests to ${where} (${code}): ask your n8n administrator`,
		untrusted: `No secure connection to ${where}: its certificate is not trusted, or it does not use https (${code})`,
		unreachable: `No connection to ${where} (${codeWords[code] ?? 'it could not be reached'}, ${code})`,
		timeout: `${where} did not answer within ${timeout / 1000} seconds`,
		dropped: `The connection to ${where} was lost before the answer arrived (${code})`,
		cancelled: `The test of ${where} was stopped`,
	}[failure];
	return `${what}. ${helpWith(endpoint)}`;
}

/** An answer that doesn't confirm the token, with what to do about it. */
function refused(answer: Answer, endpoint: Endpoint, token: string): string {
	const { status, text } = answer;
	const where = place(endpoint);
	const words = apiWords(text, token);
	const says = words ? `. It says: “${words}”` : '';
	if (status === 401 || bodyOf(answer)?.isValid === false) {
		return `${where} did not accept this token${says}. Choose the environment that issued it and copy it again, or ask Confirma Finance for a new one`;
	}
	if (status === 403) {
		return `${where} refused this token${says}. Check that it is your Partner Provisioning Token, and ask Confirma Finance whether n8n's address has to be registered`;
	}
	if (status === 429 || status >= 500) {
		return `${where} can't check the token right now (HTTP ${status})${says}. Try again later`;
	}
	if (status >= 300 && status < 400) {
		return `${where} redirects to another address (HTTP ${status}), which was not followed to protect the token. ${helpWith(endpoint)}`;
	}
	return `${where} did not confirm this token (HTTP ${status})${says}. ${helpWith(endpoint)}`;
}

import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { authenticated, endpointOf, tokenOf, type Endpoint } from './n8n/credential';
import { failureOf } from './n8n/failure';
import type { Reply } from './n8n/send';
import { apiWords } from './outcome/apiWords';
import { parsed } from './outcome/json';
import { confirmaSays, place, refusal, silence, unconnected, type Refusal } from './outcome/messages';

/** Milliseconds for the whole test: someone is waiting in front of it. */
const timeout = 15_000;

/**
 * Tests the credential when it is saved: asks the API whether the token is valid, and says in words what is wrong if it isn't.
 *
 * n8n's declarative test can't do that: of a connection that fails it shows the bare code.
 */
export async function testCredential(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const data = credential.data ?? {};
	const endpoint = endpointOf(data);
	if ('refusal' in endpoint) return { status: 'Error', message: endpoint.refusal };

	const request = authenticated(data, { method: 'GET', url: `${endpoint.baseUrl}/api/v1/partner/validate`, timeout });
	const reply = await ask(this, request);
	const answer = 'status' in reply && reply.status === 200 ? parsed(reply.text) : undefined;
	const { isValid } = (answer ?? {}) as { isValid?: unknown };
	if (isValid === true) return { status: 'OK', message: `${place(endpoint)} accepts this token` };
	// The API may say of a token that it doesn't know that it isn't valid, instead of refusing it.
	const { message, advice } = refusalIn(isValid === false ? { ...reply, status: 401 } : reply, endpoint);
	const words = 'status' in reply ? apiWords(reply.text, tokenOf(data)) : '';
	return { status: 'Error', message: `${message}.${confirmaSays(words)} ${advice}` };
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

/** Why the token isn't confirmed, and what to do about it. */
function refusalIn(reply: Reply, endpoint: Endpoint): Refusal {
	const advice =
		'Try again later. If that does not help, check the environment and the base URL, and ask your IT department whether a proxy or a firewall stands in between.';
	if ('failure' in reply) {
		const { failure } = reply;
		return failure === 'unsent' ? unconnected(endpoint, reply) : { message: silence(failure, timeout), advice };
	}
	const { status } = reply;
	// Other refusals say nothing about the token.
	return [401, 403, 404].includes(status) ? refusal(endpoint, status) : { message: silence(status, timeout), advice };
}

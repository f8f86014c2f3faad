import type { ICredentialTestFunctions, INodeCredentialTestResult } from 'n8n-workflow';

import { testCredential } from '../../nodes/ConfirmaFinance/testCredential';

const token = 'sandbox-staging-provisioning-token';
const staging = { environment: 'staging', provisioningToken: token };
const custom = { environment: 'custom', baseUrl: 'https://gateway.example.com/', provisioningToken: token };

/** What n8n says about a credential when its helper answers so, or throws if it is an error, and what the helper was asked. */
async function judge(data: Record<string, string>, answer: unknown) {
	const requests: unknown[] = [];
	const request = async (options: unknown) => {
		requests.push(options);
		return await (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
	};
	const context = { helpers: { request } } as unknown as ICredentialTestFunctions;
	const result: INodeCredentialTestResult = await testCredential.call(context, {
		id: '1',
		name: 'Confirma Finance',
		type: 'confirmaFinanceApi',
		data,
	});
	return { ...result, requests };
}

const answered = (statusCode: number, body: unknown) => ({
	statusCode,
	body: typeof body === 'string' ? body : JSON.stringify(body),
});

it('passes when the API confirms the token, asked once, at its own address, with no redirect followed', async () => {
	expect(await judge(custom, answered(200, { isValid: true, message: 'Token is valid' }))).toEqual({
		status: 'OK',
		message: 'Confirma Finance at https://gateway.example.com accepts this token',
		requests: [
			expect.objectContaining({
				method: 'GET',
				url: 'https://gateway.example.com/api/v1/partner/validate',
				headers: { 'X-Api-Key': token },
				followRedirect: false,
				followAllRedirects: false,
				maxRedirects: 0,
			}),
		],
	});
});

it.each([
	[{ ...custom, baseUrl: 'http://gateway.example.com' }, 'begins with http://'],
	[{ ...custom, baseUrl: '' }, "'Base URL' is empty"],
	[{ ...staging, provisioningToken: '' }, "'Provisioning Token' is empty"],
	[{ ...staging, provisioningToken: 'to ken' }, "can't be part of a token"],
	[{ ...staging, environment: '' }, "'Environment' is not set"],
])('asks nobody when the credential is not complete: %j', async (data, words) => {
	expect(await judge(data, answered(200, { isValid: true }))).toEqual({
		status: 'Error',
		message: expect.stringContaining(words) as string,
		requests: [],
	});
});

it('reads an answer that the helper has parsed', async () => {
	expect(await judge(staging, { statusCode: 200, body: { isValid: true } })).toMatchObject({ status: 'OK' });
});

describe('An answer that does not confirm the token', () => {
	it.each<[unknown, RegExp]>([
		[
			answered(200, { isValid: false, message: 'Token has expired' }),
			/did not accept the provisioning token\. Confirma Finance says: “Token has expired”\. .* n8n's address\.$/,
		],
		[answered(200, { isValid: 'true' }), /could not be read \(HTTP 200\)\. Try again later/],
		[answered(200, '<html>Welcome</html>'), /could not be read \(HTTP 200\)\. .* whether a proxy or a firewall/],
		[answered(200, ''), /could not be read/],
		[answered(201, { isValid: true }), /could not be read \(HTTP 201\)/],
		[{ statusCode: 204, body: undefined }, /could not be read/],
		[answered(302, ''), /points to another address \(HTTP 302\), which was not followed/],
		[answered(400, { message: 'Bad key' }), /could not handle the request \(HTTP 400\)\. Confirma Finance says: “Bad key”/],
		[
			answered(401, { message: 'Unauthorized' }),
			/did not accept the provisioning token\. .*“Unauthorized”\. Check in the credential/,
		],
		[answered(403, {}), /staging did not accept the provisioning token\. Check .* Partner Provisioning Token/],
		[answered(404, ''), /did not accept the request \(HTTP 404\)\. Check the environment and the base URL/],
		[answered(429, ''), /could not handle the request \(HTTP 429\)\. Try again later/],
		[answered(503, 'Maintenance until 5 am'), /\(HTTP 503\)\. Confirma Finance says: “Maintenance until 5 am”\. Try again later/],
	])('is told in words: %j', async (answer, words) => {
		const { status, message } = await judge(staging, answer);
		expect(status).toBe('Error');
		expect(message).toMatch(words);
	});

	it('never shows the token, even if the answer repeats it', async () => {
		for (const status of [400, 401, 403, 500]) {
			const { message } = await judge(staging, answered(status, { message: `No such key: ${token}` }));
			expect(message).toContain('No such key: ***');
			expect(message).not.toContain(token);
		}
	});
});

describe('A connection that fails', () => {
	const failed = (code: string, message: string) => Object.assign(new Error(message), { code, config: { headers: { token } } });

	it.each<[Error, RegExp]>([
		[
			failed('ENOTFOUND', 'getaddrinfo ENOTFOUND gateway.example.com'),
			/^No connection to .*.* \(ENOTFOUND\).* Check the environment and the base URL/,
		],
		[
			failed('EPROTO', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:'),
			/no secure one \(EPROTO\)/,
		],
		[
			failed('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'),
			/no secure one \(DEPTH_ZERO_SELF_SIGNED_CERT\).* the base URL/,
		],
		[failed('ECONNABORTED', 'timeout of 15000ms exceeded'), /within the time limit of 15 seconds\. Try again later/],
		[failed('ECONNRESET', 'socket hang up'), /was lost before the full answer arrived\. Try again later/],
	])('is told in words: %s', async (error, words) => {
		const { status, message } = await judge(custom, error);
		expect(status).toBe('Error');
		expect(message).toMatch(words);
		expect(message).not.toContain(token);
	});
});

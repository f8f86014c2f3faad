import type { IExecuteFunctions } from 'n8n-workflow';

import { send } from '../../../nodes/ConfirmaFinance/createClient/request/send';
import { apiExample } from '../../sandbox/clientBodies';

/** The reply when n8n's helper throws what a broken network makes it throw. */
async function replyTo(code: string, text: string) {
	const error = Object.assign(new Error('rewritten by n8n'), { httpCode: code, messages: [text] });
	const context = {
		helpers: { httpRequestWithAuthentication: async () => await Promise.reject(error) },
		getExecutionCancelSignal: () => undefined,
	} as unknown as IExecuteFunctions;
	return await send(context, {}, 'https://gateway.example.com', apiExample, 1000);
}

it.each([
	['ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443'],
	['EHOSTUNREACH', 'connect EHOSTUNREACH 192.0.2.1:443'],
	['ETIMEDOUT', 'connect ETIMEDOUT 192.0.2.1:443'],
	['ENOTFOUND', 'getaddrinfo ENOTFOUND gateway.example.com'],
	['EAI_AGAIN', 'getaddrinfo EAI_AGAIN gateway.example.com'],
	['CERT_HAS_EXPIRED', 'certificate has expired'],
	['EPROTO', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:354:'],
	['EPROTO', 'write EPROTO 80:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40'],
	['EPROTO', 'write EPROTO 80:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:SSL alert number 70'],
	['EPROTO', 'write EPROTO 80:error:0A000458:SSL routines:ssl3_read_bytes:tlsv1 unrecognized name:SSL alert number 112'],
	['ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'],
])('a request that never left is known as such: %s, %s', async (code, text) => {
	expect(await replyTo(code, text)).toMatchObject({ failure: 'notConnected', code });
});

it('a proxy that hung up before it opened the way got nothing', async () => {
	expect(await replyTo('', 'Proxy connection ended before receiving CONNECT response')).toMatchObject({
		failure: 'notConnected',
		code: 'no proxy',
	});
});

it.each([
	['EHOSTUNREACH', 'read EHOSTUNREACH'],
	['ENETUNREACH', 'read ENETUNREACH'],
	['EHOSTUNREACH', 'write EHOSTUNREACH'],
	['ECONNRESET', 'read ECONNRESET'],
	['EPIPE', 'write EPIPE'],
	['EPROTO', 'write EPROTO 80:error:0A0003FC:SSL routines:ssl3_read_bytes:sslv3 alert bad record mac:'],
	['ERR_SSL_WRONG_VERSION_NUMBER', '80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:'],
	['ECONNRESET', 'socket hang up'],
])('a connection that broke after it stood tells nothing about what arrived: %s, %s', async (code, text) => {
	expect(await replyTo(code, text)).toMatchObject({ failure: 'dropped' });
});

it('a request that never ends is ended, and told to', async () => {
	const deadline = new AbortController();
	const passing = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(deadline.signal);
	let told: AbortSignal | undefined;
	const context = {
		helpers: {
			async httpRequestWithAuthentication(this: IExecuteFunctions) {
				told = this.getExecutionCancelSignal();
				return await new Promise(() => {});
			},
		},
		getExecutionCancelSignal: () => new AbortController().signal,
	} as unknown as IExecuteFunctions;
	const reply = send(context, {}, 'https://gateway.example.com', apiExample, 1000);
	expect(told?.aborted).toBe(false);
	deadline.abort();
	expect(await reply).toMatchObject({ failure: 'timeout', code: 'ETIMEDOUT' });
	expect(told?.aborted).toBe(true);
	passing.mockRestore();
});

it.each([
	['ECONNABORTED', 'timeout of 1000ms exceeded'],
	['ETIMEDOUT', 'read ETIMEDOUT'],
])('silence is a timeout: %s, %s', async (code, text) => {
	expect(await replyTo(code, text)).toMatchObject({ failure: 'timeout', code });
});

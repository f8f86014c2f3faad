import { failureOf } from '../../../nodes/ConfirmaFinance/n8n/failure';

/** What n8n's helper throws when a broken network makes it throw. */
const thrown = (code: string, text: string) =>
	failureOf(Object.assign(new Error('rewritten by n8n'), { httpCode: code, messages: [text] }));

it.each([
	['CERT_HAS_EXPIRED', 'certificate has expired'],
	['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
	['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames"],
	['EPROTO', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:354:'],
	['EPROTO', 'write EPROTO 80:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:SSL alert number 40'],
	['EPROTO', 'write EPROTO 80:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:SSL alert number 70'],
	['EPROTO', 'write EPROTO 80:error:0A000458:SSL routines:ssl3_read_bytes:tlsv1 unrecognized name:SSL alert number 112'],
	['ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'],
])('a server that is not trusted got nothing: %s, %s', (code, text) => {
	expect(thrown(code, text)).toEqual({ failure: 'unsent', code });
});

it.each([
	['ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443'],
	['EHOSTUNREACH', 'connect EHOSTUNREACH 192.0.2.1:443'],
	['ETIMEDOUT', 'connect ETIMEDOUT 192.0.2.1:443'],
	['ENOTFOUND', 'getaddrinfo ENOTFOUND gateway.example.com'],
	['EAI_AGAIN', 'getaddrinfo EAI_AGAIN gateway.example.com'],
	['ECONNREFUSED', 'The service refused the connection - perhaps it is offline'],
])('a server that cannot be reached got nothing: %s, %s', (code, text) => {
	expect(thrown(code, text)).toEqual({ failure: 'unsent', code });
});

it('a proxy that hung up before it opened the way passed nothing on', () => {
	expect(thrown('', 'Proxy connection ended before receiving CONNECT response')).toEqual({
		failure: 'unsent',
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
])('a connection that was lost once it stood says nothing about what arrived: %s, %s', (code, text) => {
	expect(thrown(code, text)).toEqual({ failure: 'dropped', code });
});

it.each([
	['ECONNABORTED', 'timeout of 1000ms exceeded'],
	['ETIMEDOUT', 'read ETIMEDOUT'],
])('silence is a timeout: %s, %s', (code, text) => {
	expect(thrown(code, text)).toEqual({ failure: 'timeout', code });
});

it('the code is found in what caused the error, too', () => {
	const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
	expect(failureOf(new Error('rewritten by n8n', { cause }))).toEqual({ failure: 'unsent', code: 'ECONNREFUSED' });
});

/** The error of a request that was cut off, as n8n's newer versions show it. */
const cutOff = (socket: unknown) => {
	const cause = Object.assign(new Error('canceled'), { code: 'ERR_CANCELED', request: { socket } });
	return failureOf(Object.assign(new Error('canceled', { cause }), { httpCode: 'ERR_CANCELED', messages: ['canceled'] }));
};

it.each([
	['the TLS handshake was not over', { secureConnecting: true }],
	['a proxy had not opened the way', null],
])('a request that was cut off got nowhere as long as %s', (_, socket) => {
	expect(cutOff(socket)).toEqual({ failure: 'unsent', code: 'ETIMEDOUT' });
});

it.each([
	['once the TLS handshake is over', { secureConnecting: false }],
	['without TLS', {}],
	['where the connection is not shown', undefined],
])('a request that was cut off may have arrived %s', (_, socket) => {
	expect(cutOff(socket)).toEqual({ failure: 'dropped', code: 'ERR_CANCELED' });
});

it.each([undefined, null, 'text', {}, new Error('')])('what says nothing counts as a lost connection: %p', (error) => {
	expect(failureOf(error)).toEqual({ failure: 'dropped', code: 'no answer' });
});

it.each(['SsrfBlockedIpError', 'SsrfBlockedHostnameError'])("n8n's protection of private addresses sent nothing: %s", (name) => {
	const cause = Object.assign(new Error('The request was blocked'), { name });
	expect(failureOf(new Error('rewritten by n8n', { cause }))).toEqual({ failure: 'unsent', code: name, isByN8n: true });
	const found = Object.assign(new Error('Network Error', { cause }), { code: 'ENOTFOUND' });
	expect(failureOf(new Error('rewritten by n8n', { cause: found }))).toEqual({ failure: 'unsent', code: name, isByN8n: true });
});

it('a domain that the credential does not allow got nothing', () => {
	const message = 'Domain not allowed: This credential is restricted from accessing gateway.example.com.';
	expect(failureOf(new Error('rewritten by n8n', { cause: new Error(message) }))).toMatchObject({
		failure: 'unsent',
		isByN8n: true,
	});
	expect(thrown('', message)).toMatchObject({ failure: 'unsent', isByN8n: true });
});

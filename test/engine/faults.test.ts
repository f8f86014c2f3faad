import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

import type { Fault } from '../sandbox/sandbox';
import { deals } from '../support/engine/deals';
import { anotherSandbox, deal, everything, other, scenario, stopping } from '../support/engine/scenario';

const uncertain = 'It is not known whether the client was created';
const lost = 'was lost before the full answer arrived';

// What each status means is tested on its own: test/unit/outcome/classify.test.ts.
it.each<[string, Fault, 'rejected' | 'unknown', string, string]>([
	['No answer', { kind: 'hang' }, 'unknown', 'ECONNABORTED', 'No full answer came within the time limit of 0.3 seconds'],
	['A reset before reading', { kind: 'resetBeforeRead' }, 'unknown', 'ECONNRESET', lost],
	['A reset after reading', { kind: 'resetAfterRead' }, 'unknown', 'ECONNRESET', lost],
	['Half a response, then the end', { kind: 'halfResponse' }, 'unknown', 'ERR_BAD_RESPONSE', lost],
	['Half a response, then silence', { kind: 'halfResponse', then: 'hang' }, 'unknown', 'ECONNABORTED', 'No full answer came'],
	['An empty answer', { kind: 'empty' }, 'unknown', '200', 'could not be read'],
	['An HTML page', { kind: 'html' }, 'unknown', '200', 'could not be read'],
	['204', { kind: 'empty', status: 204 }, 'unknown', '204', 'could not be read'],
	['304', { kind: 'empty', status: 304 }, 'unknown', '304', 'another address'],
	['400', { kind: 'status', status: 400, body: { message: 'No such partner' } }, 'rejected', '400', 'No such partner'],
	['404', { kind: 'status', status: 404, body: '<html>' }, 'rejected', '404', 'base URL'],
	['502', { kind: 'html', status: 502 }, 'unknown', '502', 'HTTP'],
])('%s has its outcome, and shows no token', async (_, fault, outcome, httpCode, words) => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject(fault, fault);
	const stopped = await run([deal], { options: { timeout: 300 }, settings: stopping });
	const continued = await run([other], { options: { timeout: 300 } });

	expect(posts()).toHaveLength(2);
	expect(continued.output).toMatchObject([{ outcome, httpCode, description: expect.stringContaining(words) as string }]);
	if (outcome === 'unknown') expect(continued.output[0]!.error).toBe(uncertain);
	expect(stopped.error).toMatchObject({
		message: expect.stringMatching(/: “Testiyritys 0 Oy” \(\d{7}-\d\)$/) as string,
		context: { outcome, itemIndex: 0 },
	});
	for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
		expect(everything(stopped)).not.toContain(secret);
		expect(everything(continued)).not.toContain(secret);
	}
});

it('A delay within the timeout is no fault', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'delay', ms: 50 });
	expect((await run([deal], { options: { timeout: 300 } })).outcomes).toEqual(['created']);
});

it.each<[string, Fault]>([
	['Half a compressed response', { kind: 'halfResponse', compressed: true }],
	['Half a compressed response, then silence', { kind: 'halfResponse', compressed: true, then: 'hang' }],
	['A change of protocol', { kind: 'switchProtocols' }],
])(
	"%s, which n8n's helper may wait for without end, ends all the same, also for a second delivery",
	async (_, fault) => {
		const { run, posts, sandbox } = await scenario();
		// Minutes pass in a second; what is shorter takes its time.
		const timeout = AbortSignal.timeout.bind(AbortSignal);
		const passing = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
			if (ms < 60_000) return timeout(ms);
			const deadline = new AbortController();
			setTimeout(() => deadline.abort(), ms / 150).unref();
			return deadline.signal;
		});
		sandbox.inject(fault);
		const both = await Promise.all([1, 2].map(async () => await run([deal], { options: { timeout: 300 } })));
		expect(both.map(({ output }) => output[0])).toMatchObject([{ error: uncertain, outcome: 'unknown' }, { outcome: 'unknown' }]);
		expect(posts()).toHaveLength(1);
		expect(passing).toHaveBeenCalledWith(450 + 150_000);
		passing.mockRestore();
	},
	30_000,
);

it('An answer that arrived in time is read, although this process stalled until after the deadline', async () => {
	const { run } = await scenario();
	// In a thread of its own, which answers while this one stalls.
	const server = new Worker(
		`const { parentPort } = require('node:worker_threads');
		const server = require('node:http').createServer((request, response) => {
			request.resume().on('end', () => {
				parentPort.postMessage('received');
				setTimeout(() => response.end(JSON.stringify({ clientIdentifier: 7, apiAccessToken: 'a-token' })), 50);
			});
		});
		server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
		{ eval: true },
	);
	try {
		const [port] = (await once(server, 'message')) as [number];
		// n8n 2.8 and before gives a request half as long again: a longer stall hides the answer there.
		server.once('message', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4500));
		const { output } = await run([deal], {
			credentials: { baseUrl: `http://127.0.0.1:${port}` },
			options: { timeout: 4000 },
		});
		expect(output).toMatchObject([{ outcome: 'created', clientIdentifier: 7 }]);
	} finally {
		await server.terminate();
	}
});

it('A refusal that repeats the tokens shows neither', async () => {
	const { run, sandbox } = await scenario();
	const client = '8848372d-8457-4ca4-9da9-673f1cdd6684';
	const message = `key ${sandbox.tokens.staging} for ${client} <b>refused</b>`;
	sandbox.inject({ kind: 'status', status: 400, body: { message } });
	const result = await run([deal], { settings: stopping });
	expect(result.description).toContain('“key *** for *** &lt;b>refused&lt;/b>”');
	expect(everything(result)).not.toContain(client);
	expect(everything(result)).not.toContain(sandbox.tokens.staging);
});

it('A redirect is not followed: the other server sees no request', async () => {
	const { run, sandbox } = await scenario();
	const elsewhere = await anotherSandbox();
	for (const status of [301, 302, 303, 307, 308]) {
		sandbox.inject({ kind: 'redirect', location: `${elsewhere.url}/api/v1/partner/client`, status });
		expect((await run(deals(1, status))).output).toMatchObject([{ outcome: 'unknown', httpCode: String(status) }]);
	}
	expect(elsewhere.requests).toEqual([]);
});

it('A self-signed certificate keeps the token here', async () => {
	const { run, sandbox } = await scenario({ tls: true });
	expect((await run([deal])).output).toMatchObject([
		{
			outcome: 'rejected',
			httpCode: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) as string,
			description: expect.stringContaining('or no secure one') as string,
		},
	]);
	expect(sandbox.requests).toEqual([]);
});

it.each([
	['A port that nobody listens on', 'http://127.0.0.1:9', 'ECONNREFUSED'],
	['A host that does not exist', 'https://nowhere.invalid', expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string],
])('%s is certain not to have got the client', async (_, baseUrl, httpCode) => {
	const { run } = await scenario();
	expect((await run([deal], { credentials: { baseUrl } })).output).toMatchObject([
		{ outcome: 'rejected', httpCode, error: expect.stringMatching(/^No connection/) as string },
	]);
});

/** Something that isn't a server for https, but listens. */
async function listener(onConnection: (socket: Socket) => void): Promise<{ port: number; close: () => Promise<unknown> }> {
	const server = createServer((socket) => {
		socket.on('error', () => {});
		onConnection(socket);
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	return { port: (server.address() as AddressInfo).port, close: async () => await once(server.close(), 'close') };
}

it.each<[string, string, (socket: Socket) => void]>([
	['hangs up on whoever connects', 'ECONNRESET', (socket) => socket.destroy()],
	['hangs up when the handshake begins', 'ECONNRESET', (socket) => socket.once('data', () => socket.destroy())],
	// Alert 40, handshake failure, as OpenSSL's server sends it.
	['refuses the handshake', 'EPROTO', (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex')))],
	['speaks http', 'EPROTO', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))],
])('A firewall that %s is certain not to have let the client through', async (_, httpCode, onConnection) => {
	const { run } = await scenario();
	const { port, close } = await listener(onConnection);
	try {
		expect((await run([deal], { credentials: { baseUrl: `https://127.0.0.1:${port}` } })).output).toMatchObject([
			{ outcome: 'rejected', httpCode, error: expect.stringMatching(/^No connection/) as string },
		]);
	} finally {
		await close();
	}
});

it('A proxy that hangs up is certain not to have let the client through, and never sees the token', async () => {
	const { run, sandbox } = await scenario();
	const seen: string[] = [];
	const { port, close } = await listener((socket) =>
		socket.once('data', (data) => {
			seen.push(String(data));
			socket.destroy();
		}),
	);
	const before = process.env.HTTPS_PROXY;
	process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`;
	try {
		const { output } = await run([deal], { credentials: { baseUrl: 'https://api.example.com' } });
		expect(output).toMatchObject([{ outcome: 'rejected', httpCode: 'no proxy' }]);
		expect(seen).toEqual([expect.stringMatching(/^CONNECT api\.example\.com:443 /)]);
		expect(seen[0]).not.toContain(sandbox.tokens.staging);
	} finally {
		if (before === undefined) delete process.env.HTTPS_PROXY;
		else process.env.HTTPS_PROXY = before;
		await close();
	}
});

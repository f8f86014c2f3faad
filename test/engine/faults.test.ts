import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

import { startSandbox, type Fault } from '../sandbox/sandbox';
import { deals } from '../support/engine/deals';
import { continuing, everything, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('Every fault', () => {
	const uncertain = 'It is not known whether the client was created';
	it.each<[string, Fault, 'created' | 'rejected' | 'unknown', string | undefined, string]>([
		['a delay within the timeout', { kind: 'delay', ms: 50 }, 'created', undefined, ''],
		['no answer', { kind: 'hang' }, 'unknown', 'ECONNABORTED', 'No full answer came within the time limit of 0.3 seconds'],
		['a reset before reading', { kind: 'resetBeforeRead' }, 'unknown', 'ECONNRESET', 'was lost before the full answer arrived'],
		['a reset after reading', { kind: 'resetAfterRead' }, 'unknown', 'ECONNRESET', 'was lost before the full answer arrived'],
		[
			'half a response, then the end',
			{ kind: 'halfResponse' },
			'unknown',
			'ERR_BAD_RESPONSE',
			'was lost before the full answer arrived',
		],
		['half a response, then silence', { kind: 'halfResponse', then: 'hang' }, 'unknown', 'ECONNABORTED', 'No full answer came'],
		['an empty answer', { kind: 'empty' }, 'unknown', '200', 'could not be read'],
		['an HTML page', { kind: 'html' }, 'unknown', '200', 'could not be read'],
		[
			'an answer without identifiers',
			{ kind: 'status', status: 200, body: { message: 'ok' } },
			'unknown',
			'200',
			'could not be read',
		],
		['an answer that is a list', { kind: 'status', status: 200, body: [] }, 'unknown', '200', 'could not be read'],
		['204', { kind: 'empty', status: 204 }, 'unknown', '204', 'could not be read'],
		['304', { kind: 'empty', status: 304 }, 'unknown', '304', 'another address'],
		['400', { kind: 'status', status: 400, body: { message: 'No such partner' } }, 'rejected', '400', 'No such partner'],
		['401', { kind: 'status', status: 401, body: {} }, 'rejected', '401', 'environment'],
		['402', { kind: 'status', status: 402, body: {} }, 'rejected', '402', 'This client was not created'],
		['403', { kind: 'status', status: 403, body: {} }, 'rejected', '403', 'Partner Provisioning Token'],
		['404', { kind: 'status', status: 404, body: '<html>' }, 'rejected', '404', 'base URL'],
		['409', { kind: 'status', status: 409, body: { error: 'exists' } }, 'rejected', '409', 'exists'],
		['422', { kind: 'status', status: 422, body: { errors: [{ message: 'bad name' }] } }, 'rejected', '422', 'bad name'],
		['500', { kind: 'status', status: 500, body: {} }, 'unknown', '500', 'HTTP'],
		['502', { kind: 'html', status: 502 }, 'unknown', '502', 'HTTP'],
		['503', { kind: 'status', status: 503, body: {} }, 'unknown', '503', 'HTTP'],
	])('%s has its outcome, and shows no token', async (_, fault, outcome, httpCode, words) => {
		sandbox.inject(fault);
		const stopping = await run(deals(1), { options: { timeout: 300 } });
		sandbox.inject(fault);
		const continued = await run(deals(1, 1), { options: { timeout: 300 }, settings: continuing });

		expect(posts()).toHaveLength(2);
		const [json] = output(continued);
		if (outcome === 'created') {
			expect(json).toHaveProperty('clientIdentifier');
			return;
		}
		expect(json).toMatchObject({ outcome, description: expect.stringContaining(words) as string });
		if (httpCode) expect(json).toMatchObject({ httpCode });
		if (outcome === 'unknown') expect(json!.error).toBe(uncertain);
		expect(stopping.error).toMatchObject({
			message: expect.stringMatching(/: “Testiyritys 0 Oy” \(\d{7}-\d\)$/) as string,
			context: { outcome, itemIndex: 0 },
		});
		for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
			expect(everything(stopping)).not.toContain(secret);
			expect(everything(continued)).not.toContain(secret);
		}
	});

	it.each<[string, Fault]>([
		['half a compressed response', { kind: 'halfResponse', compressed: true }],
		['half a compressed response, then silence', { kind: 'halfResponse', compressed: true, then: 'hang' }],
		['a change of protocol', { kind: 'switchProtocols' }],
	])(
		"%s, which n8n's helper may wait for without end, ends all the same, also for a second delivery",
		async (_, fault) => {
			// Minutes pass in a second; what is shorter takes its time.
			const timeout = AbortSignal.timeout.bind(AbortSignal);
			const passing = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
				if (ms < 60_000) return timeout(ms);
				const deadline = new AbortController();
				setTimeout(() => deadline.abort(), ms / 150).unref();
				return deadline.signal;
			});
			sandbox.inject(fault);
			const both = await Promise.all(
				[1, 2].map(async () => await run(deals(1), { options: { timeout: 300 }, settings: continuing })),
			);
			expect(both.map((result) => output(result)[0])).toEqual([
				expect.objectContaining({ error: uncertain, outcome: 'unknown' }),
				expect.objectContaining({ outcome: 'unknown' }),
			]);
			expect(posts()).toHaveLength(1);
			expect(passing).toHaveBeenCalledWith(450 + 150_000);
			passing.mockRestore();
		},
		30_000,
	);

	it('an answer that arrived in time is read, although this process stalled until after the deadline', async () => {
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
			const result = await run(deals(1), {
				baseUrl: `http://127.0.0.1:${port}`,
				options: { timeout: 4000 },
				settings: continuing,
			});
			expect(output(result)).toEqual([expect.objectContaining({ outcome: 'created', clientIdentifier: 7 })]);
		} finally {
			await server.terminate();
		}
	});

	it('a refusal that repeats the tokens shows neither', async () => {
		const client = '8848372d-8457-4ca4-9da9-673f1cdd6684';
		sandbox.inject({
			kind: 'status',
			status: 400,
			body: { message: `key ${sandbox.tokens.staging} for ${client} <b>refused</b>` },
		});
		const result = await run(deals(1));

		expect((result.error as unknown as { description: string }).description).toContain('“key *** for *** &lt;b>refused&lt;/b>”');
		expect(everything(result)).not.toContain(client);
		expect(everything(result)).not.toContain(sandbox.tokens.staging);
	});

	it('a redirect is not followed: the other server sees no request', async () => {
		const other = await startSandbox();
		try {
			for (const status of [301, 302, 303, 307, 308]) {
				sandbox.inject({ kind: 'redirect', location: `${other.url}/api/v1/partner/client`, status });
				const result = await run(deals(1, status), { settings: continuing });
				expect(output(result)[0]).toMatchObject({ outcome: 'unknown', httpCode: String(status) });
			}
			expect(other.requests).toEqual([]);
		} finally {
			await other.stop();
		}
	});

	it('a self-signed certificate keeps the token here', async () => {
		const secure = await startSandbox({ tls: true });
		try {
			const result = await run(deals(1), { baseUrl: secure.url, settings: continuing });
			expect(output(result)[0]).toMatchObject({
				outcome: 'rejected',
				httpCode: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) as string,
				description: expect.stringContaining('certificate is not trusted') as string,
			});
			expect(secure.requests).toEqual([]);
		} finally {
			await secure.stop();
		}
	});

	it.each([
		['a port that nobody listens on', 'http://127.0.0.1:9', 'ECONNREFUSED'],
		['a host that does not exist', 'https://nowhere.invalid', expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string],
	])('%s is certain not to have got the client', async (_, baseUrl, httpCode) => {
		const result = await run(deals(1), { baseUrl, settings: continuing });
		expect(output(result)[0]).toMatchObject({
			outcome: 'rejected',
			httpCode,
			error: expect.stringMatching(/^No (?:secure )?connection/) as string,
		});
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
	])('a firewall that %s is certain not to have let the client through', async (_, httpCode, onConnection) => {
		const { port, close } = await listener(onConnection);
		try {
			const result = await run(deals(1), { baseUrl: `https://127.0.0.1:${port}`, settings: continuing });
			expect(output(result)[0]).toMatchObject({
				outcome: 'rejected',
				httpCode,
				error: expect.stringMatching(/^No (?:secure )?connection/) as string,
			});
		} finally {
			await close();
		}
	});

	it('a proxy that hangs up is certain not to have let the client through, and never sees the token', async () => {
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
			const result = await run(deals(1), { baseUrl: 'https://api.example.com', settings: continuing });
			expect(output(result)[0]).toMatchObject({ outcome: 'rejected', httpCode: 'no proxy' });
			expect(seen).toEqual([expect.stringMatching(/^CONNECT api\.example\.com:443 /)]);
			expect(seen[0]).not.toContain(sandbox.tokens.staging);
		} finally {
			if (before === undefined) delete process.env.HTTPS_PROXY;
			else process.env.HTTPS_PROXY = before;
			await close();
		}
	});

	it('http where https was expected is certain not to have got the client', async () => {
		const result = await run(deals(1), { baseUrl: sandbox.url.replace('http:', 'https:'), settings: continuing });
		expect(output(result)[0]).toMatchObject({ outcome: 'rejected', httpCode: 'EPROTO' });
		expect(sandbox.requests).toEqual([]);
	});
});

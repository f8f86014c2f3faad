import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { apiExample, swedishExample } from './clientBodies';
import { type RawAnswer, type RawRequest, send } from './rawRequest';
import { type ClientBody, expiredToken, type Fault, type Sandbox, type SandboxOptions, startSandbox } from './sandbox';

const createPath = '/api/v1/partner/client';
const started: Sandbox[] = [];

async function start(options?: SandboxOptions): Promise<Sandbox> {
	const sandbox = await startSandbox(options);
	started.push(sandbox);
	return sandbox;
}

afterEach(async () => {
	await Promise.all(started.splice(0).map((sandbox) => sandbox.stop()));
});

function create(sandbox: Sandbox, body: unknown = apiExample, options: RawRequest = {}): Promise<RawAnswer> {
	return send(sandbox.url + createPath, {
		method: 'POST',
		body: typeof body === 'string' ? body : JSON.stringify(body),
		...options,
		headers: { 'x-api-key': sandbox.tokens.staging, 'content-type': 'application/json', ...options.headers },
	});
}

function ask(sandbox: Sandbox, path: string, token?: string): Promise<RawAnswer> {
	return send(sandbox.url + path, { headers: token === undefined ? {} : { 'x-api-key': token } });
}

function withClient(changes: Partial<ClientBody['client']>): ClientBody {
	return { ...apiExample, client: { ...apiExample.client, ...changes } };
}

/** The example with the value at `path` replaced, or the key taken out if there is no value. */
function changed(path: string, value?: unknown): unknown {
	const body = structuredClone(apiExample) as unknown as Record<string, unknown>;
	const keys = path.split('.');
	const last = keys.pop() as string;
	const parent = keys.reduce((object, key) => object[key] as Record<string, unknown>, body);
	if (value === undefined) delete parent[last];
	else parent[last] = value;
	return body;
}

function leaves(value: unknown, path: string[] = []): string[] {
	return typeof value === 'object' && value !== null
		? Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]))
		: [path.join('.')];
}

function json(answer: RawAnswer): Record<string, unknown> {
	return JSON.parse(answer.text) as Record<string, unknown>;
}

/** Waits until something holds that happens without an answer to wait for. */
async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('creating a client', () => {
	it.each([
		['the example of the API page', apiExample],
		['a Swedish client', swedishExample],
	])('accepts %s and answers with the documented fields', async (_name, body) => {
		const sandbox = await start();
		const answer = await create(sandbox, body);
		expect(answer.status).toBe(200);
		expect(answer.headers['content-type']).toMatch('application/json');
		expect(json(answer)).toEqual({
			message: 'New client created',
			clientIdentifier: expect.any(Number),
			confirmaFinanceCustomerCode: expect.any(Number),
			paymentReferencePrefix: expect.any(Number),
			apiAccessToken: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
		});
		const { clientIdentifier, apiAccessToken } = json(answer);
		expect(sandbox.created).toEqual([{ clientIdentifier, apiAccessToken, answer: json(answer), body }]);
	});

	it('records the request as it came', async () => {
		const sandbox = await start();
		const text = `${JSON.stringify(apiExample, null, 1)}\n`;
		await create(sandbox, text);
		expect(sandbox.requests).toEqual([
			{
				method: 'POST',
				path: createPath,
				headers: expect.objectContaining({
					'x-api-key': sandbox.tokens.staging,
					'content-length': String(Buffer.byteLength(text)),
				}),
				rawBody: text,
				body: apiExample,
				receivedAt: expect.any(Number),
				status: 200,
			},
		]);
	});

	it('creates a second client for the same business code', async () => {
		const sandbox = await start();
		const first = json(await create(sandbox));
		const second = json(await create(sandbox));
		expect(sandbox.created).toHaveLength(2);
		expect(second.clientIdentifier).not.toBe(first.clientIdentifier);
		expect(second.apiAccessToken).not.toBe(first.apiAccessToken);
	});

	it.each(leaves(apiExample))('refuses a body without %s, and one where it is no text', async (path) => {
		const sandbox = await start();
		for (const wrong of [changed(path), changed(path, 100), changed(path, null), changed(path, ['x'])]) {
			const answer = await create(sandbox, wrong);
			expect(answer.status).toBe(400);
			expect(json(answer).errors).toEqual([{ field: path, message: expect.any(String) }]);
		}
		expect(sandbox.created).toHaveLength(0);
		expect(sandbox.requests.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
	});

	it.each([
		['client.countryCode', 'Suomi'],
		['client.countryCode', ''],
		['client.languageCode', 'fin'],
		['client.currencyCode', 'eur'],
		['client.email', 'nobody'],
		['contacts.primary.email', 'a b@example.com'],
		['service.type', ''],
		['client.unknownKey', 'x'],
	])('refuses %s = "%s" and names the field', async (path, value) => {
		const sandbox = await start();
		const answer = await create(sandbox, changed(path, value));
		expect(answer.status).toBe(400);
		expect(json(answer).errors).toEqual([{ field: path, message: expect.any(String) }]);
	});

	it('names every field that is wrong', async () => {
		const sandbox = await start();
		const answer = await create(sandbox, withClient({ countryCode: 'Suomi', currencyCode: '€', email: 'x' }));
		expect((json(answer).errors as Array<{ field: string }>).map(({ field }) => field)).toEqual([
			'client.countryCode',
			'client.email',
			'client.currencyCode',
		]);
	});

	it.each(['INTERMEDIATION', 'COOP', 'Anything else'])('accepts the service type %s', async (type) => {
		expect((await create(await start(), changed('service.type', type))).status).toBe(200);
	});

	it.each([
		['half a JSON text', '{"service":', 'application/json'],
		['nothing', '', 'application/json'],
		['a list', '[]', 'application/json'],
		['null', 'null', 'application/json'],
		['a prototype key', JSON.stringify(apiExample).replace('{', '{"__proto__":{},'), 'application/json'],
		['a text', '"x"', 'application/json'],
		['a form', 'a=b', 'application/x-www-form-urlencoded'],
		['JSON that is called a text', JSON.stringify(apiExample), 'text/plain'],
	])('refuses %s', async (_name, body, type) => {
		const sandbox = await start();
		const answer = await create(sandbox, body, { headers: { 'content-type': type } });
		expect(answer.status).toBe(400);
		expect(json(answer).message).toEqual(expect.any(String));
		expect(sandbox.requests).toMatchObject([{ rawBody: body, status: 400 }]);
		expect(sandbox.created).toHaveLength(0);
	});

	it('reads a body of several megabytes and refuses one of more than 20', async () => {
		const sandbox = await start();
		const big = withClient({ postalAddress: 'å'.repeat(2_000_000) });
		expect((await create(sandbox, big)).status).toBe(200);
		expect(sandbox.created[0]?.body).toEqual(big);
		const tooBig = await create(sandbox, withClient({ postalAddress: 'a'.repeat(21 * 1024 * 1024) })).catch(
			({ code }: NodeJS.ErrnoException) => ({ status: code }),
		);
		// The refusal comes before the body has been sent, so the connection may break first.
		expect([413, 'EPIPE', 'ECONNRESET']).toContain(tooBig.status);
		expect(sandbox.created).toHaveLength(1);
	});
});

describe('tokens', () => {
	it.each(['staging', 'production'] as const)('accepts only the token of its environment, %s', async (environment) => {
		const sandbox = await start({ environment });
		const other = environment === 'staging' ? 'production' : 'staging';
		expect((await ask(sandbox, '/api/v1/partner/validate', sandbox.tokens[environment])).status).toBe(200);
		expect((await ask(sandbox, '/api/v1/partner/validate', sandbox.tokens[other])).status).toBe(401);
		expect((await create(sandbox, apiExample, { headers: { 'x-api-key': sandbox.tokens[other] } })).status).toBe(401);
		expect(sandbox.created).toHaveLength(0);
	});

	it.each(['/api/v1/partner/validate', '/api/v1/partner/renew'])('asks for a known token at %s', async (path) => {
		const sandbox = await start();
		for (const token of [undefined, '', 'unknown']) expect((await ask(sandbox, path, token)).status).toBe(401);
		expect(sandbox.requests.map(({ status }) => status)).toEqual([401, 401, 401]);
	});

	it('validates and renews with the documented answers', async () => {
		const sandbox = await start();
		expect(json(await ask(sandbox, '/api/v1/partner/validate', sandbox.tokens.staging))).toEqual({
			isValid: true,
			message: 'Token is valid',
		});
		expect(json(await ask(sandbox, '/api/v1/partner/renew', sandbox.tokens.staging))).toEqual({
			Message: expect.any(String),
		});
	});

	it("lets a client's token validate and renew, but create nothing", async () => {
		const sandbox = await start();
		const token = String(json(await create(sandbox)).apiAccessToken);
		expect((await ask(sandbox, '/api/v1/partner/validate', token)).status).toBe(200);
		expect((await ask(sandbox, '/api/v1/partner/renew', token)).status).toBe(200);
		expect((await create(sandbox, apiExample, { headers: { 'x-api-key': token } })).status).toBe(403);
		expect(sandbox.created).toHaveLength(1);
		sandbox.reset();
		expect((await ask(sandbox, '/api/v1/partner/validate', token)).status).toBe(401);
	});

	it('calls an expired token invalid', async () => {
		const sandbox = await start();
		const answer = await ask(sandbox, '/api/v1/partner/validate', expiredToken);
		expect(answer.status).toBe(200);
		expect(json(answer).isValid).toBe(false);
		expect((await ask(sandbox, '/api/v1/partner/renew', expiredToken)).status).toBe(401);
		expect((await create(sandbox, apiExample, { headers: { 'x-api-key': expiredToken } })).status).toBe(401);
	});
});

describe('faults', () => {
	async function createUnder(fault: Fault) {
		const sandbox = await start();
		sandbox.inject(fault);
		const answer = await create(sandbox).catch(({ code }: NodeJS.ErrnoException) => code);
		return { sandbox, answer, clients: sandbox.created.length };
	}

	it.each<[Fault, number, object, string, number]>([
		[{ kind: 'status', status: 500 }, 500, {}, '', 0],
		[{ kind: 'status', status: 503, body: 'Down', creates: true }, 503, {}, 'Down', 1],
		[
			{ kind: 'status', status: 400, body: { a: [1] } },
			400,
			{ 'content-type': 'application/json; charset=utf-8' },
			'{"a":[1]}',
			0,
		],
		[{ kind: 'status', status: 200, body: null, creates: true }, 200, {}, 'null', 1],
		[{ kind: 'status', status: 429, headers: { 'Retry-After': '2' } }, 429, { 'retry-after': '2' }, '', 0],
		[
			{ kind: 'status', status: 402, body: '<x/>', headers: { 'content-type': 'text/xml' } },
			402,
			{ 'content-type': expect.stringMatching('^text/xml') },
			'<x/>',
			0,
		],
		[{ kind: 'empty' }, 200, {}, '', 1],
		[{ kind: 'empty', creates: false }, 200, {}, '', 0],
		[{ kind: 'empty', status: 204 }, 204, {}, '', 1],
		[{ kind: 'empty', status: 502 }, 502, {}, '', 0],
		[
			{ kind: 'html' },
			200,
			{ 'content-type': 'text/html; charset=utf-8' },
			expect.stringMatching('^<!DOCTYPE html>') as unknown as string,
			1,
		],
		[{ kind: 'html', status: 502 }, 502, {}, expect.stringMatching('<html') as unknown as string, 0],
		[{ kind: 'redirect', location: 'http://127.0.0.1:9/x' }, 307, { location: 'http://127.0.0.1:9/x' }, '', 0],
		[{ kind: 'redirect', location: '/x', status: 302 }, 302, { location: '/x' }, '', 0],
	])('%j answers %i', async (fault, status, headers, text, clients) => {
		const result = await createUnder(fault);
		expect(result.answer).toMatchObject({ status, headers, text, complete: true });
		expect(result.clients).toBe(clients);
		expect(result.sandbox.requests).toMatchObject([{ status, fault: fault.kind, body: apiExample }]);
	});

	it.each<[Fault, number]>([
		[{ kind: 'resetBeforeRead' }, 0],
		[{ kind: 'resetBeforeRead', match: { businessCode: apiExample.client.businessCode } }, 0],
		[{ kind: 'resetAfterRead' }, 1],
		[{ kind: 'resetAfterRead', creates: false }, 0],
	])('%j breaks the connection', async (fault, clients) => {
		const result = await createUnder(fault);
		expect(result.answer).toBe('ECONNRESET');
		expect(result.clients).toBe(clients);
		expect(result.sandbox.requests).toMatchObject([{ fault: fault.kind }]);
		expect(result.sandbox.requests[0]).not.toHaveProperty('status');
		expect((await create(result.sandbox)).status).toBe(200);
	});

	it('resets before the body has even been sent', async () => {
		const sandbox = await start();
		sandbox.inject({ kind: 'resetBeforeRead' });
		const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
		socket.write(
			`POST ${createPath} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${sandbox.tokens.staging}\r\n` +
				'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
		);
		// A socket that was closed in an orderly way would say "end" instead.
		const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
		expect(error.code).toBe('ECONNRESET');
		expect(sandbox.requests).toMatchObject([{ rawBody: '', fault: 'resetBeforeRead' }]);
	});

	it.each<[Fault, number]>([
		[{ kind: 'halfResponse' }, 1],
		[{ kind: 'halfResponse', creates: false, then: 'close' }, 0],
	])('%j stops in the middle', async (fault, clients) => {
		const result = await createUnder(fault);
		const answer = result.answer as RawAnswer;
		expect(answer).toMatchObject({ status: 200, complete: false });
		expect(answer.text).toMatch(/^{"message":/);
		expect(Number(answer.headers['content-length'])).toBeGreaterThan(Buffer.byteLength(answer.text));
		expect(result.clients).toBe(clients);
		expect(result.sandbox.requests).toMatchObject([{ status: 200, fault: 'halfResponse' }]);
	});

	it('a compressed half is one of what gzip made', async () => {
		const result = await createUnder({ kind: 'halfResponse', compressed: true });
		expect(result.answer).toMatchObject({ status: 200, complete: false, headers: { 'content-encoding': 'gzip' } });
		expect(result.clients).toBe(1);
	});

	it.each<[Fault, number]>([
		[{ kind: 'hang' }, 1],
		[{ kind: 'hang', creates: false }, 0],
		[{ kind: 'halfResponse', then: 'hang' }, 1],
		[{ kind: 'delay', ms: 600_000 }, 1],
		[{ kind: 'status', status: 500, ms: 600_000, creates: true }, 1],
	])('%j leaves the caller waiting, and stopping ends the wait', async (fault, clients) => {
		const sandbox = await start();
		sandbox.inject(fault);
		const answer = create(sandbox).then(
			({ complete }) => complete,
			() => 'broken',
		);
		await until(() => sandbox.requests[0]?.fault !== undefined);
		expect(sandbox.created).toHaveLength(clients);
		await sandbox.stop();
		expect(await answer).not.toBe(true);
	});

	it('answers with a change of protocol, and creates the client', async () => {
		const sandbox = await start();
		sandbox.inject({ kind: 'switchProtocols' });
		const request = httpRequest(`${sandbox.url}${createPath}`, {
			method: 'POST',
			headers: { 'x-api-key': sandbox.tokens.staging, 'content-type': 'application/json' },
		});
		request.end(JSON.stringify(apiExample));
		const [answer, socket] = (await once(request, 'upgrade')) as [IncomingMessage, Socket];
		socket.destroy();
		expect(answer.statusCode).toBe(101);
		expect(sandbox.created).toHaveLength(1);
	});

	it('creates the client before a delay and answers after it', async () => {
		const sandbox = await start();
		sandbox.inject({ kind: 'delay', ms: 50 });
		const answer = create(sandbox);
		await until(() => sandbox.created.length === 1);
		expect(sandbox.requests[0]).not.toHaveProperty('status');
		expect(json(await answer)).toEqual(sandbox.created[0]?.answer);
	});

	it('uses each fault as often as it says, for the client it is meant for', async () => {
		const sandbox = await start();
		sandbox.inject(
			{ kind: 'status', status: 501, match: { businessCode: 'other' } },
			{ kind: 'status', status: 502, match: { name: 'Named' } },
			{ kind: 'status', status: 503, times: 2 },
		);
		const statuses = [];
		for (const client of [{}, {}, {}, { name: 'Named' }, { businessCode: 'other' }, { businessCode: 'other' }]) {
			statuses.push((await create(sandbox, withClient(client))).status);
		}
		expect(statuses).toEqual([503, 503, 200, 502, 501, 200]);
	});

	it('keeps a fault for a request that gets past token and body', async () => {
		const sandbox = await start();
		sandbox.inject({ kind: 'status', status: 503 });
		expect((await create(sandbox, apiExample, { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
		expect((await create(sandbox, {})).status).toBe(400);
		expect((await create(sandbox)).status).toBe(503);
	});

	it.each([
		['Sandbox 400', 400, 0],
		['sandbox 401 ', 401, 0],
		['Sandbox 429', 429, 0],
		['Sandbox empty', 200, 1],
		['Sandbox html', 502, 0],
		['Sandbox redirect', 307, 0],
		['Sandbox', 200, 1],
	])('lets the name "%s" ask for %i', async (name, status, clients) => {
		const sandbox = await start();
		expect((await create(sandbox, withClient({ name }))).status).toBe(status);
		expect(sandbox.created).toHaveLength(clients);
	});

	it('lets the name "Sandbox reset" break the connection', async () => {
		const sandbox = await start();
		await expect(create(sandbox, withClient({ name: 'Sandbox reset' }))).rejects.toMatchObject({ code: 'ECONNRESET' });
		expect(sandbox.created).toHaveLength(1);
	});
});

describe('the sandbox as a server', () => {
	it('counts requests in flight and connections, and forgets all on reset', async () => {
		const sandbox = await start({ latency: 20 });
		const agent = new Agent({ keepAlive: true, maxSockets: 4 });
		const answers = await Promise.all(Array.from({ length: 40 }, () => create(sandbox, apiExample, { agent })));
		agent.destroy();
		expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
		expect(sandbox.peakInFlight).toBe(4);
		expect(sandbox.peakConnections).toBe(4);
		expect(sandbox.connectionsOpened).toBe(4);
		sandbox.inject({ kind: 'status', status: 500 });
		sandbox.reset();
		expect(sandbox.requests).toEqual([]);
		expect(sandbox.created).toEqual([]);
		expect(sandbox.peakInFlight).toBe(0);
		expect(sandbox.connectionsOpened).toBe(0);
		expect((await create(sandbox)).status).toBe(200);
	});

	it('takes only so many requests a second when told to', async () => {
		const sandbox = await start({ perSecond: 3 });
		const statuses = async () => {
			const answers = await Promise.all(Array.from({ length: 10 }, () => create(sandbox)));
			for (const { status, headers } of answers) expect(headers['retry-after']).toBe(status === 429 ? '1' : undefined);
			return answers.map(({ status }) => status);
		};
		const nextSecond = async () => await delay(1000 - (Date.now() % 1000));
		await nextSecond();
		expect(await statuses()).toEqual([200, 200, 200, ...Array(7).fill(429)]);
		expect(sandbox.created).toHaveLength(3);
		sandbox.limit(1);
		await nextSecond();
		expect(await statuses()).toEqual([200, ...Array(9).fill(429)]);
		sandbox.reset();
		await nextSecond();
		expect((await statuses()).filter((status) => status === 200)).toHaveLength(3);
	});

	it('no longer counts a request whose caller went away', async () => {
		const sandbox = await start();
		// Long enough for the caller to be gone first, on a busy machine too.
		sandbox.inject({ kind: 'hang' }, { kind: 'delay', ms: 1000 });
		const abort = new AbortController();
		const answers = [1, 2].map(() => create(sandbox, apiExample, { signal: abort.signal }));
		await until(() => sandbox.created.length === 2);
		const requests = [...sandbox.requests];
		abort.abort();
		await Promise.all(answers.map((answer) => expect(answer).rejects.toThrow()));
		await until(() => {
			sandbox.reset();
			return sandbox.peakInFlight === 0;
		});
		expect((await create(sandbox)).status).toBe(200);
		expect(sandbox.peakInFlight).toBe(1);
		await new Promise((resolve) => setTimeout(resolve, 1200));
		expect(requests.map(({ status }) => status)).toEqual([undefined, undefined]);
	});

	it('serves thousands of requests at once without losing one', async () => {
		const sandbox = await start();
		const agent = new Agent({ keepAlive: true, maxSockets: 64 });
		const codes = Array.from({ length: 2000 }, (_, index) => `code ${index}`);
		await Promise.all(codes.map((businessCode) => create(sandbox, withClient({ businessCode }), { agent })));
		agent.destroy();
		expect(new Set(sandbox.created.map(({ body }) => body.client.businessCode))).toEqual(new Set(codes));
		expect(new Set(sandbox.created.map(({ clientIdentifier }) => clientIdentifier)).size).toBe(codes.length);
		expect(sandbox.peakInFlight).toBeLessThanOrEqual(64);
	});

	it('speaks TLS with a certificate that nobody trusts', async () => {
		const sandbox = await start({ tls: true });
		expect(sandbox.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
		await expect(create(sandbox)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
		expect(sandbox.requests).toHaveLength(0);
		expect((await create(sandbox, apiExample, { rejectUnauthorized: false })).status).toBe(200);
		sandbox.inject({ kind: 'resetAfterRead' });
		await expect(create(sandbox, apiExample, { rejectUnauthorized: false })).rejects.toMatchObject({ code: 'ECONNRESET' });
		expect(sandbox.created).toHaveLength(2);
	});

	it('answers what it does not know with 404, and records it', async () => {
		const sandbox = await start();
		expect((await ask(sandbox, '/api/v1/partner/clients', sandbox.tokens.staging)).status).toBe(404);
		expect(sandbox.requests).toMatchObject([{ method: 'GET', path: '/api/v1/partner/clients', status: 404 }]);
	});

	it('can be controlled over HTTP, off the record', async () => {
		const sandbox = await start();
		const control = (path: string, body?: unknown) =>
			send(`${sandbox.url}/sandbox/${path}`, {
				method: path === 'ledger' ? 'GET' : 'POST',
				headers: body === undefined ? {} : { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
		expect((await control('faults', [{ kind: 'status', status: 418, creates: true }])).status).toBe(204);
		expect((await create(sandbox)).status).toBe(418);
		expect(json(await control('ledger'))).toMatchObject({ created: sandbox.created, requests: 1, peakInFlight: 1 });
		for (const wrong of [{}, [{}], [{ kind: 'nothing' }], [{ kind: 'redirect' }], [{ kind: 'status', status: 99 }]]) {
			expect((await control('faults', wrong)).status).toBe(400);
		}
		expect((await control('reset')).status).toBe(204);
		expect(sandbox.created).toEqual([]);
		expect(sandbox.requests).toEqual([]);
	});

	it('has a valid OpenAPI description', async () => {
		const validator = require
			.resolve('@seriousme/openapi-schema-validator/package.json')
			.replace('package.json', 'bin/validate-api-cli.js');
		const { stdout } = await promisify(execFile)(process.execPath, [validator, join(__dirname, 'openapi.yaml')]);
		expect(JSON.parse(stdout)).toEqual({ valid: true });
	});

	it('starts from the command line, says what it is, logs no token and stops when asked', async () => {
		const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'main.ts'), '--port', '0'], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const exit = once(child, 'exit');
		try {
			const lines: string[] = [];
			const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
			const seen = (text: string) => lines.find((line) => line.includes(text));
			await until(() => seen('Ctrl-C') !== undefined);
			expect(seen('stand-in')).toBeDefined();
			const url = seen('Base URL')?.trim().split(/\s+/).pop() ?? '';
			const token = seen('Provisioning Token')?.trim().split(/\s+/).pop() ?? '';
			lines.length = 0;
			const headers = { 'x-api-key': token, 'content-type': 'application/json' };
			const answer = await send(url + createPath, { method: 'POST', headers, body: JSON.stringify(apiExample) });
			await until(() => seen('Test Customer Oy (123456-7)') !== undefined);
			expect(lines.join()).not.toContain(token);
			expect(lines.join()).not.toContain(String(json(answer).apiAccessToken));
			child.kill('SIGINT');
			expect(await exit).toEqual([0, null]);
			output.close();
		} finally {
			child.kill('SIGKILL');
		}
	});
});

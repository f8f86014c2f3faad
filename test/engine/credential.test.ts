import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IHttpRequestOptions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { apiExample } from '../sandbox/clientBodies';
import { startSandbox } from '../sandbox/sandbox';
import { loadPackage, testCredential, type NodePackage } from '../support/engine';
import { credentialsFor, deals } from '../support/engine/deals';
import { continuing, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('The credential', () => {
	it('a refused token says which environment was asked', async () => {
		const result = await run(deals(1), { token: 'wrong' });
		expect(result.error).toMatchObject({
			message: expect.stringContaining(`Confirma Finance at ${sandbox.url} did not accept the provisioning token: “`) as string,
			httpCode: '401',
		});
	});

	it('a base URL that would show the token is refused before anything is sent', async () => {
		const result = await run(deals(2), { baseUrl: 'http://gateway.example.com', settings: continuing });
		expect(output(result)).toEqual([
			expect.objectContaining({ outcome: 'invalid', description: expect.stringContaining('Use https://') as string }),
			expect.objectContaining({ outcome: 'invalid' }),
		]);
		const tested = await testCredential({ ...credentialsFor(sandbox), baseUrl: 'http://gateway.example.com' });
		expect(tested).toEqual({ status: 'Error', message: expect.stringContaining('Use https://') as string });
	});

	it('may hold expressions: each item goes with its own token, to its own address', async () => {
		const other = await startSandbox();
		const [first, second, third] = deals(3);
		const items = [
			{ ...first, address: sandbox.url, token: sandbox.tokens.staging },
			{ ...second, address: other.url, token: other.tokens.staging },
			{ ...third, address: 'http://gateway.example.com', token: 'x' },
		];
		try {
			const result = await run(items, { baseUrl: '={{ $json.address }}', token: '={{ $json.token }}', settings: continuing });
			expect(output(result)).toEqual([
				expect.objectContaining(sandbox.created[0]!.answer as object),
				expect.objectContaining(other.created[0]!.answer as object),
				expect.objectContaining({ outcome: 'invalid', description: expect.stringContaining('Use https://') as string }),
			]);
			expect(sandbox.created.map(({ body }) => body.client.businessCode)).toEqual([first!.id]);
			expect(other.created.map(({ body }) => body.client.businessCode)).toEqual([second!.id]);
			expect(other.requests.map(({ headers }) => headers['x-api-key'])).toEqual([other.tokens.staging]);
		} finally {
			await other.stop();
		}
	});

	it('lets no other node take the token along to where a server redirects', async () => {
		const other = await startSandbox();
		const { node, credential } = loadPackage();
		const asker = Object.create(node) as INodeType;
		asker.execute = async function () {
			const request = { method: 'POST' as const, body: apiExample, json: true };
			const url = `${sandbox.url}/api/v1/partner/client`;
			const asks = [
				async () =>
					(await this.helpers.httpRequestWithAuthentication.call(this, 'confirmaFinanceApi', { ...request, url })) as unknown,
				async () =>
					(await this.helpers.requestWithAuthentication.call(this, 'confirmaFinanceApi', {
						...request,
						uri: url,
						followAllRedirects: true,
					})) as unknown,
			];
			for (const ask of asks) {
				sandbox.inject({ kind: 'redirect', location: `${other.url}/api/v1/partner/validate`, status: 302 });
				await ask().catch(() => undefined);
			}
			return [[]];
		};
		try {
			await run([{}], { nodePackage: { credential, node: asker } });
			expect(posts().map(({ fault }) => fault)).toEqual(['redirect', 'redirect']);
			expect(other.requests).toEqual([]);
		} finally {
			await other.stop();
		}
	});

	it('lets no other node take the token through a proxy, past certificate checks, or to a server of another name', async () => {
		const seen: string[] = [];
		const proxy = createServer((request, response) => {
			seen.push(`${request.method} ${request.url}`);
			response.end();
		});
		proxy.on('connect', (request, socket) => {
			seen.push(`CONNECT ${request.url}`);
			socket.destroy();
		});
		proxy.listen(0, '127.0.0.1');
		await once(proxy, 'listening');
		const { port } = proxy.address() as AddressInfo;
		const ways = [
			{ proxy: `http://127.0.0.1:${port}` },
			{ proxy: { protocol: 'http', host: '127.0.0.1', port } },
			{ skipSslCertificateValidation: true },
			{ rejectUnauthorized: false },
			{ agentOptions: { rejectUnauthorized: false } },
			{ headers: { host: 'elsewhere.example.com' } },
		];
		const { node, credential } = loadPackage();
		const asker = Object.create(node) as INodeType;
		const refusals: string[] = [];
		asker.execute = async function () {
			const { httpRequestWithAuthentication, requestWithAuthentication } = this.helpers;
			const url = `${sandbox.url}/api/v1/partner/validate`;
			for (const way of ways) {
				const asks: Array<Promise<unknown>> = [
					httpRequestWithAuthentication.call(this, 'confirmaFinanceApi', { url, ...way } as IHttpRequestOptions),
					requestWithAuthentication.call(this, 'confirmaFinanceApi', { uri: url, ...way } as object),
				];
				for (const ask of asks) await ask.catch(({ message }: Error) => refusals.push(message));
			}
			return [[]];
		};
		try {
			await run([{}], { nodePackage: { credential, node: asker } });
			expect(refusals).toEqual(
				Array(2 * ways.length).fill(expect.stringMatching(/^The Confirma Finance credential can't be used/)),
			);
			expect(seen).toEqual([]);
			expect(sandbox.requests).toEqual([]);
		} finally {
			proxy.close();
		}
	});

	/** The package, which n8n gives its credential only as long as `isThere` says so. */
	function withCredential(isThere: (reading: number) => boolean): { nodePackage: NodePackage; readings: () => number } {
		const nodePackage = loadPackage();
		const node: INodeType = Object.create(nodePackage.node) as INodeType;
		let readings = 0;
		node.execute = async function () {
			const context = Object.create(this, {
				getCredentials: {
					value: async (...asked: Parameters<typeof this.getCredentials>) => {
						if (!isThere(++readings)) throw new Error('Credentials could not be decrypted');
						return await this.getCredentials(...asked);
					},
				},
			}) as typeof this;
			return (await nodePackage.node.execute!.call(context)) as INodeExecutionData[][];
		};
		return { nodePackage: { ...nodePackage, node }, readings: () => readings };
	}

	it('that cannot be read fails every item: n8n would let them pass as if they had succeeded', async () => {
		const { nodePackage, readings } = withCredential(() => false);
		const result = await run(deals(100), { nodePackage, settings: { onError: 'continueErrorOutput' } });
		expect(output(result, 0)).toEqual([]);
		const unread = {
			outcome: 'notSent',
			description: expect.stringMatching(/^n8n says: “Credentials could not be decrypted”\. Run the item again\./) as string,
		};
		expect(output(result, 1)).toEqual(deals(100).map(() => expect.objectContaining(unread) as object));
		// A database that is away may take its time to say so.
		expect(readings()).toBeLessThan(15);
	});

	it('that cannot be read for one item keeps none of the others back', async () => {
		const { nodePackage } = withCredential((reading) => reading !== 2);
		const result = await run(deals(3), { nodePackage, settings: continuing });
		expect(output(result)).toEqual([
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
			expect.objectContaining({ outcome: 'notSent' }),
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
		]);
	});

	it('that cannot be read for one item keeps everything from being sent where a run stops on a failure', async () => {
		const { nodePackage } = withCredential((reading) => reading !== 2);
		const result = await run(deals(3), { nodePackage });
		expect(result.error?.message).toContain("The credential 'Confirma Finance API' could not be read");
		expect(posts()).toEqual([]);
		expect((await run(deals(3))).status).toBe('success');
		expect(sandbox.created).toHaveLength(3);
	});

	it('that cannot be read any more on a second try hides nothing of the first', async () => {
		const [first, second] = deals(2);
		sandbox.inject({ kind: 'status', status: 400, match: { businessCode: second!.id } });
		const { nodePackage } = withCredential((reading) => reading <= 2);
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const result = await run([first!, second!], { nodePackage, settings });
		const { clientIdentifier, apiAccessToken } = sandbox.created[0]!;
		expect(result.error).toMatchObject({
			description: expect.stringContaining(`(${first!.id}) → client ${clientIdentifier}`) as string,
		});
		expect(posts()).toHaveLength(2);
		// n8n drops what the first try gave, so the next delivery gets it.
		expect(output(await run([first!]))).toMatchObject([{ outcome: 'created', clientIdentifier, apiAccessToken }]);
		expect(posts()).toHaveLength(2);
	});

	it('that is not chosen is asked for, and nothing is sent: for a preview any token will do', async () => {
		const without = { ...continuing, credentials: {} };
		for (const options of [{ previewOnly: true }, {}]) {
			const result = await run(deals(1), { settings: without, options });
			expect(output(result)).toEqual([
				expect.objectContaining({
					outcome: 'invalid',
					error: 'No credential is chosen, so nothing was sent',
					description: expect.stringContaining('For previews, any text will do as its token.') as string,
				}),
			]);
		}
		expect((await run(deals(1), { settings: { credentials: {} } })).error?.message).toMatch(/^No credential is chosen/);
		const preview = await run(deals(1), { token: 'any-text', options: { previewOnly: true } });
		expect(output(preview)).toEqual([expect.objectContaining({ outcome: 'preview' })]);
		expect(sandbox.requests).toEqual([]);
	});

	describe('is tested against the API', () => {
		const tested = async (changes: Partial<ReturnType<typeof credentialsFor>> = {}) =>
			await testCredential({ ...credentialsFor(sandbox), ...changes });

		it('and passes when the token is valid', async () => {
			expect(await tested()).toMatchObject({ status: 'OK' });
			expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v1/partner/validate']);
		});

		it.each(['//', '/api/v1', '/api/v1/', '/api/v1/partner', '/api/v1/partner/client'])(
			'and passes when the Base URL ends in %s, and the node sends to the same place',
			async (ending) => {
				expect(await tested({ baseUrl: `${sandbox.url}${ending}` })).toMatchObject({ status: 'OK' });
				expect((await run(deals(1), { baseUrl: `${sandbox.url}${ending}` })).status).toBe('success');
				expect(sandbox.created).toHaveLength(1);
			},
		);

		it.each([
			['wrong', 'did not accept the provisioning token. Confirma Finance says: “Unauthorized”.'],
			['sandbox-expired-token', 'did not accept the provisioning token. Confirma Finance says: “Token has expired”.'],
		])('and fails with the token %s', async (provisioningToken, words) => {
			expect(await tested({ provisioningToken })).toEqual({
				status: 'Error',
				message: expect.stringContaining(`Confirma Finance at ${sandbox.url} ${words}`) as string,
			});
		});

		it('and says in words why nobody answers', async () => {
			expect(await tested({ baseUrl: 'http://127.0.0.1:1' })).toEqual({
				status: 'Error',
				message: expect.stringMatching(/^No connection to .*could not be reached \(ECONNREFUSED\).* Check/) as string,
			});
			expect(await tested({ baseUrl: sandbox.url.replace('http:', 'https:') })).toEqual({
				status: 'Error',
				message: expect.stringMatching(/^No secure connection to .*it does not speak https \(EPROTO\)/) as string,
			});
		});

		it('and shows the token to no other server', async () => {
			const other = await startSandbox();
			const redirecting = createServer((_, response) =>
				response.writeHead(307, { location: `${other.url}/api/v1/partner/validate` }).end(),
			).listen(0, '127.0.0.1');
			try {
				await once(redirecting, 'listening');
				const { port } = redirecting.address() as AddressInfo;
				const { status, message } = await tested({ baseUrl: `http://127.0.0.1:${port}` });
				expect({ status, message }).toEqual({
					status: 'Error',
					message: expect.stringContaining(
						'points to another address (HTTP 307), which was not followed to protect the token',
					) as string,
				});
				expect(other.requests).toEqual([]);
			} finally {
				redirecting.close();
				await other.stop();
			}
		});
	});
});

import type { INodeExecutionData, INodeType } from 'n8n-workflow';

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
			message: expect.stringContaining(`: Confirma Finance at ${sandbox.url} did not accept the provisioning token`) as string,
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

	/** The which n8n gives its credential only as long as `isThere` says so. */
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
		const unread = { outcome: 'invalid', description: 'n8n could not read it (Credentials could not be decrypted).' };
		expect(output(result, 1)).toEqual(deals(100).map(() => expect.objectContaining(unread) as object));
		// A database that is away may take its time to say so.
		expect(readings()).toBe(10);
	});

	it('that cannot be read for one item keeps none of the others back', async () => {
		const { nodePackage } = withCredential((reading) => reading !== 2);
		const result = await run(deals(3), { nodePackage, settings: continuing });
		expect(output(result)).toEqual([
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
			expect.objectContaining({ outcome: 'invalid' }),
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
		]);
	});

	it('that cannot be read any more on a second try hides nothing of the first', async () => {
		const [first, second] = deals(2);
		sandbox.inject({ kind: 'status', status: 400, match: { businessCode: second!.id } });
		const { nodePackage } = withCredential((reading) => reading <= 2);
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const result = await run([first!, second!], { nodePackage, settings });
		const { clientIdentifier } = sandbox.created[0]!;
		expect(result.error).toMatchObject({
			description: expect.stringContaining(`${first!.id} → client ${clientIdentifier}`) as string,
		});
		expect(posts()).toHaveLength(2);
	});

	it('is tested against the API', async () => {
		expect(await testCredential(credentialsFor(sandbox))).toMatchObject({ status: 'OK' });
		expect(await testCredential({ ...credentialsFor(sandbox), baseUrl: `${sandbox.url}//` })).toMatchObject({ status: 'OK' });
		expect(await testCredential(credentialsFor(sandbox, 'wrong'))).toEqual({
			status: 'Error',
			message: expect.stringContaining('did not confirm this token') as string,
		});
		expect(await testCredential(credentialsFor(sandbox, 'sandbox-expired-token'))).toEqual({
			status: 'Error',
			message: expect.stringContaining('is not valid') as string,
		});
	});
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { apiExample } from '../sandbox/clientBodies';
import { loadPackage, testCredential, type NodePackage } from '../support/engine';
import { credentialsFor, deals } from '../support/engine/deals';
import { anotherSandbox, deal, other, scenario, stopping, third } from '../support/engine/scenario';

const plainHttp = { baseUrl: 'http://gateway.example.com' };

it('A refused token says which environment was asked', async () => {
	const { run, sandbox } = await scenario();
	const { output } = await run([deal], { credentials: { provisioningToken: 'wrong' } });
	expect(output).toMatchObject([
		{ message: `Confirma Finance at ${sandbox.url} did not accept the provisioning token`, httpCode: '401' },
	]);
});

it('A base URL that would show the token is refused before anything is sent', async () => {
	const { run, sandbox } = await scenario();
	const refusal = expect.stringContaining('Use https://') as string;
	const { output } = await run([deal, other], { credentials: plainHttp });
	expect(output).toMatchObject([{ outcome: 'invalid', description: refusal }, { outcome: 'invalid' }]);
	expect(await testCredential({ ...credentialsFor(sandbox), ...plainHttp })).toEqual({ status: 'Error', message: refusal });
});

it('A credential may hold expressions: each item goes with its own token, to its own address', async () => {
	const { run, sandbox } = await scenario();
	const elsewhere = await anotherSandbox();
	const items = [
		{ ...deal, address: sandbox.url, token: sandbox.tokens.staging },
		{ ...other, address: elsewhere.url, token: elsewhere.tokens.staging },
		{ ...third, address: plainHttp.baseUrl, token: 'x' },
	];
	const credentials = { baseUrl: '={{ $json.address }}', provisioningToken: '={{ $json.token }}' };
	const { output } = await run(items, { credentials });
	expect(output).toMatchObject([sandbox.created[0]!.answer, elsewhere.created[0]!.answer, { outcome: 'invalid' }]);
	expect(sandbox.created.map(({ body }) => body.client.businessCode)).toEqual([deal.id]);
	expect(elsewhere.created.map(({ body }) => body.client.businessCode)).toEqual([other.id]);
	expect(elsewhere.requests.map(({ headers }) => headers['x-api-key'])).toEqual([elsewhere.tokens.staging]);
});

/** A node of another package that asks for something with the credential, in each of n8n's two ways. */
function asking(requests: object[], before: () => void, heard: (error: Error) => void): NodePackage {
	const { node, credential } = loadPackage();
	const asker = Object.create(node) as INodeType;
	asker.execute = async function () {
		const { httpRequestWithAuthentication, requestWithAuthentication } = this.helpers;
		for (const request of requests as Array<{ url: string }>) {
			for (const ask of [
				async () => (await httpRequestWithAuthentication.call(this, 'confirmaFinanceApi', request)) as unknown,
				async () =>
					(await requestWithAuthentication.call(this, 'confirmaFinanceApi', { ...request, uri: request.url })) as unknown,
			]) {
				before();
				await ask().catch(heard);
			}
		}
		return [[]];
	};
	return { credential, node: asker };
}

it('The token goes along to no server to which another node is redirected', async () => {
	const { run, posts, sandbox } = await scenario();
	const elsewhere = await anotherSandbox();
	const request = {
		method: 'POST',
		url: `${sandbox.url}/api/v1/partner/client`,
		body: apiExample,
		json: true,
		followAllRedirects: true,
	};
	const redirect = () => sandbox.inject({ kind: 'redirect', location: `${elsewhere.url}/api/v1/partner/validate`, status: 302 });
	await run([{}], { nodePackage: asking([request], redirect, () => {}) });
	expect(posts().map(({ fault }) => fault)).toEqual(['redirect', 'redirect']);
	expect(elsewhere.requests).toEqual([]);
});

it('The token goes with no other node through a proxy, past certificate checks, or to a server of another name', async () => {
	const { run, sandbox } = await scenario();
	const seen: string[] = [];
	const proxy = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		response.end();
	});
	proxy.on('connect', (request, socket) => {
		seen.push(`CONNECT ${request.url}`);
		socket.destroy();
	});
	await once(proxy.listen(0, '127.0.0.1'), 'listening');
	const { port } = proxy.address() as AddressInfo;
	const ways = [
		{ proxy: `http://127.0.0.1:${port}` },
		{ proxy: { protocol: 'http', host: '127.0.0.1', port } },
		{ skipSslCertificateValidation: true },
		{ rejectUnauthorized: false },
		{ agentOptions: { rejectUnauthorized: false } },
		{ headers: { host: 'elsewhere.example.com' } },
	].map((way) => ({ url: `${sandbox.url}/api/v1/partner/validate`, ...way }));
	const refusals: string[] = [];
	try {
		await run([{}], {
			nodePackage: asking(
				ways,
				() => {},
				({ message }) => refusals.push(message),
			),
		});
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
		const getCredentials: IExecuteFunctions['getCredentials'] = async (...asked) => {
			if (!isThere(++readings)) throw new Error('Credentials could not be decrypted');
			return await this.getCredentials(...asked);
		};
		const context = Object.create(this, { getCredentials: { value: getCredentials } }) as typeof this;
		return (await nodePackage.node.execute!.call(context)) as INodeExecutionData[][];
	};
	return { nodePackage: { ...nodePackage, node }, readings: () => readings };
}

it('A credential that cannot be read fails every item: n8n would let them pass as if they had succeeded', async () => {
	const { run } = await scenario();
	const { nodePackage, readings } = withCredential(() => false);
	const { output, errorOutput } = await run(deals(100), { nodePackage, settings: { onError: 'continueErrorOutput' } });
	expect(output).toEqual([]);
	const unread = {
		outcome: 'notSent',
		description: expect.stringMatching(/^n8n says: “Credentials could not be decrypted”\. Run the item again\./) as string,
	};
	expect(errorOutput).toEqual(deals(100).map(() => expect.objectContaining(unread) as object));
	// A database that is away may take its time to say so.
	expect(readings()).toBeLessThan(15);
});

it('A credential that cannot be read for one item keeps none of the others back', async () => {
	const { run } = await scenario();
	const { nodePackage } = withCredential((reading) => reading !== 2);
	expect((await run([deal, other, third], { nodePackage })).outcomes).toEqual(['created', 'notSent', 'created']);
});

it('A credential that cannot be read for one item keeps everything from being sent where a run stops on a failure', async () => {
	const { run, posts } = await scenario();
	const { nodePackage } = withCredential((reading) => reading !== 2);
	const { error } = await run([deal, other, third], { nodePackage, settings: stopping });
	expect(error?.message).toContain("The credential 'Confirma Finance API' could not be read");
	expect(posts()).toEqual([]);
	expect((await run([deal, other, third])).outcomes).toEqual(['created', 'created', 'created']);
});

it('A credential that cannot be read any more on a second try hides nothing of the first', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 400, match: { businessCode: other.id } });
	const { nodePackage } = withCredential((reading) => reading <= 2);
	const settings = { ...stopping, retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
	const { description } = await run([deal, other], { nodePackage, settings });
	const { clientIdentifier, apiAccessToken } = sandbox.created[0]!;
	expect(description).toContain(`(${deal.id}) → client ${clientIdentifier}`);
	expect(posts()).toHaveLength(2);
	// n8n drops what the first try gave, so the next delivery gets it.
	expect((await run([deal])).output).toMatchObject([{ outcome: 'created', clientIdentifier, apiAccessToken }]);
	expect(posts()).toHaveLength(2);
});

it('A credential that is not chosen is asked for, and nothing is sent: for a preview any token will do', async () => {
	const { run, sandbox } = await scenario();
	for (const options of [{ previewOnly: true }, {}]) {
		const { output } = await run([deal], { settings: { onError: 'continueRegularOutput', credentials: {} }, options });
		expect(output).toMatchObject([
			{
				outcome: 'invalid',
				error: "The credential 'Confirma Finance API' needs correction, so nothing was sent",
				description: 'No credential is chosen. Choose or create one in the node; for previews, any text will do as its token.',
			},
		]);
	}
	const { error } = await run([deal], { settings: { ...stopping, credentials: {} } });
	expect(error?.description).toMatch(/^No credential is chosen/);
	const preview = await run([deal], { credentials: { provisioningToken: 'any-text' }, options: { previewOnly: true } });
	expect(preview.outcomes).toEqual(['preview']);
	expect(sandbox.requests).toEqual([]);
});

describe('The test of a credential', () => {
	it('passes when the API says that the token is valid, and asks nothing else', async () => {
		const { sandbox } = await scenario();
		expect(await testCredential(credentialsFor(sandbox))).toMatchObject({ status: 'OK' });
		expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v1/partner/validate']);
	});

	it.each(['//', '/api/v1/', '/api/v1/partner/client'])(
		'passes when the Base URL ends in %s, and the node sends to the same place',
		async (ending) => {
			const { run, sandbox } = await scenario();
			const credentials = { ...credentialsFor(sandbox), baseUrl: `${sandbox.url}${ending}` };
			expect(await testCredential(credentials)).toMatchObject({ status: 'OK' });
			expect((await run([deal], { credentials })).outcomes).toEqual(['created']);
		},
	);

	it.each([
		['wrong', 'did not accept the provisioning token. Confirma Finance says: “Unauthorized”.'],
		['sandbox-expired-token', 'did not accept the provisioning token. Confirma Finance says: “Token has expired”.'],
	])('fails with the token %s', async (provisioningToken, words) => {
		const { sandbox } = await scenario();
		expect(await testCredential(credentialsFor(sandbox, provisioningToken))).toEqual({
			status: 'Error',
			message: expect.stringContaining(`Confirma Finance at ${sandbox.url} ${words}`) as string,
		});
	});

	it('says in words why nobody answers', async () => {
		const { sandbox } = await scenario();
		expect(await testCredential({ ...credentialsFor(sandbox), baseUrl: 'http://127.0.0.1:1' })).toEqual({
			status: 'Error',
			message: expect.stringMatching(/^No connection to .*\(ECONNREFUSED\), so nothing was sent\. Check/) as string,
		});
		expect(await testCredential({ ...credentialsFor(sandbox), baseUrl: sandbox.url.replace('http:', 'https:') })).toEqual({
			status: 'Error',
			message: expect.stringMatching(/^No connection to .*no secure one \(EPROTO\)/) as string,
		});
	});

	it('shows the token to no other server', async () => {
		const elsewhere = await anotherSandbox();
		const redirecting = createServer((_, response) =>
			response.writeHead(307, { location: `${elsewhere.url}/api/v1/partner/validate` }).end(),
		).listen(0, '127.0.0.1');
		try {
			await once(redirecting, 'listening');
			const { port } = redirecting.address() as AddressInfo;
			const { status, message } = await testCredential({
				...credentialsFor(elsewhere),
				baseUrl: `http://127.0.0.1:${port}`,
			});
			expect(status).toBe('Error');
			expect(message).toContain('points to another address (HTTP 307), which was not followed to protect the token');
			expect(elsewhere.requests).toEqual([]);
		} finally {
			redirecting.close();
		}
	});
});

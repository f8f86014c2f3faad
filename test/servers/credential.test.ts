import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { makeSelfSignedCertificate } from '../sandbox/certificate';
import { company, dealWorkflow, nodeName, wonDeals, workflowNode } from '../support/n8n/dealWorkflow';
import { newestN8n, selectedVersions } from '../support/n8n/installN8n';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { lastTry, outputs, type SavedCredential } from '../support/n8n/n8nClient';

/** A proxy that passes requests for this machine on, and keeps what it saw. It opens no tunnels. */
class Proxy {
	readonly seen: Array<{ url: string; key?: unknown }> = [];

	private constructor(private readonly server: Server) {}

	static async start(): Promise<Proxy> {
		const server = createServer();
		const proxy = new Proxy(server);
		server.on('request', (incoming, answer) => {
			proxy.seen.push({ url: incoming.url!, key: incoming.headers['x-api-key'] });
			const { port, pathname } = new URL(incoming.url!);
			const { method, headers } = incoming;
			const onward = request({ host: '127.0.0.1', port, path: pathname, method, headers }, (reply) => {
				answer.writeHead(reply.statusCode!, reply.headers);
				reply.pipe(answer);
			});
			onward.on('error', () => answer.destroy());
			incoming.pipe(onward);
		});
		server.on('connect', (incoming, socket) => {
			proxy.seen.push({ url: incoming.url! });
			socket.destroy();
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return proxy;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	stop(): void {
		this.server.closeAllConnections();
		this.server.close();
	}
}

/** A port that drops every attempt to connect, as a firewall does: nobody accepts there, and the queue is full. */
async function startBlackHole(): Promise<{ port: number; stop: () => void }> {
	const script = `const server = require('node:net').createServer();
		server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
			require('node:fs').writeSync(1, server.address().port + '\\n');
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
		});`;
	const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
	const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
	const port = Number(line);
	const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
	await Promise.race(fillers.map(async (filler) => await once(filler, 'connect')));
	const stop = () => {
		fillers.forEach((filler) => filler.destroy());
		child.kill('SIGKILL');
	};
	return { port, stop };
}

describe.each(selectedVersions())('The credential on n8n $version', (version) => {
	let live: LiveN8n;
	/** The proxy that n8n itself is set up with, and one that only a node names. */
	let proxyOfN8n: Proxy;
	let proxyOfNode: Proxy;
	/** The sandbox by a name that n8n uses its proxy for. */
	let baseUrl: string;
	let credential: SavedCredential;

	beforeAll(async () => {
		[proxyOfN8n, proxyOfNode] = await Promise.all([Proxy.start(), Proxy.start()]);
		const env = { HTTP_PROXY: proxyOfN8n.url, NO_PROXY: '127.0.0.1' };
		live = await startLiveN8n(version, { env });
		baseUrl = live.sandbox.url.replace('127.0.0.1', 'localhost');
		credential = await live.client.createCredential('By name', 'confirmaFinanceApi', { ...live.access, baseUrl });
	});

	beforeEach(() => {
		live.sandbox.reset();
		proxyOfN8n.seen.length = 0;
		proxyOfNode.seen.length = 0;
	});

	afterAll(async () => {
		await live?.close();
		proxyOfN8n?.stop();
		proxyOfNode?.stop();
	});

	const tested = async (changes: IDataObject) =>
		await live.client.testCredential(live.credential, { ...live.access, ...changes });

	describe('is tested', () => {
		it('and passes when the token is valid, whatever part of the address was copied along', async () => {
			for (const ending of ['', '/', '/api/v1', '/api/v1/partner/client']) {
				expect(await tested({ baseUrl: live.sandbox.url + ending })).toMatchObject({ status: 'OK' });
			}
		});

		it("and passes through n8n's own proxy", async () => {
			expect(await tested({ baseUrl })).toMatchObject({ status: 'OK' });
			expect(proxyOfN8n.seen).toEqual([{ url: `${baseUrl}/api/v1/partner/validate`, key: live.access.provisioningToken }]);
		});

		it.each<[string, IDataObject, RegExp]>([
			[
				'a wrong token',
				{ provisioningToken: 'not-a-token' },
				/did not accept the provisioning token\. Confirma Finance says: “Unauthorized”\. Check in the credential/,
			],
			['no token', { provisioningToken: '' }, /'Provisioning Token' is empty/],
			[
				'an expired token',
				{ provisioningToken: 'sandbox-expired-token' },
				/did not accept the provisioning token\. Confirma Finance says: “Token has expired”/,
			],
			['no Base URL', { baseUrl: '' }, /'Base URL' is empty/],
			['http', { baseUrl: 'http://gateway.example.com' }, /Use https:\/\//],
			[
				'a server that does not exist',
				{ baseUrl: 'https://gateway.invalid' },
				/^No connection to .*\((ENOTFOUND|EAI_AGAIN)\), so nothing was sent/,
			],
			['a closed port', { baseUrl: 'http://127.0.0.1:1' }, /\(ECONNREFUSED\), so nothing was sent/],
			['another path', { baseUrl: 'PATH' }, /did not accept the request \(HTTP 404\)\. .*Check the environment and the base URL/],
			['https where http is spoken', { baseUrl: 'TLS' }, /no secure one \(EPROTO\)/],
		])('and fails with %s, in words', async (_, { baseUrl: given, ...changes }, words) => {
			const places: Record<string, string> = {
				PATH: `${live.sandbox.url}/elsewhere`,
				TLS: live.sandbox.url.replace('http:', 'https:'),
			};
			const address = given === undefined ? {} : { baseUrl: places[given as string] ?? given };
			const { status, message } = await tested({ ...changes, ...address });
			expect(status).toBe('Error');
			expect(message).toMatch(words);
			expect(message).not.toContain('not-a-token');
			expect(message).not.toContain(live.access.provisioningToken);
		});
	});

	/** Asks the API whether the token is valid, with n8n's own HTTP Request node and this credential. */
	async function askWithHttpRequest(parameters: INodeParameters, certificates?: SavedCredential) {
		const path = randomUUID();
		const { id } = await live.client.createWorkflow({
			name: 'HTTP Request',
			nodes: [
				workflowNode(
					'Start',
					'n8n-nodes-base.webhook',
					2,
					{ httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
					{ webhookId: path },
				),
				workflowNode(
					'Ask',
					'n8n-nodes-base.httpRequest',
					4.2,
					{
						url: `${baseUrl}/api/v1/partner/validate`,
						authentication: 'predefinedCredentialType',
						nodeCredentialType: 'confirmaFinanceApi',
						options: {},
						...parameters,
					},
					{ credentials: { confirmaFinanceApi: credential, ...(certificates && { httpSslAuth: certificates }) } },
				),
			],
			connections: { Start: { main: [[{ node: 'Ask', type: 'main', index: 0 }]] } },
		});
		await live.client.activate(id);
		await live.client.webhook(path, {});
		const execution = await live.client.lastExecution(id);
		return { execution, item: outputs(execution, 'Ask')[0]?.[0]?.json, message: lastTry(execution, 'Ask')?.error?.message };
	}

	describe("used by n8n's HTTP Request node", () => {
		it("goes along to its own address, through n8n's own proxy", async () => {
			expect((await askWithHttpRequest({})).item).toMatchObject({ isValid: true });
			expect(proxyOfN8n.seen).toMatchObject([{ key: live.access.provisioningToken }]);
		});

		it.each<[string, INodeParameters, RegExp]>([
			[
				'a proxy of its own',
				{ options: { proxy: 'PROXY' } },
				/a proxy, an SSL certificate or 'Ignore SSL Issues' that is set in the node/,
			],
			['SSL issues ignored', { options: { allowUnauthorizedCerts: true } }, /'Ignore SSL Issues' that is set in the node/],
			[
				'a Host header',
				{ sendHeaders: true, headerParameters: { parameters: [{ name: 'hOST', value: 'elsewhere.example.com' }] } },
				/a 'Host' header that names another server/,
			],
			['another address', { url: 'PROXY' }, /is for requests to http:\/\/localhost/],
			[
				'a certificate authority of its own',
				{ provideSslCertificates: true },
				/a proxy, an SSL certificate or 'Ignore SSL Issues' that is set in the node/,
			],
		])('does not go along with %s', async (_, given, words) => {
			const parameters = JSON.parse(JSON.stringify(given).replaceAll('PROXY', proxyOfNode.url)) as INodeParameters;
			const certificates = parameters.provideSslCertificates
				? await live.client.createCredential('Certificates', 'httpSslAuth', { ca: (await makeSelfSignedCertificate()).cert })
				: undefined;
			const { execution, item, message } = await askWithHttpRequest(parameters, certificates);
			expect({ status: execution.status, item }).toEqual({ status: 'error', item: undefined });
			expect(message).toMatch(words);
			expect(execution.raw).not.toContain(live.access.provisioningToken);
			expect(proxyOfNode.seen).toEqual([]);
			expect(proxyOfN8n.seen).toEqual([]);
			expect(live.sandbox.requests).toEqual([]);
		});
	});

	it("goes along with the node through n8n's own proxy", async () => {
		const draft = dealWorkflow({ credential });
		const { id } = await live.client.createWorkflow(draft);
		await live.client.activate(id);
		await live.client.webhook(draft.path, wonDeals(company(1)));
		expect((await live.client.lastExecution(id)).status).toBe('success');
		expect(live.sandbox.created).toHaveLength(1);
		expect(proxyOfN8n.seen).toMatchObject([{ key: live.access.provisioningToken }]);
	});

	// Older versions don't show whether a connection came about: there, the operating system's two minutes are waited for.
	(version === newestN8n ? it : it.skip)('a server behind a firewall that drops everything has got nothing', async () => {
		const hole = await startBlackHole();
		try {
			const unreachable = await live.client.createCredential('Firewall', 'confirmaFinanceApi', {
				...live.access,
				baseUrl: `https://127.0.0.1:${hole.port}`,
			});
			const draft = dealWorkflow({
				credential: unreachable,
				parameters: { options: { timeout: 1000 } },
				settings: { onError: 'continueRegularOutput' },
			});
			const { id } = await live.client.createWorkflow(draft);
			await live.client.activate(id);
			await live.client.webhook(draft.path, wonDeals(company(2)));
			const [[item]] = outputs(await live.client.lastExecution(id), nodeName) as [[{ json: IDataObject }]];
			expect(item.json).toMatchObject({ outcome: 'rejected', httpCode: 'ETIMEDOUT' });
		} finally {
			hole.stop();
		}
	});
});

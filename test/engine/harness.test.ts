import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	NodeConnectionTypes,
	NodeOperationError,
	type ICredentialType,
	type IExecuteFunctions,
	type INodeType,
} from 'n8n-workflow';
import {
	DeduplicationStore,
	itemsOf,
	logLines,
	NODE_NAME,
	runAsTool,
	runWorkflow,
	smallestWorkflow,
	testCredential,
	useDeduplicationStore,
	type NodePackage,
} from '../support/engine';

// A node and a credential of the test's own, so that what fails here is the harness.
const credential: ICredentialType = {
	name: 'confirmaFinanceApi',
	displayName: 'Stand-in',
	properties: [
		{ displayName: 'Environment', name: 'environment', type: 'options', options: [], default: 'staging' },
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			displayOptions: { show: { environment: ['custom'] } },
		},
		{ displayName: 'Token', name: 'provisioningToken', type: 'string', default: '' },
	],
	authenticate: { type: 'generic', properties: { headers: { 'X-Api-Key': '={{$credentials.provisioningToken}}' } } },
};

const node: INodeType = {
	description: {
		name: 'confirmaFinance',
		displayName: 'Stand-in',
		description: 'Posts a name',
		group: [],
		version: 1,
		defaults: {},
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'confirmaFinanceApi', required: true, testedBy: 'standInTest' }],
		properties: [
			{ displayName: 'Name', name: 'name', type: 'string', default: '', required: true },
			{ displayName: 'Once', name: 'once', type: 'boolean', default: false },
		],
	},
	async execute() {
		const { baseUrl } = await this.getCredentials<{ baseUrl: string }>('confirmaFinanceApi');
		const items = await Promise.all(this.getInputData().map(async (_item, index) => await post(this, baseUrl, index)));
		this.addExecutionHints({ message: `${items.length} posted` });
		this.logger.debug('posted');
		return [items];
	},
	methods: {
		credentialTest: {
			async standInTest({ data }) {
				const { environment, baseUrl, provisioningToken } = data as unknown as typeof credentials;
				const options = { uri: `${baseUrl}/validate`, headers: { 'X-Api-Key': provisioningToken }, json: true };
				const { isValid } = (await this.helpers.request(options)) as { isValid: boolean };
				return { status: isValid ? 'OK' : 'Error', message: `${environment}: ${provisioningToken}` };
			},
		},
	},
};

async function post(context: IExecuteFunctions, baseURL: string, index: number) {
	const name = context.getNodeParameter('name', index) as string;
	if (context.getNodeParameter('once', index)) {
		const { processed } = await context.helpers.checkProcessedAndRecord([name], 'node', { mode: 'entries' });
		if (processed.length) return { json: { repeated: name }, pairedItem: index };
	}
	try {
		const answer = (await context.helpers.httpRequestWithAuthentication.call(context, 'confirmaFinanceApi', {
			method: 'POST',
			baseURL,
			url: '/',
			body: { name },
			abortSignal: context.getExecutionCancelSignal(),
		})) as object;
		return { json: { ...answer, tool: context.isToolExecution() }, pairedItem: index };
	} catch {
		if (!context.continueOnFail()) throw new NodeOperationError(context.getNode(), `${name} was refused`, { itemIndex: index });
		return { json: {}, error: new NodeOperationError(context.getNode(), `${name} was refused`), pairedItem: index };
	}
}

const nodePackage: NodePackage = { node, credential };

let server: Server;
let credentials: { environment: string; baseUrl: string; provisioningToken: string };
const received: Array<{ key?: string; name?: string }> = [];
const refuse = new Set<string>();
let onRequest: () => void = () => {};

beforeAll(async () => {
	server = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk: Buffer) => (text += chunk.toString()));
		request.on('end', () => {
			const { name } = JSON.parse(text || '{}') as { name?: string };
			const key = request.headers['x-api-key'] as string;
			response.setHeader('content-type', 'application/json');
			if (request.url === '/validate') {
				response.end(JSON.stringify({ isValid: key === 'good' }));
				return;
			}
			received.push({ key, name });
			onRequest();
			if (name === 'hangs') return;
			response.statusCode = refuse.delete(name ?? '') ? 400 : 200;
			response.end(JSON.stringify({ created: name }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	credentials = { environment: 'custom', baseUrl: `http://127.0.0.1:${port}`, provisioningToken: 'good' };
});

afterAll(() => {
	server.closeAllConnections();
	server.close();
});

beforeEach(() => {
	received.length = 0;
	logLines.length = 0;
	onRequest = () => {};
	useDeduplicationStore();
});

const run = async (options: Omit<Parameters<typeof runWorkflow>[0], 'credentials' | 'nodePackage'>) =>
	await runWorkflow({ credentials, nodePackage, ...options });

it.each(['manual', 'webhook'] as const)('a %s run resolves expressions, applies the credential and sends', async (mode) => {
	const result = await run({
		workflow: smallestWorkflow({ name: '={{ $json.deal }}' }),
		items: itemsOf({ deal: 'A' }, { deal: 'B' }),
		mode,
	});

	expect(result.status).toBe('success');
	expect(received).toEqual([
		{ key: 'good', name: 'A' },
		{ key: 'good', name: 'B' },
	]);
	expect(result.nodes[NODE_NAME]).toMatchObject({
		outputs: [
			[
				{ json: { created: 'A', tool: false }, pairedItem: 0 },
				{ json: { created: 'B' }, pairedItem: 1 },
			],
		],
		hints: [{ message: '2 posted' }],
		executions: 1,
	});
	expect(result.stored).toContain('2 posted');
	expect(logLines).toContain('debug posted');
});

it('without items the pinned ones are used, and without those the run is refused', async () => {
	const workflow = smallestWorkflow({ name: '={{ $json.deal }}' });

	await expect(run({ workflow })).rejects.toThrow("'Webhook' has no items");
	await run({ workflow: { ...workflow, pinData: { Webhook: itemsOf({ deal: 'pinned' }) } } });
	expect(received).toEqual([{ key: 'good', name: 'pinned' }]);
});

it('a missing required parameter stops n8n before it starts', async () => {
	await expect(run({ workflow: smallestWorkflow({}), items: itemsOf({}) })).rejects.toThrow(/name/);
});

it('On Error = stop fails the execution and leaves no output', async () => {
	refuse.add('A');
	const result = await run({ workflow: smallestWorkflow({ name: 'A' }), items: itemsOf({}) });

	expect(result).toMatchObject({ status: 'error', error: { message: 'A was refused' }, nodes: { [NODE_NAME]: { outputs: [] } } });
});

it('Continue and the error output route as n8n does', async () => {
	refuse.add('A');
	const items = itemsOf({ deal: 'A' }, { deal: 'B' });
	const continued = await run({
		workflow: smallestWorkflow({ name: '={{ $json.deal }}' }, { onError: 'continueRegularOutput' }),
		items,
	});
	expect(continued.nodes[NODE_NAME]?.outputs).toMatchObject([[{ json: { error: 'A was refused' } }, { json: { created: 'B' } }]]);

	refuse.add('A');
	const routed = await run({
		workflow: smallestWorkflow({ name: '={{ $json.deal }}' }, { onError: 'continueErrorOutput' }),
		items,
	});
	expect(routed.status).toBe('success');
	expect(routed.nodes[NODE_NAME]?.outputs).toMatchObject([[{ json: { created: 'B' } }], [{ json: { error: 'A was refused' } }]]);
});

it('Retry On Fail runs the node again, and the tries are counted', async () => {
	refuse.add('A');
	const result = await run({
		workflow: smallestWorkflow({ name: 'A' }, { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 }),
		items: itemsOf({}),
	});

	expect(result).toMatchObject({ status: 'success', nodes: { [NODE_NAME]: { executions: 2 } } });
	expect(received).toHaveLength(2);
});

it('the stop button aborts the request in flight, and n8n records the execution as canceled', async () => {
	const stop = new AbortController();
	onRequest = () => stop.abort();
	const result = await run({ workflow: smallestWorkflow({ name: 'hangs' }), items: itemsOf({}), signal: stop.signal });

	expect(result.status).toBe('canceled');
	expect(received).toHaveLength(1);
});

it('deduplication works per run, per store, and not for an unsaved workflow', async () => {
	const workflow = smallestWorkflow({ name: 'A', once: true });
	const items = itemsOf({});
	await run({ workflow, items });
	const repeated = await run({ workflow, items });
	const elsewhere = await run({ workflow, items, store: new DeduplicationStore() });
	const unsaved = await run({ workflow: { ...workflow, id: undefined }, items });

	expect(repeated.nodes[NODE_NAME]?.outputs[0]).toMatchObject([{ json: { repeated: 'A' } }]);
	expect(elsewhere.nodes[NODE_NAME]?.outputs[0]).toMatchObject([{ json: { created: 'A' } }]);
	expect(unsaved.status).toBe('error');
});

it.each([
	['engine', false],
	['handler', true],
] as const)('an agent calls the node as its tool via the %s', async (via, isToolExecution) => {
	const { answers, result } = await runAsTool({
		parameters: { name: "={{ $fromAI('company', 'The company', 'string') }}" },
		calls: [{ company: 'A' }, { company: 'B' }],
		via,
		credentials,
		nodePackage,
	});

	expect(result.status).toBe('success');
	expect(answers).toEqual(['A', 'B'].map((created) => ({ response: [{ created, tool: isToolExecution }] })));
});

it.each([
	['good', 'OK'],
	['bad', 'Error'],
])('the credential is tested by the node: a %s token', async (provisioningToken, status) => {
	const tested = await testCredential({ ...credentials, provisioningToken }, nodePackage);
	expect(tested).toEqual({ status, message: `custom: ${provisioningToken}` });
});

it('the test of a credential gets the defaults of fields that were not filled in', async () => {
	const { status, message } = await testCredential({ environment: 'custom', baseUrl: credentials.baseUrl }, nodePackage);
	expect({ status, message }).toEqual({ status: 'Error', message: 'custom: ' });
});

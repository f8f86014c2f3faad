import { selectedVersions } from '../support/n8n/installN8n';
import { webhookKey } from './crms';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, startExampleServer } from './exampleServer';

describe.each(selectedVersions())('deal-won-webhook.json on n8n $version', (version) => {
	const example = readExample('deal-won-webhook.json');
	let server: ExampleServer;

	beforeAll(async () => {
		server = await startExampleServer(version, []);
	});

	afterAll(async () => await server?.close());

	it('creates its sample client right after import, and says so when it would be a second time', async () => {
		const workflow = await server.importExample(example, { httpHeaderAuth: webhookKey });
		const first = await server.runByHand(workflow, 'Deal Won');
		expect(failureOf(first)).toBeUndefined();
		expect(server.live.sandbox.created).toMatchObject([{ body: { client: { name: 'Test Customer Oy' } } }]);
		const second = await server.runByHand(workflow, 'Deal Won');
		expect(failureOf(second)).toMatch(/created before/);
		expect(server.live.sandbox.requests).toHaveLength(1);
	});

	it('lets nobody in without the key', async () => {
		const { client } = server.live;
		const workflow = await server.importExample(example, { httpHeaderAuth: webhookKey });
		await client.activate(workflow.id);
		const answer = await fetch(`${client.url}/webhook/deal-won`, { method: 'POST', body: '{}' });
		expect(answer.status).toBe(403);
	});
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { company, nodeName, wonDeals } from '../support/n8n/dealWorkflow';
import { installPackage, packageName, packPackage, repository } from '../support/n8n/installPackage';
import { outputs } from '../support/n8n/n8nClient';
import { type Deployed, type QueueMode, startQueueMode } from './queueMode';

describe('n8n in queue mode with the package on the main alone', () => {
	let queue: QueueMode;
	let deployed: Deployed;

	beforeAll(async () => {
		queue = await startQueueMode({ isOnWorkers: false });
		deployed = await queue.deploy();
	});

	afterAll(async () => await queue?.close());

	async function deliver(number: number) {
		expect((await queue.client.webhook(deployed.path, wonDeals(company(number)))).status).toBe(200);
		return await queue.client.lastExecution(deployed.id);
	}

	it('fails in words that the troubleshooting page explains, and sends nothing', async () => {
		const { status, data } = await deliver(1);
		expect(status).toBe('error');
		const message = `Unrecognized node type: ${packageName}`;
		expect(data.resultData.error?.message).toBe(`${message}.confirmaFinance`);
		expect(readFileSync(join(repository, 'docs', 'troubleshooting.md'), 'utf8')).toContain(`| \`${message}…\` |`);
		expect(queue.sandbox.requests).toEqual([]);
	});

	it('creates the client once the package is on the workers and they are restarted', async () => {
		// Both have the same folder.
		await installPackage(queue.workers[0], await packPackage());
		await Promise.all(queue.workers.map((worker) => worker.restart()));
		const execution = await deliver(1);
		expect(execution.status).toBe('success');
		expect(outputs(execution, nodeName)[0]).toMatchObject([
			{ json: { clientIdentifier: queue.sandbox.created[0]!.clientIdentifier } },
		]);
		expect(queue.sandbox.created).toHaveLength(1);
	});
});

// npm start: a won deal goes through an example workflow on n8n's own engine, and the node creates the client at the sandbox.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { startSandbox } from '../test/sandbox/sandbox';
import { NODE_NAME, runWorkflow, type WorkflowFile } from '../test/support/engine';

const examples = join(__dirname, '..', 'examples');
const read = (file: string) => JSON.parse(readFileSync(join(examples, file), 'utf8')) as IDataObject;

function print(title: string, value: unknown): void {
	console.log(`\n${title}\n${JSON.stringify(value, undefined, 2)}`);
}

async function main(): Promise<void> {
	const event = read('events/deal-won.json');
	const workflow = { ...(read('deal-won-webhook.json') as unknown as WorkflowFile), id: 'deal-won' };
	const sandbox = await startSandbox();
	try {
		print('Event: the deal that was won, as the CRM sends it', event);
		for (const delivery of ['Client', 'The CRM sends the event once more']) {
			const before = sandbox.requests.length;
			const { nodes, error } = await runWorkflow({
				workflow,
				items: [{ json: { body: event } }],
				credentials: { environment: 'custom', baseUrl: sandbox.url, provisioningToken: sandbox.tokens.staging },
				mode: 'webhook',
			});
			for (const { method, path, body } of sandbox.requests.slice(before)) print(`Request: ${method} ${path}`, body);
			const item = nodes[NODE_NAME]?.outputs[0]?.[0]?.json;
			if (item)
				print(`${delivery}: what the node hands on`, { ...item, ...(item.apiAccessToken ? { apiAccessToken: '••••••••' } : {}) });
			else console.log(`\n${delivery}: the node stops\n${error?.message}`);
		}
		console.log(`\nClients created at the sandbox: ${sandbox.created.length}`);
		process.exitCode = sandbox.created.length === 1 ? 0 : 1;
	} finally {
		await sandbox.stop();
	}
}

void main();

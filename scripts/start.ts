// The main job from end to end: a deal-won event goes through an example workflow on n8n's own engine, and the node
// creates the client at the sandbox, or at Confirma Finance where the environment variables below name it.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { ConfirmaCredentials, NodeResult, RunResult, WorkflowFile } from '../test/support/engine';
import type { RecordedRequest, Sandbox } from '../test/sandbox/sandbox';

const usage = `Usage: npm start [-- path/to/event.json]

Runs examples/deal-won-webhook.json on the event (default: examples/events/deal-won.json).
Without further settings the client is created at the sandbox. To create a real client, set:
  CONFIRMA_ENVIRONMENT   staging, production or custom
  CONFIRMA_BASE_URL      the address, for custom only
  CONFIRMA_TOKEN         the provisioning token`;

const root = join(__dirname, '..');
const workflowPath = join(root, 'examples', 'deal-won-webhook.json');
const defaultEventPath = join(root, 'examples', 'events', 'deal-won.json');

/** What the caller got wrong, in words for the terminal. */
class UsageError extends Error {}

async function main(): Promise<boolean> {
	const [eventPath = defaultEventPath, ...rest] = process.argv.slice(2);
	if (eventPath === '--help' || eventPath === '-h') {
		console.log(usage);
		return true;
	}
	if (rest.length || eventPath.startsWith('-')) throw new UsageError(usage);
	const event = await readJson(eventPath);
	const workflow = { ...((await readJson(workflowPath)) as unknown as WorkflowFile), id: 'deal-won' };
	const credentials = realCredentials();
	heading('Event', relative(process.cwd(), eventPath));
	print(event);
	return credentials ? await createForReal(workflow, event, credentials) : await createAtSandbox(workflow, event);
}

/** Two deliveries of one event, as CRMs make them: the first creates the client, the second is held back. */
async function createAtSandbox(workflow: WorkflowFile, event: IDataObject): Promise<boolean> {
	const { startSandbox } = await import('../test/sandbox/sandbox');
	const sandbox = await startSandbox();
	try {
		const credentials = { environment: 'custom', baseUrl: sandbox.url, provisioningToken: sandbox.tokens.staging };
		const created = await deliver('First delivery', workflow, event, credentials, sandbox);
		if (created) {
			await deliver('Second delivery of the same event', workflow, event, credentials, sandbox);
			console.log(`\nClients created at the sandbox: ${sandbox.created.length}`);
		}
		return created;
	} finally {
		await sandbox.stop();
	}
}

/** One delivery, and the request as the node previews it, since nobody can see it arrive. */
async function createForReal(workflow: WorkflowFile, event: IDataObject, credentials: ConfirmaCredentials): Promise<boolean> {
	const preview = await run(withOptions(workflow, { previewOnly: true }), event, credentials);
	const { method, url, body } = preview.node?.outputs[0]?.[0]?.json ?? {};
	if (url) {
		heading('Request', `${String(method)} ${String(url)}`);
		print(body);
	}
	const created = await deliver('Delivery', workflow, event, credentials);
	if (created) console.log('\nNothing of this run is remembered: a second run creates the client again.');
	return created;
}

async function deliver(
	title: string,
	workflow: WorkflowFile,
	event: IDataObject,
	credentials: ConfirmaCredentials,
	sandbox?: Sandbox,
): Promise<boolean> {
	console.log(`\n━━ ${title} ━━`);
	const seen = sandbox?.requests.length ?? 0;
	const { result, node } = await run(workflow, event, credentials);
	if (sandbox) showRequests(sandbox.requests.slice(seen));
	return showOutcome(result, node);
}

async function run(workflow: WorkflowFile, event: IDataObject, credentials: ConfirmaCredentials) {
	const { runWorkflow } = await import('../test/support/engine');
	const result = await runWorkflow({ workflow, items: [webhookItem(event)], credentials, mode: 'webhook' });
	return { result, node: result.nodes[confirmaNode(workflow).name] };
}

function showRequests(requests: RecordedRequest[]): void {
	if (!requests.length) heading('Request', 'none was sent');
	for (const { method, path, headers, body } of requests) {
		heading('Request', 'as the sandbox received it');
		console.log(`${method} ${path}`);
		console.log(`content-type: ${headers['content-type'] ?? ''}`);
		console.log(`x-api-key: ${'•'.repeat(8)}`);
		print(body);
	}
}

/** Prints what n8n shows at the node. True if a client was created. */
function showOutcome({ status, error }: RunResult, node?: NodeResult): boolean {
	const item = node?.outputs[0]?.[0]?.json;
	const created = status === 'success' && item?.clientIdentifier !== undefined;
	if (created) {
		const { apiAccessToken, ...rest } = item;
		heading('Client', 'as the node hands it on');
		print({ ...rest, ...(apiAccessToken ? { apiAccessToken: '•••••••• (whole in the item)' } : {}) });
	} else if (item) {
		heading('Output');
		print(item);
	}
	if (error) {
		heading('Error', 'as n8n shows it');
		console.log(error.message);
		if ('description' in error && error.description) console.log(readable(error.description));
	}
	for (const { message } of node?.hints ?? []) {
		heading('Hint');
		console.log(readable(message));
	}
	heading('Outcome', created ? 'created' : outcomeOf(item, error));
	console.log(`The execution ended with ${status}.`);
	return created;
}

function outcomeOf(item?: IDataObject, error?: RunResult['error']): string {
	const context = error && 'context' in error ? (error.context as IDataObject | undefined) : undefined;
	return String(item?.outcome ?? context?.outcome ?? 'not created');
}

/** The item that n8n's Webhook node makes of a request with this body. */
function webhookItem(body: IDataObject): INodeExecutionData {
	return {
		json: {
			headers: { 'content-type': 'application/json' },
			params: {},
			query: {},
			body,
			webhookUrl: 'http://localhost:5678/webhook/deal-won',
			executionMode: 'production',
		},
	};
}

function confirmaNode({ nodes }: WorkflowFile) {
	const node = nodes.find(({ type }) => type === 'n8n-nodes-confirma-finance.confirmaFinance');
	if (!node) throw new UsageError('The workflow has no Confirma Finance node');
	return node;
}

function withOptions(workflow: WorkflowFile, options: IDataObject): WorkflowFile {
	const target = confirmaNode(workflow);
	const merged = { ...(target.parameters.options as IDataObject), ...options };
	const changed = { ...target, parameters: { ...target.parameters, options: merged as typeof target.parameters } };
	return { ...workflow, nodes: workflow.nodes.map((node) => (node === target ? changed : node)) };
}

/** The real API's settings, or undefined for the sandbox. */
function realCredentials(): ConfirmaCredentials | undefined {
	const { CONFIRMA_ENVIRONMENT: environment, CONFIRMA_BASE_URL: baseUrl, CONFIRMA_TOKEN: provisioningToken } = process.env;
	if (!environment && !baseUrl && !provisioningToken) return undefined;
	if (!environment || !['staging', 'production', 'custom'].includes(environment)) {
		throw new UsageError(`CONFIRMA_ENVIRONMENT must be staging, production or custom\n\n${usage}`);
	}
	if (!provisioningToken) throw new UsageError(`CONFIRMA_TOKEN is not set\n\n${usage}`);
	if ((environment === 'custom') !== Boolean(baseUrl)) {
		throw new UsageError(`CONFIRMA_BASE_URL belongs to CONFIRMA_ENVIRONMENT=custom, and only there\n\n${usage}`);
	}
	return { environment, baseUrl, provisioningToken };
}

async function readJson(path: string): Promise<IDataObject> {
	const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
		throw new UsageError(
			error.code === 'ENOENT' ? `There is no file ${path}` : `${path} can't be read (${error.code ?? error.message})`,
		);
	});
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new UsageError(`${path} must hold one JSON object, as a webhook's body does`);
	}
	return value as IDataObject;
}

// n8n renders these texts as HTML.
function readable(html: string): string {
	return html
		.replace(/<br\s*\/?>/g, '\n')
		.replace(/<[^>]*>/g, '')
		.replace(
			/&(lt|gt|quot|#39|amp);/g,
			(_entity, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name] ?? '',
		);
}

function heading(title: string, detail?: string): void {
	console.log(`\n${title}${detail ? `: ${detail}` : ''}`);
}

function print(value: unknown): void {
	console.log(JSON.stringify(value, undefined, 2));
}

main().then(
	(created) => {
		process.exitCode = created ? 0 : 1;
	},
	(error: unknown) => {
		console.error(error instanceof UsageError ? error.message : error);
		process.exitCode = 1;
	},
);

import { inspect } from 'node:util';

import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox/sandbox';
import { credentialsFor, dealFields } from './deals';
import {
	DeduplicationStore,
	itemsOf,
	NODE_NAME,
	runWorkflow,
	smallestWorkflow,
	useDeduplicationStore,
	type NodePackage,
	type NodeSettings,
	type RunResult,
} from '.';

/** The sandbox of a suite, with nothing in it when a test begins. */
export let sandbox: Sandbox;

/** The workflow of a test: what a process remembers of a client is per workflow and node. */
export let workflowId: string;
let tests = 0;

/** Starts the sandbox for a suite, and gives each test a workflow, a sandbox and a deduplication store without history. */
export function useSandbox(): void {
	beforeAll(async () => {
		sandbox = await startSandbox({ environment: 'staging' });
	});
	afterAll(async () => await sandbox.stop());
	beforeEach(() => {
		sandbox.reset();
		useDeduplicationStore(new DeduplicationStore());
		workflowId = `workflow ${++tests}`;
	});
}

export interface Run {
	fields?: IDataObject;
	options?: IDataObject;
	settings?: NodeSettings;
	token?: string;
	baseUrl?: string;
	signal?: AbortSignal;
	nodePackage?: NodePackage;
}

/** Runs the smallest workflow with the given items against the sandbox. */
export async function run(
	items: IDataObject[],
	{ fields = dealFields, options, settings, token, baseUrl, signal, nodePackage }: Run = {},
) {
	const credentials = credentialsFor(sandbox, token);
	return await runWorkflow({
		workflow: smallestWorkflow({ ...fields, ...(options ? { options } : {}) }, settings, workflowId),
		items: itemsOf(...items),
		credentials: baseUrl ? { ...credentials, baseUrl } : credentials,
		signal,
		nodePackage,
	});
}

/** What n8n has of the node after a run. */
export const node = (result: RunResult) => result.nodes[NODE_NAME]!;

/** The JSON of the items on one of the node's outputs. */
export const output = (result: RunResult, index = 0) => node(result).outputs[index]?.map(({ json }) => json) ?? [];

/** The requests that would have created a client. */
export const posts = () => sandbox.requests.filter(({ method }) => method === 'POST');

export const continuing: NodeSettings = { onError: 'continueRegularOutput' };

/** All that a person, a log or n8n's database can see of a run. */
export function everything(result: RunResult): string {
	return [
		inspect(result, { depth: 20, maxStringLength: null, maxArrayLength: null }),
		JSON.stringify(node(result).outputs),
		result.stored,
		String(result.error?.stack),
	].join('\n');
}

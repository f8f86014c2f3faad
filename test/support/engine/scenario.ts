import { inspect } from 'node:util';

import type { IDataDeduplicator, IDataObject } from 'n8n-workflow';

import { startSandbox, type RecordedRequest, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox';
import { credentialsFor, dealFields, deals } from './deals';
import {
	anotherProcess,
	DeduplicationStore,
	itemsOf,
	logLines,
	MemoryRows,
	NODE_NAME,
	runAsTool,
	runWorkflow,
	smallestWorkflow,
	type ConfirmaCredentials,
	type NodePackage,
	type NodeSettings,
	type RunResult,
	type ToolRunOptions,
} from '.';

/** One n8n with a workflow of its own, and the API that it talks to. */
export interface Scenario {
	/** The API: what it received, what it created, and the faults that it is told to make. */
	sandbox: Sandbox;
	/** The requests that would have created a client, in order. */
	posts(): RecordedRequest[];
	/** What n8n's deduplication keeps. A second store over the same rows is another process's view of them. */
	rows: MemoryRows;
	workflowId: string;
	/** What n8n and the node have logged since the scenario began. */
	log(): string[];
	/** Delivers items to a workflow of a webhook and the node, which continues on failures unless told otherwise. */
	run(items: readonly object[], delivery?: Delivery): Promise<Run>;
	/** The same in another n8n process, as far as the package sees: it has a memory of its own. */
	elsewhere: Scenario['run'];
	/** Lets an AI agent call the node as its tool. */
	runAsTool(options: Omit<ToolRunOptions, 'credentials'>): ReturnType<typeof runAsTool>;
}

export interface Delivery {
	/** The node's parameters but for the options; default {@link dealFields}. */
	fields?: IDataObject;
	options?: IDataObject;
	settings?: NodeSettings;
	/** What differs from the credential for the sandbox. */
	credentials?: ConfirmaCredentials;
	/** Its abort is the stop button. */
	signal?: AbortSignal;
	executionId?: string;
	/** Default: a production run. */
	mode?: 'manual' | 'webhook';
	/** Another load of the package, to play another process. */
	nodePackage?: NodePackage;
	store?: IDataDeduplicator;
	/** Default: the scenario's. An empty one is that of a workflow that was never saved. */
	workflowId?: string;
}

/** What became of a run, and what n8n has of the node. */
export interface Run extends RunResult {
	/** The JSON of the items on the node's main output, and on its error output. */
	output: IDataObject[];
	errorOutput: IDataObject[];
	/** Of the items on the main output. */
	outcomes: unknown[];
	/** The messages of the hints. */
	hints: string[];
	/** How often n8n called the node, tries of Retry On Fail included. */
	tries: number;
	/** What a person reads below the message of the error that stopped the run. */
	description: string;
}

export const continuing: NodeSettings = { onError: 'continueRegularOutput' };
export const stopping: NodeSettings = { onError: 'stopWorkflow' };

/** Three won deals. */
export const [deal, other, third] = deals(3) as [Deal, Deal, Deal];
type Deal = ReturnType<typeof deals>[number];

let shared: Promise<Sandbox> | undefined;
const own: Sandbox[] = [];
let scenarios = 0;

afterEach(async () => {
	await Promise.all(own.splice(0).map(async (sandbox) => await sandbox.stop()));
});
afterAll(async () => await (await shared)?.stop());

/**
 * Sets a test's scene, without any history. Another scene in the same test needs options of its own for the sandbox.
 *
 * @param sandboxOptions for a sandbox other than the usual one
 * @param beforeAccess called, and awaited, before each access to n8n's deduplication store
 */
export async function scenario({
	beforeAccess,
	...sandboxOptions
}: SandboxOptions & { beforeAccess?: () => Promise<void> } = {}): Promise<Scenario> {
	const sandbox = await (Object.keys(sandboxOptions).length > 0 ? anotherSandbox(sandboxOptions) : usual());
	const rows = new MemoryRows();
	const scenarioStore = new DeduplicationStore({ rows, ...(beforeAccess && { beforeAccess }) });
	const scenarioId = `workflow ${++scenarios}`;
	const logged = logLines.length;
	const run: Scenario['run'] = async (items, delivery = {}) => {
		const { fields = dealFields, options = {}, settings = continuing, credentials, ...rest } = delivery;
		const { workflowId = scenarioId, mode = 'webhook', store = scenarioStore, ...others } = rest;
		const result = await runWorkflow({
			workflow: smallestWorkflow({ ...fields, options }, settings, workflowId),
			items: itemsOf(...(items as IDataObject[])),
			credentials: { ...credentialsFor(sandbox), ...credentials },
			mode,
			store,
			...others,
		});
		return described(result);
	};
	return {
		sandbox,
		rows,
		workflowId: scenarioId,
		posts: () => sandbox.requests.filter(({ method }) => method === 'POST'),
		log: () => logLines.slice(logged),
		run,
		elsewhere: async (items, delivery) => await run(items, { nodePackage: anotherProcess(), ...delivery }),
		runAsTool: async (options) =>
			await runAsTool({ workflowId: scenarioId, store: scenarioStore, credentials: credentialsFor(sandbox), ...options }),
	};
}

function described(result: RunResult): Run {
	const node = result.nodes[NODE_NAME];
	const [output = [], errorOutput = []] = (node?.outputs ?? []).map((items) => items.map(({ json }) => json));
	return {
		...result,
		output,
		errorOutput,
		outcomes: output.map(({ outcome }) => outcome),
		hints: (node?.hints ?? []).map(({ message }) => message),
		tries: node?.executions ?? 0,
		description: String((result.error as { description?: unknown } | undefined)?.description ?? ''),
	};
}

async function usual(): Promise<Sandbox> {
	shared ??= startSandbox();
	const sandbox = await shared;
	sandbox.reset();
	return sandbox;
}

/** A server beside the scenario's own, for one test. */
export async function anotherSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const sandbox = await startSandbox(options);
	own.push(sandbox);
	return sandbox;
}

/** Waits so many milliseconds of real time, also where the clock is fast. */
export const wait = async (ms: number) => await new Promise((resolve) => realSetTimeout(resolve, ms));
const realSetTimeout = globalThis.setTimeout;

/** Resolves when `isTrue` is. */
export async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await wait(5);
}

/** All that a person, a log or n8n's database can see of a run. */
export function everything(result: RunResult): string {
	return [
		inspect(result, { depth: 20, maxStringLength: null, maxArrayLength: null }),
		JSON.stringify(result.nodes[NODE_NAME]?.outputs),
		result.stored,
		String(result.error?.stack),
	].join('\n');
}

import type { IDataObject } from 'n8n-workflow';

import { credentialsFor, dealFields, deals } from './deals';
import { continuing, node, output, sandbox, useSandbox, workflowId } from './sandboxRun';
import {
	createPackage,
	DeduplicationStore,
	itemsOf,
	MemoryRows,
	runWorkflow,
	smallestWorkflow,
	useDeduplicationStore,
	type NodePackage,
	type NodeSettings,
	type RunResult,
} from '.';

export { continuing, sandbox, workflowId };

/** What a test's deduplication store keeps; a second store over the same rows is that of a second process. */
export let rows: MemoryRows;

/** Starts a sandbox for a suite, and gives each test a workflow and a deduplication store without history. */
export function useDeliveries(): void {
	useSandbox();
	// Many deliveries at once take a small machine a while.
	jest.setTimeout(60_000);
	beforeEach(() => {
		rows = new MemoryRows();
		useDeduplicationStore(new DeduplicationStore({ rows }));
	});
}

export interface Delivery {
	options?: IDataObject;
	settings?: NodeSettings;
	executionId?: string;
	signal?: AbortSignal;
	/** Another load of the package plays another process. */
	nodePackage?: NodePackage;
	store?: DeduplicationStore;
	/** Of the workflow. */
	id?: string;
	fields?: IDataObject;
}

/** Delivers won deals to a workflow in production; it continues on failures unless `settings` say otherwise. */
export async function deliver(items: IDataObject[], delivery: Delivery = {}): Promise<RunResult> {
	const { options = {}, settings = continuing, id = workflowId, fields = dealFields, ...run } = delivery;
	return await runWorkflow({
		workflow: smallestWorkflow({ ...fields, options }, settings, id),
		items: itemsOf(...items),
		credentials: credentialsFor(sandbox),
		mode: 'webhook',
		...run,
	});
}

/** Three won deals. */
export const [deal, other, third] = deals(3) as unknown as [IDataObject, IDataObject, IDataObject];

export const json = (result: RunResult) => output(result);
export const outcomes = (result: RunResult) => json(result).map(({ outcome }) => outcome ?? 'created');
export const hints = (result: RunResult) => node(result).hints.map(({ message }) => message);

/** How many requests reached the sandbox that would have created a client. */
export const posts = () => sandbox.requests.filter(({ method }) => method === 'POST').length;

/** Milliseconds of real time, also where the clock is fast. */
export const wait = async (ms: number) => await new Promise((resolve) => realSetTimeout(resolve, ms));
const realSetTimeout = globalThis.setTimeout;

/** Resolves when `isTrue` is. */
export async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await wait(5);
}

/** The package once more, with a memory of its own: another n8n process, as far as the package sees. */
export function anotherProcess(): NodePackage {
	let nodePackage!: NodePackage;
	jest.isolateModules(() => {
		// eslint-disable-next-line @typescript-eslint/no-require-imports
		nodePackage = createPackage(require('../../../index.js') as Parameters<typeof createPackage>[0]);
	});
	return nodePackage;
}

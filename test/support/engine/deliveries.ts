// For suites that keep a scenario in variables. New ones take what scenario() returns.
import type { IDataObject } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox/sandbox';
import { credentialsFor, dealFields, deals } from './deals';
import { continuing, scenario, type Delivery as ScenarioDelivery } from './scenario';
import {
	DeduplicationStore,
	itemsOf,
	NODE_NAME,
	runWorkflow,
	smallestWorkflow,
	useDeduplicationStore,
	type MemoryRows,
	type RunResult,
} from '.';

export { anotherProcess, continuing, until, wait } from './scenario';

export let sandbox: Sandbox;
export let workflowId: string;
/** What a test's deduplication store keeps; a second store over the same rows is that of a second process. */
export let rows: MemoryRows;

/** Gives each test of a suite a scenario of its own, and n8n a store over its rows that a test may replace. */
export function useDeliveries(): void {
	// Many deliveries at once take a small machine a while.
	jest.setTimeout(60_000);
	beforeEach(async () => {
		({ sandbox, workflowId, rows } = await scenario());
		useDeduplicationStore(new DeduplicationStore({ rows }));
	});
}

interface Delivery extends Omit<ScenarioDelivery, 'workflowId' | 'credentials'> {
	/** Of the workflow. */
	id?: string;
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

/** Two won deals. */
export const [deal, other] = deals(2) as unknown as [IDataObject, IDataObject];

const node = (result: RunResult) => result.nodes[NODE_NAME]!;
export const json = (result: RunResult) => node(result).outputs[0]?.map((item) => item.json) ?? [];
export const outcomes = (result: RunResult) => json(result).map(({ outcome }) => outcome ?? 'created');
export const hints = (result: RunResult) => node(result).hints.map(({ message }) => message);

/** How many requests reached the sandbox that would have created a client. */
export const posts = () => sandbox.requests.filter(({ method }) => method === 'POST').length;

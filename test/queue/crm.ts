import { setTimeout } from 'node:timers/promises';
import { type Company, nodeName, wonDeals } from '../n8n/dealWorkflow';
import { type Execution, eventually, lastTry, type N8nClient, outputs } from '../n8n/n8nClient';
import type { Deployed, QueueMode } from './queueMode';

/** One arrival of a won deal at the webhook. */
export interface Delivery {
	/** Unlike any other delivery's. */
	id: string;
	/** The company's business id. */
	businessCode: string;
	/** How often n8n didn't take it before it did. */
	refusals: number;
}

/** What n8n keeps of the execution that a delivery caused. */
export interface Ended {
	executionId: string;
	deliveryId: string;
	/** n8n's own verdict; `lost` if it left the execution unfinished with nobody working on it. */
	status: string;
	/** What the node said of the client; undefined if it was cut off before it could. */
	outcome?: string;
	clientIdentifier?: number;
	/** Milliseconds that the node took. */
	took?: number;
}

let deliveries = 0;

const patience = 300;

/** Delivers won deals as a CRM does, all at once: each again and again until n8n says that it has it. */
export async function deliver(client: N8nClient, { path }: Deployed, companies: Company[]): Promise<Delivery[]> {
	return await Promise.all(
		companies.map(async (company) => {
			const delivery = { id: `delivery-${++deliveries}-`, businessCode: company.id, refusals: 0 };
			const event = { ...wonDeals(company), deliveryId: delivery.id };
			await eventually(
				`n8n to take ${delivery.id}`,
				async () => {
					const answer = await client.webhook(path, event).catch(() => undefined);
					if (answer?.status === 200) return true;
					delivery.refusals += 1;
					return await setTimeout(500, undefined);
				},
				patience,
			);
			return delivery;
		}),
	);
}

/**
 * What became of all executions of a workflow, once each of them has ended or n8n has lost it: that is when no worker has
 * work and the execution goes on all the same.
 */
export async function ended({ client, isBusy }: QueueMode, { id }: Deployed): Promise<Ended[]> {
	let idleSince = Infinity;
	const executions = await eventually(
		`all executions of workflow ${id} to end`,
		async () => {
			const found = await listExecutions(client, id).catch(() => undefined);
			const busy = await isBusy().catch(() => true);
			idleSince = busy ? Infinity : Math.min(idleSince, Date.now());
			const areEnded = found?.every(({ status }) => !isGoingOn(status));
			// Between taking an event and giving it to the workers, n8n looks idle for a moment.
			const isIdle = Date.now() - idleSince > 10_000;
			if (found && !busy && (areEnded || isIdle)) return found;
			return await setTimeout(300, undefined);
		},
		patience,
	);
	const all: Ended[] = [];
	for (const execution of executions) all.push(read(await client.execution(execution.id)));
	return all;
}

const isGoingOn = (status: string) => ['new', 'running', 'waiting'].includes(status);

/** Executions of a workflow, all pages. */
async function listExecutions(client: N8nClient, workflowId: string): Promise<Array<{ id: string; status: string }>> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const all: Array<{ id: string; status: string }> = [];
	for (;;) {
		const lastId = all.at(-1)?.id;
		const range = lastId === undefined ? '' : `&lastId=${lastId}`;
		const { results } = await client.request<{ results: typeof all }>('GET', `/rest/executions?limit=100${range}&filter=${filter}`);
		if (results.length === 0) return all;
		all.push(...results);
	}
}

function read(execution: Execution): Ended {
	const json = outputs(execution, nodeName)[0]?.[0]?.json;
	const created = typeof json?.clientIdentifier === 'number' && json.error === undefined;
	return {
		executionId: execution.id,
		// What was delivered is there even where nothing else is: n8n keeps it to start the execution with.
		deliveryId: /delivery-\d+-/.exec(execution.raw)?.[0] ?? '',
		status: isGoingOn(execution.status) ? 'lost' : execution.status,
		...(json && { outcome: created ? 'created' : String(json.outcome) }),
		...(created && { clientIdentifier: json.clientIdentifier as number }),
		...(json && { took: lastTry(execution, nodeName)!.executionTime }),
	};
}

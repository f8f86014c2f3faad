import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ItemOptions } from '../../nodes/ConfirmaFinance/client/options';
import { type Company, nodeName, wonDeals } from '../support/n8n/dealWorkflow';
import { type Execution, eventually, lastTry, type N8nClient, outputs } from '../support/n8n/n8nClient';
import { psql, type Postgres } from '../support/n8n/postgres';
import { tagOf, type Delivery, type Ended } from '../sandbox/reconcile';
import type { Deployed, QueueMode } from './queueMode';

const run = promisify(execFile);

let events = 0;

const patience = 300;

/**
 * Delivers events of won deals as a CRM does, all at once: each again and again until n8n says that it has it.
 *
 * @param unknownHandling what the events ask for, where the workflow lets them
 */
export async function deliver(
	client: N8nClient,
	{ path }: Deployed,
	companies: Company[][],
	unknownHandling: ItemOptions['unknownHandling'] = 'hold',
): Promise<Delivery[]> {
	const delivered = companies.map(async (deals) => {
		const event = `event-${++events}-`;
		const tagged = deals.map((deal) => {
			const name = tagOf({ event, businessCode: deal.id });
			return { ...deal, contact: { ...deal.contact, name } };
		});
		let refusals = 0;
		await eventually(
			`n8n to take ${event}`,
			async () => {
				const body = { ...wonDeals(...tagged), id: event, unknownHandling };
				const answer = await client.webhook(path, body).catch(() => undefined);
				if (answer?.status === 200) return true;
				refusals += 1;
				return await setTimeout(500, undefined);
			},
			patience,
		);
		return deals.map(({ id }) => ({ event, businessCode: id, refusals }));
	});
	return (await Promise.all(delivered)).flat();
}

/**
 * What became of all executions of a workflow, once each of them has ended or n8n has lost it: that is when no worker has
 * work and the execution goes on all the same.
 */
export async function ended({ client, postgres, isBusy }: QueueMode, { id }: Deployed, deliveries: Delivery[]): Promise<Ended[]> {
	let idleSince = Infinity;
	const executions = await eventually(
		`all executions of workflow ${id} to end`,
		async () => {
			const found = await listExecutions(postgres, id).catch(() => undefined);
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
	for (const execution of executions) all.push(...read(await client.execution(execution.id), deliveries));
	return all;
}

const isGoingOn = (status: string) => ['new', 'running', 'waiting'].includes(status);

/**
 * Executions of a workflow, as n8n's database has them: n8n's own list orders its pages by the start of executions and goes on
 * by their ids, and so has some twice and others not at all where several workers start them.
 */
async function listExecutions(postgres: Postgres, workflowId: string): Promise<Array<{ id: string; status: string }>> {
	const [program, args] = await psql(postgres);
	const query = `SELECT id, status FROM execution_entity WHERE "workflowId" = '${workflowId}' ORDER BY id`;
	const { stdout } = await run(program, [...args, '--csv', '--tuples-only', '-c', query]);
	const rows = stdout.split('\n').filter(Boolean);
	return rows.map((row) => row.split(',') as [string, string]).map(([id, status]) => ({ id, status }));
}

function read(execution: Execution, deliveries: Delivery[]): Ended[] {
	const { id: executionId } = execution;
	const status = isGoingOn(execution.status) ? 'lost' : execution.status;
	// The event is there even where nothing else is, since n8n keeps it to start the execution with, or nothing is there.
	const event = /event-\d+-/.exec(execution.raw)?.[0];
	if (event === undefined) return [{ executionId, status }];
	const items = outputs(execution, nodeName)[0] ?? [];
	const deals = deliveries.filter((delivery) => delivery.event === event);
	if (deals.length === 0) return [{ executionId, delivery: { event, businessCode: '' }, status }];
	return deals.map(({ businessCode }, index) => {
		const json = items[index]?.json;
		const created = typeof json?.clientIdentifier === 'number' && json.error === undefined;
		return {
			executionId,
			delivery: { event, businessCode },
			status,
			...(json && { outcome: created ? 'created' : String(json.outcome), took: lastTry(execution, nodeName)!.executionTime }),
			...(created && { clientIdentifier: json.clientIdentifier as number }),
		};
	});
}

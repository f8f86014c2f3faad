// An n8n process of its own that runs what it is told over IPC: worker.ts FOLDER SPEED SEED (see workerProcess.ts)
import { appendFileSync } from 'node:fs';

import type { IDataDeduplicator } from 'n8n-workflow';

import { FolderRows, itemsOf, NODE_NAME, runWorkflow, smallestWorkflow, useDeduplicationStore } from '.';
import { disturbedStore, type Weather } from './disturbedStore';
import { speedUp } from './fastClock';
import { disturbancesIn, type Job, type Report } from './workerProcess';

const [folder, speed, seed] = process.argv.slice(2) as [string, string, string];

/** By workflow. */
const weather = new Map<string, Weather>();
let stopsAt: Job['stopsAt'];

/** The store, at one of whose calls the process stops itself. */
function stopping(store: IDataDeduplicator): IDataDeduplicator {
	const stopOnce = (call: string, when: string) => {
		if (stopsAt?.call !== call || stopsAt.when !== when) return;
		stopsAt = undefined;
		process.kill(process.pid, 'SIGSTOP');
	};
	const through = async <T>(call: string, make: () => Promise<T>): Promise<T> => {
		stopOnce(call, 'before');
		const result = await make();
		stopOnce(call, 'after');
		return result;
	};
	return {
		checkProcessedAndRecord: async (items, scope, ...rest) => {
			const isEnd = items.some((item) => String(item).startsWith('m1:'));
			const call = scope === 'workflow' ? 'lock' : isEnd ? 'end' : 'claim';
			return await through(call, async () => await store.checkProcessedAndRecord(items, scope, ...rest));
		},
		removeProcessed: async (...args) => await store.removeProcessed(...args),
		clearAllProcessedItems: async (...args) => await through('unlock', async () => await store.clearAllProcessedItems(...args)),
		getProcessedDataCount: async (...args) => await store.getProcessedDataCount(...args),
	};
}

speedUp(Number(speed));
useDeduplicationStore(
	stopping(
		disturbedStore(new FolderRows(folder), {
			speed: Number(speed),
			seed: Number(seed),
			weatherOf: (workflowId) => weather.get(workflowId) ?? 'calm',
			onDisturbed: (disturbance) => appendFileSync(disturbancesIn(folder), `${JSON.stringify(disturbance)}\n`),
		}),
	),
);

async function run({ workflowId, items, parameters, settings, credentials, ...job }: Job): Promise<Report> {
	weather.set(workflowId, job.weather ?? 'calm');
	stopsAt = job.stopsAt;
	const result = await runWorkflow({
		workflow: smallestWorkflow(parameters, settings, workflowId),
		items: itemsOf(...items),
		credentials,
		mode: 'webhook',
	});
	if (result.status !== 'success') {
		const { outcomes } = (result.error?.context ?? {}) as {
			outcomes?: Array<{ item: number; outcome: string; clientIdentifier?: number }>;
		};
		if (!outcomes) throw new Error('The run ended without saying what became of its items', { cause: result.error });
		return outcomes.map(({ item, ...rest }) => ({ index: item, ...rest }));
	}
	return result.nodes[NODE_NAME]!.outputs.flatMap((output, outputIndex) =>
		output.map(({ json, pairedItem }) => ({
			index: (pairedItem as { item: number }).item,
			output: outputIndex,
			outcome: typeof json.outcome === 'string' ? json.outcome : 'created',
			isFailure: 'error' in json,
			...(typeof json.clientIdentifier === 'number' && { clientIdentifier: json.clientIdentifier }),
		})),
	);
}

process.on('message', ({ id, job }: { id: number; job: Job }) => {
	void run(job).then(
		(report) => process.send!({ id, report }),
		(error: Error) => process.send!({ id, failure: String(error.stack) }),
	);
});
process.on('disconnect', () => process.exit());
process.send!('ready');

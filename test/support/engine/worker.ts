// An n8n process of its own that runs what it is told over IPC: worker.ts FOLDER SPEED (see workerProcess.ts)
import {
	DeduplicationStore,
	FolderRows,
	itemsOf,
	NODE_NAME,
	runWorkflow,
	seededLatency,
	smallestWorkflow,
	useDeduplicationStore,
} from '.';
import { speedUp } from './fastClock';
import type { Job, Report } from './workerProcess';

const [folder, speed] = process.argv.slice(2) as [string, string];

useDeduplicationStore(new DeduplicationStore({ rows: new FolderRows(folder), beforeAccess: seededLatency(process.pid, 1) }));
speedUp(Number(speed));

async function run({ workflowId, items, parameters, settings, credentials }: Job): Promise<Report> {
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

// Runs workflows on n8n's engine in a process of its own: started by `engineRuns.ts`, which sends jobs and gets figures.
import {
	DeduplicationStore,
	itemsOf,
	loadPackage,
	loadPackageFrom,
	NODE_NAME,
	runWorkflow,
	smallestWorkflow,
	type NodePackage,
} from '../support/engine';
import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, IHttpRequestOptions, INodeExecutionData, INodeType } from 'n8n-workflow';
import pLimit from 'p-limit';
import type { ClientBody } from '../sandbox/sandbox';
import { bodyFrom } from '../../nodes/ConfirmaFinance/client/fields';
import { clientBody, nodeParameters } from './bodies';
import type { Job, Measured } from './engineRuns';

type BodyOf = (context: IExecuteFunctions, item: INodeExecutionData, index: number) => ClientBody;

/** A node that does nothing but call n8n's helper with a body for each item, and takes the answers as they are. */
function loop({ node, credential }: NodePackage, concurrency: number, body: BodyOf): NodePackage {
	const looping = Object.assign(Object.create(node) as INodeType, {
		async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
			const limit = pLimit(concurrency);
			const { baseUrl } = await this.getCredentials('confirmaFinanceApi');
			const url = `${String(baseUrl)}/api/v1/partner/client`;
			const create = async (item: INodeExecutionData, index: number) => {
				const request: IHttpRequestOptions = { method: 'POST', url, body: body(this, item, index), json: true };
				const answer = (await this.helpers.httpRequestWithAuthentication.call(
					this,
					'confirmaFinanceApi',
					request,
				)) as IDataObject;
				return { json: answer, pairedItem: { item: index } };
			};
			return [await Promise.all(this.getInputData().map((item, index) => limit(() => create(item, index))))];
		},
	});
	return { node: looping, credential };
}

/** Ready-made, without n8n's expressions. */
const readyBody: BodyOf = (_context, { json }) => json as unknown as ClientBody;

const readBody: BodyOf = (context, _item, index) => {
	const read = (name: string) => context.getNodeParameter(name, index, '');
	const collections = new Map<string, IDataObject>();
	const body = bodyFrom(({ parameter }) => {
		const [name, child] = parameter.split('.') as [string, string?];
		if (child === undefined) return read(name);
		if (!collections.has(name)) collections.set(name, (read(name) || {}) as IDataObject);
		return collections.get(name)![child] ?? '';
	});
	return body as ClientBody;
};

const packages: Record<Job['subject'], (job: Job) => NodePackage> = {
	node: () => loadPackage(),
	guardOff: ({ guardOff }) => loadPackageFrom(guardOff),
	bareLoop: ({ concurrency }) => loop(loadPackage(), concurrency, readyBody),
	readingLoop: ({ concurrency }) => loop(loadPackage(), concurrency, readBody),
};

async function run(job: Job): Promise<Measured> {
	const { items, first, concurrency, baseUrl, token } = job;
	const store = new DeduplicationStore();
	const workflow = smallestWorkflow({ ...nodeParameters(), options: { maxConcurrency: concurrency } }, {}, randomUUID());
	const clients = Array.from({ length: items }, (_, index) => clientBody(first + index));
	const nodePackage = packages[job.subject](job);
	const cpu = process.cpuUsage();
	const result = await runWorkflow({
		workflow,
		items: itemsOf(...(clients as unknown as IDataObject[])),
		credentials: { environment: 'custom', baseUrl, provisioningToken: token },
		mode: 'webhook',
		store,
		nodePackage,
	});
	const { user, system } = process.cpuUsage(cpu);
	const node = result.nodes[NODE_NAME]!;
	if (node.outputs[0]?.length !== items)
		throw new Error(`${items} items went in, and ${node.outputs[0]?.length ?? 0} came out: ${result.error?.message ?? ''}`);
	return { milliseconds: node.runs[0]!.executionTime, cpuMilliseconds: (user + system) / 1000 };
}

process.on('message', (job: Job) => {
	run(job).then(
		(measured) => process.send!({ measured }),
		(error: Error) => process.send!({ error: error.stack }),
	);
});

import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { INode, INodeParameters } from 'n8n-workflow';
import { dealWorkflow, nodeName } from '../support/n8n/dealWorkflow';
import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { installPackage, packPackage } from '../support/n8n/installPackage';
import { eventually, N8nClient, N8nRefusal, type SavedCredential } from '../support/n8n/n8nClient';
import { N8nServer } from '../support/n8n/n8nServer';
import type { Sandbox } from '../sandbox/sandbox';
import { bodyParameters, clientBody, jsonText, nodeParameters } from './bodies';
import { memoryOf, processorTimeOf, resetPeak } from './memory';
import { buildWithoutGuard, copyPackage } from './packages';

const run = promisify(execFile);

/**
 * What sends the bodies: this node; the same with its guard off, or another version of it, where that is installed; n8n's HTTP
 * Request node with a field for each value, as it offers by default; that node with the item's values in one JSON text; or that
 * node with items that are such bodies already. All of them have the same credential.
 */
export type Sender = 'node' | 'guardOff' | 'otherVersion' | 'httpRequest' | 'httpRequestText' | 'httpRequestReady';

/** Node types of the senders that are packages of their own. */
const packages: Partial<Record<Sender, string>> = {
	node: 'n8n-nodes-confirma-finance.confirmaFinance',
	guardOff: 'n8n-nodes-confirma-finance-guard-off.confirmaFinance',
	otherVersion: 'n8n-nodes-confirma-finance-other-version.confirmaFinance',
};

/** Requests in flight at the most, for the sender that has such an option. */
const maxConcurrency = 50;

export interface Deployed {
	workflowId: string;
	nodeId: string;
	path: string;
}

export interface ServerRun {
	/** From the webhook's call to its answer; NaN if the execution failed. */
	milliseconds: number;
	/** Processor time of n8n, in milliseconds, until the execution was saved; NaN if it failed. Other work on the machine hardly matters to it. */
	processorTime: number;
	/** Bytes by which the memory of n8n's process grew at its peak, until the execution was saved; NaN if it failed. */
	growth: number;
	peakInFlight: number;
	connectionsOpened: number;
	/** Clients that came into being although the execution failed; 0 if it didn't. */
	lost: number;
}

/** An n8n with this package and the versions of its node to compare with, and a sandbox that it sends to. */
export class BenchServer {
	private nextCompany = 0;
	private client!: N8nClient;
	private credential!: SavedCredential;

	private constructor(
		private readonly server: N8nServer,
		private readonly sandbox: Sandbox,
	) {}

	/**
	 * Starts it for the first time.
	 * @param env settings of n8n
	 * @param otherVersion folder of another version's built package, to be installed instead of the one with the guard off
	 */
	static async create(sandbox: Sandbox, env: Record<string, string> = {}, otherVersion?: string): Promise<BenchServer> {
		// What n8n logs by default; the suites ask for more.
		const server = await N8nServer.create(await installN8n(newestN8n), { env: { N8N_LOG_LEVEL: 'info', ...env } });
		const created = new BenchServer(server, sandbox);
		try {
			await installPackage(server, await packPackage());
			const beside =
				otherVersion === undefined ? buildWithoutGuard() : copyPackage(otherVersion, 'n8n-nodes-confirma-finance-other-version');
			await installBeside(server, await beside);
			await created.start();
			const { url, tokens } = sandbox;
			created.credential = await created.client.createCredential('Sandbox', 'confirmaFinanceApi', {
				environment: 'custom',
				baseUrl: url,
				provisioningToken: tokens.staging,
			});
			return created;
		} catch (error) {
			await created.dispose();
			throw error;
		}
	}

	get databaseFile(): string {
		return this.server.databaseFile;
	}

	/** Process id of n8n. */
	get pid(): number {
		return this.server.pid!;
	}

	get nodeBinary(): string {
		return this.server.n8n.nodeBinary;
	}

	async start(): Promise<void> {
		await this.server.start();
		this.client = new N8nClient(this.server.url, this.server.n8n.version);
		await this.client.signIn();
	}

	async stop(): Promise<void> {
		await this.server.stop();
	}

	async dispose(): Promise<void> {
		await this.server.dispose();
	}

	/**
	 * Saves and activates a workflow of webhook, list, and the sender. The webhook answers at the end, with one item.
	 * @param parameters of this node, whichever version it is
	 */
	async deploy(sender: Sender, parameters = nodeParameters()): Promise<Deployed> {
		const { path, ...draft } = dealWorkflow({ path: randomUUID(), credential: this.credential });
		const nodes = draft.nodes.map((node) => {
			if (node.type === 'n8n-nodes-base.webhook')
				return { ...node, parameters: { ...node.parameters, responseData: 'firstEntryJson' } };
			return node.name === nodeName ? this.as(sender, node, parameters) : node;
		});
		const { id: workflowId } = await this.client.createWorkflow({ ...draft, nodes });
		await this.client.activate(workflowId);
		return { workflowId, nodeId: nodes.find(({ name }) => name === nodeName)!.id, path };
	}

	/**
	 * Delivers as many clients as there are to be items, none of which was delivered before.
	 * @throws if not every client was created although the execution went well
	 */
	async deliver({ workflowId, path }: Deployed, items: number): Promise<ServerRun> {
		const companies = Array.from({ length: items }, (_, index) => clientBody((this.nextCompany + index) % 100_000));
		this.nextCompany += items;
		this.sandbox.reset();
		resetPeak(this.pid);
		const { now } = memoryOf(this.pid);
		const processorTime = processorTimeOf(this.pid);
		const started = performance.now();
		const answer = await this.client.webhook(path, { companies }).catch(() => undefined);
		const milliseconds = performance.now() - started;
		const ended = await this.saved(workflowId).catch((error: unknown) => {
			// Nobody listens on n8n's port any more.
			if (error instanceof TypeError) return 'died';
			throw error;
		});
		const { peakInFlight, connectionsOpened, created } = this.sandbox;
		const failed = answer?.status !== 200 || ended !== 'success';
		if (!failed && created.length !== items)
			throw new Error(`${items} items went in, and ${created.length} clients were created`);
		return {
			milliseconds: failed ? NaN : milliseconds,
			processorTime: failed ? NaN : processorTimeOf(this.pid) - processorTime,
			growth: failed ? NaN : memoryOf(this.pid).peak - now,
			peakInFlight,
			connectionsOpened,
			lost: failed ? created.length : 0,
		};
	}

	private as(sender: Sender, node: INode, parameters: INodeParameters): INode {
		const packaged = packages[sender];
		if (packaged !== undefined) return { ...node, type: packaged, parameters: { ...parameters, options: { maxConcurrency } } };
		const body: Record<string, INode['parameters']> = {
			httpRequest: bodyParameters(),
			httpRequestText: jsonText(),
			httpRequestReady: { specifyBody: 'json', jsonBody: '={{ $json }}' },
		};
		return {
			...node,
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				method: 'POST',
				url: `${this.sandbox.url}/api/v1/partner/client`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'confirmaFinanceApi',
				sendBody: true,
				...body[sender],
				options: {},
			},
		};
	}

	/** Waits until the workflow's newest execution has ended and is saved, and gives its status. */
	private async saved(workflowId: string): Promise<string> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		return await eventually('the execution to be saved', async () => {
			const [newest] = await this.executions(filter);
			return newest === undefined || ['new', 'running'].includes(newest.status) ? undefined : newest.status;
		});
	}

	private async executions(filter: string): Promise<Array<{ status: string }>> {
		try {
			const { results } = await this.client.request<{ results: Array<{ status: string }> }>(
				'GET',
				`/rest/executions?limit=1&filter=${filter}`,
			);
			return results;
		} catch (error) {
			// After a run that left it no time for its database, n8n refuses requests for a while.
			if (error instanceof N8nRefusal && error.status === 503) return [];
			throw error;
		}
	}
}

/** Installs another package and removes its folder. */
async function installBeside(server: N8nServer, source: string): Promise<void> {
	const { name } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { name: string };
	const tarball = await packPackage({ source });
	await rm(source, { recursive: true });
	const target = join(server.nodesFolder, 'node_modules', name);
	await mkdir(target, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
}

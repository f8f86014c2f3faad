import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import { dealWorkflow } from '../support/n8n/dealWorkflow';
import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { installPackage, packPackage } from '../support/n8n/installPackage';
import { N8nClient } from '../support/n8n/n8nClient';
import { N8nServer } from '../support/n8n/n8nServer';
import { type Sandbox, startSandbox } from '../sandbox/sandbox';
import { type Postgres, startPostgres } from '../support/n8n/postgres';
import { type Redis, startRedis } from '../support/n8n/redis';

/** An active workflow of a webhook and the Confirma Finance node. */
export interface Deployed {
	id: string;
	/** The webhook's path. */
	path: string;
}

/** n8n in queue mode: a main that takes the webhooks, two workers that run the workflows, and what they need. */
export interface QueueMode {
	redis: Redis;
	postgres: Postgres;
	main: N8nServer;
	workers: [N8nServer, N8nServer];
	client: N8nClient;
	sandbox: Sandbox;
	/** Saves and activates a workflow whose webhook answers at once and whose node reports every outcome on its output. */
	deploy(options?: INodeParameters): Promise<Deployed>;
	/** Whether any execution is waiting for a worker or being worked on. */
	isBusy(): Promise<boolean>;
	/** All that any of the processes has written, by the name of its log file. */
	logs(): Promise<Record<string, string>>;
	/** Ends all processes and removes their data. */
	close(): Promise<void>;
}

/** Executions that a worker runs at once. */
export const concurrency = 10;

/** Milliseconds; long enough for requests to be under way whenever something is killed. */
const answersAfter = 100;

/**
 * Starts the newest n8n in queue mode with the package, packed as it is built now, and a sandbox with a credential for it.
 *
 * @param options.isOnWorkers false: the workers have a user folder of their own, and the package isn't in it
 */
export async function startQueueMode({ isOnWorkers = true } = {}): Promise<QueueMode> {
	const folder = await mkdtemp(join(tmpdir(), 'queue-mode-'));
	const closing: Array<() => Promise<unknown>> = [];
	const close = async () => {
		for (const end of closing.splice(0).reverse()) await end();
		await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	};
	try {
		const redis = await startRedis(folder);
		closing.push(() => redis.service.stop());
		const postgres = await startPostgres(folder);
		closing.push(() => postgres.service.stop());
		const sandbox = await startSandbox({ latency: answersAfter });
		closing.push(() => sandbox.stop());

		const n8n = await installN8n(newestN8n);
		const env = {
			EXECUTIONS_MODE: 'queue',
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_DATABASE: postgres.name,
			DB_POSTGRESDB_USER: postgres.name,
			DB_POSTGRESDB_PASSWORD: '',
			N8N_ENCRYPTION_KEY: 'key-of-the-queue-mode-suite',
		};
		const logFiles = ['main', 'worker-1', 'worker-2', 'redis', 'postgres'].map((name) => join(folder, `${name}.log`));
		const server = async (logFile: string, command: 'start' | 'worker', ...args: string[]) => {
			const userFolder = join(folder, command === 'start' || isOnWorkers ? 'n8n' : 'workers');
			const created = await N8nServer.create(n8n, { userFolder, logFile, command, args, env });
			closing.push(() => created.dispose());
			return created;
		};
		const main = await server(logFiles[0]!, 'start');
		const worker = async (logFile: string) => await server(logFile, 'worker', `--concurrency=${concurrency}`);
		const workers: [N8nServer, N8nServer] = [await worker(logFiles[1]!), await worker(logFiles[2]!)];
		await installPackage(main, await packPackage());
		// It brings the database up to date, so the workers have to wait for it.
		await main.start();
		await Promise.all(workers.map((each) => each.start()));

		const client = new N8nClient(main.url, n8n.version);
		await client.signIn();
		const credential = await client.createCredential('Confirma Finance sandbox', 'confirmaFinanceApi', {
			environment: 'custom',
			baseUrl: sandbox.url,
			provisioningToken: sandbox.tokens.staging,
		});

		const deploy = async (options: INodeParameters = {}) => {
			const draft = dealWorkflow({ credential, parameters: { options }, settings: { onError: 'continueRegularOutput' } });
			const webhook = draft.nodes.find(({ type }) => type === 'n8n-nodes-base.webhook')!;
			webhook.parameters = { ...webhook.parameters, responseMode: 'onReceived' };
			const { id } = await client.createWorkflow(draft);
			await client.activate(id);
			return { id, path: draft.path };
		};
		const isBusy = async () => {
			const lengths = await Promise.all(['wait', 'active'].map((list) => redis.ask('llen', `bull:jobs:${list}`)));
			return lengths.some((length) => length !== '0');
		};
		const logs = async () =>
			Object.fromEntries(await Promise.all(logFiles.map(async (file) => [file, await readFile(file, 'utf8')])));
		return { redis, postgres, main, workers, client, sandbox, deploy, isBusy, logs, close };
	} catch (error) {
		await close();
		throw error;
	}
}

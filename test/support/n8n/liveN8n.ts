import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import { type Company, type DealWorkflowOptions, dealWorkflow, wonDeals } from './dealWorkflow';
import { cacheFolder, installN8n, type N8nVersion } from './installN8n';
import { installFile, installPackage, packPackage, registerPackage } from './installPackage';
import { type Execution, N8nClient, type SavedCredential } from './n8nClient';
import { N8nServer } from './n8nServer';

/** An active workflow of `dealWorkflow`. */
export interface Deployed {
	id: string;
	path: string;
	/** Posts won deals and gives the execution that they caused, when it has ended. */
	deliver(...companies: Company[]): Promise<Execution>;
}

/** A running n8n with the package, its owner signed in, and a sandbox with a credential for it. */
export interface LiveN8n {
	server: N8nServer;
	client: N8nClient;
	sandbox: Sandbox;
	/** Data of the sandbox's credential. */
	access: { environment: 'custom'; baseUrl: string; provisioningToken: string };
	credential: SavedCredential;
	/** Saves and activates a workflow that creates a client for each company of won deals. */
	deploy(options?: Omit<DealWorkflowOptions, 'credential'>): Promise<Deployed>;
	/** Stops n8n and the sandbox, and removes n8n's data. */
	close(): Promise<void>;
}

/**
 * Starts n8n with the package, packed as it is built now.
 * @param options.env settings of n8n
 * @param options.registered also enters the package under Settings → Community Nodes, which takes a second start
 * @param options.version packs the package under this version instead of its own
 * @param options.withNpm installs the package with npm instead of as n8n does
 */
export async function startLiveN8n(
	n8n: N8nVersion,
	{
		env = {},
		registered = false,
		version,
		withNpm = false,
	}: { env?: Record<string, string>; registered?: boolean; version?: string; withNpm?: boolean } = {},
): Promise<LiveN8n> {
	const server = await N8nServer.create(await installN8n(n8n), { env });
	const sandbox = await startSandbox();
	const close = async () => {
		await Promise.all([server.dispose(), sandbox.stop()]);
	};
	try {
		await (withNpm ? installFile : installPackage)(server, await packPackage({ version }));
		await server.start();
		if (registered) {
			await server.stop();
			await registerPackage(server);
			// n8n asks the registry for updates before it lists its packages; npm would try that for over a minute in vain.
			await writeFile(join(server.nodesFolder, '.npmrc'), 'fetch-retries=0\n');
			await server.start();
		}
		const client = new N8nClient(server.url, n8n.version);
		await client.signIn();
		const access = { environment: 'custom', baseUrl: sandbox.url, provisioningToken: sandbox.tokens.staging } as const;
		const credential = await client.createCredential('Confirma Finance sandbox', 'confirmaFinanceApi', access);
		const deploy = async (options: Omit<DealWorkflowOptions, 'credential'> = {}) => {
			const draft = dealWorkflow({ ...options, credential });
			const { id } = await client.createWorkflow(draft);
			await client.activate(id);
			const deliver = async (...companies: Company[]) => {
				const known = new Set(await client.executionIds(id));
				await client.webhook(draft.path, wonDeals(...companies));
				const executionId = (await client.executionIds(id)).find((candidate) => !known.has(candidate));
				if (executionId === undefined) throw new Error(`The event at ${draft.path} caused no execution`);
				return await client.finished(executionId);
			};
			return { id, path: draft.path, deliver };
		};
		return { server, client, sandbox, access, credential, deploy, close };
	} catch (error) {
		await close();
		throw error;
	}
}

/** Lines of n8n's log that warn or complain and name the package. */
export async function complaints(server: N8nServer): Promise<string[]> {
	const lines = (await server.log()).split('\n').filter((line) => /\| (warn|error)/.test(line));
	// Stack traces name n8n's files, whose folder has the package's name too.
	return lines.filter((line) => /confirma/i.test(line.replaceAll(cacheFolder(), '')));
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentFor, type InstalledN8n } from './installN8n';

export interface N8nOptions {
	/** Folder for database, keys and community packages. A temporary one, removed by `dispose`, if there is none. */
	userFolder?: string;
	/** Port of editor, REST and webhooks, or, for a worker, of its health check. A free one if there is none. */
	port?: number;
	/** Settings of n8n beyond those of every server here, or instead of them. */
	env?: Record<string, string>;
	/** `start` for a main, `worker` for a worker of queue mode. */
	command?: 'start' | 'worker';
	/** Arguments of the command, such as `--concurrency=10`. */
	args?: string[];
	/** Where output goes, appended. `n8n.log` in the user folder if there is none. */
	logFile?: string;
}

/** A process of n8n, with its children a process group of its own. It can be stopped or killed, and started again on the same data. */
export class N8nServer {
	readonly url: string;
	readonly logFile: string;
	private child?: ChildProcess;

	private constructor(
		readonly n8n: InstalledN8n,
		readonly userFolder: string,
		readonly port: number,
		private readonly temporary: boolean,
		private readonly options: N8nOptions,
	) {
		this.url = `http://127.0.0.1:${port}`;
		this.logFile = options.logFile ?? join(userFolder, 'n8n.log');
	}

	/** Prepares a server without starting it, so that packages can be put into its user folder before. */
	static async create(n8n: InstalledN8n, options: N8nOptions = {}): Promise<N8nServer> {
		const userFolder = options.userFolder ?? (await mkdtemp(join(tmpdir(), 'n8n-user-')));
		await mkdir(userFolder, { recursive: true });
		return new N8nServer(n8n, userFolder, options.port ?? (await freePort()), options.userFolder === undefined, options);
	}

	/** Folder that community packages are installed in. */
	get nodesFolder(): string {
		return join(this.userFolder, '.n8n', 'nodes');
	}

	/** The SQLite file, where `env` doesn't ask for another database. */
	get databaseFile(): string {
		return join(this.userFolder, '.n8n', 'database.sqlite');
	}

	/** Whether n8n was started on this user folder before. */
	hasDatabase(): boolean {
		return existsSync(this.databaseFile);
	}

	/** Process id of n8n, which is also that of its process group; undefined before the first start. */
	get pid(): number | undefined {
		return this.child?.pid;
	}

	get isRunning(): boolean {
		return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
	}

	/**
	 * Starts n8n and waits until it takes requests.
	 * @throws when it ends before, or isn't ready after three minutes; the message has the end of its log.
	 */
	async start(): Promise<void> {
		const output = openSync(this.logFile, 'a');
		const { size: logged } = fstatSync(output);
		const child = spawn(this.n8n.nodeBinary, [this.n8n.script, this.options.command ?? 'start', ...(this.options.args ?? [])], {
			cwd: this.userFolder,
			env: await this.environment(),
			stdio: ['ignore', output, output],
			detached: true,
		});
		closeSync(output);
		this.child = child;
		guard(child);
		await this.waitUntilReady(logged);
	}

	/** Asks n8n to end, as a service manager does, and insists after 30 seconds. */
	async stop(): Promise<void> {
		await this.end('SIGTERM');
	}

	/** Ends n8n and its task runner at once, as a crash or a lack of memory does. */
	async kill(): Promise<void> {
		await this.end('SIGKILL');
	}

	async restart(): Promise<void> {
		await this.stop();
		await this.start();
	}

	/** Stops n8n and removes its data, if that is in a temporary folder. */
	async dispose(): Promise<void> {
		await this.stop();
		if (this.temporary) await rm(this.userFolder, { recursive: true, force: true, maxRetries: 3 });
	}

	/** All that n8n has written since the first start on this log file. */
	async log(): Promise<string> {
		return await readFile(this.logFile, 'utf8');
	}

	private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
		const child = this.child;
		if (!child || !this.isRunning) return;
		const exited = once(child, 'exit');
		if (signal === 'SIGKILL') signalGroup(child, signal);
		else child.kill(signal);
		const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), 30_000);
		await exited;
		clearTimeout(insist);
	}

	private async environment(): Promise<NodeJS.ProcessEnv> {
		return {
			...environmentFor(this.n8n.nodeBinary),
			NODE_ENV: 'production',
			N8N_USER_FOLDER: this.userFolder,
			N8N_PORT: String(this.port),
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(this.port),
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			N8N_EDITOR_BASE_URL: this.url,
			WEBHOOK_URL: this.url,
			N8N_SECURE_COOKIE: 'false',
			N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			N8N_HIRING_BANNER_ENABLED: 'false',
			// At this level every line names its own, and all that n8n ever logs is there to be searched for secrets.
			N8N_LOG_LEVEL: 'debug',
			NO_COLOR: '1',
			...this.options.env,
		};
	}

	/** @param logged size of the log in bytes, before this start */
	private async waitUntilReady(logged: number): Promise<void> {
		const deadline = Date.now() + 180_000;
		while (this.isRunning && Date.now() < deadline) {
			if (await this.isReady(logged)) return;
			await new Promise((resolve) => setTimeout(resolve, 200));
		}
		const state = this.isRunning ? 'is not ready after three minutes' : 'ended while starting';
		const tail = (await this.log()).slice(-4_000);
		await this.kill();
		throw new Error(`n8n ${this.n8n.version} ${state}. The end of its log:\n${tail}`);
	}

	private async isReady(logged: number): Promise<boolean> {
		const answer = await fetch(`${this.url}/healthz/readiness`).catch(() => undefined);
		await answer?.body?.cancel();
		if (!answer?.ok) return false;
		if (this.options.command === 'worker') return true;
		// A main takes requests some time before it has put its active workflows' webhooks in place, and says this last.
		return (await readFile(this.logFile)).subarray(logged).includes('Editor is now accessible');
	}
}

/**
 * Lets nothing of n8n outlive this process, even if that is killed, nor n8n's task runner outlive n8n: a shell waits for the
 * end of either, and then ends the process group.
 */
function guard(child: ChildProcess): void {
	const shell = spawn('sh', ['-c', 'read -r _; kill -s KILL -- "-$0"', String(child.pid)], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
	});
	shell.unref();
	(shell.stdin as Socket).unref();
	child.once('exit', () => shell.stdin.end());
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	try {
		process.kill(-child.pid!, signal);
	} catch {
		// The whole group is gone already.
	}
}

/** Finds a TCP port on 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('No TCP port was given out');
	return address.port;
}

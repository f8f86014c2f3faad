import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { eventually } from './n8nClient';

/**
 * A command that runs `program` without root's rights, which some programs refuse: as the system's user `user`, if this
 * process is root's.
 * @param options of setpriv, besides
 */
export function unprivileged(user: string | undefined, program: string[], options: string[] = []): [string, string[]] {
	const change = user !== undefined && process.getuid?.() === 0 ? [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : [];
	return ['setpriv', [...change, ...options, '--', ...program]];
}

export interface ServiceOptions {
	command: string[];
	/** The user to run it as, if this process is root's. */
	user?: string;
	/** How it is asked to end at once, but in good order. */
	stopSignal: NodeJS.Signals;
	/** Where its output goes, appended. */
	logFile: string;
	/** Says whether it takes requests. */
	isReady: () => Promise<boolean>;
}

/** A server that is a child of this process. It ends with it, and can be stopped, killed and started again on its data. */
export class Service {
	private child?: ChildProcess;

	constructor(private readonly options: ServiceOptions) {}

	async start(): Promise<void> {
		const { command, user, stopSignal, logFile, isReady } = this.options;
		const output = openSync(logFile, 'a');
		// The kernel sends the signal when this process is gone, whatever ended it.
		const child = spawn(...unprivileged(user, command, ['--pdeathsig', stopSignal.slice(3)]), {
			cwd: '/',
			stdio: ['ignore', output, output],
		});
		closeSync(output);
		this.child = child;
		let failure: Error | undefined;
		child.once('error', (error) => (failure = error));
		await eventually(`${command.join(' ')} to be ready`, async () => {
			if (failure) throw failure;
			if (!this.isRunning) throw new Error(`${command.join(' ')} ended while starting:\n${(await this.log()).slice(-4_000)}`);
			return (await isReady()) ? true : undefined;
		});
	}

	/** Ends it and waits for its end; harmless when it isn't running. */
	async stop(signal: NodeJS.Signals = this.options.stopSignal): Promise<void> {
		if (!this.child || !this.isRunning) return;
		const exited = once(this.child, 'exit');
		this.child.kill(signal);
		await exited;
	}

	/** All that it has written since its first start. */
	async log(): Promise<string> {
		return await readFile(this.options.logFile, 'utf8');
	}

	private get isRunning(): boolean {
		return this.child?.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
	}
}

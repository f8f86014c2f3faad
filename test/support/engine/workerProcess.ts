import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { IDataObject } from 'n8n-workflow';

import type { ConfirmaCredentials } from './credentials';
import type { Weather } from './disturbedStore';
import type { NodeSettings } from './workflows';

/** A delivery to the smallest workflow, in production. */
export interface Job {
	workflowId: string;
	items: IDataObject[];
	/** Of the Confirma Finance node. */
	parameters: IDataObject;
	settings: NodeSettings;
	credentials: ConfirmaCredentials;
	/** Of the workflow's database from now on, as this process sees it; calm by default. */
	weather?: Weather;
	/** At which call to the database the process stops itself, as SIGSTOP does. */
	stopsAt?: { call: string; when: 'before' | 'after' };
}

/** What n8n says of each item, in any order. */
export type Report = Array<{
	/** Of the item in the input. */
	index: number;
	outcome: string;
	clientIdentifier?: number;
	/** On which of the node's outputs it came, and whether as a failure; unknown when the run stopped. */
	output?: number;
	isFailure?: boolean;
}>;

/** The file in which all processes write down what went wrong, one JSON text a line. */
export const disturbancesIn = (folder: string) => join(folder, 'disturbances');

/** Another n8n process. */
export interface WorkerProcess {
	run(job: Job): Promise<Report>;
	/** Sends a signal. */
	signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
	/** Whether it stands still since it was sent SIGSTOP, or sent it to itself. */
	isStopped(): boolean;
	stop(): Promise<void>;
}

/**
 * Starts n8n's engine with the built package in a process of its own.
 *
 * @param folder keeps the rows of n8n's deduplication store; to be shared by all processes
 * @param speed how many times faster the process's clock goes
 * @param seed of the weather
 */
export async function startWorkerProcess(folder: string, speed: number, seed: number): Promise<WorkerProcess> {
	const child = fork(join(__dirname, 'worker.ts'), [folder, String(speed), String(seed)], { execArgv: ['--import', 'tsx'] });
	const running = new Map<number, { resolve: (report: Report) => void; reject: (error: Error) => void }>();
	let jobs = 0;
	await once(child, 'message');
	child.on('message', ({ id, report, failure }: { id: number; report?: Report; failure?: string }) => {
		const { resolve, reject } = running.get(id)!;
		running.delete(id);
		if (report) resolve(report);
		else reject(new Error(failure));
	});
	child.once('exit', () => {
		for (const { reject } of running.values()) reject(new Error('The process is gone'));
	});
	return {
		run: async (job) =>
			await new Promise((resolve, reject) => {
				const id = ++jobs;
				running.set(id, { resolve, reject });
				child.send({ id, job });
			}),
		signal: (signal) => child.kill(signal),
		isStopped: () => execFileSync('ps', ['-o', 'state=', '-p', String(child.pid)], { encoding: 'utf8' }).startsWith('T'),
		stop: async () => {
			const exited = once(child, 'exit');
			child.disconnect();
			await exited;
		},
	};
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../sandbox/sandbox';

/** One execution of a workflow on n8n's engine. */
export interface Job {
	/**
	 * This node, this node with the guard off, a bare loop over n8n's helper, or a loop that reads the item's fields from the
	 * node's parameters before, as every node has to.
	 */
	subject: 'node' | 'guardOff' | 'bareLoop' | 'readingLoop';
	items: number;
	/** Number of the first company, so that runs don't meet each other's clients. */
	first: number;
	/** Requests in flight at the most. */
	concurrency: number;
	/** Entry file of the package with the guard off. */
	guardOff: string;
	baseUrl: string;
	token: string;
}

export interface Measured {
	/** What n8n notes as the node's execution time. */
	milliseconds: number;
	/** Processor time of the whole execution. */
	cpuMilliseconds: number;
}

type Given = Partial<Job> & Pick<Job, 'subject' | 'items'>;

/** n8n's engine in a process of its own, so that the sandbox takes none of its processor time. */
export class Engine {
	private readonly worker: ChildProcess;

	private constructor(
		private readonly sandbox: Sandbox,
		private readonly guardOff: string,
	) {
		this.worker = fork(join(__dirname, 'engineWorker.ts'), { execArgv: process.execArgv });
	}

	/** @param guardOff folder of the package with the guard off, where a job needs it */
	static async start(guardOff = ''): Promise<Engine> {
		return new Engine(await startSandbox(), guardOff && join(guardOff, 'index.js'));
	}

	async run(job: Given): Promise<Measured> {
		this.sandbox.reset();
		const { url, tokens } = this.sandbox;
		this.worker.send({
			first: 0,
			concurrency: 50,
			guardOff: this.guardOff,
			baseUrl: url,
			token: tokens.staging,
			...job,
		} satisfies Job);
		const answered = new AbortController();
		const { signal } = answered;
		const ended = once(this.worker, 'exit', { signal }).then(() => [{ error: 'The engine has ended' }]);
		const [answer] = (await Promise.race([once(this.worker, 'message', { signal }), ended])) as [
			{ measured: Measured } | { error: string },
		];
		ended.catch(() => {});
		answered.abort();
		if ('error' in answer) throw new Error(answer.error);
		if (this.sandbox.created.length !== job.items)
			throw new Error(`${job.items} items went in, and ${this.sandbox.created.length} clients were created`);
		return answer.measured;
	}

	async stop(): Promise<void> {
		this.worker.kill();
		await this.sandbox.stop();
	}
}

/** Starts an engine, warms it up, and stops it when `work` has ended. */
export async function withEngine<T>(
	subjects: Array<Job['subject']>,
	guardOff: string | undefined,
	work: (engine: Engine) => Promise<T>,
): Promise<T> {
	const engine = await Engine.start(guardOff);
	try {
		for (const subject of subjects) await engine.run({ subject, items: 300 });
		return await work(engine);
	} finally {
		await engine.stop();
	}
}

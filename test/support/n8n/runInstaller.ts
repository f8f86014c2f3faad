import { spawn, type SpawnOptions } from 'node:child_process';

const attempts = 4;

/**
 * Runs a command that installs something from a network, again when it fails (networks drop connections, and package
 * managers keep what came), and reports progress.
 *
 * @param task what it does, for the reports
 * @throws with all that the command said when it failed four times
 */
export async function runInstaller(task: string, command: string[], options: SpawnOptions = {}): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		const started = Date.now();
		const report = setInterval(() => {
			process.stderr.write(`${task}: ${Math.round((Date.now() - started) / 1000)} s\n`);
		}, 20_000);
		process.stderr.write(`${task}${attempt === 1 ? '' : ` (attempt ${attempt})`}\n`);
		const { code, output } = await run(command, options).finally(() => clearInterval(report));
		if (code === 0) return;
		if (attempt === attempts) throw new Error(`${task}: ${command[0]} failed ${attempts} times, lastly with\n${output}`);
		process.stderr.write(`${output}\n`);
	}
}

function run([program, ...args]: string[], options: SpawnOptions): Promise<{ code: number | null; output: string }> {
	return new Promise((resolve, reject) => {
		const child = spawn(program!, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		child.stdout!.on('data', (chunk) => (output += chunk));
		child.stderr!.on('data', (chunk) => (output += chunk));
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, output }));
	});
}

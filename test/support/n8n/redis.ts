import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackage } from './debianPackages';
import { freePort } from './n8nServer';
import { Service } from './service';

const run = promisify(execFile);

/** The folder of Redis's programs, which are installed when they are missing. */
export async function findRedis(): Promise<string> {
	return await installDebianPackage({
		name: 'redis-server',
		programs: ['redis-server', 'redis-cli'],
		folders: () => ['/usr/bin', '/usr/local/bin'],
	});
}

export interface Redis {
	readonly service: Service;
	readonly port: number;
	/** Sends a command and gives the answer as text. */
	ask(...command: string[]): Promise<string>;
}

/** Starts Redis on a free port, with its data below `folder`. Stopped in good order it keeps its data, killed it loses them. */
export async function startRedis(folder: string): Promise<Redis> {
	const programs = await findRedis();
	const port = await freePort();
	const data = join(folder, 'redis');
	await mkdir(data);
	const ask = async (...command: string[]) =>
		(await run(join(programs, 'redis-cli'), ['-p', String(port), ...command])).stdout.trim();
	const service = new Service({
		command: [join(programs, 'redis-server'), '--port', String(port), '--bind', '127.0.0.1', '--dir', data],
		stopSignal: 'SIGTERM',
		logFile: join(folder, 'redis.log'),
		isReady: async () => (await ask('ping').catch(() => '')) === 'PONG',
	});
	await service.start();
	return { service, port, ask };
}

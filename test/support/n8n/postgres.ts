import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installDebianPackage } from './debianPackages';
import { freePort } from './n8nServer';
import { Service, unprivileged } from './service';

const run = promisify(execFile);

// Debian's package keeps each major version in a folder of its own and creates this user.
const versions = '/usr/lib/postgresql';
const systemUser = 'postgres';

/** The folder of PostgreSQL's programs, the newest version's; they are installed when they are missing. */
export async function findPostgres(): Promise<string> {
	return await installDebianPackage({
		name: 'postgresql',
		programs: ['initdb', 'postgres', 'createdb', 'pg_isready'],
		folders: () => {
			const installed = existsSync(versions) ? readdirSync(versions) : [];
			return installed.sort((left, right) => Number(right) - Number(left)).map((version) => join(versions, version, 'bin'));
		},
	});
}

export interface Postgres {
	readonly service: Service;
	readonly port: number;
	/** Name of the user and of the database; no password is asked for. */
	readonly name: string;
}

/** PostgreSQL's own client, and the arguments with which it runs statements, and stops at one that fails. */
export async function psql({ port, name }: Postgres): Promise<[program: string, args: string[]]> {
	const address = ['-h', '127.0.0.1', '-p', String(port), '-U', name, '-d', name];
	return [join(await findPostgres(), 'psql'), [...address, '-v', 'ON_ERROR_STOP=1', '-q']];
}

/** Starts PostgreSQL on a free port with an empty database, its data below `folder`. */
export async function startPostgres(folder: string): Promise<Postgres> {
	const programs = await findPostgres();
	const port = await freePort();
	const name = 'n8n';
	const data = join(folder, 'postgres');
	await mkdir(data);

	// It refuses to run as root, and its user has to reach the folder.
	if (process.getuid?.() === 0) {
		await run('chown', [systemUser, data]);
		await chmod(folder, 0o711);
	}
	const call = async (program: string, ...args: string[]) =>
		await run(...unprivileged(systemUser, [join(programs, program), ...args]), { cwd: '/' });
	const address = ['-h', '127.0.0.1', '-p', String(port)];

	await call('initdb', '-D', data, '-A', 'trust', '-U', name, '--encoding=UTF8', '--locale=C');
	const service = new Service({
		command: [join(programs, 'postgres'), '-D', data, ...address, '-c', 'unix_socket_directories='],
		user: systemUser,
		stopSignal: 'SIGINT',
		logFile: join(folder, 'postgres.log'),
		isReady: async () =>
			await call('pg_isready', ...address).then(
				() => true,
				() => false,
			),
	});
	await service.start();
	await call('createdb', ...address, '-U', name, name);
	return { service, port, name };
}

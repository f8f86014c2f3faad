import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { environmentFor } from './installN8n';
import type { N8nServer } from './n8nServer';

const run = promisify(execFile);

export const repository = resolve(__dirname, '../../..');

export const packageName = 'n8n-nodes-confirma-finance';

type PackageJson = Record<string, unknown> & { version: string };

/**
 * Packs a package as for publishing.
 * @param source folder of the package, this repository by default; it has to be built
 * @param version gives the packed package another version, to upgrade to
 * @returns path of the tarball, in a temporary folder of its own
 */
export async function packPackage({ source = repository, version }: { source?: string; version?: string } = {}): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'packed-'));
	const packed = await pack(source, folder);
	if (version === undefined) return packed;
	await run('tar', ['-xzf', packed, '-C', folder]);
	await changeJson<PackageJson>(join(folder, 'package', 'package.json'), (packageJson) => ({ ...packageJson, version }));
	return await pack(join(folder, 'package'), folder);
}

/**
 * Puts a package into a server's community nodes as n8n's own installation does once it has the tarball: unpacked, without
 * its development, peer and optional dependencies, the rest installed without scripts, and noted in the list of installed
 * packages. A package of the same name that is there is replaced, and the tarball is removed. n8n loads the package when it
 * starts next.
 */
export async function installPackage(server: N8nServer, tarball: string): Promise<void> {
	const target = join(server.nodesFolder, 'node_modules', packageName);
	await rm(target, { recursive: true, force: true });
	await mkdir(target, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
	await rm(dirname(tarball), { recursive: true });
	const { version } = await changeJson<PackageJson>(
		join(target, 'package.json'),
		({ devDependencies: _dev, peerDependencies: _peer, optionalDependencies: _optional, ...rest }) => rest as PackageJson,
	);
	await run(
		'npm',
		[
			'install',
			'--audit=false',
			'--fund=false',
			'--bin-links=false',
			'--install-strategy=shallow',
			'--ignore-scripts=true',
			'--package-lock=false',
		],
		{ cwd: target, env: environmentFor(server.n8n.nodeBinary) },
	);
	await changeJson<{ dependencies?: Record<string, string> }>(join(server.nodesFolder, 'package.json'), (ledger) => ({
		name: 'installed-nodes',
		private: true,
		...ledger,
		dependencies: { ...ledger.dependencies, [packageName]: version },
	}));
}

/** Puts a package into a server's community nodes from its file with npm, as the README tells people to. */
export async function installFile(server: N8nServer, tarball: string): Promise<void> {
	await mkdir(server.nodesFolder, { recursive: true });
	await run('npm', ['install', '--omit=peer', tarball], { cwd: server.nodesFolder, env: environmentFor(server.n8n.nodeBinary) });
}

/**
 * Enters the installed package in n8n's database, which Settings → Community Nodes lists, as n8n's own installation does
 * at its end. The database has to be there, so the server must have been started once; it should be stopped now.
 */
export async function registerPackage(server: N8nServer): Promise<void> {
	const environment = environmentFor(server.n8n.nodeBinary);
	const modules = join(server.n8n.folder, 'node_modules');
	await run(
		server.n8n.nodeBinary,
		[join(__dirname, 'registerPackage.cjs'), join(server.nodesFolder, 'node_modules', packageName), server.databaseFile],
		{
			// What the package and the script require from n8n: n8n-workflow and sqlite3.
			env: { ...environment, NODE_PATH: [modules, join(modules, 'n8n', 'node_modules')].join(delimiter) },
		},
	);
}

async function pack(source: string, folder: string): Promise<string> {
	const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: source });
	const [packed] = JSON.parse(stdout) as Array<{ filename: string }>;
	return join(folder, packed!.filename);
}

async function changeJson<T>(file: string, change: (content: T) => T): Promise<T> {
	const before = await readFile(file, 'utf8').catch(() => '{}');
	const after = change(JSON.parse(before) as T);
	await writeFile(file, JSON.stringify(after, null, 2));
	return after;
}

import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { runInstaller } from './runInstaller';

/** One version of n8n that the package is held against. */
export interface N8nVersion {
	version: string;
	/** Major version of Node.js that it runs on. */
	node: number;
	/** npm flags and `overrides` without which this version can't be installed, or not without a network beyond the registry. */
	npmFlags: string[];
	overrides?: Record<string, string>;
}

/** An n8n that is ready to be started. */
export interface InstalledN8n extends N8nVersion {
	/** Folder with the `node_modules` that n8n is in. */
	folder: string;
	/** The script to start with `nodeBinary`. */
	script: string;
	nodeBinary: string;
}

// These versions take `xlsx` from its maker's own address.
const fromRegistry = { xlsx: '0.18.5' };

/** The versions that the suites run on, newest first. */
export const n8nVersions: readonly N8nVersion[] = [
	// The newest that the registry has whole; scripts/newestN8n.ts finds it, and says what newer ones lack.
	{ version: '2.41.1', node: 24, npmFlags: [] },
	// The last line that runs on Node 20.
	{ version: '2.8.4', node: 20, npmFlags: [], overrides: fromRegistry },
	// The last 1.x.
	{ version: '1.123.81', node: 24, npmFlags: [], overrides: fromRegistry },
];

export const newestN8n = n8nVersions[0]!;

/**
 * The versions asked for by the environment variable `N8N_VERSIONS`: `all` (the default), `newest`, or version numbers
 * separated by commas.
 */
export function selectedVersions(): readonly N8nVersion[] {
	const selection = process.env.N8N_VERSIONS ?? 'all';
	if (selection === 'all') return n8nVersions;
	if (selection === 'newest') return [newestN8n];
	return selection.split(',').map((wanted) => {
		const found = n8nVersions.find(({ version }) => version === wanted.trim());
		if (!found) throw new Error(`n8n ${wanted} is not one of ${n8nVersions.map(({ version }) => version).join(', ')}`);
		return found;
	});
}

/** The folder that n8n and Node.js are installed in: `CONFIRMA_N8N_CACHE`, or a folder in the user's cache. */
export function cacheFolder(): string {
	return (
		process.env.CONFIRMA_N8N_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'n8n-nodes-confirma-finance')
	);
}

/**
 * Installs n8n, and the Node.js it needs, into the cache folder, unless they are there. Takes about five minutes and 3 GB
 * the first time. Only one process installs at a time; others wait for it.
 */
export async function installN8n(n8n: N8nVersion): Promise<InstalledN8n> {
	const nodeBinary = await installNode(n8n.node);
	const folder = await installOnce(`n8n-${n8n.version}`, async (target) => {
		const npm = (task: string, args: string[]) => runNpm(`n8n ${n8n.version}: ${task}`, args, target, nodeBinary);
		await writeFile(join(target, 'package.json'), JSON.stringify({ private: true, overrides: n8n.overrides }));
		await npm('installing packages, some 2 GB', ['install', '--ignore-scripts', ...n8n.npmFlags, `n8n@${n8n.version}`]);
		// The one native module that neither ships a binary in its package nor can be done without.
		await npm('building sqlite3', ['rebuild', '--ignore-scripts=false', 'sqlite3']);
	});
	return { ...n8n, folder, nodeBinary, script: join(folder, 'node_modules', 'n8n', 'bin', 'n8n') };
}

/** Finds a Node.js of the given major version: the one that runs this, or one installed from npm's `node` package. */
async function installNode(major: number): Promise<string> {
	if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
	const folder = await installOnce(`node-${major}`, async (target) => {
		await writeFile(join(target, 'package.json'), JSON.stringify({ private: true }));
		// Its install script fetches the binary for this machine, from the registry.
		await runNpm(
			`Node.js ${major}: installing`,
			['install', '--ignore-scripts=false', `node@${major}`],
			target,
			process.execPath,
		);
	});
	return join(folder, 'node_modules', 'node', 'bin', 'node');
}

/**
 * Runs `install` on an empty folder beside the final one, which it becomes only when all is done: so a folder with the
 * final name is a whole install, whatever happened to earlier attempts.
 */
export async function installOnce(name: string, install: (target: string) => Promise<void>): Promise<string> {
	const final = join(cacheFolder(), name);
	if (existsSync(final)) return final;
	await mkdir(cacheFolder(), { recursive: true });
	const release = await lock(final, {
		realpath: false,
		stale: 60_000,
		retries: { forever: true, minTimeout: 2_000, maxTimeout: 2_000 },
	});
	try {
		if (existsSync(final)) return final;
		const target = `${final}.part`;
		await rm(target, { recursive: true, force: true });
		await mkdir(target);
		await install(target);
		await rename(target, final);
		return final;
	} finally {
		await release();
	}
}

// npm waits five minutes for an answer by default, and a silent connection stops everything behind it.
const networkFlags = ['--no-audit', '--no-fund', '--loglevel', 'error', '--fetch-retries', '6', '--fetch-timeout', '60000'];

/** Runs npm in a folder, by {@link runInstaller}. */
export async function runNpm(task: string, args: string[], folder: string, nodeBinary: string): Promise<void> {
	await runInstaller(task, ['npm', ...args, ...networkFlags], { cwd: folder, env: environmentFor(nodeBinary) });
}

/**
 * This process's environment for a child that is to run on the given Node.js: with it first on the path, and without what
 * `npm run` and jest set for their own children.
 */
export function environmentFor(nodeBinary: string): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(
		([name]) =>
			!/^(npm_(lifecycle|package|command|execpath|node_execpath|config_(ignore_scripts|local_prefix|prefix))|NODE_ENV$|NODE_OPTIONS$|JEST_|N8N_)/i.test(
				name,
			),
	);
	return { ...Object.fromEntries(inherited), PATH: `${dirname(nodeBinary)}${delimiter}${process.env.PATH}` };
}

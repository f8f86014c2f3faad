import { execFile } from 'node:child_process';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import options from '../../scripts/bundling.json';
import { repository } from '../support/n8n/installPackage';

const run = promisify(execFile);

const node = 'nodes/ConfirmaFinance/ConfirmaFinance.node';

const bundling = options as BuildOptions;

const guardOff: Plugin = {
	name: 'guard off',
	setup({ onResolve }) {
		onResolve({ filter: /^\.\.?\/guard\/guard$/ }, () => ({ path: join(__dirname, 'guardOff.ts') }));
	},
};

/** Gives a built package another name. It leaves the credential to the package proper. */
async function rename(folder: string, name: string): Promise<void> {
	const file = join(folder, 'package.json');
	const packageJson = JSON.parse(await readFile(file, 'utf8')) as { n8n: object };
	await writeFile(file, JSON.stringify({ ...packageJson, name, n8n: { ...packageJson.n8n, credentials: [] } }));
}

// What the node requires when it is loaded from there.
const linkModules = async (folder: string) => await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));

/**
 * Builds the package with a guard that n8n's database has no part in, under a name of its own. The node has no such option.
 * @returns the package's folder, which is temporary
 */
export async function buildWithoutGuard(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'guard-off-'));
	for (const path of ['dist', 'index.js', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
		await cp(join(repository, path), join(folder, path), { recursive: true });
	}
	await rename(folder, 'n8n-nodes-confirma-finance-guard-off');
	await linkModules(folder);
	await build({
		...bundling,
		entryPoints: [join(repository, `${node}.ts`)],
		outfile: join(folder, `dist/${node}.js`),
		plugins: [guardOff],
	});
	return folder;
}

/**
 * Builds the package as it was at an earlier commit, under a name of its own.
 * @returns the package's folder, which is temporary
 */
export async function buildEarlier(commit: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'earlier-'));
	const archive = join(folder, 'archive.tar');
	await run('git', ['archive', '--output', archive, commit], { cwd: repository });
	await run('tar', ['-xf', archive, '-C', folder]);
	await linkModules(folder);
	await run(process.execPath, ['scripts/build.mjs'], { cwd: folder });
	await rename(folder, 'n8n-nodes-confirma-finance-earlier');
	return folder;
}

/**
 * Builds the declarative version of the node as a package of its own.
 * @returns the package's folder, which is temporary
 */
export async function buildDeclarative(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'declarative-'));
	const source = join(__dirname, 'declarative');
	await cp(join(source, 'package.json'), join(folder, 'package.json'));
	await build({
		...bundling,
		entryPoints: [join(source, 'ConfirmaFinanceDeclarative.node.ts')],
		outfile: join(folder, 'dist/ConfirmaFinanceDeclarative.node.js'),
	});
	return folder;
}

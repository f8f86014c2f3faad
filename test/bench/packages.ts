import { build, type BuildOptions, type Plugin } from 'esbuild';
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import options from '../../scripts/bundling.json';
import { repository } from '../support/n8n/installPackage';

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
 * Copies a built package and gives it another name, so that one n8n has both.
 * @returns the copy's folder, which is temporary
 */
export async function copyPackage(source: string, name: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'package-'));
	for (const path of ['dist', 'index.js', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
		await cp(join(source, path), join(folder, path), { recursive: true });
	}
	await rename(folder, name);
	await linkModules(folder);
	return folder;
}

/**
 * Builds the package with a guard that n8n's database has no part in, under a name of its own. The node has no such option.
 * @returns the package's folder, which is temporary
 */
export async function buildWithoutGuard(): Promise<string> {
	const folder = await copyPackage(repository, 'n8n-nodes-confirma-finance-guard-off');
	await build({
		...bundling,
		entryPoints: [join(repository, `${node}.ts`)],
		outfile: join(folder, `dist/${node}.js`),
		plugins: [guardOff],
	});
	return folder;
}

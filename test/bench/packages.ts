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
		onResolve({ filter: /^\.\.?\/guard\/runGuard$/ }, () => ({ path: join(__dirname, 'guardOff.ts') }));
	},
};

/**
 * Builds the package with a guard that n8n's database has no part in, under a name of its own: it takes the credential from
 * the package proper. The node has no such option.
 * @returns the package's folder, which is temporary
 */
export async function buildWithoutGuard(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'guard-off-'));
	for (const path of ['dist', 'index.js', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
		await cp(join(repository, path), join(folder, path), { recursive: true });
	}
	const packageJson = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { n8n: object };
	const own = { ...packageJson, name: 'n8n-nodes-confirma-finance-guard-off', n8n: { ...packageJson.n8n, credentials: [] } };
	await writeFile(join(folder, 'package.json'), JSON.stringify(own));
	// What the node requires when it is loaded from there.
	await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
	await build({
		...bundling,
		entryPoints: [join(repository, `${node}.ts`)],
		outfile: join(folder, `dist/${node}.js`),
		plugins: [guardOff],
	});
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

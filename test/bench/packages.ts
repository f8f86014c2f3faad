import { build, type BuildOptions, type Plugin } from 'esbuild';
import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { repository } from '../n8n/installPackage';

const node = 'nodes/ConfirmaFinance/ConfirmaFinance.node';

const bundling: BuildOptions = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', external: ['n8n-workflow'], drop: ['console'], charset: 'utf8', logLevel: 'warning' };

const guardOff: Plugin = {
	name: 'guard off',
	setup({ onResolve }) {
		// The guard's own files import a neighbour by the same name.
		onResolve({ filter: /^\.\/guard$/ }, ({ resolveDir }) => (basename(resolveDir) === 'createClient' ? { path: join(__dirname, 'guardOff.ts') } : undefined));
	},
};

/**
 * Builds the package with a guard that n8n's database has no part in. The node has no such option.
 * @returns the package's folder, which is temporary
 */
export async function buildWithoutGuard(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'guard-off-'));
	for (const path of ['dist', 'index.js', 'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
		await cp(join(repository, path), join(folder, path), { recursive: true });
	}
	// What the node requires when it is loaded from there.
	await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
	await build({ ...bundling, entryPoints: [join(repository, `${node}.ts`)], outfile: join(folder, `dist/${node}.js`), plugins: [guardOff] });
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
	await build({ ...bundling, entryPoints: [join(source, 'ConfirmaFinanceDeclarative.node.ts')], outfile: join(folder, 'dist/ConfirmaFinanceDeclarative.node.js') });
	return folder;
}

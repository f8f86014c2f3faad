import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '../..');

interface Manifest {
	version: string;
	main: string;
	dependencies?: object;
	devDependencies: object;
	peerDependencies: object;
	scripts: Record<string, string>;
	n8n: { nodes: string[]; credentials: string[] };
}

interface Component {
	group?: string;
	name: string;
	version: string;
}

interface Packed {
	filename: string;
	size: number;
	shasum: string;
	files: Array<{ path: string }>;
}

function pack(destination: string): Packed {
	const out = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
		cwd: root,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	const parsed = JSON.parse(out) as Packed[] | Record<string, Packed>;
	return Object.values(parsed)[0]!;
}

describe('The package', () => {
	let folder: string;
	let packed: Packed;
	let unpacked: string;
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'confirma-pack-'));
		packed = pack(folder);
		execFileSync('tar', ['xzf', join(folder, packed.filename), '-C', folder]);
		unpacked = join(folder, 'package');
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it('holds what n8n needs and nothing else', () => {
		expect(packed.files.map(({ path }) => path).sort()).toEqual([
			'CHANGELOG.md',
			'LICENSE',
			'README.md',
			'dist/THIRD-PARTY-LICENSES.txt',
			'dist/credentials/ConfirmaFinanceApi.credentials.js',
			'dist/icons/confirmaFinance.dark.svg',
			'dist/icons/confirmaFinance.svg',
			'dist/nodes/ConfirmaFinance/ConfirmaFinance.node.js',
			'dist/nodes/ConfirmaFinance/ConfirmaFinance.node.json',
			'dist/nodes/ConfirmaFinance/__schema__/v1.0.0/createClient.json',
			'dist/sbom.cdx.json',
			'index.js',
			'package.json',
		]);
	});

	it('weighs at most 250 kB', () => {
		expect(packed.size).toBeLessThanOrEqual(250_000);
	});

	it('is byte for byte the same when it is built again', () => {
		const built = join(folder, 'dist');
		execFileSync(process.execPath, ['scripts/build.mjs', built], { cwd: root });
		const files = readdirSync(built, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
		expect(files.length).toBe(packed.files.filter(({ path }) => path.startsWith('dist/')).length);
		const paths = files.map((file) => relative(built, join(file.parentPath, file.name)));
		// Compared as a whole: jest would take minutes to tell bundles apart line by line.
		const changed = paths.filter((path) => !readFileSync(join(built, path)).equals(readFileSync(join(unpacked, 'dist', path))));
		expect(changed).toEqual([]);
	});

	it('brings nothing along that n8n would have to install or run', () => {
		expect(manifest.dependencies).toBeUndefined();
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		const lifecycle = ['prepare', 'preinstall', 'install', 'postinstall', 'prepublish', 'prepack'];
		expect(Object.keys(manifest.scripts).filter((name) => lifecycle.includes(name))).toEqual([]);
	});

	it('asks for nothing but n8n-workflow at run time', () => {
		for (const path of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) {
			const code = readFileSync(join(unpacked, path), 'utf8');
			const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
			expect([...new Set(required)].filter((name) => name !== 'n8n-workflow')).toEqual([]);
		}
	});

	it('hands out the node and the credential', () => {
		const script = `const { ConfirmaFinance, ConfirmaFinanceApi } = require(${JSON.stringify(join(unpacked, manifest.main))});
			console.log(JSON.stringify([new ConfirmaFinance().description.name, new ConfirmaFinanceApi().name]));`;
		const out = execFileSync(process.execPath, ['-e', script], {
			encoding: 'utf8',
			env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
		});
		expect(JSON.parse(out)).toEqual(['confirmaFinance', 'confirmaFinanceApi']);
	});

	it('has its version in the changelog', () => {
		expect(readFileSync(join(unpacked, 'CHANGELOG.md'), 'utf8')).toContain(`\n## ${manifest.version} - `);
	});

	it('gets updates of what it bundles in a group of their own', () => {
		const dependabot = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8')) as {
			updates: Array<{ groups?: Record<string, Record<string, string[]>> }>;
		};
		const { bundled, development } = dependabot.updates[0]!.groups!;
		const { components } = JSON.parse(readFileSync(join(unpacked, 'dist/sbom.cdx.json'), 'utf8')) as { components: Component[] };
		const direct = components.map(({ name }) => name).filter((name) => name in manifest.devDependencies);
		expect(bundled!.patterns).toEqual(direct.sort());
		expect(development!['exclude-patterns']).toEqual(direct);
	});

	it('lists exactly the packages that the bundles hold, with their versions', () => {
		const codes = [...manifest.n8n.nodes, ...manifest.n8n.credentials].map((path) => readFileSync(join(unpacked, path), 'utf8'));
		// The bundler heads each module with its path.
		const modules = codes.flatMap((code) => [...code.matchAll(/^\/\/ (node_modules\/\S+)$/gm)].map(([, path]) => path!));
		const folders = new Set(modules.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)![0]));
		const held = [...folders].map((path) => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Component);
		const { components } = JSON.parse(readFileSync(join(unpacked, 'dist/sbom.cdx.json'), 'utf8')) as { components: Component[] };
		const named = ({ group, name, version }: Component) => `${group ? `${group}/` : ''}${name} ${version}`;
		expect(held.length).toBeGreaterThan(4);
		expect(components.map(named).sort()).toEqual(held.map(named).sort());
	});
});

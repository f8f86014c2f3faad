// audit.mjs: asks the registry for known vulnerabilities of the packages whose code is in dist/, by their versions there.
// `npm audit` alone looks at the whole lock file, most of which no user ever gets.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { components } = JSON.parse(readFileSync('dist/sbom.cdx.json', 'utf8'));
const bundled = components.map(({ group, name, version }) => [group ? `${group}/${name}` : name, version]);
const root = { name: 'bundled', version: '0.0.0', dependencies: Object.fromEntries(bundled) };
const packages = Object.fromEntries(bundled.map(([name, version]) => [`node_modules/${name}`, { version }]));

const folder = mkdtempSync(join(tmpdir(), 'confirma-audit-'));
try {
	writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
	writeFileSync(
		join(folder, 'package-lock.json'),
		JSON.stringify({ ...root, lockfileVersion: 3, packages: { '': root, ...packages } }),
	);
	console.log(`Bundled: ${bundled.map(([name, version]) => `${name} ${version}`).join(', ')}`);
	process.exitCode = spawnSync('npm', ['audit'], { cwd: folder, stdio: 'inherit' }).status ?? 1;
} finally {
	rmSync(folder, { recursive: true });
}

// Runs the checks by which n8n verifies community packages (@n8n/scan-community-package) on the sources and on the
// packed package. The scanner itself looks at published packages only, and wants versions of ESLint and TypeScript
// of its own, so it is installed into a cache folder, and what it does after its download is done here.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const version = '0.32.0';
const cache = process.env.CONFIRMA_N8N_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'n8n-nodes-confirma-finance');
const home = join(cache, `scan-${version}`);
const scanner = join(home, 'node_modules/@n8n/scan-community-package/scanner/scanner.mjs');

if (!existsSync(join(home, 'complete'))) install();
const { analyzePackage, SOURCE_FILE_PATTERNS } = await import(pathToFileURL(scanner).href);

const folder = mkdtempSync(join(tmpdir(), 'confirma-scan-'));
let passed = true;
try {
	execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'inherit' });
	const [tarball] = readdirSync(folder);
	execFileSync('tar', ['xzf', join(folder, tarball), '-C', folder]);
	for (const [name, path, patterns] of [
		['sources', resolve('.'), SOURCE_FILE_PATTERNS],
		['packed package', join(folder, 'package'), ['**/*.js', 'package.json']],
	]) {
		const result = await analyzePackage(path, patterns);
		console.log(`scan of the ${name}: ${result.passed ? 'no findings' : result.message}`);
		if (result.details) console.log(result.details);
		passed &&= result.passed;
	}
} finally {
	rmSync(folder, { recursive: true });
}
process.exitCode = passed ? 0 : 1;

function install() {
	const draft = `${home}.${process.pid}`;
	mkdirSync(draft, { recursive: true });
	writeFileSync(join(draft, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
	const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=6', `@n8n/scan-community-package@${version}`];
	execFileSync('npm', npm, { cwd: draft, stdio: ['ignore', 'inherit', 'inherit'] });
	writeFileSync(join(draft, 'complete'), '');
	rmSync(home, { recursive: true, force: true });
	renameSync(draft, home);
}

// scan.ts: the checks by which n8n verifies community packages (@n8n/scan-community-package), on the sources and
// on the packed package. The scanner itself looks at published packages only, and wants versions of ESLint and
// TypeScript of its own, so it is installed into the cache folder, and what it does after its download is done here.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { installOnce, runNpm } from '../test/support/n8n/installN8n';

const name = '@n8n/scan-community-package';
const version = '0.32.0';

interface Scanner {
	analyzePackage(folder: string, patterns: string[]): Promise<{ passed: boolean; message?: string; details?: string }>;
	SOURCE_FILE_PATTERNS: string[];
}

async function loadScanner(): Promise<Scanner> {
	const folder = await installOnce(`scan-${version}`, async (target) => {
		writeFileSync(join(target, 'package.json'), JSON.stringify({ private: true }));
		await runNpm(`${name}: installing`, ['install', '--ignore-scripts', `${name}@${version}`], target, process.execPath);
	});
	return (await import(pathToFileURL(join(folder, 'node_modules', name, 'scanner/scanner.mjs')).href)) as Scanner;
}

async function main(): Promise<boolean> {
	const { analyzePackage, SOURCE_FILE_PATTERNS } = await loadScanner();
	const folder = mkdtempSync(join(tmpdir(), 'confirma-scan-'));
	try {
		execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'inherit' });
		const [tarball] = readdirSync(folder);
		execFileSync('tar', ['xzf', join(folder, tarball!), '-C', folder]);
		const scans: Array<[what: string, folder: string, patterns: string[]]> = [
			['sources', resolve('.'), SOURCE_FILE_PATTERNS],
			['packed package', join(folder, 'package'), ['**/*.js', 'package.json']],
		];
		let isClean = true;
		for (const [what, path, patterns] of scans) {
			const { passed, message, details } = await analyzePackage(path, patterns);
			console.log(`scan of the ${what}: ${passed ? 'no findings' : message}`);
			if (details) console.log(details);
			isClean &&= passed;
		}
		return isClean;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

main().then(
	(isClean) => process.exit(isClean ? 0 : 1),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);

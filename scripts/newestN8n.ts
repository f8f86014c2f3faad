// newestN8n.ts: finds the newest n8n that the registry has whole, and says why newer ones can't be installed. Fails when that
// is not the newest one that the suites run on (test/support/n8n/installN8n.ts).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { newestN8n } from '../test/support/n8n/installN8n';

/** What npm says against installing a version, without installing it; undefined where it finds every package. */
function obstacle(version: string): string | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'newest-n8n-'));
	try {
		const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
		execFileSync('npm', ['install', ...flags, '--prefix', folder, `n8n@${version}`], { encoding: 'utf8', stdio: 'pipe' });
		return undefined;
	} catch (error) {
		const lines = (error as { stderr: string }).stderr.split('\n').filter((line) => line.startsWith('npm error'));
		return lines.slice(0, 2).join(' ').replaceAll('npm error ', '');
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const published = JSON.parse(execFileSync('npm', ['view', 'n8n', 'versions', '--json'], { encoding: 'utf8' })) as string[];
const byAge = published
	.filter((version) => /^\d+\.\d+\.\d+$/.test(version))
	.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
const newest = byAge.find((version) => {
	const reason = obstacle(version);
	console.log(`n8n ${version}: ${reason ?? 'can be installed'}`);
	return reason === undefined;
});
console.log(`The suites run on ${newestN8n.version}.`);
process.exitCode = newest === newestN8n.version ? 0 : 1;

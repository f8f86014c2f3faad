// Builds dist/: each file that n8n loads, bundled with the libraries that it uses, and beside them what n8n reads as
// data. Not minified, since reviewers read the published code.
import { build } from 'esbuild';
import { cpSync, rmSync } from 'node:fs';

const entryPoints = [
	'credentials/ConfirmaFinanceApi.credentials.ts',
	'nodes/ConfirmaFinance/ConfirmaFinance.node.ts',
];

rmSync('dist', { recursive: true, force: true });
await build({
	entryPoints,
	outdir: 'dist',
	outbase: '.',
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node20',
	external: ['n8n-workflow'],
	drop: ['console'],
	charset: 'utf8',
	legalComments: 'inline',
	logLevel: 'warning',
});

for (const path of ['icons', 'nodes/ConfirmaFinance/ConfirmaFinance.node.json', 'nodes/ConfirmaFinance/__schema__']) {
	cpSync(path, `dist/${path}`, { recursive: true });
}

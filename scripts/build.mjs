// build.mjs [FOLDER]: builds dist/ (or the folder): each file that n8n loads, bundled with the libraries it uses, and beside them what n8n
// reads as data, and the bill of materials and the licences of what is bundled. Not minified, since reviewers read the published code.
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild';
import { build } from 'esbuild';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const outdir = process.argv[2] ?? 'dist';
const entryPoints = ['credentials/ConfirmaFinanceApi.credentials.ts', 'nodes/ConfirmaFinance/ConfirmaFinance.node.ts'];
const copied = ['icons', 'nodes/ConfirmaFinance/ConfirmaFinance.node.json', 'nodes/ConfirmaFinance/__schema__'];

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
	entryPoints,
	outdir,
	outbase: '.',
	metafile: true,
	plugins: [
		// What is bundled is in no lock file that a user's scanner sees; by this name scanners find the list in the package.
		cyclonedxEsbuildPlugin({
			outputFile: 'sbom.cdx.json',
			mcType: 'library',
			outputReproducible: true,
			validate: true,
			logLevel: 'silent',
		}),
	],
	...JSON.parse(readFileSync('scripts/bundling.json', 'utf8')),
});
for (const path of copied) cpSync(path, `${outdir}/${path}`, { recursive: true });
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, noticesFor(bundledPackages(metafile)));

/** Folders of the packages of which code is in the bundles. */
function bundledPackages({ inputs }) {
	const folders = Object.keys(inputs).map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
	return [...new Set(folders)].filter(Boolean).sort();
}

/** @throws when a package ships no licence text: its code may not be bundled unnoticed */
function noticesFor(folders) {
	return folders
		.map((folder) => {
			const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
			const files = readdirSync(folder).filter((entry) => /^licen[cs]e/i.test(entry));
			// Where there is a choice of licences, the MIT one is taken.
			const file = files.find((entry) => /mit/i.test(entry)) ?? files[0];
			if (!file) throw new Error(`${name} has no licence file`);
			return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
		})
		.join(`\n${'-'.repeat(80)}\n\n`);
}

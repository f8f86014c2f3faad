import { findChromium } from '../support/n8n/browser';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';

/** Installs the browser and the versions of n8n that the suites will run on, before the first of them starts. */
export default async function installSelected(): Promise<void> {
	await findChromium();
	for (const n8n of selectedVersions()) await installN8n(n8n);
}

if (require.main === module) void installSelected();

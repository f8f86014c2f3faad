import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { installDebianPackage } from './debianPackages';
import type { N8nClient } from './n8nClient';

export interface Browser {
	page: Page;
	context: BrowserContext;
	close(): Promise<void>;
}

/** The path of Chromium: `CHROMIUM_PATH`, by default Debian's, which is installed when it is missing. */
export async function findChromium(): Promise<string> {
	if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
	return join(await installDebianPackage({ name: 'chromium', programs: ['chromium'], folders: () => ['/usr/bin'] }), 'chromium');
}

/**
 * Opens a headless Chromium that is signed in to n8n as the client is.
 * @param theme which of n8n's two looks to show
 * @param viewport size of the page in pixels
 */
export async function openBrowser(
	client: N8nClient,
	theme: 'light' | 'dark' = 'light',
	viewport = { width: 1440, height: 900 },
): Promise<Browser> {
	const profile = await mkdtemp(join(tmpdir(), 'n8n-browser-'));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: await findChromium(),
		headless: true,
		colorScheme: theme,
		viewport,
		locale: 'en-GB',
		// A container's root can't have a sandbox; the others keep Chromium from asking its maker's servers.
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	const { name, value, browserId } = client.session;
	await context.addCookies([{ name, value, url: client.url, httpOnly: true, sameSite: 'Lax' }]);
	const stored = { 'n8n-browserId': browserId, N8N_THEME: theme };
	await context.addInitScript({ content: `Object.assign(localStorage, ${JSON.stringify(stored)})` });
	const page = context.pages()[0] ?? (await context.newPage());
	page.setDefaultTimeout(60_000);
	return {
		page,
		context,
		close: async () => {
			await context.close();
			await rm(profile, { recursive: true, force: true, maxRetries: 3 });
		},
	};
}

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { N8nClient } from './n8nClient';

export interface Browser {
	page: Page;
	context: BrowserContext;
	close(): Promise<void>;
}

/**
 * Opens a headless Chromium (`CHROMIUM_PATH`, by default Debian's) that is signed in to n8n as the client is.
 * @param theme which of n8n's two looks to show
 * @param viewport size of the page in pixels
 */
export async function openBrowser(client: N8nClient, theme: 'light' | 'dark' = 'light', viewport = { width: 1440, height: 900 }): Promise<Browser> {
	const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
	if (!existsSync(executablePath)) throw new Error(`There is no Chromium at ${executablePath}: install Debian's package chromium, or set CHROMIUM_PATH`);
	const profile = await mkdtemp(join(tmpdir(), 'n8n-browser-'));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath,
		headless: true,
		colorScheme: theme,
		viewport,
		locale: 'en-GB',
		// A container's root can't have a sandbox; the others keep Chromium from asking its maker's servers.
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
	const { name, value, browserId } = client.session;
	await context.addCookies([{ name, value, url: client.url, httpOnly: true, sameSite: 'Lax' }]);
	const stored = { 'n8n-browserId': browserId, N8N_THEME: theme };
	await context.addInitScript({ content: `Object.assign(localStorage, ${JSON.stringify(stored)})` });
	const page = context.pages()[0] ?? (await context.newPage());
	page.setDefaultTimeout(15_000);
	return {
		page,
		context,
		close: async () => {
			await context.close();
			await rm(profile, { recursive: true, force: true, maxRetries: 3 });
		},
	};
}

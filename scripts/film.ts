import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';

import { installDebianPackage } from '../test/support/n8n/debianPackages';

const run = promisify(execFile);

/** Milliseconds. Changes that follow each other faster are shown as one, and waiting for longer is left out. */
const [shortest, longest] = [120, 350];

// Runs in the page: a headless browser has no pointer to be seen.
const drawPointer = `
	const pointer = document.createElement('div');
	pointer.style.cssText = 'position: fixed; z-index: 99999; width: 18px; height: 18px; margin: -9px; border-radius: 50%;'
		+ 'background: #ff6d5a99; border: 2px solid #fff; pointer-events: none';
	document.body.append(pointer);
	document.addEventListener('mousemove', ({ clientX, clientY }) => {
		pointer.style.left = clientX + 'px';
		pointer.style.top = clientY + 'px';
	}, { capture: true });`;

/** Films what happens on a page, with the pointer, as an animated WebP. */
export class Film {
	private readonly frames: Array<{ data: string; at: number; hold: number }> = [];

	private constructor(private readonly page: Page) {}

	static async start(page: Page): Promise<Film> {
		const film = new Film(page);
		await page.evaluate(drawPointer);
		const session = await page.context().newCDPSession(page);
		session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
			film.frames.push({ data, at: (metadata.timestamp ?? 0) * 1_000, hold: 0 });
			void session.send('Page.screencastFrameAck', { sessionId });
		});
		await session.send('Page.startScreencast', { format: 'png' });
		return film;
	}

	/** Lets a viewer look at what is there now, for so many milliseconds. */
	async hold(milliseconds: number): Promise<void> {
		await this.page.waitForTimeout(500);
		this.frames.at(-1)!.hold = milliseconds;
	}

	/** Writes the film so far, in which one frame follows the other as fast as a viewer can take it. */
	async save(path: string): Promise<void> {
		const webp = await installDebianPackage({ name: 'webp', programs: ['img2webp'], folders: () => ['/usr/bin'] });
		const folder = await mkdtemp(join(tmpdir(), 'film-'));
		try {
			// On a busy machine they don't always arrive in order.
			const frames = this.frames.toSorted((earlier, later) => earlier.at - later.at);
			const shown = frames.filter(({ at, hold }, index) => hold > 0 || (frames[index + 1]?.at ?? Infinity) - at > shortest);
			const files = shown.map((_, index) => join(folder, `${index}.png`));
			await Promise.all(shown.map(({ data }, index) => writeFile(files[index]!, data, 'base64')));
			const durations = shown.map(({ at, hold }, index) => hold || Math.min((shown[index + 1]?.at ?? Infinity) - at, longest));
			const pictures = files.flatMap((file, index) => ['-d', String(Math.round(durations[index]!)), file]);
			await run(join(webp, 'img2webp'), ['-loop', '0', '-lossy', '-q', '60', '-m', '6', ...pictures, '-o', path]);
		} finally {
			await rm(folder, { recursive: true });
		}
	}
}

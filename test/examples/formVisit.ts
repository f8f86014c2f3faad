import type { Browser } from '../support/n8n/browser';
import { openBrowser } from '../support/n8n/browser';
import { eventually, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { ExampleServer } from './exampleServer';
import type { Example } from './exampleFiles';

/** Login of every form, as data of n8n's Basic Auth credential. */
export const login = { user: 'finance', password: 'Example-Login-1' };

/** The address of a workflow's form. */
export function formUrl({ live }: ExampleServer, { nodes }: Example): string {
	const { options } = nodes.find(({ type }) => type === 'n8n-nodes-base.formTrigger')!.parameters;
	return `${live.client.url}/form/${(options as { path: string }).path}`;
}

/** Publishes a workflow that begins with a form, and waits until the form is there. */
export async function publishForm(server: ExampleServer, workflow: SavedWorkflow, example: Example): Promise<void> {
	await server.live.client.activate(workflow.id);
	await eventually('the form', async () => ((await fetch(formUrl(server, example))).status === 401 ? true : undefined));
}

/** A person with a browser who has the login for the forms. */
export class FormVisitor {
	private constructor(
		private readonly server: ExampleServer,
		private readonly browser: Browser,
	) {}

	static async arrive(server: ExampleServer): Promise<FormVisitor> {
		const browser = await openBrowser(server.live.client);
		await browser.context.setHTTPCredentials({ username: login.user, password: login.password });
		// The forms' fonts come from elsewhere.
		await browser.context.route(
			(url) => url.origin !== server.live.client.url,
			async (route) => await route.abort(),
		);
		return new FormVisitor(server, browser);
	}

	async open(url: string): Promise<void> {
		await this.browser.page.goto(url, { waitUntil: 'domcontentloaded' });
	}

	async openForm(example: Example): Promise<void> {
		await this.open(formUrl(this.server, example));
	}

	/** Fills in fields, known by their labels. */
	async fillIn(values: Record<string, string>): Promise<void> {
		for (const [label, value] of Object.entries(values)) {
			const field = this.browser.page.getByLabel(label, { exact: true });
			if ((await field.evaluate(({ tagName }) => tagName)) === 'SELECT') await field.selectOption(value);
			else await field.fill(value);
		}
	}

	/** Ticks the option that has the text. */
	async tick(option: string): Promise<void> {
		await this.browser.page.getByText(option).click();
	}

	async choose(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
		await this.browser.page.setInputFiles('input[type=file]', file);
	}

	/** Sends the page, and gives the text of the one that follows, once that has what is expected. */
	async send(expected: RegExp): Promise<string> {
		await this.browser.page.click('#submit-btn');
		return await this.see(expected);
	}

	/** Sends the page, and gives the file that comes back with the text of the last page. */
	async sendForFile(seconds = 100): Promise<{ path: string; name: string; page: string }> {
		const [download] = await Promise.all([
			this.browser.page.waitForEvent('download', { timeout: seconds * 1_000 }),
			this.browser.page.click('#submit-btn'),
		]);
		return { path: await download.path(), name: download.suggestedFilename(), page: await this.text() };
	}

	async see(expected: RegExp): Promise<string> {
		return await eventually(
			`a page with ${expected}`,
			async () => {
				const text = await this.text().catch(() => '');
				return expected.test(text) ? text : undefined;
			},
			60,
		);
	}

	async leave(): Promise<void> {
		await this.browser.close();
	}

	private async text(): Promise<string> {
		return await this.browser.page.innerText('body');
	}
}

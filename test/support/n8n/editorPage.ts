import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** n8n's editor in a browser, as far as a person needs it who makes a workflow with one node, or sets up a ready one. */
export class EditorPage {
	private isStuck = false;

	constructor(
		readonly page: Page,
		readonly url: string,
	) {}

	/** The element that n8n names so for its own tests. */
	part(id: string): Locator {
		return this.page.locator(`[data-test-id="${id}"]`);
	}

	get output(): Locator {
		return this.part('output-panel');
	}

	get nodePanel(): Locator {
		return this.part('ndv');
	}

	get credentialPanel(): Locator {
		return this.part('editCredential-modal');
	}

	parameter(name: string): Locator {
		return this.part(`parameter-input-${name}`);
	}

	async open(workflowId: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${workflowId}`);
		// Messages come and go by themselves in the corner, over what is to be clicked or pictured.
		await this.page.addStyleTag({ content: '.el-notification { display: none !important }' });
		await this.part('canvas-node').first().waitFor();
	}

	/** Makes a new workflow out of a file, from the list of workflows on: a new one, and *Import → From file* in its menu. @returns its id */
	async importWorkflow(path: string): Promise<string> {
		await this.page.goto(`${this.url}/home/workflows`);
		await this.part('add-resource-workflow').first().click();
		await this.part('workflow-menu').click();
		await this.part('workflow-menu-item-import').hover();
		const chooser = this.page.waitForEvent('filechooser');
		await this.page.getByText('From file').first().click();
		await (await chooser).setFiles(path);
		await this.part('canvas-node').first().waitFor();
		await this.page.keyboard.press('Control+s');
		await this.page.waitForURL(/\/workflow\/(?!new)\w+/);
		return /\/workflow\/(\w+)/.exec(this.page.url())![1]!;
	}

	/** The nodes with a red triangle: something in them isn't chosen yet. */
	get unready(): Locator {
		return this.part('canvas-node').filter({ has: this.part('node-issues') });
	}

	/** The buttons of the open node for credentials that it needs, and of which there is none yet. */
	get missingCredentials(): Locator {
		return this.nodePanel.getByRole('button', { name: /^Connect to/ });
	}

	/** The lists of the open node in which a credential is chosen. */
	get chosenCredentials(): Locator {
		return this.nodePanel.locator('[data-test-id="node-credentials-select"]');
	}

	/** Chooses the workflow that the open node calls. */
	async chooseWorkflow(name: string): Promise<void> {
		await this.part('rlc-input').first().click();
		await this.part('rlc-item').filter({ hasText: name }).first().click();
	}

	/** Publishes the open workflow, and closes what n8n says of it. */
	async publish(): Promise<void> {
		const button = (within: Page | Locator) => within.getByRole('button', { name: 'Publish', exact: true });
		await button(this.page).click();
		await button(this.page.getByRole('dialog')).click();
		await this.page.getByRole('button', { name: 'Got it' }).click();
	}

	/** Opens the nodes panel from the plus sign behind the last node. */
	async openNodesPanel(): Promise<void> {
		await this.part('canvas-handle-plus').last().click();
		await this.part('node-creator-search-bar').waitFor();
	}

	/** Searches the nodes panel and gives the names that it shows, once the wanted one is among them. */
	async searchNodes(word: string, wanted: string): Promise<string[]> {
		await this.part('node-creator-search-bar').fill(word);
		const names = this.part('node-creator-item-name');
		await names.getByText(wanted, { exact: true }).first().waitFor();
		return await names.allInnerTexts();
	}

	/** Takes a node and one of its actions from the nodes panel, which opens the node. */
	async takeNode(name: string, action: string): Promise<void> {
		const names = this.part('node-creator-item-name');
		await names.getByText(name, { exact: true }).first().click();
		await names.getByText(action, { exact: true }).click();
		await this.nodePanel.waitFor();
	}

	async openNode(name: string): Promise<void> {
		// Its label, since the others' may begin in the same way.
		await this.part('canvas-node')
			.filter({ has: this.page.getByText(name, { exact: true }) })
			.first()
			.dblclick();
		await this.nodePanel.waitFor();
	}

	async closeNode(): Promise<void> {
		await this.part('ndv-close-button').click();
		await this.nodePanel.waitFor({ state: 'hidden' });
	}

	/** Opens the form of a new credential from the open node. */
	async startCredential(): Promise<void> {
		await this.part('node-credentials-select').click();
		await this.part('node-credentials-select-item-new').click();
		await this.credentialPanel.waitFor();
	}

	/** Chooses from a list in a panel. */
	async choose(panel: Locator, name: string, option: string): Promise<void> {
		await panel.locator(`[data-test-id="parameter-input-${name}"]`).click();
		await this.page.locator('.el-select-dropdown__item:visible').filter({ hasText: option }).first().click();
	}

	/** Types into a text field of a panel. */
	async type(panel: Locator, name: string, text: string): Promise<void> {
		await panel.locator(`[data-test-id="parameter-input-${name}"] input`).fill(text);
	}

	/** Changes an expression of the open node, and puts it back as it was. */
	async typeExpression(name: string): Promise<void> {
		await this.parameter(name).locator('.cm-content').click();
		await this.page.keyboard.press('End');
		await this.page.keyboard.type(' ');
		await this.page.keyboard.press('Backspace');
	}

	/** Saves the credential in its form, which n8n then tests. */
	async saveCredential(): Promise<void> {
		const saved = this.page
			.waitForResponse(
				(response) =>
					/\/rest\/credentials(\/\w+)?$/.test(response.url()) && ['POST', 'PATCH'].includes(response.request().method()),
			)
			.then(() => true);
		// A click that comes before the form has taken note of what was typed is lost.
		for (
			let isSaved = false;
			!isSaved;
			isSaved = await Promise.race([saved, this.page.waitForTimeout(2_000).then(() => false)])
		) {
			await this.part('credential-save-button').click();
		}
	}

	/** Saves the credential in its form, whatever n8n's test of it says, and closes the form. */
	async keepCredential(): Promise<void> {
		await this.saveCredential();
		const stays = this.credentialPanel.getByText('Couldn’t connect with these settings');
		const closed = this.credentialPanel.waitFor({ state: 'hidden' }).then(() => true);
		if (await Promise.race([closed, stays.waitFor().then(() => false)])) return;
		await this.credentialPanel.getByRole('button', { name: 'Close this dialog' }).click();
		await closed;
	}

	/** Logs in at another service, with the credential in its form; the form closes then by itself. */
	async logIn(): Promise<void> {
		await this.part('quick-connect-button').filter({ visible: true }).first().click();
		await this.credentialPanel.waitFor({ state: 'hidden' });
	}

	/** Runs the nodes before the open one, so that the input pane has their data. */
	async loadInput(): Promise<void> {
		await this.part('execute-previous-node').click();
		await this.part('ndv-input-panel').locator('[data-target="mappable"]').first().waitFor();
	}

	/** Drags a field of the input pane, whose name is there once, onto a parameter of the open node. */
	async dragField(field: string, parameter: string): Promise<void> {
		const source = this.part('ndv-input-panel').locator('[data-target="mappable"]').getByText(field, { exact: true });
		await this.parameter(parameter).scrollIntoViewIfNeeded();
		const from = await middle(source);
		const to = await middle(this.parameter(parameter));
		await this.page.mouse.move(from.x, from.y);
		await this.page.mouse.down();
		// n8n takes it for a drag only after some movement.
		await this.page.mouse.move(from.x + 60, from.y + 30, { steps: 5 });
		await this.page.mouse.move(to.x, to.y, { steps: 15 });
		await this.page.mouse.up();
		await this.parameter(parameter).getByText('{{').waitFor();
		// The preview of the expression covers the fields below.
		await this.part('ndv').getByText('Credential', { exact: true }).first().click();
	}

	/** Adds an optional field to a collection, which is known by the text of its button. */
	async addField(button: string, label: string): Promise<void> {
		await this.nodePanel.getByPlaceholder(button).first().click();
		await this.page.locator('.el-select-dropdown__item:visible').filter({ hasText: label }).click();
	}

	async flip(parameter: string): Promise<void> {
		await this.parameter(parameter).locator('.el-switch').click();
	}

	/** Runs the open node and waits until its output has the text. */
	async execute(expected: string | RegExp): Promise<string> {
		await this.part('node-execute-button').click();
		await this.output.getByText(expected).first().waitFor();
		return await this.output.innerText();
	}

	/**
	 * Runs a step of a walk through the editor. If it fails, its error says where a picture of the page is, and the steps
	 * after it, which need what it did, aren't tried.
	 */
	async step(action: () => Promise<void>): Promise<void> {
		if (this.isStuck) throw new Error('An earlier step failed');
		try {
			await action();
		} catch (error) {
			this.isStuck = true;
			const picture = join(await mkdtemp(join(tmpdir(), 'n8n-editor-')), 'page.png');
			await this.page.screenshot({ path: picture });
			const messages = await this.page.locator('.el-notification').allTextContents();
			throw new Error(`${(error as Error).message}\nn8n's messages: ${messages.join(' ')}\nPicture of the page: ${picture}`, {
				cause: error,
			});
		}
	}
}

async function middle(locator: Locator): Promise<{ x: number; y: number }> {
	const box = await locator.boundingBox();
	if (!box) throw new Error('The element to drag from or to is not visible');
	return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

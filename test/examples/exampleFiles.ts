import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { INode } from 'n8n-workflow';
import { repository } from '../support/n8n/installPackage';
import type { WorkflowDraft } from '../support/n8n/n8nClient';

export type Example = Required<WorkflowDraft>;

const folder = join(repository, 'examples');

/** Names of the workflow files in `examples/`. */
export const exampleFiles: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** An example as its file has it. */
export function readExample(file: string): Example {
	return JSON.parse(readExampleText(file)) as Example;
}

/** The bytes of any file in `examples/`. */
export async function readExampleFile(file: string): Promise<Buffer> {
	return await readFile(join(folder, file));
}

/** The text of any file in `examples/`. */
export function readExampleText(file: string): string {
	return readFileSync(join(folder, file), 'utf8');
}

export const confirmaType = 'n8n-nodes-confirma-finance.confirmaFinance';

/** Whether the node creates clients, and doesn't only check their data. */
export function creates({ type, parameters }: INode): boolean {
	return type === confirmaType && (parameters.options as { previewOnly?: boolean } | undefined)?.previewOnly !== true;
}

/** The first item that is pinned to a node. */
export function pinned<T>(example: Example, node: string): T {
	const item = example.pinData?.[node]?.[0];
	if (!item) throw new Error(`${example.name} has no data pinned to '${node}'`);
	return item.json as T;
}

import { settle } from './settle';
import { crmWorkflows } from './crms';
import { createTheClient } from './createTheClient';

/** The text of each workflow that is made here, by its file's name in `examples/`. */
export function exampleTexts(): Record<string, string> {
	const files = { 'create-the-client.json': createTheClient(), ...crmWorkflows(), 'settle-a-client.json': settle() };
	return Object.fromEntries(Object.entries(files).map(([file, workflow]) => [file, `${JSON.stringify(workflow, null, 2)}\n`]));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { properties } from '../../nodes/ConfirmaFinance/client/properties';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';
import { crmKinds } from './crms';
import { confirmaType, creates, type Example, exampleFiles, readExample, readExampleText } from './exampleFiles';
import { shared } from './exampleServer';

// The one that `npm start` runs: webhook and node, nothing around them.
const small = 'deal-won-webhook.json';
const sticky = 'n8n-nodes-base.stickyNote';
const triggerTypes = /Trigger$|\.webhook$/;

const nodesOf = (example: Example) => example.nodes.filter(({ type }) => type !== sticky);
const nodeOf = (example: Example, name: string): INode => example.nodes.find((node) => node.name === name)!;

describe.each(exampleFiles)('%s', (file) => {
	const example = readExample(file);
	const names = new Set(example.nodes.map(({ name }) => name));

	it('hangs together', () => {
		expect(names.size).toBe(example.nodes.length);
		expect(new Set(example.nodes.map(({ id }) => id)).size).toBe(example.nodes.length);
		const targets = Object.values(example.connections).flatMap(({ main = [] }) => main.flat().map((target) => target!.node));
		const referred = [...JSON.stringify(example.nodes).matchAll(/\$\('([^']+)'\)/g)].map(([, name]) => name!);
		const mentioned = [...Object.keys(example.connections), ...targets, ...referred, ...Object.keys(example.pinData)];
		expect(mentioned.filter((name) => !names.has(name))).toEqual([]);
	});

	it('has one note, pinned data to begin with, no time limit and saved executions', () => {
		expect(example.nodes.filter(({ type }) => type === sticky)).toHaveLength(1);
		const trigger = example.nodes.find(({ type }) => triggerTypes.test(type))!;
		expect(example.pinData[trigger.name]).toHaveLength(1);
		expect(example.settings).toMatchObject({
			executionTimeout: -1,
			saveDataErrorExecution: 'all',
			saveDataSuccessExecution: 'all',
		});
	});

	it('names no credential, so that n8n fills in the one that there is', () => {
		expect(example.nodes.filter(({ credentials }) => credentials)).toEqual([]);
	});

	it('lets nobody in without a key or a login', () => {
		for (const { type, parameters } of example.nodes) {
			if (type === 'n8n-nodes-base.webhook') expect(parameters.authentication).toBe('headerAuth');
			if (type === 'n8n-nodes-base.formTrigger') expect(parameters.authentication).toMatch(/^(basicAuth|n8nUserAuth)$/);
			if (type === 'n8n-nodes-base.pipedriveTrigger') expect(parameters.incomingAuthentication).toBe('basicAuth');
		}
	});

	it('fills only parameters that the node has', () => {
		const known = (list: INodeProperties[]) => list.map(({ name }) => name);
		for (const { parameters } of example.nodes.filter(({ type }) => type === confirmaType)) {
			for (const [name, value] of Object.entries(parameters)) {
				const property = properties.find((candidate) => candidate.name === name);
				if (name !== 'operation') expect(known(properties)).toContain(name);
				if (property?.type !== 'collection') continue;
				for (const child of Object.keys(value as object)) expect(known(property.options as INodeProperties[])).toContain(child);
			}
		}
	});

	it('copies no variable of n8n by spreading it, which n8n 2.8 cannot do', () => {
		expect(readExampleText(file)).not.toMatch(/\{\s*\.\.\.\$/);
	});

	it('uses made-up addresses only', () => {
		const addresses = readExampleText(file).match(/[\w.+-]+@[\w.-]+\.\w+/g) ?? [];
		// Where Confirma Finance takes deployment requests, as its documentation says.
		const known = /@example\.com$|^deployment@cash-in\.fi$/;
		expect(addresses.filter((address) => !known.test(address))).toEqual([]);
	});

	it('lets the shared workflow create clients, and names the access token in no node', () => {
		expect(example.nodes.filter(creates)).toHaveLength([small, shared.file].includes(file) ? 1 : 0);
		const naming = nodesOf(example).filter((node) => JSON.stringify(node.parameters).includes('apiAccessToken'));
		expect(naming).toEqual([]);
	});

	it('can be read: no node on another or on the note', () => {
		const boxes = example.nodes.map(({ name, type, position: [x, y], parameters }) =>
			type === sticky
				? { name, x, y, width: Number(parameters.width), height: Number(parameters.height) }
				: // A node and the two lines of its name below.
					{ name, x, y, width: 100, height: 140 },
		);
		const collisions = boxes.flatMap((a, index) =>
			boxes
				.slice(index + 1)
				.filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
				.map((b) => `${a.name} / ${b.name}`),
		);
		expect(collisions).toEqual([]);
	});
});

describe('the workflows of the CRMs', () => {
	it.each(crmKinds)('$file has at most thirteen nodes, and does the common parts as the others do', ({ file }) => {
		const [example, first] = [readExample(file), readExample(crmKinds[0]!.file)];
		expect(nodesOf(example).length).toBeLessThanOrEqual(13);
		for (const name of ['New client?', shared.caller, 'What became of it?', 'Say what is left to do', 'Tell a person']) {
			const work = ({ type, typeVersion, parameters }: INode) => ({ type, typeVersion, parameters });
			expect(work(nodeOf(example, name))).toEqual(work(nodeOf(first, name)));
			expect(example.connections[name]).toEqual(first.connections[name]);
		}
	});

	it('take different sample companies, because they share one memory', () => {
		const idsOf = (file: string) => JSON.stringify(readExample(file).pinData).match(/\b\d{7}-\d\b|\b1990\d{4}\b/g) ?? [];
		const seen = exampleFiles
			.filter((file) => file !== small)
			.flatMap((file) => [...new Set(idsOf(file).map((id) => id.replace('-', '')))]);
		expect(seen.filter((id, index) => seen.indexOf(id) !== index)).toEqual([]);
	});
});

describe('the files together', () => {
	it('have at most 7,350 lines', () => {
		const lines = exampleFiles.map((file) => readExampleText(file).split('\n').length - 1);
		expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(7_350);
	});

	it.each([
		[shared.file, 10],
		['review-before-create.json', 15],
		['find-the-business-id.json', 12],
	])('%s has at most %i nodes', (file, most) => {
		expect(nodesOf(readExample(file)).length).toBeLessThanOrEqual(most);
	});
});

describe('create-the-client.json', () => {
	const example = readExample(shared.file);

	it('has no node that needs a task runner or sends messages', () => {
		expect(example.nodes.filter(({ type }) => /\.(code|emailSend)$/.test(type))).toEqual([]);
	});

	it('declares every field of the node, and uses every input that it declares', () => {
		const { values } = nodeOf(example, shared.trigger).parameters.workflowInputs as { values: Array<{ name: string }> };
		const text = JSON.stringify(example.nodes.filter(({ name }) => name !== shared.trigger));
		expect(values.filter(({ name }) => !new RegExp(`(json|asked|known)\\.${name}\\b`).test(text))).toEqual([]);
	});
});

describe.each(selectedVersions())('on n8n $version', (version) => {
	// n8n 1 lacks what the shared workflow needs to make its table.
	(version.version.startsWith('1.') ? it.skip : it)('has every node type and version of the examples', async () => {
		const { folder } = await installN8n(version);
		const known = JSON.parse(
			readFileSync(join(folder, 'node_modules', 'n8n-nodes-base', 'dist', 'types', 'nodes.json'), 'utf8'),
		) as INodeTypeDescription[];
		const versions = (type: string) =>
			known
				.filter(({ name }) => `n8n-nodes-base.${name.replace('n8n-nodes-base.', '')}` === type)
				.flatMap((description) => description.version);
		const lacking = exampleFiles.flatMap((file) =>
			readExample(file)
				.nodes.filter((node: INode) => node.type !== confirmaType && !versions(node.type).includes(node.typeVersion))
				.map(({ type, typeVersion }) => `${file}: ${type} ${typeVersion}`),
		);
		expect(lacking).toEqual([]);
	});
});

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
const vault = 'Replace me: store the access token in your vault';
const crmTypes = ['hubspot', 'salesforce', 'httpRequest'].map((name) => `n8n-nodes-base.${name}`);
const triggerTypes = /Trigger$|\.webhook$/;

const nodeOf = (example: Example, name: string): INode => {
	const found = example.nodes.find((node) => node.name === name);
	if (!found) throw new Error(`${example.name} has no node '${name}'`);
	return found;
};

/** What a node does, without what only tells it apart: ids and its place. */
const workOf = ({ type, typeVersion, parameters, onError, disabled }: INode): unknown =>
	JSON.parse(
		JSON.stringify({ type, typeVersion, parameters, onError, disabled }, (key, value: unknown) =>
			key === 'id' ? undefined : value,
		),
	);

/** Names of the fields that a Set node makes. */
const fieldsOf = ({ parameters }: INode): string[] =>
	((parameters.assignments as { assignments: Array<{ name: string }> } | undefined)?.assignments ?? []).map(({ name }) => name);

/** The fields that the shared workflow takes. */
const inputs: string[] = (
	nodeOf(readExample(shared.file), shared.trigger).parameters.workflowInputs as { values: Array<{ name: string }> }
).values.map(({ name }) => name);

/** Nodes that a node's items reach, over any number of steps. */
function downstream({ connections }: Example, name: string): Set<string> {
	const reached = new Set<string>();
	const visit = (from: string) => {
		for (const { node } of (connections[from]?.main ?? []).flat().filter((target) => target !== null && target !== undefined)) {
			if (reached.has(node)) continue;
			reached.add(node);
			visit(node);
		}
	};
	visit(name);
	return reached;
}

describe.each(exampleFiles)('%s', (file) => {
	const example = readExample(file);
	const byName = new Map(example.nodes.map((node) => [node.name, node]));
	const confirma = example.nodes.filter(({ type }) => type === confirmaType);

	it('hangs together', () => {
		expect(byName.size).toBe(example.nodes.length);
		expect(new Set(example.nodes.map(({ id }) => id)).size).toBe(example.nodes.length);
		for (const [from, { main = [] }] of Object.entries(example.connections)) {
			expect(byName.has(from)).toBe(true);
			for (const target of main.flat()) expect(byName.has(target!.node)).toBe(true);
		}
		const referred = [...JSON.stringify(example.nodes).matchAll(/\$\('([^']+)'\)/g)].map(([, name]) => name!);
		expect(referred.filter((name) => !byName.has(name))).toEqual([]);
		expect(Object.keys(example.pinData).filter((name) => !byName.has(name))).toEqual([]);
	});

	it('explains itself and begins with pinned data', () => {
		expect(example.nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
		const trigger = example.nodes.find(({ type }) => triggerTypes.test(type))!;
		expect(example.pinData[trigger.name]?.length).toBeGreaterThan(0);
	});

	it('carries no real credential', () => {
		// n8n 2.40 fills in a credential only where a node names none, and doesn't save a choice in place of one without an id.
		for (const { type, credentials } of example.nodes) {
			if (file === small && type === confirmaType)
				expect(credentials).toEqual({ confirmaFinanceApi: { id: null, name: 'Confirma Finance account' } });
			else expect(credentials).toBeUndefined();
		}
	});

	it('lets nobody in without a key or a login', () => {
		for (const { type, parameters } of example.nodes) {
			if (type === 'n8n-nodes-base.webhook') expect(parameters.authentication).toBe('headerAuth');
			if (type === 'n8n-nodes-base.formTrigger') expect(parameters.authentication).toBe('basicAuth');
			if (type === 'n8n-nodes-base.pipedriveTrigger') expect(parameters.incomingAuthentication).toBe('basicAuth');
		}
	});

	it('fills only parameters that the node has', () => {
		const names = (list: INodeProperties[]) => list.map(({ name }) => name);
		for (const { parameters } of confirma) {
			for (const [name, value] of Object.entries(parameters)) {
				const property = properties.find((candidate) => candidate.name === name);
				if (name !== 'operation') expect(names(properties)).toContain(name);
				if (property?.type !== 'collection') continue;
				for (const child of Object.keys(value as object)) expect(names(property.options as INodeProperties[])).toContain(child);
			}
			for (const { name, required, displayOptions } of properties) {
				if (required && !displayOptions) expect(parameters).toHaveProperty(name);
			}
		}
	});

	it('takes the access token to no place but the vault', () => {
		expect(readExampleText(file)).not.toContain('apiAccessToken');
		// A whole item would have the token with it.
		const wholeItem = /\$json(?!\s*[.?[])|\$input\.(item|first\(\))\.json(?!\s*[.?[])|includeOtherFields":\s*true/;
		for (const { name } of confirma.filter((node) => creates(node) && file !== small)) {
			const reached = [...downstream(example, name)].map((reachedName) => byName.get(reachedName)!);
			expect(reached.map((node) => node.name)).toContain(vault);
			for (const { parameters } of reached) expect(JSON.stringify(parameters)).not.toMatch(wholeItem);
		}
	});

	it('uses made-up addresses only', () => {
		const addresses = readExampleText(file).match(/[\w.+-]+@[\w.-]+\.\w+/g) ?? [];
		// Where Confirma Finance takes deployment requests, as its documentation says.
		const known = /@example\.com$|^deployment@cash-in\.fi$/;
		expect(addresses.filter((address) => !known.test(address))).toEqual([]);
	});

	it('lets the shared workflow create clients', () => {
		const creating = confirma.filter(creates).length;
		expect(creating).toBe([small, shared.file].includes(file) ? 1 : 0);
	});

	it('sends the shared workflow only what that takes', () => {
		for (const [from, { main = [] }] of Object.entries(example.connections)) {
			const calls = main.flat().some((target) => byName.get(target!.node)?.type === 'n8n-nodes-base.executeWorkflow');
			if (calls && byName.get(from)!.type === 'n8n-nodes-base.set')
				expect(fieldsOf(byName.get(from)!).filter((field) => !inputs.includes(field))).toEqual([]);
		}
	});

	it('leaves no failure without somebody who is told', () => {
		for (const { name } of example.nodes.filter(({ onError }) => onError === 'continueErrorOutput'))
			expect(example.connections[name]?.main?.[1]?.length).toBe(1);
	});

	it('can be read: no node on another, none half on a note', () => {
		const box = ({ type, position: [x, y], parameters }: INode) =>
			type === 'n8n-nodes-base.stickyNote'
				? { x, y, width: Number(parameters.width), height: Number(parameters.height) }
				: // A node and the two lines of its name below.
					{ x, y, width: 100, height: 140 };
		type Box = ReturnType<typeof box>;
		const apart = (a: Box, b: Box) =>
			a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
		const holds = (a: Box, b: Box) =>
			a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;
		const isNote = ({ type }: INode) => type === 'n8n-nodes-base.stickyNote';
		const collisions = example.nodes.flatMap((first, index) =>
			example.nodes
				.slice(index + 1)
				.filter((second) => {
					if (apart(box(first), box(second))) return false;
					const [note, node] = isNote(first) ? [first, second] : [second, first];
					return isNote(node) || !isNote(note) || !holds(box(note), box(node));
				})
				.map((second) => `${first.name} / ${second.name}`),
		);
		expect(collisions).toEqual([]);
	});
});

describe('the workflows of the CRMs', () => {
	const files = crmKinds.map(({ file }) => file);
	const first = readExample(files[0]!);

	it.each(files)('%s does the common parts as the others do', (file) => {
		const example = readExample(file);
		for (const name of [
			shared.caller,
			'What became of it?',
			'Let the first event finish',
			'Tell a person',
			'Anything left to do?',
			'Not everything is done',
		])
			expect(workOf(nodeOf(example, name))).toEqual(workOf(nodeOf(first, name)));
		for (const name of ['What became of it?', 'Tell a person', 'Anything left to do?'])
			expect(example.connections[name]).toEqual(first.connections[name]);
		for (const name of [
			'Could not be read',
			'Its identifiers are unknown',
			'Not written to the company',
			'Not written to the deal',
		])
			expect(fieldsOf(nodeOf(example, name))).toEqual(fieldsOf(nodeOf(first, name)));
		expect(nodeOf(example, 'About what comes after').parameters).toEqual(nodeOf(first, 'About what comes after').parameters);
	});

	it.each(files)('%s runs without its CRM', (file) => {
		const example = readExample(file);
		for (const { name } of example.nodes.filter(({ type }) => crmTypes.includes(type)))
			expect(example.pinData[name]).toHaveLength(1);
	});

	it('take different sample companies, because they share one memory', () => {
		const files = exampleFiles.filter((file) => file !== small);
		const idsOf = (file: string) => JSON.stringify(readExample(file).pinData).match(/\b\d{7}-\d\b|\b1990\d{4}\b/g) ?? [];
		const seen = files.flatMap((file) => [...new Set(idsOf(file).map((id) => id.replace('-', '')))]);
		expect(seen.filter((id, index) => seen.indexOf(id) !== index)).toEqual([]);
	});
});

describe('create-the-client.json', () => {
	const example = readExample(shared.file);

	it('checks with the same fields with which it creates', () => {
		const { options: checking, ...checked } = nodeOf(example, 'Check it first').parameters;
		const { options: creating, ...created } = nodeOf(example, shared.caller).parameters;
		expect(checked).toEqual(created);
		expect(checking).toEqual({ previewOnly: true });
		expect(creating).toMatchObject({
			duplicateHandling: expect.stringMatching(/\|\| 'skip' }}$/),
			unknownHandling: expect.stringMatching(/\|\| 'hold' }}$/),
		});
	});

	it('goes on with every item, whatever becomes of it', () => {
		for (const { onError } of example.nodes.filter(({ type }) => type === confirmaType))
			expect(onError).toBe('continueRegularOutput');
	});

	it('uses every input that it declares', () => {
		const text = JSON.stringify(example.nodes.filter(({ name }) => name !== shared.trigger));
		expect(inputs.filter((name) => !new RegExp(`(json|request|result)\\.${name}\\b`).test(text))).toEqual([]);
	});
});

describe.each(selectedVersions())('on n8n $version', (version) => {
	it('has every node type and version of the examples', async () => {
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

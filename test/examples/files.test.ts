import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import { properties } from '../../nodes/ConfirmaFinance/createClient/panel/properties';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';
import { confirmaType, creates, exampleFiles, readExample, readExampleText } from './exampleFiles';

// The one that `npm start` runs: webhook and node, nothing around them.
const small = ['deal-won-webhook.json'];
const placeholders = /^Replace me: /;
const crmTypes = ['hubspot', 'salesforce', 'httpRequest'].map((name) => `n8n-nodes-base.${name}`);
const triggerTypes = /Trigger$|\.webhook$/;

/** Nodes that a node's items reach, over any number of steps. */
function downstream({ connections }: ReturnType<typeof readExample>, name: string): Set<string> {
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

	it('explains itself and runs on pinned data', () => {
		expect(example.nodes.some(({ type }) => type === 'n8n-nodes-base.stickyNote')).toBe(true);
		const trigger = example.nodes.find(({ type }) => triggerTypes.test(type))!;
		const calling = example.nodes.filter(({ type }) => crmTypes.includes(type));
		for (const { name } of [trigger, ...calling]) expect(example.pinData[name]).toHaveLength(1);
	});

	it('names no credential but that of Confirma Finance, by its usual name', () => {
		for (const { type, credentials } of example.nodes) {
			if (type === confirmaType)
				expect(credentials).toEqual({ confirmaFinanceApi: { id: null, name: 'Confirma Finance account' } });
			else expect(credentials).toBeUndefined();
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
		for (const { name } of example.nodes.filter((node) => creates(node) && !small.includes(file))) {
			const reached = [...downstream(example, name)].map((reachedName) => byName.get(reachedName)!);
			expect(reached.some((node) => placeholders.test(node.name))).toBe(true);
			// A whole item would have the token with it.
			for (const { parameters } of reached) {
				expect(JSON.stringify(parameters)).not.toMatch(
					/\$json(?!\s*[.?[])|\$input\.(item|first\(\))\.json(?!\s*[.?[])|includeOtherFields":\s*true/,
				);
			}
		}
	});

	it('uses made-up addresses only', () => {
		const addresses = readExampleText(file).match(/[\w.+-]+@[\w.-]+\.\w+/g) ?? [];
		expect(addresses.filter((address) => !/@example\.com$/.test(address))).toEqual([]);
	});

	if (small.includes(file)) return;

	it('creates each client once, and leaves no failure without a person', () => {
		for (const { parameters, onError } of example.nodes.filter(creates)) {
			expect(parameters.options).toMatchObject({ duplicateHandling: 'skip' });
			expect(['continueErrorOutput', 'continueRegularOutput']).toContain(onError);
		}
		for (const { name } of example.nodes.filter(({ onError }) => onError === 'continueErrorOutput')) {
			expect(example.connections[name]?.main?.[1]?.length).toBe(1);
		}
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

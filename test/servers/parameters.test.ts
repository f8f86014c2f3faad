import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { INodeParameters } from 'n8n-workflow';
import bundling from '../../scripts/bundling.json';
import { workflowNode } from '../support/n8n/dealWorkflow';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';
import { N8nClient } from '../support/n8n/n8nClient';
import { N8nServer } from '../support/n8n/n8nServer';
import type { Probed } from '../support/parameterProbe/ParameterProbe.node';
import { cases, forbidden, items, probing, type Case } from '../support/parameterProbe/expressions';

const probePackage = 'n8n-nodes-parameter-probe';

async function installProbe({ nodesFolder }: N8nServer): Promise<void> {
	const folder = join(nodesFolder, 'node_modules', probePackage);
	const file = 'ParameterProbe.node.js';
	await build({
		...(bundling as BuildOptions),
		entryPoints: [join(__dirname, '../support/parameterProbe/ParameterProbe.node.ts')],
		outfile: join(folder, file),
	});
	await mkdir(folder, { recursive: true });
	const n8n = { n8nNodesApiVersion: 1, nodes: [file] };
	await writeFile(
		join(folder, 'package.json'),
		JSON.stringify({ name: probePackage, version: '0.0.0', keywords: ['n8n-community-node-package'], n8n }),
	);
}

/** The engines that resolve expressions in a version of n8n; it takes one of them by N8N_EXPRESSION_ENGINE. */
const engines: Record<string, string[]> = { '1.123.81': ['legacy', 'vm'], '2.8.4': ['legacy'] };
const all = selectedVersions().flatMap((version) =>
	(engines[version.version] ?? ['legacy', 'vm', 'quickjs']).map((engine) => ({ engine, n8n: version.version, version })),
);

describe.each(all)('on n8n $n8n, expressions resolved by the engine “$engine”', ({ engine, version }) => {
	let server: N8nServer | undefined;
	let client: N8nClient;

	beforeAll(async () => {
		server = await N8nServer.create(await installN8n(version), { env: { N8N_EXPRESSION_ENGINE: engine } });
		await installProbe(server);
		await server.start();
		client = new N8nClient(server.url, version.version);
		await client.signIn();
	});

	afterAll(async () => await server?.dispose());

	async function probe(table: readonly Case[]): Promise<Probed[]> {
		const path = randomUUID();
		const { id } = await client.createWorkflow({
			name: path,
			nodes: [
				workflowNode(
					'Webhook',
					'n8n-nodes-base.webhook',
					2,
					{ httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'allEntries', options: {} },
					{ webhookId: path },
				),
				workflowNode('Items', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.items', options: {} }),
				workflowNode('Probe', `${probePackage}.parameterProbe`, 1, probing(table) as INodeParameters),
			],
			connections: {
				Webhook: { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
				Items: { main: [[{ node: 'Probe', type: 'main', index: 0 }]] },
			},
		});
		await client.activate(id);
		const { text } = await client.webhook(path, { items });
		return JSON.parse(text) as Probed[];
	}

	it('every parameter is read as n8n reads it, and paths together', async () => {
		const table = cases('Items');
		const probed = await probe(table);
		expect(probed).toHaveLength(table.length * items.length);
		expect(probed.map(({ name, read }) => [name, read])).toEqual(probed.map(({ name, expected }) => [name, expected]));
		const timesListed = ({ name, raw }: Case) => [raw, probed.filter((one) => one.name === name && one.isListed).length];
		expect(table.map(timesListed)).toEqual(table.map(({ raw, listed }) => [raw, listed]));
	});

	it('a path that n8n forbids leaves the others as they are', async () => {
		for (const table of forbidden) {
			const probed = await probe(table);
			expect(probed.map(({ name, read }) => [name, read])).toEqual(probed.map(({ name, expected }) => [name, expected]));
		}
	});
});

import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import bundling from '../../scripts/bundling.json';
import { workflowNode } from '../support/n8n/dealWorkflow';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';
import { N8nClient } from '../support/n8n/n8nClient';
import { N8nServer } from '../support/n8n/n8nServer';
import type { Probed } from '../support/parameterProbe/ParameterProbe.node';
import { cases, changing, items, probing } from '../support/parameterProbe/expressions';

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

// Half a character, and the sign of zero.
const garbledByQuickJs = /ud800|-0/;

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

	async function probe(parameters: IDataObject): Promise<IDataObject[]> {
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
				workflowNode('Probe', `${probePackage}.parameterProbe`, 1, parameters as INodeParameters),
			],
			connections: {
				Webhook: { main: [[{ node: 'Items', type: 'main', index: 0 }]] },
				Items: { main: [[{ node: 'Probe', type: 'main', index: 0 }]] },
			},
		});
		await client.activate(id);
		const { text } = await client.webhook(path, { items });
		return JSON.parse(text) as IDataObject[];
	}

	it('every parameter is read as n8n reads it, by itself or beside others, and is evaluated with others where it can be', async () => {
		const table = cases('Items').filter(({ raw }) => engine !== 'quickjs' || !garbledByQuickJs.test(String(raw)));
		const probed = (await probe(probing(table))) as Probed[];
		const report = (outcomesOf: (raw: unknown, outcomes: Probed[], listed: number) => unknown) =>
			table.map(({ name, raw, listed }) => [
				raw,
				outcomesOf(
					raw,
					probed.filter((one) => one.name === name),
					listed,
				),
			]);
		const expected = report((_raw, outcomes) => outcomes.map((one) => one.expected));
		expect(expected).toHaveLength(table.length);
		expect(probed).toHaveLength(table.length * items.length);
		expect(report((_raw, outcomes) => outcomes.map(({ withFew }) => withFew))).toEqual(expected);
		expect(report((_raw, outcomes) => outcomes.map(({ withAll }) => withAll))).toEqual(expected);
		expect(report((_raw, outcomes) => outcomes.filter(({ isListed }) => isListed).length)).toEqual(
			report((_raw, _outcomes, listed) => listed),
		);
	});

	it('what expressions change is seen by the others as n8n lets them see it', async () => {
		for (const parameters of changing) {
			expect([parameters, await probe({ way: 'reader', ...parameters })]).toEqual([
				parameters,
				await probe({ way: 'n8n', ...parameters }),
			]);
		}
	});
});

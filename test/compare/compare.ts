// Plays the same inputs on this package and on another version of it, and prints what differs: compare.ts FOLDER [COUNT [SEED]]
import {
	DeduplicationStore,
	itemsOf,
	loadPackage,
	loadPackageFrom,
	NODE_NAME,
	runWorkflow,
	smallestWorkflow,
	type NodePackage,
} from '../support/engine';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { copyPackage } from '../bench/packages';
import { startSandbox } from '../sandbox/sandbox';
import { parametersAt } from '../support/bodies';
import { credentialsFor } from '../support/engine/deals';
import { inputs, type Input } from './inputs';

/** What came of an input, with what is different each time made the same. */
interface Trace {
	run: IDataObject;
	/** By item. */
	items: IDataObject[];
	/** The bodies of the requests, by the business name in them. */
	requests: Record<string, unknown[]>;
}

/** Gives a package a store and an API of its own. @returns plays an input on it */
async function player(nodePackage: NodePackage) {
	const sandbox = await startSandbox();
	const store = new DeduplicationStore();
	const run = async (parameters: IDataObject, { clients, settings, workflowId }: Omit<Input, 'title' | 'options'>) =>
		await runWorkflow({
			workflow: smallestWorkflow(parameters, settings, workflowId),
			items: itemsOf(...(clients as IDataObject[])),
			credentials: credentialsFor(sandbox),
			mode: 'webhook',
			store,
			nodePackage,
		});
	// The API gives others each time.
	const identifiers = ['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix', 'apiAccessToken'];
	const anonymous = (key: string, value: unknown) => {
		if (identifiers.includes(key)) return key;
		return typeof value === 'string' ? value.replaceAll(sandbox.url, '') : value;
	};

	// Where each field stands in this version's panel is seen from where its value stands in a preview.
	const places = placesIn(nodePackage.node.description.properties);
	// The code of another service stands where it is asked for.
	const shown = { serviceType: 'custom', options: { previewOnly: true, validation: 'off' } };
	const probe = await run(
		{ ...shown, ...parametersAt(places.map((place, index) => [place, `X${index}X`])) },
		{ workflowId: '', clients: [{}], settings: { onError: 'continueRegularOutput' } },
	);
	const body = probe.nodes[NODE_NAME]!.outputs[0]![0]!.json.body as IDataObject;
	const fields = parametersAt(
		leaves(body).flatMap(([path, value]) => {
			const place = places[Number(/^X(\d+)X$/.exec(String(value))?.[1])];
			return place ? [[path === 'service.type' ? 'serviceType' : place, `={{ $json["${path}"] }}`] as const] : [];
		}),
	);

	const play = async (input: Input): Promise<Trace> => {
		sandbox.reset();
		const parameters: IDataObject = { ...fields, options: { maxConcurrency: 1, ...input.options } };
		const { status, error, nodes } = await run(parameters, input);
		const { outputs = [], hints = [] } = nodes[NODE_NAME] ?? {};
		const items: IDataObject[] = [];
		for (const [output, { json, pairedItem }] of outputs.flatMap((all, index) => all.map((item) => [index, item] as const)))
			items[(pairedItem as { item: number }).item] = { ...json, output, error: json.error !== undefined };
		const { message, description, context } = (error ?? {}) as unknown as IDataObject;
		const requests: Trace['requests'] = {};
		for (const { body: sent } of sandbox.requests) {
			const { name } = (sent as { client: { name: string } }).client;
			(requests[name] ??= []).push(sent);
		}
		const said = { status, message, description, context, hints: hints.map((hint) => hint.message) };
		return JSON.parse(JSON.stringify({ run: said, items, requests }, anonymous)) as Trace;
	};
	return { play, stop: async () => await sandbox.stop() };
}

/** Where a panel holds texts: `name`, or `collection.name`. */
function placesIn(properties: readonly INodeProperties[], within = ''): string[] {
	return properties.flatMap(({ name, type, options = [] }) => {
		if (name === 'options') return [];
		if (type === 'collection') return placesIn(options as INodeProperties[], `${name}.`);
		return type === 'string' ? [within + name] : [];
	});
}

/** The values in an object, by their paths. */
const leaves = (value: unknown, path: string[] = []): Array<[string, unknown]> =>
	value !== null && typeof value === 'object' && !Array.isArray(value)
		? Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]))
		: [[path.join('.'), value]];

/** What differs between two traces: what it is, in general and here. */
function differences(input: Input, other: Trace, own: Trace): Array<{ kind: string; here: unknown }> {
	const found: Array<{ kind: string; here: unknown }> = [];
	const compare = (what: string, before: unknown, after: unknown, here: unknown) => {
		const [left, right] = [new Map(leaves(before)), new Map(leaves(after))];
		for (const path of new Set([...left.keys(), ...right.keys()])) {
			const [was, is] = [left.get(path), right.get(path)].map(linesOf) as [string[], string[]];
			const [gone, added] = [was.filter((line) => !is.includes(line)), is.filter((line) => !was.includes(line))];
			const put = (change: string) => found.push({ kind: `${what}, ${path}: ${change}`, here: [gone, added, here] });
			if (gone.length === 1 && added.length === 1) put(`${general(gone[0]!)} → ${general(added[0]!)}`);
			else {
				for (const line of gone) put(`gone: ${was.length === 1 && is.length === 0 ? '' : general(line)}`);
				for (const line of added) put(`new: ${is.length === 1 && was.length === 0 ? '' : general(line)}`);
			}
		}
	};
	compare('run', other.run, own.run, input.title);
	input.clients.forEach((given, index) => {
		const [before = {}, after = {}] = [other.items[index], own.items[index]];
		// All that is said follows from the outcome, but what would be sent.
		if (before.outcome === after.outcome) compare(`${String(after.outcome)} item`, before, after, given);
		else {
			if (before.body && after.body) compare('preview', before.body, after.body, given);
			const told = [before, after].map((item) => item.description ?? item.message);
			found.push({ kind: `outcome: ${String(before.outcome)} → ${String(after.outcome)}`, here: [...told, given] });
		}
	});
	for (const [name, sent] of Object.entries(own.requests)) {
		const before = other.requests[name] ?? [];
		if (before.length === sent.length) sent.forEach((body, index) => compare('request', before[index], body, input.title));
	}
	return found;
}

/** A value as texts: none where there is none, several for a text of several lines. */
function linesOf(value: unknown): string[] {
	if (value === undefined) return [];
	return typeof value === 'string'
		? value.split(/\n|<br>/)
		: [value].flat().flatMap((each) => JSON.stringify(each).split('<br>'));
}

/** A text without what is particular to one item. */
const general = (text: string) =>
	text
		.replace(/“[^”]*”/g, '“…”')
		.replace(/\d+/g, '9')
		.slice(0, 200);

async function main(): Promise<void> {
	const [source, count = '2000', seed = '1'] = process.argv.slice(2);
	if (source === undefined)
		throw new Error('Name the folder of the other version: its repository, or its unpacked package, built');
	const folder = await copyPackage(source, 'n8n-nodes-confirma-finance-other-version');
	const other = await player(loadPackageFrom(join(folder, 'index.js')));
	const own = await player(loadPackage());
	const kinds = new Map<string, unknown[]>();
	let compared = 0;
	for (const input of inputs(Number(count), Number(seed))) {
		for (const { kind, here } of differences(input, await other.play(input), await own.play(input)))
			kinds.set(kind, [...(kinds.get(kind) ?? []), here]);
		compared += input.clients.length;
	}
	await Promise.all([other.stop(), own.stop(), rm(folder, { recursive: true })]);
	console.log(`${compared} items compared, ${kinds.size} kinds of differences`);
	for (const [kind, cases] of [...kinds].sort(([, left], [, right]) => right.length - left.length)) {
		console.log(`\n${cases.length} × ${kind}`);
		for (const here of cases.slice(0, 2)) console.log(`    ${JSON.stringify(here).slice(0, 600)}`);
	}
}

main().catch((error: Error) => {
	console.error(error.stack);
	// The sandboxes may still be there.
	process.exit(1);
});

import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { properties } from '../../nodes/ConfirmaFinance/client/properties';
import type { Fault } from '../sandbox/sandbox';
import type { NodeSettings } from '../support/engine';
import { dealFields, deals } from '../support/engine/deals';
import { continuing, scenario, stopping, type Run, type Scenario } from '../support/engine/scenario';

const everySetting: Array<[string, NodeSettings]> = [
	['stop', stopping],
	['continue', continuing],
	['error output', { onError: 'continueErrorOutput' }],
];

type Deal = ReturnType<typeof deals>[number];

const options = properties.find(({ name }) => name === 'options')!.options as INodeProperties[];

/** The option and the value that a user finds by their labels in the panel. */
function choice(label: string, value: string): IDataObject {
	const option = options.find(({ displayName }) => displayName === label)!;
	const chosen = (option.options as INodePropertyOptions[]).find(({ name }) => name === value)!;
	return { [option.name]: chosen.value };
}

/** What a user reads when a run has failed: the error, or the gravest failed item; undefined when all went well. */
function advice({ status, description, output, errorOutput }: Run): string | undefined {
	if (status !== 'success') return description;
	const failed = [...output, ...errorOutput].filter((json) => 'error' in json);
	const gravest = ['unknown', 'rejected', 'notSent', 'invalid', 'duplicate']
		.map((kind) => failed.find(({ outcome }) => outcome === kind))
		.find(Boolean);
	return gravest?.description as string | undefined;
}

const codesOfClients = ({ sandbox }: Scenario) => sandbox.created.map(({ body }) => body.client.businessCode);

/** Does what the advice asks to do with a client alone. @returns what it asks to set for the batch */
async function follow(scene: Scenario, text: string, batch: readonly Deal[], settings: NodeSettings): Promise<IDataObject> {
	const alone = /run this item alone with 'Options > ([^']+)' set to ([\w ]+); if it is not, with ([\w ]+)\./.exec(text);
	if (alone) {
		const code = /Ask Confirma Finance whether “[^”]+” \(([^)]+)\) is a client/.exec(text)?.[1];
		const asked = batch.find(({ id }) => id === code)!;
		const answer = codesOfClients(scene).includes(asked.id) ? alone[2]! : alone[3]!;
		await scene.run([asked], { settings, options: choice(alone[1]!, answer) });
	}
	const duplicate = /'Options > (If Client Was Already Created)' to (Skip It)/.exec(text);
	return duplicate ? choice(duplicate[1]!, duplicate[2]!) : {};
}

/** Runs a batch, and does exactly what each message says until nothing fails any more: each client is created once then. */
async function runUntilAllIsWell(scene: Scenario, batch: readonly Deal[], settings: NodeSettings): Promise<Run> {
	let chosen: IDataObject = {};
	for (let runs = 1; runs <= 5; runs++) {
		const result = await scene.run(batch, { settings, options: { maxConcurrency: 1, ...chosen } });
		const text = advice(result);
		if (text === undefined) {
			expectEachOnce(scene, batch);
			return result;
		}
		chosen = { ...chosen, ...(await follow(scene, text, batch, settings)) };
	}
	throw new Error('The advice leads nowhere');
}

function expectEachOnce(scene: Scenario, batch: readonly Deal[]): void {
	expect(codesOfClients(scene).sort()).toEqual(batch.map(({ id }) => id).sort());
}

describe.each(everySetting)('With On Error = %s, following the message with the whole batch', (_, settings) => {
	const batch = deals(6);
	const [, second, third, fourth] = batch as [Deal, Deal, Deal, Deal];
	const exists = { kind: 'resetAfterRead' } as const;
	const doesNot = { kind: 'resetBeforeRead' } as const;
	const isRefused = { kind: 'status', status: 400, body: { message: 'Bad name' } } as const;

	it.each<[string, Array<[Deal, Fault]>]>([
		['settles an unknown client that exists', [[third, exists]]],
		['sends an unknown client that does not exist once more', [[third, doesNot]]],
		[
			'gets past several unknown clients, whatever the answer about each',
			[
				[second, exists],
				[fourth, doesNot],
			],
		],
		['corrects a refused client', [[third, isRefused]]],
		[
			'corrects a client that is refused when it is sent once more',
			[
				[third, doesNot],
				[third, isRefused],
			],
		],
	])('%s, and creates all that is left', async (_claim, faults) => {
		const scene = await scenario();
		for (const [{ id }, fault] of faults) scene.sandbox.inject({ ...fault, match: { businessCode: id } });
		const { output, errorOutput } = await runUntilAllIsWell(scene, batch, settings);
		expect([...output, ...errorOutput].map(({ outcome }) => outcome)).not.toContain('unknown');
	});

	it('corrects a client that was refused when it was sent once more, with the option set back', async () => {
		const scene = await scenario();
		for (const fault of [doesNot, isRefused]) scene.sandbox.inject({ ...fault, match: { businessCode: third.id } });
		await scene.run(batch, { settings, options: { maxConcurrency: 1 } });
		await scene.run([third], { settings, options: { unknownHandling: 'send' } });
		await runUntilAllIsWell(scene, batch, settings);
	});

	it('lets clients pass that were created before', async () => {
		const scene = await scenario();
		await scene.run([second, third]);
		await runUntilAllIsWell(scene, batch, settings);
	});

	it('sends the others of an invalid item, and the item when it is corrected', async () => {
		const scene = await scenario();
		const wrong = batch.map((deal) => (deal === third ? { ...deal, name: '' } : deal));
		expect(advice(await scene.run(wrong, { settings }))).toContain("'Business Name' is empty");
		await runUntilAllIsWell(scene, batch, settings);
	});
});

it('A client that this node never heard of is not sent either when it is taken as created', async () => {
	const { run, sandbox } = await scenario();
	expect((await run(deals(1), { options: { unknownHandling: 'created' } })).outcomes).toEqual(['duplicate']);
	expect(sandbox.requests).toEqual([]);
});

it('A client is settled with nothing filled in but what tells it apart', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead' });
	await run(deals(1));
	const nothing = '={{ $json.none }}';
	const fields = { ...dealFields, name: nothing, primaryContactName: nothing, primaryContactEmail: nothing };
	expect((await run(deals(1), { fields, options: { unknownHandling: 'created' } })).output).toMatchObject([
		{ outcome: 'duplicate', message: 'This client is now taken as created, so nothing was sent' },
	]);
	expect((await run(deals(1))).outcomes).toEqual(['duplicate']);
	expect(sandbox.created).toHaveLength(1);
});

it('Unknown handling can be chosen for each item by an expression', async () => {
	const scene = await scenario();
	const [exists, lost, fresh] = deals(3) as [Deal, Deal, Deal];
	scene.sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: exists.id } });
	scene.sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: lost.id } });
	await scene.run([exists, lost]);
	const items = [
		{ ...exists, answer: 'created' },
		{ ...lost, answer: 'send' },
		{ ...fresh, answer: 'hold' },
	];
	const { outcomes } = await scene.run(items, { options: { unknownHandling: '={{ $json.answer }}' } });
	expect(outcomes).toEqual(['duplicate', 'created', 'created']);
	expectEachOnce(scene, [exists, lost, fresh]);
});

it('Retry On Fail sends nothing again although Send Again is chosen: nobody has asked about this attempt yet', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead', times: 3 });
	const settings: NodeSettings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
	await run(deals(1), { settings, options: { unknownHandling: 'send' } });
	expect(sandbox.created).toHaveLength(1);
});

it('A client that was to be sent again, but was not because the run stopped, stays unknown', async () => {
	const { run, sandbox } = await scenario();
	const [refused, lost] = deals(2) as [Deal, Deal];
	sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: lost.id } });
	await run([lost]);
	sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: refused.id } });
	const options = { unknownHandling: 'send', maxConcurrency: 1 };
	const stopped = await run([refused, lost], { settings: stopping, options });
	expect(stopped.error!.context).toMatchObject({ outcomes: [{ outcome: 'rejected' }, { outcome: 'notSent' }] });
	expect((await run([lost])).outcomes).toEqual(['unknown']);
	expect(sandbox.created).toEqual([]);
});

import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { properties } from '../../nodes/ConfirmaFinance/client/properties';
import type { NodeSettings, RunResult } from '../support/engine';
import { deals } from '../support/engine/deals';
import { deliver, sandbox, useDeliveries } from '../support/engine/deliveries';
import { output } from '../support/engine/sandboxRun';

useDeliveries();

const everySetting: Array<[string, NodeSettings]> = [
	['stop', {}],
	['continue', { onError: 'continueRegularOutput' }],
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

/** What the items of a run say, by outcome: the failed ones of both outputs. */
const itemsOfRun = (result: RunResult) => [...output(result, 0), ...output(result, 1)];

/** What a user reads when a run has failed: the error, or the gravest failed item; undefined when all went well. */
function advice(result: RunResult): string | undefined {
	if (result.status !== 'success') return (result.error as unknown as { description: string }).description;
	const failed = itemsOfRun(result).filter((json) => 'error' in json);
	const gravest = ['unknown', 'rejected', 'notSent', 'invalid', 'duplicate']
		.map((kind) => failed.find(({ outcome }) => outcome === kind))
		.find(Boolean);
	return gravest?.description as string | undefined;
}

const isClient = (id: string) => sandbox.created.some(({ body }) => body.client.businessCode === id);

/** The client that the advice asks Confirma Finance about. */
const askedAbout = (text: string) => /Ask Confirma Finance whether “[^”]+” \(([^)]+)\) is a client/.exec(text)?.[1];

/** Does what the advice asks to do with a client alone. @returns what it asks to set for the batch */
async function follow(text: string, batch: readonly Deal[], settings: NodeSettings): Promise<IDataObject> {
	const alone = /run this item alone with 'Options > ([^']+)' set to ([\w ]+); if it is not, with ([\w ]+)\./.exec(text);
	if (alone) {
		const asked = batch.find(({ id }) => id === askedAbout(text))!;
		await deliver([asked], { settings, options: choice(alone[1]!, isClient(asked.id) ? alone[2]! : alone[3]!) });
	}
	const duplicate = /'Options > (If Client Was Already Created)' to (Skip It)/.exec(text);
	return duplicate ? choice(duplicate[1]!, duplicate[2]!) : {};
}

/** Runs a batch, and does exactly what each message says until nothing fails any more. */
async function runUntilAllIsWell(batch: readonly Deal[], settings: NodeSettings) {
	let chosen: IDataObject = {};
	for (let runs = 1; runs <= 5; runs++) {
		const result = await deliver([...batch], { settings, options: { maxConcurrency: 1, ...chosen } });
		const text = advice(result);
		if (text === undefined) return { result, runs };
		chosen = { ...chosen, ...(await follow(text, batch, settings)) };
	}
	throw new Error('The advice leads nowhere');
}

function expectEachOnce(batch: readonly Deal[]): void {
	const ids = sandbox.created.map(({ body }) => body.client.businessCode);
	expect([...ids].sort()).toEqual(batch.map(({ id }) => id).sort());
}

describe.each(everySetting)('With On Error = %s, following the message with the whole batch', (_, settings) => {
	const batch = deals(6);
	const [, second, third, fourth] = batch;

	it('settles an unknown client that exists, and creates all that is left', async () => {
		sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: third!.id } });
		const { result } = await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
		expect(itemsOfRun(result).map(({ outcome }) => outcome)).not.toContain('unknown');
	});

	it('sends an unknown client that does not exist once more, and creates all that is left', async () => {
		sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: third!.id } });
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});

	it('gets past several unknown clients, whatever the answer about each', async () => {
		sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: second!.id } });
		sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: fourth!.id } });
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});

	it('corrects a refused client, and creates all that is left', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: { message: 'Bad name' }, match: { businessCode: third!.id } });
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});

	it('corrects a client that was refused when it was sent once more', async () => {
		sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: third!.id } });
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: third!.id } });
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});

	it('corrects a client that was refused when it was sent once more, with the option set back', async () => {
		sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: third!.id } });
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: third!.id } });
		await deliver([...batch], { settings, options: { maxConcurrency: 1 } });
		await deliver([third!], { settings, options: { unknownHandling: 'send' } });
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
		expect(isClient(third!.id)).toBe(true);
	});

	it('lets clients pass that were created before', async () => {
		await deliver([second!, third!]);
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});

	it('of an invalid item sends the others, and the item when it is corrected', async () => {
		const wrong = batch.map((deal) => (deal === third ? { ...deal, name: '' } : deal));
		const failed = await deliver([...wrong], { settings });
		expect(advice(failed)).toContain("'Business Name' is empty");
		await runUntilAllIsWell(batch, settings);
		expectEachOnce(batch);
	});
});

it('A client that this node never heard of is not sent either when it is taken as created', async () => {
	const [deal] = deals(1);
	const result = await deliver([deal!], { options: { unknownHandling: 'created' } });
	expect(output(result)[0]).toMatchObject({ outcome: 'duplicate' });
	expect(sandbox.requests).toEqual([]);
});

it('A client is settled with nothing filled in but what tells it apart', async () => {
	const [deal] = deals(1);
	sandbox.inject({ kind: 'resetAfterRead' });
	await deliver([deal!]);
	const nothing = '={{ $json.none }}';
	const fields = {
		partnerCode: 'QUICK3',
		countryCode: 'FI',
		businessCode: '={{ $json.id }}',
		name: nothing,
		primaryContactName: nothing,
		primaryContactEmail: nothing,
	};
	const settled = await deliver([deal!], { fields, options: { unknownHandling: 'created' } });
	expect(output(settled)).toEqual([
		expect.objectContaining({ outcome: 'duplicate', message: 'This client is now taken as created, so nothing was sent' }),
	]);
	expect(output(await deliver([deal!]))[0]).toMatchObject({ outcome: 'duplicate' });
	expect(sandbox.created).toHaveLength(1);
});

it('Unknown handling can be chosen for each item by an expression', async () => {
	const [exists, lost, fresh] = deals(3);
	sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: exists!.id } });
	sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: lost!.id } });
	await deliver([exists!, lost!]);
	const items = [
		{ ...exists!, answer: 'created' },
		{ ...lost!, answer: 'send' },
		{ ...fresh!, answer: 'hold' },
	];
	const result = await deliver(items, { options: { unknownHandling: '={{ $json.answer }}' } });
	expect(output(result).map(({ outcome }) => outcome)).toEqual(['duplicate', 'created', 'created']);
	expectEachOnce([exists!, lost!, fresh!]);
});

it('Retry On Fail sends nothing again although Send Again is chosen: nobody has asked about this attempt yet', async () => {
	const [deal] = deals(1);
	sandbox.inject({ kind: 'resetAfterRead', times: 3 });
	const settings: NodeSettings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
	await deliver([deal!], { settings, options: { unknownHandling: 'send' } });
	expect(sandbox.created).toHaveLength(1);
});

it('A client that was to be sent again, but was not because the run stopped, stays unknown', async () => {
	const [refused, lost] = deals(2);
	sandbox.inject({ kind: 'resetBeforeRead', match: { businessCode: lost!.id } });
	await deliver([lost!]);
	sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: refused!.id } });
	const stopped = await deliver([refused!, lost!], { settings: {}, options: { unknownHandling: 'send', maxConcurrency: 1 } });
	expect(stopped.error!.context).toMatchObject({ outcomes: [{ outcome: 'rejected' }, { outcome: 'notSent' }] });
	expect(output(await deliver([lost!]))[0]).toMatchObject({ outcome: 'unknown' });
	expect(sandbox.created).toEqual([]);
});

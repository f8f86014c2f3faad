import type { INodeExecutionData, INodeType } from 'n8n-workflow';

import { watchAnswer } from '../support/engine/answerInMemory';
import { deals } from '../support/engine/deals';
import { loadPackage, type NodeSettings } from '../support/engine';
import { continuing, deal, other, scenario, stopping, third, until } from '../support/engine/scenario';

const retrying: NodeSettings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

/** A scenario in which a client is refused so many times. */
async function withRefusal({ id }: { id: string }, times = 1) {
	const scene = await scenario();
	scene.sandbox.inject({ kind: 'status', status: 400, body: {}, times, match: { businessCode: id } });
	return scene;
}

it('Retry On Fail sends only what was not created, and all answers come out', async () => {
	const { run, posts, sandbox } = await withRefusal(other);
	const { output, tries } = await run([deal, other, third], { settings: retrying });
	expect(tries).toBe(2);
	expect(output).toEqual(
		[deal, other, third].map(({ id }) => {
			const { answer } = sandbox.created.find(({ body }) => body.client.businessCode === id)!;
			return expect.objectContaining({ outcome: 'created', businessCode: id, ...answer }) as object;
		}),
	);
	expect(posts()).toHaveLength(4);
	expect(sandbox.created).toHaveLength(3);
});

it('Retry On Fail does the same when the run continues on failures', async () => {
	const { run, posts } = await withRefusal(deal);
	expect((await run([deal, other], { settings: { ...retrying, ...continuing } })).outcomes).toEqual(['created', 'created']);
	expect(posts()).toHaveLength(3);
});

it.each([
	['stop', stopping],
	['continue', continuing],
])('Retry On Fail after a dropped answer sends nothing again, and the item does not succeed (%s)', async (_, settings) => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead' });
	const { outcomes, error, tries } = await run([deal], { settings: { ...retrying, ...settings } });
	expect(posts()).toHaveLength(1);
	expect(tries).toBe(3);
	if (settings === continuing) expect(outcomes).toEqual(['unknown']);
	else expect(error).toMatchObject({ context: { outcome: 'unknown' } });
});

it('Retry On Fail in a workflow that was never saved sends nothing again either', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead' });
	const { outcomes } = await run([deal, other], { settings: { ...retrying, ...continuing }, workflowId: '' });
	expect(outcomes).toEqual(['unknown', 'created']);
	expect(posts()).toHaveLength(2);
});

it('A client that an earlier try sent is not called unsent', async () => {
	const { run, posts, sandbox } = await scenario();
	const [lost, filler, dropped] = [deal, other, third];
	sandbox.inject(
		{ kind: 'hang', match: { businessCode: lost.id } },
		{ kind: 'resetAfterRead', match: { businessCode: dropped.id } },
	);
	// In the second try the first item stops the run before the last one's turn.
	const { error, tries } = await run([lost, filler, filler, filler, filler, dropped], {
		settings: { ...retrying, maxTries: 2 },
		options: { maxConcurrency: 2, timeout: 300, duplicateHandling: 'skip' },
	});
	expect(tries).toBe(2);
	expect(posts()).toHaveLength(3);
	const { outcomes } = error!.context as { outcomes: Array<{ businessCode: string; outcome: string }> };
	expect(outcomes.filter(({ outcome }) => outcome === 'unknown').map(({ businessCode }) => businessCode)).toEqual([
		lost.id,
		dropped.id,
	]);
});

it('An empty error in the answer of the API does not make a created item a failed one', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 200, body: { clientIdentifier: 7, apiAccessToken: 'a-token', error: null } });
	const { output, tries } = await run([deal], { settings: { ...retrying, ...continuing } });
	expect(tries).toBe(1);
	expect(output).toEqual([
		{
			outcome: 'created',
			message: 'The client was created',
			name: deal.name,
			businessCode: deal.id,
			countryCode: 'FI',
			clientIdentifier: 7,
			apiAccessToken: 'a-token',
			partnerCode: 'QUICK3',
			environment: 'custom',
		},
	]);
});

it('A run that waits for its next try keeps its answers, however many others run meanwhile', async () => {
	const { run, posts } = await withRefusal(other);
	const waiting = run([deal, other], { settings: { ...retrying, waitBetweenTries: 2000 } });
	await until(() => posts().length === 2);
	await Promise.all(deals(120, 500).map(async (one) => await run([one], { settings: retrying })));
	const { outcomes, tries } = await waiting;
	expect(tries).toBe(2);
	expect(outcomes).toEqual(['created', 'created']);
});

it('A run that fails in the end leaves what it created, with its token, to the next delivery, once', async () => {
	const { run, sandbox } = await withRefusal(other, 3);
	expect((await run([deal, other], { settings: retrying })).status).toBe('error');
	const later = await run([deal, other]);
	expect(later.outcomes).toEqual(['created', 'created']);
	expect(later.output[0]).toMatchObject(sandbox.created[0]!.answer);
	expect((await run([deal, other])).outcomes).toEqual(['duplicate', 'duplicate']);
	expect(sandbox.created).toHaveLength(2);
});

it('A client that a first try created is reported although its item has become invalid since', async () => {
	const { run, sandbox } = await withRefusal(other, 3);
	const nodePackage = loadPackage();
	const node = Object.create(nodePackage.node) as INodeType;
	let tries = 0;
	node.execute = async function () {
		if (++tries === 2) this.getInputData()[0]!.json.name = '';
		return (await nodePackage.node.execute!.call(this)) as INodeExecutionData[][];
	};
	const settings = { ...retrying, maxTries: 2 };
	const { error } = await run([{ ...deal }, other], { settings, nodePackage: { ...nodePackage, node } });
	const { clientIdentifier } = sandbox.created[0]!;
	expect(tries).toBe(2);
	expect(error!.context).toMatchObject({
		outcome: 'rejected',
		outcomes: [{ outcome: 'created', clientIdentifier }, { outcome: 'rejected' }],
	});
});

describe('An answer, with its token, is known to nobody', () => {
	it('when its execution has ended, and until then to the next try', async () => {
		const { run, posts, sandbox } = await withRefusal(other);
		const isKnown = watchAnswer(sandbox);
		await (async () => {
			const running = run([deal, other], { settings: { ...retrying, waitBetweenTries: 1000 } });
			await until(() => posts().length >= 2);
			expect(await isKnown()).toBe(true);
			expect((await running).outcomes).toEqual(['created', 'created']);
		})();
		expect(await isKnown()).toBe(false);
	});

	it('when it was handed over to a later delivery', async () => {
		const { run, sandbox } = await withRefusal(other);
		const isKnown = watchAnswer(sandbox);
		expect((await run([deal, other], { settings: stopping })).status).toBe('error');
		expect(await isKnown()).toBe(true);
		expect((await run([deal])).outcomes).toEqual(['created']);
		expect(await isKnown()).toBe(false);
	});
});

import type { INodeExecutionData, INodeType } from 'n8n-workflow';

import { deals } from '../support/engine/deals';
import { loadPackage, NODE_NAME, type NodeSettings } from '../support/engine';
import {
	continuing,
	deal,
	deliver,
	json,
	other,
	outcomes,
	posts,
	sandbox,
	third,
	useDeliveries,
	wait,
} from '../support/engine/deliveries';

useDeliveries();

describe('Retry On Fail', () => {
	const retrying: NodeSettings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	it('sends only what was not created, and all answers come out', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: other.id as string } });
		const result = await deliver([deal, other, third], { settings: retrying });

		expect(result.status).toBe('success');
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(json(result)).toEqual(
			[deal, other, third].map(({ id }) => {
				const { answer } = sandbox.created.find(({ body }) => body.client.businessCode === id)!;
				return expect.objectContaining({ outcome: 'created', businessCode: id, ...(answer as object) }) as object;
			}),
		);
		expect(posts()).toBe(4);
		expect(sandbox.created).toHaveLength(3);
	});

	it('does the same when the run continues on failures', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: deal.id as string } });
		const result = await deliver([deal, other], { settings: { ...retrying, ...continuing } });
		expect(outcomes(result)).toEqual(['created', 'created']);
		expect(posts()).toBe(3);
	});

	it.each([
		['stop', {}],
		['continue', continuing],
	] as Array<[string, NodeSettings]>)(
		'after a dropped answer sends nothing again, and the item does not succeed (%s)',
		async (_, settings) => {
			sandbox.inject({ kind: 'resetAfterRead' });
			const result = await deliver([deal], { settings: { ...retrying, ...settings } });
			expect(posts()).toBe(1);
			expect(result.nodes[NODE_NAME]!.executions).toBe(3);
			if (settings.onError) expect(outcomes(result)).toEqual(['unknown']);
			else expect(result.error).toMatchObject({ context: { outcome: 'unknown' } });
		},
	);

	it('in a workflow that was never saved sends nothing again either', async () => {
		sandbox.inject({ kind: 'resetAfterRead' });
		const result = await deliver([deal, other], { settings: { ...retrying, ...continuing }, id: '' });
		expect(outcomes(result)).toEqual(['unknown', 'created']);
		expect(posts()).toBe(2);
	});

	it('does not call a client unsent that an earlier try sent', async () => {
		const [lost, filler, dropped] = [deal, other, third];
		sandbox.inject(
			{ kind: 'hang', match: { businessCode: lost.id as string } },
			{ kind: 'resetAfterRead', match: { businessCode: dropped.id as string } },
		);
		// In the second try the first item stops the run before the last one's turn.
		const result = await deliver([lost, filler, filler, filler, filler, dropped], {
			settings: { ...retrying, maxTries: 2 },
			options: { maxConcurrency: 2, timeout: 300, duplicateHandling: 'skip' },
		});
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(posts()).toBe(3);
		const { outcomes: ended } = result.error!.context as { outcomes: Array<{ businessCode: string; outcome: string }> };
		expect(ended.filter(({ outcome }) => outcome === 'unknown').map(({ businessCode }) => businessCode)).toEqual([
			lost.id,
			dropped.id,
		]);
	});

	it('does not take a created item for a failed one because the API added an empty error', async () => {
		const body = { clientIdentifier: 7, apiAccessToken: 'a-token', error: null };
		sandbox.inject({ kind: 'status', status: 200, body });
		const result = await deliver([deal], { settings: { ...retrying, ...continuing } });
		expect(result.nodes[NODE_NAME]!.executions).toBe(1);
		expect(json(result)).toEqual([
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

	it('keeps the answers of a run that waits for its next try, however many others run meanwhile', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, match: { businessCode: other.id as string } });
		const waiting = deliver([deal, other], { settings: { ...retrying, waitBetweenTries: 2000 } });
		while (posts() < 2) await wait(10);
		await Promise.all(deals(120, 500).map(async (one) => await deliver([one], { settings: retrying })));
		const result = await waiting;
		expect(result.nodes[NODE_NAME]!.executions).toBe(2);
		expect(outcomes(result)).toEqual(['created', 'created']);
	});

	it('that fails in the end leaves what it created, with its token, to the next delivery, once', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, times: 3, match: { businessCode: other.id as string } });
		const failed = await deliver([deal, other], { settings: retrying });
		expect(failed.status).toBe('error');
		const later = await deliver([deal, other], { settings: continuing });
		expect(outcomes(later)).toEqual(['created', 'created']);
		expect(json(later)[0]).toMatchObject(sandbox.created[0]!.answer as object);
		expect(outcomes(await deliver([deal, other], { settings: continuing }))).toEqual(['duplicate', 'duplicate']);
		expect(sandbox.created).toHaveLength(2);
	});

	it('hides nothing of what a first try created when its item has become invalid since', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, times: 3, match: { businessCode: other.id as string } });
		const nodePackage = loadPackage();
		const node = Object.create(nodePackage.node) as INodeType;
		let tries = 0;
		node.execute = async function () {
			if (++tries === 2) this.getInputData()[0]!.json.name = '';
			return (await nodePackage.node.execute!.call(this)) as INodeExecutionData[][];
		};
		const result = await deliver([deal, other], {
			settings: { ...retrying, maxTries: 2 },
			nodePackage: { ...nodePackage, node },
		});
		const { clientIdentifier } = sandbox.created[0]!;
		expect(tries).toBe(2);
		expect(result.error!.context).toMatchObject({
			outcome: 'rejected',
			outcomes: [{ outcome: 'created', clientIdentifier }, { outcome: 'rejected' }],
		});
	});
});

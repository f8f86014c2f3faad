import type { IDataObject } from 'n8n-workflow';

import { NODE_NAME } from '../support/engine';
import {
	anotherProcess,
	deal,
	deliver,
	other,
	outcomes,
	posts,
	rows,
	sandbox,
	until,
	useDeliveries,
	wait,
	workflowId,
} from '../support/engine/deliveries';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore, type Interception } from '../support/engine/interceptedStore';

useDeliveries();
useFastClock();

const businessCode = deal.id as string;
const many = deals(30) as unknown as IDataObject[];
const each = (outcome: string) => many.map(() => outcome);
const elsewhere = async (items: IDataObject[], options: IDataObject = {}) =>
	await deliver(items, { nodePackage: anotherProcess(), options });

/** The database, whose first call of a kind is written only when `go` resolves, although it was read before. */
function stalling(isTheOne: (call: Parameters<Interception>[0]) => boolean) {
	const state = { isStalled: false, go: () => {} };
	const gone = new Promise<void>((resolve) => (state.go = resolve));
	const store = interceptedStore(rows, async (call, make) => {
		if (state.isStalled || !isTheOne(call)) return await make();
		state.isStalled = true;
		return await make(async () => await gone);
	});
	return { store, state };
}

describe('A process that stalls', () => {
	it('and writes over what others recorded, makes them write it once more', async () => {
		await deliver([other]);
		const { store, state } = stalling(({ method, scope }) => method === 'checkProcessedAndRecord' && scope === 'node');
		const stalled = deliver([deal], { nodePackage: anotherProcess(), store });
		await until(() => state.isStalled);
		expect(outcomes(await elsewhere(many.slice(3), { maxConcurrency: 50 }))).toEqual(each('created').slice(3));
		state.go();
		await stalled;
		await wait(seconds(20));
		expect(outcomes(await elsewhere(many.slice(3), { maxConcurrency: 50 }))).toEqual(each('duplicate').slice(3));
	});
});

it('A call to the database that never returns does not hold up the run, nor those after it', async () => {
	let isFirst = true;
	const store = interceptedStore(rows, async ({ scope }, make) => {
		if (scope === 'workflow' || !isFirst) return await make();
		isFirst = false;
		return await new Promise(() => {});
	});
	const nodePackage = anotherProcess();
	expect(outcomes(await deliver([deal], { nodePackage, store }))).toEqual(['created']);
	expect(outcomes(await deliver([deal, other], { nodePackage, store }))).toEqual(['duplicate', 'created']);
});

it('Send Again waits for an attempt whose end is written by slow calls', async () => {
	let isSlow = false;
	const slowly = () =>
		interceptedStore(rows, async ({ scope }, make) => {
			if (isSlow && scope === 'node') await wait(seconds(1));
			return await make();
		});
	sandbox.inject({ kind: 'delay', ms: seconds(5), match: { businessCode } });
	const first = deliver([deal], { store: slowly() });
	await until(() => posts() === 1);
	isSlow = true;
	const again = await deliver([deal], { nodePackage: anotherProcess(), store: slowly(), options: { unknownHandling: 'send' } });
	expect(outcomes(again)).toEqual(['duplicate']);
	expect(outcomes(await first)).toEqual(['created']);
	expect(posts()).toBe(1);
});

describe('An attempt that begins when another one was refused', () => {
	it('is not taken for the refused one by a process that waited for it with Send Again', async () => {
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, ms: seconds(7), match: { businessCode } },
			{ kind: 'delay', ms: seconds(7), match: { businessCode } },
		);
		const refused = deliver([deal]);
		await until(() => posts() === 1);
		const [redelivered, again] = await Promise.all([elsewhere([deal]), elsewhere([deal], { unknownHandling: 'send' })]);
		expect(outcomes(await refused)).toEqual(['rejected']);
		expect([...outcomes(redelivered), ...outcomes(again)].sort()).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(1);
	});

	it('is not taken for the refused one by a run that gave that one up before', async () => {
		sandbox.inject(
			{ kind: 'status', status: 400, body: {}, ms: seconds(30), match: { businessCode } },
			{ kind: 'delay', ms: seconds(9), match: { businessCode } },
		);
		const refused = deliver([deal]);
		await until(() => posts() === 1);
		const nodePackage = anotherProcess();
		expect(outcomes(await deliver([deal], { nodePackage }))).toEqual(['unknown']);
		expect(outcomes(await refused)).toEqual(['rejected']);
		const redelivered = elsewhere([deal]);
		await until(() => posts() === 2);
		expect(outcomes(await deliver([deal], { nodePackage, options: { unknownHandling: 'send' } }))).toEqual(['duplicate']);
		expect(outcomes(await redelivered)).toEqual(['created']);
	});
});

it('A client that waits out many limits of the API leaves few entries', async () => {
	sandbox.inject({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, times: 12, match: { businessCode } });
	expect(outcomes(await deliver([deal]))).toEqual(['created']);
	const { data } = JSON.parse(rows.find(JSON.stringify([workflowId, `n:id of ${NODE_NAME}`]))!) as { data: unknown[] };
	expect(data.length).toBeLessThan(13);
});

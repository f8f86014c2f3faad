import type { INode } from 'n8n-workflow';

import { underLock, type Store } from '../../nodes/ConfirmaFinance/createClient/guard/lock';
import { DeduplicationStore, MemoryRows } from '../support/engine';

const at = { node: { id: 'node' } as INode, workflow: { id: 'workflow', active: true } };
const patience = 1000;

/** The database as one of several n8n processes sees it. */
function processOn(rows: MemoryRows): Store {
	const store = new DeduplicationStore({ rows });
	return {
		checkProcessedAndRecord: async (items, scope, options) => await store.checkProcessedAndRecord(items, scope, at, options),
		removeProcessed: async (items, scope, options) => await store.removeProcessed(items, scope, at, options),
		clearAllProcessedItems: async (scope) => await store.clearAllProcessedItems(scope, at),
		getProcessedDataCount: async (scope, options) => await store.getProcessedDataCount(scope, at, options),
	};
}

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

it('takes the lock from none of many processes that enter clients in turn', async () => {
	const rows = new MemoryRows();
	let [inside, most, turns] = [0, 0, 0];
	const contend = async (name: number) => {
		const store = processOn(rows);
		const turn = async (assertHeld: () => Promise<void>) => {
			most = Math.max(most, ++inside);
			await store.checkProcessedAndRecord([`sent ${name}`], 'node', { mode: 'entries' });
			await pause(patience / 8);
			await assertHeld();
			inside--;
			turns++;
		};
		await underLock(store, turn, patience);
	};
	// All together they take twice as long as any of them is patient.
	await Promise.all(Array.from({ length: 16 }, async (__, name) => await contend(name)));
	expect({ turns, most }).toEqual({ turns: 16, most: 1 });
});

it('counts a process as dead only after it was seen to do nothing, whatever held the lock before', async () => {
	const rows = new MemoryRows();
	let left = 6;
	const store = processOn(rows);
	const flaky: Store = {
		...store,
		checkProcessedAndRecord: async (...call) => {
			// The database fails in between, and what was seen before means nothing any more.
			if (--left === 0) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
			return await store.checkProcessedAndRecord(...call);
		},
	};
	await store.checkProcessedAndRecord([1], 'workflow', { mode: 'latestIncrementalKey' });
	left = Math.round((0.9 * patience) / 12.5);
	const before = Date.now();
	await underLock(flaky, async () => {}, patience);
	expect(left).toBeLessThan(0);
	expect(Date.now() - before).toBeGreaterThan(1.6 * patience);
});

it('takes the lock over from a process that died', async () => {
	const rows = new MemoryRows();
	await processOn(rows).checkProcessedAndRecord([1], 'workflow', { mode: 'latestIncrementalKey' });
	const { result, locked } = await underLock(processOn(rows), async () => await Promise.resolve('in'), patience);
	expect({ result, locked }).toEqual({ result: 'in', locked: true });
});

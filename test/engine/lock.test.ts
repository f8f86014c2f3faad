import type { INode } from 'n8n-workflow';

import { underLock, type Store } from '../../nodes/ConfirmaFinance/createClient/guard/lock';
import { DeduplicationStore, MemoryRows } from './harness';

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

it('lets processes take turns, and takes the lock from none of them for being one of many', async () => {
	const rows = new MemoryRows();
	let [inside, most, turns] = [0, 0, 0];
	const contend = async (name: number) => {
		const store = processOn(rows);
		await underLock(
			store,
			async (assertHeld) => {
				most = Math.max(most, ++inside);
				await store.checkProcessedAndRecord([`entry ${name}`], 'node', { mode: 'entries' });
				await pause(patience / 8);
				await assertHeld();
				inside--;
				turns++;
			},
			patience,
		);
	};
	// All together they take twice as long as any of them is patient.
	await Promise.all(Array.from({ length: 16 }, (_, name) => contend(name)));
	expect({ turns, most }).toEqual({ turns: 16, most: 1 });
});

it('takes the lock over from a process that died', async () => {
	const rows = new MemoryRows();
	await processOn(rows).checkProcessedAndRecord([1], 'workflow', { mode: 'latestIncrementalKey' });
	const { result, locked } = await underLock(processOn(rows), async () => await Promise.resolve('in'), patience);
	expect({ result, locked }).toEqual({ result: 'in', locked: true });
});

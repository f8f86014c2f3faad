import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeduplicationScope, ICheckProcessedContextData, ICheckProcessedOptions, INode } from 'n8n-workflow';
import { DeduplicationStore, FolderRows, MemoryRows, seededLatency, type Rows } from '../support/engine/deduplicationStore';

const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };
const LATEST: ICheckProcessedOptions = { mode: 'latestIncrementalKey' };

const at = (nodeId = 'node', workflowId = 'workflow'): ICheckProcessedContextData => ({
	node: { id: nodeId } as INode,
	workflow: { id: workflowId, active: true },
});

function check(
	store: DeduplicationStore,
	items: Array<string | number>,
	options = ENTRIES,
	scope: DeduplicationScope = 'node',
	context = at(),
) {
	return store.checkProcessedAndRecord(items, scope, context, options);
}

const folders: string[] = [];
function newFolder() {
	const folder = mkdtempSync(join(tmpdir(), 'deduplication-rows-'));
	folders.push(folder);
	return folder;
}

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

describe.each<[string, () => Rows]>([
	['memory', () => new MemoryRows()],
	['a folder', () => new FolderRows(newFolder())],
])('rows in %s', (_where, newRows) => {
	let store: DeduplicationStore;
	beforeEach(() => {
		store = new DeduplicationStore({ rows: newRows() });
	});

	it('tell new values from processed ones, in the order given', async () => {
		expect(await check(store, ['a', 'b'])).toEqual({ new: ['a', 'b'], processed: [] });
		expect(await check(store, ['c', 'b', 'a', 'd'])).toEqual({ new: ['c', 'd'], processed: ['b', 'a'] });
		expect(await store.getProcessedDataCount('node', at(), ENTRIES)).toBe(4);
	});

	it('count a value that occurs twice in one call as new twice', async () => {
		await check(store, ['a']);
		expect(await check(store, ['b', 'b'])).toEqual({ new: ['b', 'b'], processed: [] });
		expect(await store.getProcessedDataCount('node', at(), ENTRIES)).toBe(3);
		await store.removeProcessed(['b'], 'node', at(), ENTRIES);
		expect(await check(store, ['b'])).toEqual({ new: [], processed: ['b'] });
	});

	it('forget what is removed, and everything when cleared', async () => {
		await check(store, ['a', 'b']);
		await store.removeProcessed(['a', 'unknown'], 'node', at(), ENTRIES);
		expect(await check(store, ['a', 'b'])).toEqual({ new: ['a'], processed: ['b'] });
		await store.clearAllProcessedItems('node', at());
		expect(await check(store, ['a', 'b'])).toEqual({ new: ['a', 'b'], processed: [] });
	});

	it('forget the oldest beyond maxEntries', async () => {
		await check(store, ['a', 'b', 'c'], { ...ENTRIES, maxEntries: 2 });
		expect(await check(store, ['d'], { ...ENTRIES, maxEntries: 2 })).toEqual({ new: ['d'], processed: [] });
		expect(await check(store, ['c', 'b'])).toEqual({ new: ['b'], processed: ['c'] });
	});

	it('keep nodes, workflows and the scopes apart', async () => {
		await check(store, ['a']);
		await expect(check(store, ['a'], ENTRIES, 'node', at('other'))).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'node', at('node', 'other'))).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'workflow')).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'workflow', at('other'))).resolves.toMatchObject({ processed: ['a'] });
	});

	it('keep only the greatest key in latestIncrementalKey', async () => {
		expect(await check(store, [2, 1], LATEST)).toEqual({ new: [2, 1], processed: [] });
		expect(await check(store, [4, 2, 3], LATEST)).toEqual({ new: [3, 4], processed: [2] });
		expect(await check(store, [4], LATEST)).toEqual({ new: [], processed: [4] });
		await store.clearAllProcessedItems('node', at());
		expect(await check(store, [1], LATEST)).toEqual({ new: [1], processed: [] });
	});

	it('refuse a row that another mode began, in the words that n8n has for it', async () => {
		await check(store, ['a']);
		await expect(check(store, [1], LATEST)).rejects.toThrow(/^Deduplication Failed: .*incompatible setting/);
		await expect(store.removeProcessed([1], 'node', at(), LATEST)).rejects.toThrow('not possible in mode "latest"');
	});

	it('lose records when two write at once, and none when they take turns', async () => {
		await check(store, ['first']);
		const answers = await Promise.all(['a', 'b', 'c'].map((value) => check(store, [value])));
		expect(answers.flatMap((answer) => answer.new)).toEqual(['a', 'b', 'c']);
		expect(await store.getProcessedDataCount('node', at(), ENTRIES)).toBe(2);
	});

	it('let one of several first inserts win, and throw at the others', async () => {
		const answers = await Promise.allSettled([check(store, ['a']), check(store, ['a']), check(store, ['a'])]);
		expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
		expect(answers).toContainEqual({
			status: 'rejected',
			reason: expect.objectContaining({
				name: 'QueryFailedError',
				message: expect.stringMatching(/UNIQUE constraint failed/) as string,
			}) as Error,
		});
	});

	it('are shared by two stores, as a database is by two processes', async () => {
		const rows = newRows();
		await check(new DeduplicationStore({ rows }), ['a']);
		await expect(check(new DeduplicationStore({ rows }), ['a'])).resolves.toMatchObject({ processed: ['a'] });
	});

	it('do not come back when an update meets a deleted row', async () => {
		const rows = newRows();
		const other = new DeduplicationStore({ rows });
		await check(other, ['a']);
		let accesses = 0;
		const overtaken = new DeduplicationStore({
			rows,
			beforeAccess: async () => {
				if (++accesses === 2) await other.clearAllProcessedItems('node', at());
			},
		});
		await expect(check(overtaken, ['b'])).resolves.toMatchObject({ new: ['b'] });
		expect(await other.getProcessedDataCount('node', at(), ENTRIES)).toBe(0);
	});
});

it('rows in a folder survive a restart and leave no drafts', async () => {
	const folder = newFolder();
	await check(new DeduplicationStore({ rows: new FolderRows(folder) }), ['a']);
	await expect(check(new DeduplicationStore({ rows: new FolderRows(folder) }), ['a', 'b'])).resolves.toEqual({
		new: ['b'],
		processed: ['a'],
	});
	expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.json$/)]);
});

it('an unsaved workflow is refused', async () => {
	await expect(check(new DeduplicationStore(), ['a'], ENTRIES, 'node', at('node', ''))).rejects.toThrow();
});

it('PostgreSQL words a lost insert in its own way', async () => {
	const store = new DeduplicationStore({ database: 'postgres' });
	await expect(Promise.all([check(store, ['a']), check(store, ['a'])])).rejects.toThrow(
		/^duplicate key value violates unique constraint/,
	);
});

it('a database that is down makes every call throw', async () => {
	const store = new DeduplicationStore({ beforeAccess: async () => await Promise.reject(new Error('Connection terminated')) });
	await expect(check(store, ['a'])).rejects.toThrow('Connection terminated');
	await expect(store.clearAllProcessedItems('node', at())).rejects.toThrow('Connection terminated');
});

it('random waits before each access provoke the races too', async () => {
	const store = new DeduplicationStore({ beforeAccess: seededLatency(1, 3) });
	await check(store, ['first']);
	await Promise.all(Array.from({ length: 20 }, async (_, index) => await check(store, [index])));
	expect(await store.getProcessedDataCount('node', at(), ENTRIES)).toBeLessThan(21);
});

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeduplicationScope, ICheckProcessedContextData, ICheckProcessedOptions, INode } from 'n8n-workflow';
import { DeduplicationStore, FolderRows, MemoryRows, type Rows } from '../support/engine/deduplicationStore';

const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };

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

	it('keep nodes, workflows and the scopes apart', async () => {
		await check(store, ['a']);
		await expect(check(store, ['a'], ENTRIES, 'node', at('other'))).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'node', at('node', 'other'))).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'workflow')).resolves.toMatchObject({ new: ['a'] });
		await expect(check(store, ['a'], ENTRIES, 'workflow', at('other'))).resolves.toMatchObject({ processed: ['a'] });
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

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
	UnexpectedError,
	type DeduplicationItemTypes,
	type DeduplicationMode,
	type DeduplicationScope,
	type ICheckProcessedContextData,
	type ICheckProcessedOptions,
	type IDataDeduplicator,
	type IDeduplicationOutput,
} from 'n8n-workflow';

interface Key {
	workflowId: string;
	context: string;
}

interface Value {
	mode: DeduplicationMode;
	/** md5 hashes in mode `entries`, else the latest value. */
	data: DeduplicationItemTypes[] | DeduplicationItemTypes;
}

/** The one database table behind n8n's deduplication: a value per workflow and context. Values are kept as text. */
export interface Rows {
	find(key: string): string | undefined;
	/** False, changing nothing, if the row exists. Atomic. */
	insert(key: string, value: string): boolean;
	/** Changes nothing if the row doesn't exist. */
	update(key: string, value: string): void;
	delete(key: string): void;
}

/** Rows that live as long as the object. Share one between two stores to play two processes on one database. */
export class MemoryRows implements Rows {
	private readonly values = new Map<string, string>();

	find(key: string) {
		return this.values.get(key);
	}

	insert(key: string, value: string) {
		if (this.values.has(key)) return false;
		this.values.set(key, value);
		return true;
	}

	update(key: string, value: string) {
		if (this.values.has(key)) this.values.set(key, value);
	}

	delete(key: string) {
		this.values.delete(key);
	}
}

/** Rows kept as one JSON file each in `folder`: they survive a restart, also a killed process, and may be shared between processes. */
export class FolderRows implements Rows {
	constructor(private readonly folder: string) {
		mkdirSync(folder, { recursive: true });
	}

	find(key: string) {
		try {
			return readFileSync(this.file(key), 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			throw error;
		}
	}

	insert(key: string, value: string) {
		const draft = this.draft(value);
		try {
			// Unlike a rename, a link never replaces a file that is already there.
			linkSync(draft, this.file(key));
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
			throw error;
		} finally {
			rmSync(draft);
		}
	}

	update(key: string, value: string) {
		if (existsSync(this.file(key))) renameSync(this.draft(value), this.file(key));
	}

	delete(key: string) {
		rmSync(this.file(key), { force: true });
	}

	private file(key: string) {
		return join(this.folder, `${md5(key, 'hex')}.json`);
	}

	private draft(value: string) {
		const path = join(this.folder, `${randomUUID()}.tmp`);
		writeFileSync(path, value);
		return path;
	}
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

/**
 * Time before each access to the rows, drawn from a seed, so that a run that found a race can be tried again with the same waits.
 * @param maxMs longest wait in milliseconds; about every second access waits only for the next turn of the event loop
 */
export function seededLatency(seed: number, maxMs: number): () => Promise<void> {
	const random = seededRandom(seed);
	return async () => {
		const ms = Math.floor(random() * 2 * (maxMs + 1)) - maxMs - 1;
		await (ms > 0 ? sleep(ms) : nextTurn());
	};
}

export interface DeduplicationStoreOptions {
	rows?: Rows;
	/** Awaited before every access to a row; may throw, as a database that is down does. Default: the next turn of the event loop. */
	beforeAccess?: () => Promise<unknown>;
}

/**
 * Stands in for the n8n server's deduplication, with its weaknesses: a row is read, changed and written back with nothing
 * that keeps others out in between; only the first insert is atomic, and its loser throws.
 */
export class DeduplicationStore implements IDataDeduplicator {
	private readonly rows: Rows;
	private readonly beforeAccess: () => Promise<unknown>;

	constructor({ rows = new MemoryRows(), beforeAccess = nextTurn }: DeduplicationStoreOptions = {}) {
		this.rows = rows;
		this.beforeAccess = beforeAccess;
	}

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		const key = keyOf(scope, contextData);
		const value = await this.find(key);
		if (value && value.mode !== options.mode) {
			throw new DeduplicationError(
				'Deduplication data was originally saved with an incompatible setting of the ‘Keep Items Where’ parameter. Try ’Clean Database’ operation to reset.',
			);
		}
		return await (options.mode === 'entries'
			? this.checkEntries(items, key, value, options.maxEntries)
			: this.checkLatest(items, key, value, options.mode));
	}

	async removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<void> {
		if (options.mode !== 'entries') {
			throw new DeduplicationError('Removing processed data is not possible in mode "latest"');
		}
		const key = keyOf(scope, contextData);
		const value = await this.find(key);
		if (!value || !Array.isArray(value.data)) return;
		for (const item of items) {
			const index = value.data.indexOf(hash(item));
			if (index !== -1) value.data.splice(index, 1);
		}
		await this.update(key, value);
	}

	async clearAllProcessedItems(scope: DeduplicationScope, contextData: ICheckProcessedContextData): Promise<void> {
		const key = keyOf(scope, contextData);
		await this.beforeAccess();
		this.rows.delete(rowName(key));
	}

	async getProcessedDataCount(
		scope: DeduplicationScope,
		contextData: ICheckProcessedContextData,
		options: ICheckProcessedOptions,
	): Promise<number> {
		const value = await this.find(keyOf(scope, contextData));
		return options.mode === 'entries' && Array.isArray(value?.data) ? value.data.length : 0;
	}

	private async checkEntries(
		items: DeduplicationItemTypes[],
		key: Key,
		value: Value | undefined,
		maxEntries?: number,
	): Promise<IDeduplicationOutput> {
		const hashes = items.map(hash);
		if (!value) {
			await this.insert(key, { mode: 'entries', data: latest(hashes, maxEntries) });
			return { new: items, processed: [] };
		}
		const output: IDeduplicationOutput = { new: [], processed: [] };
		if (!Array.isArray(value.data)) return output;
		const known = new Set(value.data);
		for (const [index, item] of items.entries()) {
			const entry = hashes[index]!;
			if (known.has(entry)) {
				output.processed.push(item);
			} else {
				// Not added to `known`: a value that occurs twice in one call is new twice, as on the server.
				output.new.push(item);
				value.data.push(entry);
			}
		}
		await this.update(key, { ...value, data: latest(value.data, maxEntries) });
		return output;
	}

	private async checkLatest(
		items: DeduplicationItemTypes[],
		key: Key,
		value: Value | undefined,
		mode: DeduplicationMode,
	): Promise<IDeduplicationOutput> {
		const ascending = items.slice().sort((a, b) => compare(a, b));
		if (!value) {
			await this.insert(key, { mode, data: ascending.at(-1)! });
			return { new: items, processed: [] };
		}
		const output: IDeduplicationOutput = { new: [], processed: [] };
		const before = value.data;
		if (Array.isArray(before)) return output;
		for (const item of ascending) {
			(compare(item, before) === 1 ? output.new : output.processed).push(item);
		}
		await this.update(key, { mode, data: output.new.at(-1) ?? before });
		return output;
	}

	private async find(key: Key): Promise<Value | undefined> {
		await this.beforeAccess();
		const text = this.rows.find(rowName(key));
		return text === undefined ? undefined : (JSON.parse(text) as Value);
	}

	private async insert(key: Key, value: Value): Promise<void> {
		await this.beforeAccess();
		if (this.rows.insert(rowName(key), JSON.stringify(value))) return;
		throw new QueryFailedError('SQLITE_CONSTRAINT: UNIQUE constraint failed: processed_data.workflowId, processed_data.context');
	}

	private async update(key: Key, value: Value): Promise<void> {
		await this.beforeAccess();
		this.rows.update(rowName(key), JSON.stringify(value));
	}
}

class DeduplicationError extends UnexpectedError {
	constructor(message: string) {
		super(`Deduplication Failed: ${message}`);
	}
}

class QueryFailedError extends Error {
	override readonly name = 'QueryFailedError';
}

function keyOf(scope: DeduplicationScope, { workflow, node }: ICheckProcessedContextData): Key {
	if (scope === 'node' && !node) {
		throw new DeduplicationError("No node information has been provided and so cannot use scope 'node'");
	}
	if (!workflow.id) throw new UnexpectedError('The workflow has no id');
	return { workflowId: workflow.id, context: scope === 'node' ? `n:${node!.id}` : '' };
}

function rowName({ workflowId, context }: Key): string {
	return JSON.stringify([workflowId, context]);
}

function compare(a: DeduplicationItemTypes, b: DeduplicationItemTypes): number {
	const [x, y] = [Number(a), Number(b)];
	if (Number.isNaN(x) || Number.isNaN(y)) {
		throw new DeduplicationError('Invalid value. Only numbers are supported in mode "latestIncrementalKey"');
	}
	return Math.sign(x - y);
}

function latest<T>(entries: T[], maxEntries?: number): T[] {
	return maxEntries ? entries.slice(-maxEntries) : entries;
}

function hash(item: DeduplicationItemTypes): string {
	return md5(item.toString(), 'base64');
}

function md5(text: string, encoding: 'base64' | 'hex'): string {
	return createHash('md5').update(text).digest(encoding);
}

import type { IDataDeduplicator } from 'n8n-workflow';

import { DeduplicationStore, type Rows } from './deduplicationStore';

export interface Call {
	readonly method: keyof IDataDeduplicator;
	readonly scope: 'node' | 'workflow';
	/** Which one of the calls of its scope it is, from 1. */
	readonly number: number;
	readonly values: readonly string[];
}

/** How a call is made: as it is, late, with an error before or after, or with a pause between reading and writing the row. */
export type Interception = (call: Call, make: (pause?: () => Promise<void>) => Promise<unknown>) => Promise<unknown>;

/** n8n's deduplication store as one process sees it, with something in the way of its calls. */
export function interceptedStore(rows: Rows, intercept: Interception): DeduplicationStore {
	const counts = { node: 0, workflow: 0 };
	const through = (method: keyof IDataDeduplicator) => {
		const takesValues = method === 'checkProcessedAndRecord' || method === 'removeProcessed';
		return async (...args: unknown[]) => {
			const scope = args[takesValues ? 1 : 0] as Call['scope'];
			const values = takesValues ? (args[0] as unknown[]).map(String) : [];
			return await intercept({ method, scope, number: ++counts[scope], values }, async (pause) => {
				let accesses = 0;
				const beforeAccess = async () => await (++accesses === 2 ? pause?.() : undefined);
				const store = new DeduplicationStore({ rows, beforeAccess });
				return await (store[method] as (...all: unknown[]) => Promise<unknown>).apply(store, args);
			});
		};
	};
	const store = new DeduplicationStore({ rows });
	for (const method of [
		'checkProcessedAndRecord',
		'removeProcessed',
		'clearAllProcessedItems',
		'getProcessedDataCount',
	] as const) {
		Object.assign(store, { [method]: through(method) });
	}
	return store;
}

import { ApplicationError, type IExecuteFunctions } from 'n8n-workflow';

/**
 * n8n's deduplication store, the one part of its database that is open to community nodes: one row for the node (scope `node`),
 * one for the workflow. A call reads the row, changes it, and writes it back, without a lock; only its first INSERT is atomic.
 * https://github.com/n8n-io/n8n/blob/master/packages/cli/src/deduplication/deduplication-helper.ts
 */
export type Store = Pick<
	IExecuteFunctions['helpers'],
	'checkProcessedAndRecord' | 'removeProcessed' | 'clearAllProcessedItems' | 'getProcessedDataCount'
>;

/** The store, and nothing else of the run: its other helpers hold the whole execution. */
export function storeOf({ helpers }: IExecuteFunctions): Store {
	const { checkProcessedAndRecord, removeProcessed, clearAllProcessedItems, getProcessedDataCount } = helpers;
	return { checkProcessedAndRecord, removeProcessed, clearAllProcessedItems, getProcessedDataCount };
}

/** The workflow's id; undefined as long as it wasn't saved: n8n has no row for it then. */
export function savedWorkflow(context: IExecuteFunctions): string | undefined {
	const { id } = context.getWorkflow();
	return id === '' || id === '__EMPTY__' ? undefined : id;
}

/** A store for a workflow that n8n's database has no place for: it lasts as long as the object. */
export function memoryStore(): Store {
	const rows = { node: new Set<unknown>(), workflow: new Set<unknown>() };
	return {
		checkProcessedAndRecord: async (values, scope) => {
			const isNew = values.filter((value) => !rows[scope].has(value));
			for (const value of isNew) rows[scope].add(value);
			return { new: isNew, processed: values.filter((value) => !isNew.includes(value)) };
		},
		removeProcessed: async (values, scope) => values.forEach((value) => rows[scope].delete(value)),
		clearAllProcessedItems: async (scope) => rows[scope].clear(),
		getProcessedDataCount: async (scope) => rows[scope].size,
	};
}

/** The store can't be used: not now, or never for a workflow that wasn't saved. */
export class StoreUnavailable extends ApplicationError {
	constructor(
		readonly isForGood: boolean,
		cause: unknown,
	) {
		super("n8n's database cannot keep the duplicate guard's records", { cause });
	}
}

/** The row is as long as the database lets it be: 64 kB on MySQL and MariaDB. */
export class StoreFull extends ApplicationError {}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** What a failed call says of the store, if it can't help to make it again. */
export function lasting(error: unknown): StoreFull | StoreUnavailable | undefined {
	if (/data too long/i.test(message(error))) return new StoreFull("The duplicate guard's record is full", { cause: error });
	// The workflow was never saved, or was deleted.
	return /foreign key/i.test(message(error)) ? new StoreUnavailable(true, error) : undefined;
}

/** Two processes inserted the row at the same moment; the other one was first. */
export const wasFirst = (error: unknown): boolean => /unique|duplicate key|duplicate entry/i.test(message(error));

/** Another node keeps its history in the row, in another mode: a Remove Duplicates node with scope Workflow. */
export const isTaken = (error: unknown): boolean => /incompatible/i.test(message(error));

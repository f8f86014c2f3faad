import type { INode } from 'n8n-workflow';

import type { Store } from '../../../nodes/ConfirmaFinance/n8n/deduplication';
import { DeduplicationStore, type Rows } from './deduplicationStore';

const at = { node: { id: 'node' } as INode, workflow: { id: 'workflow', active: true } };

/** n8n's deduplication store as one of several n8n processes sees it, for one node in one workflow. */
export function storeOfProcess(rows: Rows, beforeAccess = async () => {}): Store {
	const store = new DeduplicationStore({ rows, beforeAccess });
	return {
		checkProcessedAndRecord: async (items, scope, options) => await store.checkProcessedAndRecord(items, scope, at, options),
		removeProcessed: async (items, scope, options) => await store.removeProcessed(items, scope, at, options),
		clearAllProcessedItems: async (scope) => await store.clearAllProcessedItems(scope, at),
		getProcessedDataCount: async (scope, options) => await store.getProcessedDataCount(scope, at, options),
	};
}

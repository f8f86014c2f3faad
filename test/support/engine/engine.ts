import { userFolder } from './engineEnvironment';
import 'reflect-metadata';
import { Container } from '@n8n/di';
import { AsyncLocalStorage } from 'node:async_hooks';
import { rmSync } from 'node:fs';
import { DataDeduplicationService, InstanceSettings } from 'n8n-core';
import { SSHClientsManager } from 'n8n-core/dist/execution-engine/ssh-clients-manager';
import type { IDataDeduplicator } from 'n8n-workflow';
import { DeduplicationStore } from './deduplicationStore';
import { collectLog } from './engineLog';

collectLog();
Container.get(InstanceSettings);
rmSync(userFolder, { recursive: true, force: true });
// Its clean-up timer would keep the process alive; no node here uses SSH.
Container.get(SSHClientsManager).onShutdown();

let defaultStore: IDataDeduplicator = new DeduplicationStore();
const storeOfRun = new AsyncLocalStorage<IDataDeduplicator>();
const currentStore = () => storeOfRun.getStore() ?? defaultStore;

// n8n takes one store for a process's lifetime; tests want a fresh one each, and two side by side.
void DataDeduplicationService.init({
	checkProcessedAndRecord: async (...args) => await currentStore().checkProcessedAndRecord(...args),
	removeProcessed: async (...args) => await currentStore().removeProcessed(...args),
	clearAllProcessedItems: async (...args) => await currentStore().clearAllProcessedItems(...args),
	getProcessedDataCount: async (...args) => await currentStore().getProcessedDataCount(...args),
});

/** Sets the store of all runs that bring none of their own; without an argument, a new empty one. */
export function useDeduplicationStore(store: IDataDeduplicator = new DeduplicationStore()): void {
	defaultStore = store;
}

/** Runs `action` so that n8n's deduplication helper works on `store` inside it, also after each await. */
export async function withDeduplicationStore<T>(store: IDataDeduplicator | undefined, action: () => Promise<T>): Promise<T> {
	return await (store ? storeOfRun.run(store, action) : action());
}

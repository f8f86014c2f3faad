import { DeduplicationStore, type MemoryRows } from '.';

/** A deduplication store that counts how often it is asked about clients. */
export function countingStore(rows: MemoryRows): { store: DeduplicationStore; count: () => number } {
	let calls = 0;
	class CountingStore extends DeduplicationStore {
		override async checkProcessedAndRecord(...call: Parameters<DeduplicationStore['checkProcessedAndRecord']>) {
			if (call[1] === 'node') calls++;
			return await super.checkProcessedAndRecord(...call);
		}
	}
	return { store: new CountingStore({ rows }), count: () => calls };
}

import { setTimeout as sleep } from 'node:timers/promises';

import type { DeduplicationScope, ICheckProcessedContextData, IDataDeduplicator } from 'n8n-workflow';

import { timing } from '../../../nodes/ConfirmaFinance/guard/timing';
import { DeduplicationStore, seededRandom, type Rows } from './deduplicationStore';

/**
 * What goes wrong between a process and its database: nothing, calls that fail, or calls that fail, take long or are
 * interrupted by a process that stalls.
 */
export type Weather = 'calm' | 'failing' | 'stormy';

/** Something that went wrong, or what came of it: a write over one that it had not read, or one that landed after its lease. */
export interface Disturbance {
	readonly workflowId: string;
	readonly kind: 'failsBefore' | 'failsAfter' | 'slow' | 'stall' | 'overwrite' | 'lateWrite';
	readonly scope: DeduplicationScope;
	readonly values: readonly string[];
}

const chances = {
	calm: {},
	failing: { failsBefore: 0.015, failsAfter: 0.015 },
	stormy: { failsBefore: 0.015, failsAfter: 0.015, slow: 0.01, stall: 0.01 },
} satisfies Record<Weather, Partial<Record<Disturbance['kind'], number>>>;

/** In milliseconds of the process's clock. */
const longest = { slow: 15_000, stall: 14_000 };

interface Surroundings {
	/** How many times faster the process's clock goes. */
	speed: number;
	seed: number;
	weatherOf: (workflowId: string) => Weather;
	onDisturbed: (disturbance: Disturbance) => void;
}

/** n8n's deduplication store as a process sees it on bad days. */
export function disturbedStore(rows: Rows, { speed, seed, weatherOf, onDisturbed }: Surroundings): IDataDeduplicator {
	const random = seededRandom(seed);
	/** By workflow, in milliseconds of the process's clock: all calls of a process that stalls wait. */
	const stalledUntil = new Map<string, number>();

	const call = async <T>(
		{ workflow: { id: workflowId } }: ICheckProcessedContextData,
		scope: DeduplicationScope,
		values: readonly unknown[],
		make: (store: DeduplicationStore) => Promise<T>,
	): Promise<T> => {
		const note = (kind: Disturbance['kind']) => onDisturbed({ workflowId: workflowId!, kind, scope, values: values.map(String) });
		// Who waits for the lock asks for it over and over.
		const rarity = scope === 'workflow' ? 20 : 1;
		const fault = draw(random() * rarity, chances[weatherOf(workflowId!)]);
		if (fault) note(fault);
		if (fault === 'failsBefore') throw new Error('read ECONNRESET');

		const began = performance.now();
		const wait = fault === 'slow' || fault === 'stall' ? 1000 + random() * (longest[fault] - 1000) : 0;
		// Before the row is read, or between reading and writing.
		let accesses = random() < 0.5 ? 1 : 2;
		const beforeAccess = async () => {
			if (wait > 0 && --accesses === 0) {
				if (fault === 'stall') stalledUntil.set(workflowId!, performance.now() + wait);
				else await sleep(wait / speed);
			}
			await sleep(Math.max(0, (stalledUntil.get(workflowId!) ?? 0) - performance.now()) / speed);
		};
		const read = new Map<string, string | undefined>();
		const watched: Rows = {
			find: (key) => {
				read.set(key, rows.find(key));
				return read.get(key);
			},
			insert: (key, value) => rows.insert(key, value),
			update: (key, value) => {
				if (scope === 'node' && rows.find(key) !== read.get(key)) note('overwrite');
				if (performance.now() - began > timing.lease) note('lateWrite');
				rows.update(key, value);
			},
			delete: (key) => {
				if (performance.now() - began > timing.lease) note('lateWrite');
				rows.delete(key);
			},
		};
		const result = await make(new DeduplicationStore({ rows: watched, beforeAccess }));
		if (fault === 'failsAfter') throw new Error('read ECONNRESET');
		return result;
	};
	return {
		checkProcessedAndRecord: async (items, scope, context, options) =>
			await call(context, scope, items, async (store) => await store.checkProcessedAndRecord(items, scope, context, options)),
		removeProcessed: async (items, scope, context, options) =>
			await call(context, scope, items, async (store) => await store.removeProcessed(items, scope, context, options)),
		clearAllProcessedItems: async (scope, context) =>
			await call(context, scope, [], async (store) => await store.clearAllProcessedItems(scope, context)),
		getProcessedDataCount: async (scope, context, options) =>
			await call(context, scope, [], async (store) => await store.getProcessedDataCount(scope, context, options)),
	};
}

type Fault = 'failsBefore' | 'failsAfter' | 'slow' | 'stall';

function draw(drawn: number, chanceOf: Partial<Record<Fault, number>>): Fault | undefined {
	let sum = 0;
	return (Object.entries(chanceOf) as Array<[Fault, number]>).find(([, chance]) => drawn < (sum += chance))?.[0];
}

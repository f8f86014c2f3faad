import type { IDataObject } from 'n8n-workflow';

import { DeduplicationStore, MemoryRows, useDeduplicationStore } from '../support/engine';
import {
	anotherProcess,
	deal,
	deliver,
	hints,
	json,
	other,
	outcomes,
	posts,
	rows,
	sandbox,
	until,
	useDeliveries,
	wait,
	workflowId,
} from '../support/engine/deliveries';
import { countingStore } from '../support/engine/countingStore';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';

useDeliveries();
useFastClock();

/** A database that can be taken away. */
function failingStore() {
	const state = { isAway: true };
	const beforeAccess = async () => {
		if (state.isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
	};
	useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess }));
	return state;
}

const noWorkflow = [
	'SQLITE_CONSTRAINT: FOREIGN KEY constraint failed',
	'insert or update on table "processed_data" violates foreign key constraint "FK_06a69a7032c97a763c2c7599464"',
];

describe("n8n's database", () => {
	it('that is away for a moment is waited for', async () => {
		const state = failingStore();
		const delivery = deliver([deal]);
		await wait(100);
		expect(posts()).toBe(0);
		state.isAway = false;
		expect(outcomes(await delivery)).toEqual(['created']);
	});

	it('that is away while an outcome is written gets it later', async () => {
		const state = failingStore();
		state.isAway = false;
		sandbox.inject({ kind: 'delay', ms: 100 });
		const delivery = deliver([deal]);
		await until(() => posts() === 1);
		state.isAway = true;
		await wait(250);
		state.isAway = false;
		expect(outcomes(await delivery)).toEqual(['created']);
		expect(outcomes(await deliver([deal], { nodePackage: anotherProcess() }))).toEqual(['duplicate']);
	});

	it('that stays away lets nothing out', async () => {
		failingStore();
		const result = await deliver([deal]);
		expect(outcomes(result)).toEqual(['notSent']);
		expect(json(result)[0]).toMatchObject({ error: "The client could not be recorded in n8n's database, so nothing was sent" });
		expect(posts()).toBe(0);
	});

	it('with the lock in use by a Remove Duplicates node still guards this process, and a hint says so', async () => {
		const store = new DeduplicationStore({ rows });
		useDeduplicationStore(store);
		const remember = async () =>
			await store.checkProcessedAndRecord(['x'], 'workflow', { workflow: { id: workflowId } as never }, { mode: 'entries' });
		await remember();
		const result = await deliver([deal]);

		expect(outcomes(result)).toEqual(['created']);
		expect(hints(result)).toEqual([expect.stringContaining('Remove Duplicates')]);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
		expect((await remember()).processed).toEqual(['x']);
	});
});

describe("A workflow that n8n's database has no row for", () => {
	it.each(noWorkflow)(
		'because it was never saved still lets one request out for each client, and a hint says so (%s)',
		async (message) => {
			useDeduplicationStore(new DeduplicationStore({ rows, beforeAccess: async () => await Promise.reject(new Error(message)) }));
			const result = await deliver([deal, deal]);
			expect(outcomes(result)).toEqual(['created', 'duplicate']);
			expect(hints(result)).toEqual([expect.stringContaining('Save the workflow')]);
		},
	);

	it.each(noWorkflow)(
		'because it was deleted in the middle of a run lets out only what was claimed before (%s)',
		async (message) => {
			class LosingRows extends MemoryRows {
				isGone = false;
				override insert(key: string, value: string): boolean {
					if (this.isGone) throw new Error(message);
					return super.insert(key, value);
				}
			}
			const losing = new LosingRows();
			useDeduplicationStore(new DeduplicationStore({ rows: losing }));
			sandbox.inject({ kind: 'delay', ms: seconds(1), match: { businessCode: deal.id as string } });
			// The first window is claimed, and the workflow is deleted before the second one is.
			const running = deliver([deal, ...(deals(4, 10) as unknown as IDataObject[])], { options: { maxConcurrency: 1 } });
			await until(() => posts() === 1);
			losing.isGone = true;
			expect(outcomes(await running)).toEqual(['created', 'created', 'notSent', 'notSent', 'notSent']);
			expect(posts()).toBe(2);
		},
	);
});

describe('A claimed client whose turn comes late', () => {
	const behindAnother = async () => await deliver([other, deal], { options: { maxConcurrency: 1 } });

	it('is sent although its workflow was deleted meanwhile', async () => {
		let isGone = false;
		class LosingRows extends MemoryRows {
			override insert(key: string, value: string): boolean {
				if (isGone) throw new Error('SQLITE_CONSTRAINT: FOREIGN KEY constraint failed');
				return super.insert(key, value);
			}
		}
		useDeduplicationStore(new DeduplicationStore({ rows: new LosingRows() }));
		sandbox.inject({ kind: 'delay', ms: seconds(1), match: { businessCode: other.id as string } });
		const running = behindAnother();
		await until(() => posts() === 1);
		// Its claim is written before the first request leaves, and nothing else is for a second of the fast clock.
		isGone = true;
		expect(outcomes(await running)).toEqual(['created', 'created']);
	});

	it.each([
		['at once', []],
		['after a limit of the API', [{ kind: 'status', status: 429, headers: { 'retry-after': '6' } }] as const],
	])('is not sent while the database is away, and told so: %s', async (_when, faults) => {
		let isAway = false;
		const beforeAccess = async () => await (isAway ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve());
		useDeduplicationStore(new DeduplicationStore({ rows: new MemoryRows(), beforeAccess }));
		sandbox.inject({ kind: 'delay', ms: 1000, match: { businessCode: other.id as string } });
		for (const fault of faults) sandbox.inject({ ...fault, match: { businessCode: deal.id as string } });
		const running = behindAnother();
		await until(() => posts() === (faults.length > 0 ? 2 : 1));
		isAway = true;
		const result = await running;
		expect(outcomes(result).at(-1)).toBe('notSent');
		expect(json(result).at(-1)).toMatchObject({ error: expect.stringContaining('could not be recorded') as string });
		expect(sandbox.created).toHaveLength(1);
	});
});

it('A client that nothing was heard of for ten seconds is waited for once, by whichever process asks first', async () => {
	sandbox.inject({ kind: 'hang' });
	void deliver([deal], { nodePackage: anotherProcess(), options: { timeout: 300_000 } });
	await until(() => posts() === 1);
	const looks = async () => {
		const { store, count } = countingStore(rows);
		expect(outcomes(await deliver([deal], { store, nodePackage: anotherProcess() }))).toEqual(['unknown']);
		return count();
	};
	expect(await looks()).toBeGreaterThan(20);
	expect(await looks()).toBeLessThan(10);
	expect(posts()).toBe(1);
});

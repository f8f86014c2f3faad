import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard } from '../../../nodes/ConfirmaFinance/guard/guard';
import { RecordsInMemory } from '../../../nodes/ConfirmaFinance/guard/records';
import { RunGuard } from '../../../nodes/ConfirmaFinance/guard/runGuard';
import { MemoryRows, storeOfProcess } from '../../support/engine';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it.each(['created', 'rejected', 'unknown', 'notSent'] as const)(
	'records what was %s as soon as it is flushed, even in the same moment',
	async (ending) => {
		const context = {
			helpers: storeOfProcess(new MemoryRows()),
			getWorkflow: () => ({ id: `workflow of ${ending}` }),
			getNode: () => ({ id: 'node' }),
		} as unknown as IExecuteFunctions;
		const guard = new RunGuard(context, new Guard(new RecordsInMemory()), ['client']);
		const claimed = guard.claim('client', { created: false, unknown: false });
		await jest.advanceTimersByTimeAsync(100);
		expect(await claimed).toBe('granted');

		let isRecorded = false;
		void guard.settle('client', ending).then(() => (isRecorded = true));
		guard.flush();
		await jest.advanceTimersByTimeAsync(100);
		expect(isRecorded).toBe(true);
		guard.release();
	},
);

import type { IExecuteFunctions } from 'n8n-workflow';

import type { Guard } from '../../nodes/ConfirmaFinance/guard/guard';
import { RunGuard as LastingGuard } from '../../nodes/ConfirmaFinance/guard/runGuard';

/** The node's guard, told that the workflow was never saved: then it keeps its records in memory, for the run alone. */
export class RunGuard extends LastingGuard {
	constructor(context: IExecuteFunctions, own: Guard, keys: readonly string[]) {
		const unsaved: IExecuteFunctions = Object.create(context, { getWorkflow: { value: () => ({ active: false }) } });
		super(unsaved, own, keys);
	}
}

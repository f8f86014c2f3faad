import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard as LastingGuard } from '../../nodes/ConfirmaFinance/guard/guard';

export { StoreFull } from '../../nodes/ConfirmaFinance/guard/guard';

/** The node's guard, told that the workflow was never saved: then it keeps its records in memory, for the run alone. */
export class Guard extends LastingGuard {
	constructor(context: IExecuteFunctions) {
		const unsaved: IExecuteFunctions = Object.create(context, { getWorkflow: { value: () => ({ active: false }) } });
		super(unsaved);
	}
}

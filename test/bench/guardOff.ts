import type { IExecuteFunctions } from 'n8n-workflow';

import { guardOf as lastingGuardOf, type Guard } from '../../nodes/ConfirmaFinance/guard/guard';

/** The node's guard, told that the workflow was never saved: then it keeps its records in memory, for the run alone. */
export function guardOf(context: IExecuteFunctions): Guard {
	return lastingGuardOf(Object.create(context, { getWorkflow: { value: () => ({ active: false }) } }) as IExecuteFunctions);
}

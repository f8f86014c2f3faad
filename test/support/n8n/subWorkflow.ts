import type { INodeParameters } from 'n8n-workflow';
import type { SavedWorkflow } from './n8nClient';

/**
 * What the editor makes of an Execute Sub-workflow node whose workflow is chosen from the list: all inputs are there, and none
 * is mapped.
 */
export function choiceOf({ id, name, nodes }: SavedWorkflow): INodeParameters {
	const { parameters } = nodes.find(({ type }) => type === 'n8n-nodes-base.executeWorkflowTrigger')!;
	const { values = [] } = (parameters.workflowInputs ?? {}) as { values?: Array<{ name: string }> };
	const field = { required: false, defaultMatch: false, display: true, canBeUsedToMatch: true };
	return {
		workflowId: { __rl: true, mode: 'list', value: id, cachedResultName: name },
		workflowInputs: {
			mappingMode: 'defineBelow',
			value: {},
			matchingColumns: [],
			schema: values.map((input) => ({ id: input.name, displayName: input.name, ...field })),
			attemptToConvertTypes: false,
			convertFieldsToString: true,
		},
	};
}

import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * Whether an AI agent runs the node as its tool. n8n 1 has no call for it, and in n8n 2 the call says no when the engine
 * runs the tool; but a tool has a node type of its own.
 */
export function isToolRun(context: IExecuteFunctions): boolean {
	const { isToolExecution } = context as Partial<IExecuteFunctions>;
	return isToolExecution?.call(context) === true || context.getNode().type.endsWith('Tool');
}

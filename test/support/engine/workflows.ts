import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { CONFIRMA_NODE, CONFIRMA_TOOL } from './nodeTypes';
import { runWorkflow, type RunOptions, type RunResult, type WorkflowFile } from './runWorkflow';
import { toolAgent } from './toolAgent';

/** What a user sets under a node's Settings tab; `credentials: {}` where none is chosen. */
export type NodeSettings = Pick<INode, 'onError' | 'retryOnFail' | 'maxTries' | 'waitBetweenTries' | 'credentials'>;

export const NODE_NAME = 'Confirma Finance';

/** Items around bare JSON values. */
export function itemsOf(...values: IDataObject[]): INodeExecutionData[] {
	return values.map((json) => ({ json }));
}

/**
 * The smallest workflow: a webhook trigger, then one Confirma Finance node.
 * @param parameters of the node, over `operation: 'createClient'`; what is left out has its default
 */
export function smallestWorkflow(parameters: IDataObject, settings: NodeSettings = {}, id = 'workflow-1'): WorkflowFile {
	return {
		id,
		name: 'Deal won',
		nodes: [
			node('Webhook', 'n8n-nodes-base.webhook'),
			{
				...node(NODE_NAME, CONFIRMA_NODE),
				parameters: { operation: 'createClient', ...parameters } as INode['parameters'],
				...settings,
			},
		],
		connections: { Webhook: { main: [[{ node: NODE_NAME, type: 'main', index: 0 }]] } },
	};
}

export interface ToolRunOptions extends Omit<RunOptions, 'workflow' | 'items'> {
	/** The tool node's parameters; `$fromAI(…)` in them takes the calls' arguments. */
	parameters: IDataObject;
	settings?: NodeSettings;
	/** The arguments of each call that the model makes in one turn. */
	calls: IDataObject[];
	/** How the agent calls its tool: through n8n's engine (agents since 2.0; default) or through a tool object (before, and MCP). */
	via?: 'engine' | 'handler';
	workflowId?: string;
}

/** Lets an agent call the node as its tool. `answers` has, for each call, the `response` that the model sees, or the `error`. */
export async function runAsTool({
	parameters,
	settings = {},
	calls,
	via = 'engine',
	workflowId = 'workflow-1',
	...options
}: ToolRunOptions): Promise<{ answers: IDataObject[]; result: RunResult }> {
	const workflow: WorkflowFile = {
		id: workflowId,
		nodes: [
			node('Webhook', 'n8n-nodes-base.webhook'),
			{ ...node('Agent', toolAgent.description.name), parameters: { calls, via, toolNode: NODE_NAME } as INode['parameters'] },
			{
				...node(NODE_NAME, CONFIRMA_TOOL),
				parameters: { operation: 'createClient', ...parameters } as INode['parameters'],
				...settings,
			},
		],
		connections: {
			Webhook: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			[NODE_NAME]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
	};
	const result = await runWorkflow({ ...options, workflow, items: [{ json: {} }] });
	return { answers: (result.nodes.Agent?.outputs[0] ?? []).map(({ json }) => json), result };
}

function node(name: string, type: string): INode {
	return { id: `id of ${name}`, name, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

import { NodeConnectionTypes, type EngineResponse, type IDataObject, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

interface InvokableTool {
	invoke(args: IDataObject): Promise<string>;
}

/**
 * Calls its tool as n8n's AI agents do, with arguments from its parameters in place of a model's. Agents of older n8n
 * versions (and MCP) call a tool object (`handler`); newer ones ask the engine to run the tool's node (`engine`).
 */
export const toolAgent: INodeType = {
	description: {
		name: 'engine-tests.toolAgent',
		displayName: 'Tool Agent',
		description: 'Calls its tool',
		group: [],
		version: 1,
		defaults: { name: 'Tool Agent' },
		inputs: [NodeConnectionTypes.Main, NodeConnectionTypes.AiTool],
		outputs: [NodeConnectionTypes.Main],
		properties: [
			{ displayName: 'Calls', name: 'calls', type: 'json', default: [], noDataExpression: true },
			{ displayName: 'Tool Node', name: 'toolNode', type: 'string', default: '' },
			{ displayName: 'Via', name: 'via', type: 'string', default: 'engine' },
		],
	},
	async execute(response?: EngineResponse) {
		const calls = this.getNodeParameter('calls', 0) as IDataObject[];
		if (this.getNodeParameter('via', 0) === 'handler') {
			const tool = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as InvokableTool[] | InvokableTool;
			const invokable = Array.isArray(tool) ? tool[0]! : tool;
			return [await Promise.all(calls.map(async (args) => ({ json: await callResult(invokable, args) })))];
		}
		if (response?.actionResponses.length) {
			return [
				response.actionResponses.map(({ data }) => ({
					json: data.error
						? { error: data.error.message }
						: { response: (data.data?.ai_tool?.[0] ?? []).map(({ json }) => json) },
				})),
			];
		}
		return engineRequest(this, calls);
	},
};

async function callResult(tool: InvokableTool, args: IDataObject): Promise<IDataObject> {
	try {
		return { response: JSON.parse(await tool.invoke(args)) as IDataObject[] };
	} catch (error) {
		return { error: (error as Error).message };
	}
}

function engineRequest(context: IExecuteFunctions, calls: IDataObject[]) {
	const nodeName = context.getNodeParameter('toolNode', 0) as string;
	return {
		actions: calls.map((input, index) => ({
			actionType: 'ExecutionNodeAction' as const,
			nodeName,
			input,
			type: NodeConnectionTypes.AiTool,
			id: `call-${index}`,
			metadata: { itemIndex: 0 },
		})),
		metadata: {},
	};
}

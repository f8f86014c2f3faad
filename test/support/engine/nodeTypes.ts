import { NodeConnectionTypes, type INodeType, type INodeTypeDescription, type INodeTypes } from 'n8n-workflow';
import { toolAgent } from './toolAgent';

export const CONFIRMA_NODE = 'n8n-nodes-confirma-finance.confirmaFinance';
export const CONFIRMA_TOOL = `${CONFIRMA_NODE}Tool`;
export const CONFIRMA_CREDENTIAL = 'confirmaFinanceApi';

/** Node types by name and nothing else: every version is the same. Unknown names give undefined, as in n8n. */
export class EngineNodeTypes implements INodeTypes {
	constructor(private readonly types: Record<string, INodeType>) {}

	getByName(name: string): INodeType {
		return this.types[name]!;
	}

	getByNameAndVersion(name: string): INodeType {
		return this.types[name]!;
	}

	getKnownTypes() {
		return {};
	}

	/** Whether a workflow may start at a node of this type. */
	isTrigger(name: string): boolean {
		return this.types[name]?.description.group.includes('trigger') ?? false;
	}
}

/**
 * The node under test, as node and as AI tool, beside n8n's own nodes as far as the workflows here need them.
 * @param onExecute called whenever n8n calls the node under test's `execute`
 */
export function nodeTypesWith(node: INodeType, onExecute: (nodeName: string) => void): EngineNodeTypes {
	const counted = (description: INodeTypeDescription): INodeType =>
		Object.assign(Object.create(node) as INodeType, {
			description,
			async execute(
				this: ThisParameterType<NonNullable<INodeType['execute']>>,
				...args: Parameters<NonNullable<INodeType['execute']>>
			) {
				onExecute(this.getNode().name);
				return await node.execute!.apply(this, args);
			},
		});
	return new EngineNodeTypes({
		'n8n-nodes-base.webhook': trigger('webhook', 'Webhook'),
		'n8n-nodes-base.manualTrigger': trigger('manualTrigger', 'Manual Trigger'),
		'n8n-nodes-base.stickyNote': { description: describe('stickyNote', 'Sticky Note', { inputs: [], outputs: [] }) },
		'n8n-nodes-base.noOp': {
			description: describe('noOp', 'No Operation'),
			async execute() {
				return [this.getInputData()];
			},
		},
		[toolAgent.description.name]: toolAgent,
		[CONFIRMA_NODE]: counted({ ...node.description, name: CONFIRMA_NODE }),
		[CONFIRMA_TOOL]: counted(toolDescription(node.description)),
	});
}

function describe(name: string, displayName: string, changes: Partial<INodeTypeDescription> = {}): INodeTypeDescription {
	return {
		name: `n8n-nodes-base.${name}`,
		displayName,
		description: displayName,
		group: [],
		version: 1,
		defaults: { name: displayName },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
		...changes,
	};
}

function trigger(name: string, displayName: string): INodeType {
	return {
		description: describe(name, displayName, { group: ['trigger'], inputs: [] }),
		// Its presence makes n8n take the run's start data for the node's output; n8n's engine never calls it.
		async webhook() {
			throw new Error(`${displayName} has no server behind it here`);
		},
	};
}

// n8n derives the tool from the node when it loads a package.
function toolDescription(description: INodeTypeDescription): INodeTypeDescription {
	return {
		...description,
		usableAsTool: undefined,
		name: CONFIRMA_TOOL,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
		properties: [
			{
				displayName: 'Tool Description',
				name: 'descriptionType',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Set Automatically', value: 'auto' },
					{ name: 'Set Manually', value: 'manual' },
				],
				default: 'auto',
			},
			{
				displayName: 'Description',
				name: 'toolDescription',
				type: 'string',
				default: description.description,
				required: true,
				displayOptions: { show: { descriptionType: ['manual'] } },
			},
			...description.properties,
		],
	};
}

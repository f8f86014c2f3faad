import { withDeduplicationStore } from './engine';
import { Container } from '@n8n/di';
import { stringify } from 'flatted';
import { ExecutionLifecycleHooks, ExternalSecretsProxy, WorkflowExecute, WorkflowHasIssuesError } from 'n8n-core';
import {
	createRunExecutionData,
	Workflow,
	type ExecutionError,
	type ExecutionStatus,
	type IConnections,
	type IDataDeduplicator,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type IPinData,
	type IRun,
	type ITaskData,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type NodeExecutionHint,
} from 'n8n-workflow';
import { EngineCredentials, type ConfirmaCredentials } from './credentials';
import { loadPackage, type NodePackage } from './nodePackage';
import { CONFIRMA_CREDENTIAL, nodeTypesWith } from './nodeTypes';

/** A workflow as n8n exports it. */
export interface WorkflowFile {
	/** Without one the workflow counts as not saved, and n8n's deduplication refuses. */
	id?: string;
	name?: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
}

export interface RunOptions {
	workflow: WorkflowFile;
	/** What the trigger gives, instead of the workflow's pinned data for it. */
	items?: INodeExecutionData[];
	/** Used by every Confirma Finance node of the workflow. */
	credentials: ConfirmaCredentials;
	/** Default: a number not used before. Give one twice to play a re-run of the same execution. */
	executionId?: string;
	/** `manual` (default) is a run in the editor on pinned data, `webhook` a production run. */
	mode?: 'manual' | 'webhook';
	/** Its abort is the stop button. */
	signal?: AbortSignal;
	/** Another load of the package, to play another process. */
	nodePackage?: NodePackage;
	/** Deduplication of this run alone; default is the one set by `useDeduplicationStore`. */
	store?: IDataDeduplicator;
}

export interface NodeResult {
	/** Items by output index; empty if the node failed or never ran. */
	outputs: INodeExecutionData[][];
	hints: NodeExecutionHint[];
	error?: ExecutionError;
	/** How often n8n called the node's `execute`, tries of Retry On Fail included; counted for Confirma Finance nodes. */
	executions: number;
	/** As n8n keeps it, one entry each time the node ran (tries of one run are one entry). */
	runs: ITaskData[];
}

export interface RunResult {
	/** What n8n records for the execution. */
	status: ExecutionStatus;
	error?: ExecutionError;
	/** By node name; nodes that never ran have no entry. */
	nodes: Record<string, NodeResult>;
	/** Everything, when the last node has ended: after a stop that is later than what n8n recorded. */
	data: IRun;
	/** The text that n8n writes into its database for this execution. */
	stored: string;
}

let executions = 0;

/**
 * Runs a whole workflow on n8n's engine, in this process, with the real node, credential, expressions and HTTP.
 * Resolves for failed and stopped executions too; rejects only if the workflow can't be started here at all.
 */
export async function runWorkflow(options: RunOptions): Promise<RunResult> {
	return await withDeduplicationStore(options.store, async () => await execute(options));
}

async function execute({
	workflow: file,
	items,
	credentials,
	executionId = String(++executions),
	mode = 'manual',
	signal,
	nodePackage = loadPackage(),
}: RunOptions): Promise<RunResult> {
	const executed = new Map<string, number>();
	const nodeTypes = nodeTypesWith(nodePackage.node, (name) => executed.set(name, (executed.get(name) ?? 0) + 1));
	const nodes = file.nodes.map((node) => withCredential(node));
	const trigger = nodes.find(({ type, disabled }) => nodeTypes.isTrigger(type) && !disabled);
	if (!trigger) throw new Error('The workflow has no trigger that is known here');
	const triggerItems = (items ?? file.pinData?.[trigger.name])?.map((item) => ({ ...item }));
	if (!triggerItems) throw new Error(`The trigger '${trigger.name}' has no items: pass some, or pin them in the workflow`);

	const workflowData = {
		...file,
		nodes,
		id: file.id ?? '',
		name: file.name ?? 'Workflow',
		active: mode === 'webhook',
		isArchived: false,
		createdAt: new Date(),
		updatedAt: new Date(),
		activeVersionId: null,
		settings: { executionOrder: 'v1', ...file.settings },
	} satisfies IWorkflowBase;
	const workflow = new Workflow({ ...workflowData, nodeTypes });
	const runExecutionData = createRunExecutionData({
		startData: {},
		executionData: {
			nodeExecutionStack: [
				{
					node: workflow.getNode(trigger.name)!,
					data: { main: [mode === 'manual' ? [{ json: {} }] : triggerItems] },
					source: null,
				},
			],
		},
		resultData: mode === 'manual' ? { pinData: { ...file.pinData, [trigger.name]: triggerItems } } : {},
	});

	const hooks = new ExecutionLifecycleHooks(mode, executionId, workflowData);
	let recorded: { status: ExecutionStatus; stored: string } | undefined;
	hooks.addHandler('workflowExecuteAfter', (run) => {
		recorded ??= { status: run.status, stored: stringify(run.data) };
	});
	const additionalData = { ...additionalDataFor(executionId, new EngineCredentials(nodePackage.credential, credentials)), hooks };

	const engine = new WorkflowExecute(additionalData, mode, runExecutionData);
	let data: IRun;
	try {
		const execution = engine.processRunExecutionData(workflow);
		const stop = () => execution.cancel();
		if (signal?.aborted) stop();
		signal?.addEventListener('abort', stop, { once: true });
		data = await execution;
		signal?.removeEventListener('abort', stop);
	} catch (error) {
		if (!(error instanceof WorkflowHasIssuesError)) throw error;
		const issues = JSON.stringify(engine.checkReadyForExecution(workflow, { startNode: trigger.name }));
		throw new Error(`n8n would not start this workflow: ${issues}`, { cause: error });
	}
	const { runData, error } = data.data.resultData;
	return {
		status: recorded?.status ?? data.status,
		error,
		nodes: Object.fromEntries(Object.entries(runData).map(([name, runs]) => [name, nodeResult(runs, executed.get(name) ?? 0)])),
		data,
		stored: recorded?.stored ?? stringify(data.data),
	};
}

function nodeResult(runs: ITaskData[], executions: number): NodeResult {
	const last = runs.at(-1);
	return {
		outputs: (last?.data?.main ?? last?.data?.ai_tool ?? []).map((output) => output ?? []),
		hints: runs.flatMap(({ hints }) => hints ?? []),
		error: last?.error,
		executions,
		runs,
	};
}

// An exported workflow names no credential, or one of another n8n. A node with `credentials: {}` is to have none.
function withCredential(node: INode): INode {
	const isWithout = node.credentials && Object.keys(node.credentials).length === 0;
	return node.type.startsWith('n8n-nodes-confirma-finance.') && !isWithout
		? { ...node, credentials: { [CONFIRMA_CREDENTIAL]: { id: '1', name: 'Confirma Finance account' } } }
		: node;
}

/** The engine's surroundings in an n8n server, as far as a workflow here can reach them. */
export function additionalDataFor(executionId: string, credentialsHelper: EngineCredentials): IWorkflowExecuteAdditionalData {
	const refuse = async () => {
		throw new Error('Not available outside an n8n server');
	};
	const base = 'http://localhost:5678/';
	return {
		credentialsHelper,
		executionId,
		currentNodeExecutionIndex: 0,
		executeWorkflow: refuse,
		startRunnerTask: refuse,
		getRunExecutionData: async () => undefined,
		externalSecretsProxy: Container.get(ExternalSecretsProxy),
		logAiEvent() {},
		variables: {} as IDataObject,
		restApiUrl: `${base}rest`,
		instanceBaseUrl: base,
		formWaitingBaseUrl: `${base}form-waiting`,
		webhookBaseUrl: `${base}webhook`,
		webhookWaitingBaseUrl: `${base}webhook-waiting`,
		webhookTestBaseUrl: `${base}webhook-test`,
	};
}

import './engine';
import { ExecuteContext, RoutingNode } from 'n8n-core';
import {
	createRunExecutionData,
	NodeConnectionTypes,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type INode,
	type INodeCredentialTestResult,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { EngineCredentials, type ConfirmaCredentials } from './credentials';
import { loadPackage, type NodePackage } from './nodePackage';
import { CONFIRMA_CREDENTIAL, EngineNodeTypes } from './nodeTypes';
import { additionalDataFor } from './runWorkflow';

/** What n8n says when a user saves the credential: its test request is sent and judged as n8n's server does. */
export async function testCredential(
	stored: ConfirmaCredentials,
	{ credential }: NodePackage = loadPackage(),
): Promise<INodeCredentialTestResult> {
	const { request, rules = [] } = credential.test as ICredentialTestRequest;
	const helper = new EngineCredentials(credential, stored);
	const node: INode = {
		id: 'temp',
		name: 'Temp-Node',
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [CONFIRMA_CREDENTIAL]: { id: '1', name: 'Confirma Finance account' } },
	};
	const description: INodeTypeDescription = {
		name: node.type,
		displayName: 'Temp',
		description: 'Sends the test request of a credential',
		group: [],
		version: 1,
		defaults: {},
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CONFIRMA_CREDENTIAL, required: true }],
		properties: [{ displayName: 'Temp', name: 'temp', type: 'string', routing: { request }, default: '' }],
	};
	const nodeTypes = new EngineNodeTypes({ [node.type]: { description } });
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	const context = new ExecuteContext(
		workflow,
		node,
		additionalDataFor('credential test', helper),
		'internal',
		createRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	const decrypted = helper.withDefaults({ ...stored } as ICredentialDataDecryptedObject);
	try {
		const output = await new RoutingNode(
			context,
			{ description },
			{
				id: '1',
				name: 'Confirma Finance account',
				type: CONFIRMA_CREDENTIAL,
				data: decrypted,
			},
		).runNode();
		return judgeAnswer(output?.[0]?.[0], rules);
	} catch (error) {
		return judgeError(error as RequestError, rules);
	}
}

type Rules = NonNullable<ICredentialTestRequest['rules']>;
type RequestError = Error & { cause?: { code?: string; response?: { status: number; statusText?: string } } };

function judgeAnswer(item: INodeExecutionData | undefined, rules: Rules): INodeCredentialTestResult {
	for (const { type, properties } of rules) {
		if (type !== 'responseSuccessBody') continue;
		const value = properties.key
			.split('.')
			.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], item?.json);
		if (value === properties.value) return { status: 'Error', message: properties.message };
	}
	return { status: 'OK', message: 'Connection successful!' };
}

function judgeError(error: RequestError, rules: Rules): INodeCredentialTestResult {
	const { response, code } = error.cause ?? {};
	const failed = (message: string): INodeCredentialTestResult => ({ status: 'Error', message });
	if (response) {
		for (const { type, properties } of rules) {
			if (type === 'responseCode' && properties.value === response.status) return failed(properties.message);
		}
		if (response.status < 199 || response.status > 299) {
			return failed(response.statusText || `Received HTTP status code: ${response.status}`);
		}
	} else if (code) {
		return failed(code);
	}
	return failed(error.message);
}

import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IExecuteFunctions,
	INodeCredentialTestResult,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { createClient } from './createClient/createClient';
import { properties } from './createClient/panel/properties';
import { testCredential } from './testCredential';

/** n8n's newer field for outputs that hold a secret; the n8n-workflow that we compile against doesn't know it yet. */
type Description = INodeTypeDescription & { sensitiveOutputFields: string[] };

export class ConfirmaFinance implements INodeType {
	description: Description = {
		displayName: 'Confirma Finance',
		name: 'confirmaFinance',
		icon: {
			light: 'file:../../icons/confirmaFinance.svg',
			dark: 'file:../../icons/confirmaFinance.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter.options.previewOnly === true ? "Preview client" : "Create client" }}',
		description: 'Make a won deal a client at Confirma Finance, exactly once',
		defaults: { name: 'Confirma Finance' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'confirmaFinanceApi', required: true, testedBy: 'testCredential' }],
		sensitiveOutputFields: ['apiAccessToken'],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Create Client',
						value: 'createClient',
						description: 'Make a company a client of Confirma Finance',
						action: 'Create client',
					},
				],
				default: 'createClient',
			},
			...properties,
		],
	};

	methods = {
		credentialTest: {
			async testCredential(
				this: ICredentialTestFunctions,
				credential: ICredentialsDecrypted,
			): Promise<INodeCredentialTestResult> {
				return await testCredential(this, credential);
			},
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await createClient(this)];
	}
}

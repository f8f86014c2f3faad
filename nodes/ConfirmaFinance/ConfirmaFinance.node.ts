import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { createClient } from './createClient';
import { properties } from './client/properties';
import { testCredential } from './testCredential';

/** n8n's newer fields, which the n8n-workflow that we compile against doesn't know yet. */
type Description = INodeTypeDescription & {
	sensitiveOutputFields: string[];
	builderHint: { searchHint: string };
};

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
		description: 'Turn a won deal into a Confirma Finance client, exactly once',
		defaults: { name: 'Confirma Finance' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'confirmaFinanceApi', required: true, testedBy: 'testCredential' }],
		sensitiveOutputFields: ['apiAccessToken'],
		builderHint: {
			searchHint:
				'Creates a real client of a financial service, which cannot be undone. Run it with the option Preview Only first, show the user what would be sent, and turn Preview Only off only when the user agrees. Use one Confirma Finance node for all clients: each node remembers only the clients that it created itself.',
		},
		hints: [
			{
				message: 'Preview Only is on: the data is checked and shown, and nothing is sent to Confirma Finance',
				type: 'info',
				location: 'outputPane',
				whenToDisplay: 'beforeExecution',
				displayCondition: '={{ $parameter.options.previewOnly === true }}',
			},
			{
				message: "'If Outcome Is Unknown' applies to every client that this node gets: set it back to Hold Back after this run",
				type: 'warning',
				location: 'outputPane',
				whenToDisplay: 'beforeExecution',
				displayCondition:
					'={{ $parameter.options.unknownHandling === "send" || $parameter.options.unknownHandling === "created" }}',
			},
		],
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Create Client', value: 'createClient', action: 'Create client', description: 'Create a company as a client' },
				],
				default: 'createClient',
			},
			...properties,
		],
	};

	methods = { credentialTest: { testCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await createClient(this)];
	}
}

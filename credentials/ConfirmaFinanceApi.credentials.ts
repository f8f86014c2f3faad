import type { Icon, ICredentialDataDecryptedObject, ICredentialType, IHttpRequestOptions, INodeProperties } from 'n8n-workflow';

import { authenticated } from './authenticate';

/**
 * The provisioning token of a Confirma Finance partner and the environment that issued it. The node tests it: a test that
 * is declared here could only show a network's bare code.
 */
export class ConfirmaFinanceApi implements ICredentialType {
	name = 'confirmaFinanceApi';

	displayName = 'Confirma Finance API';

	documentationUrl = 'https://github.com/confirmafinance/n8n-nodes-confirma-finance#credentials';

	icon: Icon = {
		light: 'file:../icons/confirmaFinance.svg',
		dark: 'file:../icons/confirmaFinance.dark.svg',
	};

	properties: INodeProperties[] = [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Custom', value: 'custom', description: 'Your own gateway, or the sandbox for trying things out' },
				{ name: 'Production', value: 'production', description: 'Creates real clients' },
				{ name: 'Staging', value: 'staging', description: "Confirma Finance's test environment" },
			],
			default: 'staging',
			description: 'Where clients are created; a token works only in the environment that issued it',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			// Not required for n8n: it would ask for it whenever the environment is an expression.
			placeholder: 'e.g. https://gateway.example.com/confirma',
			description: 'The address up to /api/v1, beginning with https:// (http:// works on this machine only)',
			displayOptions: { show: { environment: ['custom'] } },
		},
		{
			displayName: 'Provisioning Token',
			name: 'provisioningToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				"The Partner Provisioning Token that Confirma Finance gave you. It creates clients and isn't a client's own access token.",
		},
	];

	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => authenticated(credentials, requestOptions);
}

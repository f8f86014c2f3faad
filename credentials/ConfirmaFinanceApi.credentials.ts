import type {
	Icon,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { ApplicationError } from 'n8n-workflow';

import { baseUrls, endpointOf, isBelow, tokenOf } from './endpoint';

// n8n would take the token along to wherever a server redirects. Its HTTP Request node has names of its own for it.
const noRedirects = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false, maxRedirects: 0 };

/** The provisioning token of a Confirma Finance partner and the environment that issued it. */
export class ConfirmaFinanceApi implements ICredentialType {
	name = 'confirmaFinanceApi';

	displayName = 'Confirma Finance API';

	documentationUrl = 'https://github.com/confirmafinance/n8n-nodes-confirma-finance#credential';

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
				{
					name: 'Custom',
					value: 'custom',
					description: 'A gateway of your own, or the sandbox for trying things out',
				},
				{
					name: 'Production',
					value: 'production',
					description: 'Real clients of a real service',
				},
				{
					name: 'Staging',
					value: 'staging',
					description: "Confirma Finance's test environment",
				},
			],
			default: 'staging',
			description: 'Where clients are created; a token works only in the environment that issued it',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://gateway.example.com/confirma',
			description: 'The address in front of /api/v1, with https (http is allowed on this machine only)',
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
				"Your Partner Provisioning Token from Confirma Finance. It creates clients and isn't a client's own access token.",
		},
	];

	/**
	 * Puts the token into the header, and only for the endpoint that the credential names: a request to any other
	 * place is refused, whoever asks for it.
	 */
	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const endpoint = endpointOf(credentials);
		if ('refusal' in endpoint) throw new ApplicationError(endpoint.refusal);
		// n8n's HTTP Request node, which can use this credential too, calls it uri. An absolute URL wins over baseURL.
		const { baseURL = '', url = (requestOptions as { uri?: string }).uri ?? '' } = requestOptions;
		const isAbsolute = /^([a-z][a-z\d+.-]*:)?[\\/]{2}/i.test(url);
		const address = isAbsolute ? url : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
		if (!isBelow(endpoint, address)) {
			throw new ApplicationError(`The Confirma Finance credential is for ${endpoint.baseUrl} only`);
		}
		return {
			...requestOptions,
			headers: { ...requestOptions.headers, 'X-Api-Key': tokenOf(credentials) },
			...noRedirects,
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{ (${JSON.stringify(baseUrls)})[$credentials.environment] ?? ($credentials.baseUrl || "").trim().replace(/\\/+$/, "") }}`,
			url: '/api/v1/partner/validate',
			disableFollowRedirect: true,
			// A refusal is an answer like any other here: which rules n8n applies to a failed request depends on its version.
			ignoreHttpStatusErrors: true,
		},
		rules: [
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'isValid',
					value: false,
					message:
						'Confirma Finance says that this token is not valid. Ask for a new one, or choose the environment that issued it',
				},
			},
			{
				type: 'responseSuccessBody',
				properties: {
					key: 'isValid',
					value: undefined,
					message:
						'Confirma Finance did not confirm this token. Check that it is complete, that the environment is the one that issued it and, with Custom, the Base URL',
				},
			},
		],
	};
}

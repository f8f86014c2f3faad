import {
	ICredentialsHelper,
	isExpression,
	NodeHelpers,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IExecuteData,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IWorkflowExecuteAdditionalData,
	type Workflow,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

/** What a user enters in the credential; what is left out takes the credential's default. */
export interface ConfirmaCredentials {
	environment?: string;
	/** Used by the environment `custom` alone. */
	baseUrl?: string;
	provisioningToken?: string;
}

/** Serves one credential type with one stored credential, as n8n's server does with its database. */
export class EngineCredentials extends ICredentialsHelper {
	constructor(
		private readonly type: ICredentialType,
		private readonly stored: ConfirmaCredentials,
	) {
		super();
	}

	getParentTypes(): string[] {
		return this.type.extends ?? [];
	}

	getCredentialsProperties(): INodeProperties[] {
		return this.type.properties;
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: INodeCredentialsDetails,
		_type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		resolve?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const stored = { ...this.stored } as ICredentialDataDecryptedObject;
		if (raw) return stored;
		const complete = this.withDefaults(stored);
		if (!resolve) return complete;
		const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = resolve;
		return workflow.expression.getParameterValue(
			complete as Parameters<typeof workflow.expression.getParameterValue>[0],
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			{},
			executeData,
			false,
			complete,
		) as ICredentialDataDecryptedObject;
	}

	/** The credential with n8n's defaults, and without fields that its other fields hide. */
	withDefaults(stored: ICredentialDataDecryptedObject): ICredentialDataDecryptedObject {
		return NodeHelpers.getNodeParameters(
			this.type.properties,
			stored as Parameters<typeof NodeHelpers.getNodeParameters>[1],
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		requestOptions: IHttpRequestOptions,
		workflow: Workflow,
		node: INode,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.type;
		if (!authenticate) return requestOptions;
		if (typeof authenticate === 'function') return await authenticate(credentials, requestOptions);

		const resolve = (text: unknown): string => {
			if (!isExpression(text)) return text as string;
			const value = workflow.expression.getSimpleParameterValue(
				node,
				text,
				'internal',
				{ $credentials: credentials },
				undefined,
				'',
			);
			return value ? String(value) : '';
		};
		const options = requestOptions as unknown as Record<string, Record<string, string>>;
		for (const [part, entries] of Object.entries(authenticate.properties)) {
			const target = (options[part] ??= {});
			for (const [key, value] of Object.entries(entries as object)) target[resolve(key)] = resolve(value);
		}
		return requestOptions;
	}

	async preAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('The engine tests keep credentials in memory only');
	}

	async updateCredentials(): Promise<void> {
		throw new Error('The engine tests keep credentials in memory only');
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		throw new Error('The engine tests keep credentials in memory only');
	}
}

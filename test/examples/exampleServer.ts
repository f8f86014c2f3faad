import { randomUUID } from 'node:crypto';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { workflowNode } from '../support/n8n/dealWorkflow';
import { installN8n, type N8nVersion, newestN8n } from '../support/n8n/installN8n';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { installMissingPeers } from '../support/n8n/missingPeers';
import { eventually, type Execution, outputs, type SavedCredential, type SavedWorkflow } from '../support/n8n/n8nClient';
import { choiceOf } from '../support/n8n/subWorkflow';
import { type CrmStandIn, startCrmStandIn } from './crmStandIn';
import { confirmaType, type Example, readExample } from './exampleFiles';

/** The workflow that all others call, and the nodes with which they call it. */
export const shared = { file: 'create-the-client.json', trigger: 'When another workflow calls', caller: 'Create the client' };

/** A message that a person got. */
export interface Message {
	to: string;
	subject: string;
	text: string;
}

/** Data of credentials, by credential type. */
export type CredentialData = Record<string, Record<string, unknown>>;

/** A real n8n with the package, the sandbox, the CRMs played, and the shared workflow set up and published. */
export interface ExampleServer {
	readonly live: LiveN8n;
	readonly standIn: CrmStandIn;
	/** The shared workflow as a person has set it up, with a vault. */
	readonly createTheClient: SavedWorkflow;
	/** What the chat got until now. */
	messages(): Message[];
	/** The rows of the table *Confirma Finance clients*, and of any table whose name is given. */
	rows(table?: string): Promise<IDataObject[]>;
	/** The access tokens that the vault got until now, by client identifier. */
	storedTokens(): Record<string, string>;
	/** Saves the shared workflow as its file has it but for the credential, and publishes it. */
	importCreateTheClient(example?: Example): Promise<SavedWorkflow>;
	/** Imports an example as it is, chooses the credentials, and the shared workflow where it is called, as a person does. */
	importExample(example: Example, data?: CredentialData, createTheClient?: SavedWorkflow): Promise<SavedWorkflow>;
	/**
	 * Calls a workflow as a CRM's workflow does, with all items at once, and gives the caller's execution.
	 * @param called the shared one unless it is said
	 */
	call(items: IDataObject[], called?: SavedWorkflow): Promise<Execution>;
	/** Presses *Execute workflow*, with the pinned data, and waits for the end, even of an execution in which nothing ran. */
	runByHandToItsEnd(workflow: SavedWorkflow, trigger: string): Promise<Execution>;
	/** The same, and waits for what happened in it. */
	runByHand(workflow: SavedWorkflow, trigger: string): Promise<Execution>;
	/** Does something while n8n can't read the credential of the nodes that create clients. */
	withoutCredential<T>(work: () => Promise<T>): Promise<T>;
	/** Waits for the end of an execution. @param node one that runs in any case */
	ended(id: string, node: string): Promise<Execution>;
	close(): Promise<void>;
}

const chat = 'chat.example.com';
const vault = 'vault.example.com';

/**
 * Starts n8n and plays the given hosts; see {@link ExampleServer}.
 * @param settings of n8n, as environment variables
 */
export async function startExampleServer(
	version: N8nVersion,
	hosts: readonly string[],
	settings: Record<string, string> = {},
): Promise<ExampleServer> {
	const standIn = await startCrmStandIn([...hosts, chat, vault]);
	for (const host of [chat, vault]) standIn.serve(host, () => ({ body: { isTaken: true } }));
	const env = { ...standIn.env, ...(await installMissingPeers(await installN8n(version))), ...settings };
	const live = await startLiveN8n(version, { env }).catch(async (error: unknown) => {
		// Or the suite would never end.
		await standIn.stop();
		throw error;
	});
	const credentials = new Map<string, SavedCredential>();

	/** The credential with this data, made at its first use. */
	async function credentialOf(type: string, data: Record<string, unknown>): Promise<SavedCredential> {
		const key = JSON.stringify([type, data]);
		const known = credentials.get(key);
		if (known) return known;
		const made = await live.client.createCredential(`Example ${type}`, type, data);
		if (/OAuth2/i.test(type)) await connectOAuth(made.id);
		credentials.set(key, made);
		return made;
	}

	async function withCredentials(node: INode, data: CredentialData): Promise<INode> {
		const types = node.type === confirmaType ? ['confirmaFinanceApi'] : credentialTypes(node).filter((type) => data[type]);
		const chosen: NonNullable<INode['credentials']> = {};
		for (const type of types) {
			const { id, name } = type === 'confirmaFinanceApi' ? live.credential : await credentialOf(type, data[type]!);
			chosen[type] = { id, name };
		}
		return Object.keys(chosen).length > 0 ? { ...node, credentials: chosen } : node;
	}

	/** Logs in at the OAuth page of a CRM, as the button in the credential does. */
	async function connectOAuth(credentialId: string): Promise<void> {
		const address = await live.client.request<string>('GET', `/rest/oauth2-credential/auth?id=${credentialId}`);
		const state = encodeURIComponent(new URL(address).searchParams.get('state')!);
		const { name, value, browserId } = live.client.session;
		const callback = await fetch(`${live.client.url}/rest/oauth2-credential/callback?code=granted&state=${state}`, {
			headers: { cookie: `${name}=${value}`, 'browser-id': browserId },
		});
		const page = await callback.text();
		if (!callback.ok || /"error"|Error:/.test(page)) throw new Error(`n8n answered the log-in with ${callback.status}: ${page}`);
	}

	async function importExample(example: Example, data: CredentialData = {}, called?: SavedWorkflow): Promise<SavedWorkflow> {
		const choose = (node: INode): INode =>
			called && (node.parameters.workflowId as { mode?: string } | undefined)?.mode === 'list'
				? { ...node, parameters: { ...node.parameters, ...choiceOf(called) } }
				: node;
		const nodes = [];
		for (const node of example.nodes) nodes.push(choose(await withCredentials(node, data)));
		return await live.client.createWorkflow({ ...example, nodes });
	}

	async function importCreateTheClient(example = readExample(shared.file)): Promise<SavedWorkflow> {
		const workflow = await importExample(example);
		// n8n 1 doesn't know publishing: a workflow without a trigger of its own can be called as it is.
		if (!version.version.startsWith('1.')) await live.client.activate(workflow.id);
		return workflow;
	}

	async function ended(id: string, node: string): Promise<Execution> {
		// n8n 1 says that an execution has ended some time before it has written what happened in it.
		return await eventually(`what happened in execution ${id}`, async () => {
			const execution = await live.client.finished(id);
			return execution.data?.resultData?.runData?.[node] ? execution : undefined;
		});
	}

	async function startByHand({ id }: SavedWorkflow, trigger: string): Promise<string> {
		// All versions but the newest want the workflow sent along.
		const { executionId } = await live.client.request<{ executionId: string }>('POST', `/rest/workflows/${id}/run`, {
			triggerToStartFrom: { name: trigger },
			...(version === newestN8n ? {} : { workflowData: await live.client.workflow(id) }),
		});
		return executionId;
	}

	async function runByHand(workflow: SavedWorkflow, trigger: string): Promise<Execution> {
		return await ended(await startByHand(workflow, trigger), trigger);
	}

	async function call(items: IDataObject[], called: SavedWorkflow): Promise<Execution> {
		const trigger = workflowNode('When deals are won', 'n8n-nodes-base.webhook', 2, { path: randomUUID(), options: {} });
		const caller: Example = {
			name: 'Won deals',
			nodes: [
				trigger,
				workflowNode(shared.caller, 'n8n-nodes-base.executeWorkflow', 1.3, {
					workflowId: { __rl: true, mode: 'list', value: '', cachedResultName: '' },
					mode: 'once',
					options: { waitForSubWorkflow: true },
				}),
			],
			connections: { [trigger.name]: { main: [[{ node: shared.caller, type: 'main', index: 0 }]] } },
			pinData: { [trigger.name]: items.map((json) => ({ json })) },
			settings: {},
		};
		return await runByHand(await importExample(caller, {}, called), trigger.name);
	}

	async function withoutCredential<T>(work: () => Promise<T>): Promise<T> {
		const { id, name } = live.credential;
		const change = async (data: Record<string, unknown>) =>
			await live.client.request('PATCH', `/rest/credentials/${id}`, { name, type: 'confirmaFinanceApi', data });
		// An expression that n8n can't resolve is what a test can do to it; a database that is away does the same.
		await change({ ...live.access, provisioningToken: "={{ $('No such node').item.json.token }}" });
		try {
			return await work();
		} finally {
			await change(live.access);
		}
	}

	const receivedBy = <Body>(host: string) =>
		standIn.requests.filter((request) => request.host === host).map(({ body }) => body as Body);

	const createTheClient = await importCreateTheClient(setUp(readExample(shared.file)));

	return {
		live,
		standIn,
		createTheClient,
		messages: () => receivedBy<Message>(chat),
		rows: async (table = 'Confirma Finance clients') => {
			const { data } = await live.client.request<{ data: Array<{ id: string; name: string; projectId: string }> }>(
				'GET',
				'/rest/data-tables-global',
			);
			const { id, projectId } = data.find(({ name }) => name === table)!;
			const { data: rows } = await live.client.request<{ data: IDataObject[] }>(
				'GET',
				`/rest/projects/${projectId}/data-tables/${id}/rows?take=250`,
			);
			return rows;
		},
		storedTokens: () =>
			Object.fromEntries(
				receivedBy<{ client: number; token: string }>(vault).map(({ client, token }) => [String(client), token]),
			),
		importCreateTheClient,
		importExample,
		runByHandToItsEnd: async (workflow, trigger) => await live.client.finished(await startByHand(workflow, trigger)),
		runByHand,
		call: async (items, called = createTheClient) => await call(items, called),
		withoutCredential,
		ended,
		close: async () => {
			await live.close();
			await standIn.stop();
		},
	};
}

/** The shared workflow with a vault's node on the line behind *Created?*, and the last node activated. */
export function setUp(example: Example): Example {
	const ourVault = sending('Our vault', `https://${vault}/tokens`, {
		client: "$('Confirma Finance').item.json.clientIdentifier",
		token: "$('Confirma Finance').item.json.apiAccessToken",
	});
	const main = [[{ node: ourVault.name, type: 'main' as const, index: 0 }]];
	return {
		...example,
		nodes: [
			...example.nodes.map((node) => ({ ...node, disabled: false })),
			{ id: randomUUID(), position: [1140, -200], ...ourVault },
		],
		connections: { ...example.connections, 'Created?': { main }, 'Our vault': example.connections['Created?']! },
	};
}

/** A workflow that tells a person by the team's chat instead of by mail. */
export function withChat(example: Example): Example {
	const { toEmail, text } = example.nodes.find(({ name }) => name === 'Tell a person')!.parameters as Record<string, string>;
	const message = { to: JSON.stringify(toEmail), subject: '$json.workflow.name', text: text!.slice('={{'.length, -'}}'.length) };
	return replaceNode(example, 'Tell a person', sending('Post it to the team', `https://${chat}/messages`, message));
}

/** An HTTP Request node, as a person puts it in place of another. */
function sending(name: string, url: string, fields: Record<string, string>): Omit<INode, 'id' | 'position'> {
	const jsonBody = `={{ JSON.stringify({ ${Object.entries(fields)
		.map(([field, value]) => `${field}: ${value}`)
		.join(', ')} }) }}`;
	return {
		name,
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { method: 'POST', url, sendBody: true, specifyBody: 'json', jsonBody, options: {} } as INodeParameters,
		onError: 'continueRegularOutput',
		disabled: false,
	};
}

/** Puts a node in the place of another, with the lines to and from it. */
export function replaceNode(example: Example, place: string, node: Pick<INode, 'name'> & Partial<INode>): Example {
	const renamed = (name: string) => (name === place ? node.name : name);
	return {
		...example,
		nodes: example.nodes.map((each) => (each.name === place ? { ...each, ...node } : each)),
		connections: Object.fromEntries(
			Object.entries(example.connections).map(([from, { main = [] }]) => [
				renamed(from),
				{ main: main.map((targets) => (targets ?? []).map((target) => ({ ...target, node: renamed(target.node) }))) },
			]),
		),
	};
}

/** The types of the credentials that a node of an example needs. */
export function credentialTypes({ type, parameters }: INode): string[] {
	const login = (authentication: unknown) => (authentication === 'basicAuth' ? ['httpBasicAuth'] : []);
	switch (type) {
		case 'n8n-nodes-base.hubspotTrigger':
			return ['hubspotDeveloperApi'];
		case 'n8n-nodes-base.hubspot':
			return ['hubspotAppToken'];
		case 'n8n-nodes-base.pipedriveTrigger':
			return ['pipedriveApi', ...login(parameters.incomingAuthentication)];
		case 'n8n-nodes-base.salesforceTrigger':
		case 'n8n-nodes-base.salesforce':
			return ['salesforceOAuth2Api'];
		case 'n8n-nodes-base.webhook':
			return parameters.authentication === 'headerAuth' ? ['httpHeaderAuth'] : [];
		case 'n8n-nodes-base.httpRequest': {
			const wanted = parameters.nodeCredentialType ?? parameters.genericAuthType;
			return wanted === undefined ? [] : [String(wanted)];
		}
		case 'n8n-nodes-base.formTrigger':
			return login(parameters.authentication);
		case 'n8n-nodes-base.wait':
			return login(parameters.incomingAuthentication);
		case 'n8n-nodes-base.emailSend':
			return ['smtp'];
		default:
			return [];
	}
}

/** What a node's output holds, in its last try. */
export const jsonOf = (execution: Execution, node: string, output = 0) =>
	(outputs(execution, node)[output] ?? []).map(({ json }) => json);

/** The message of the failure that an execution ended with, if it did. */
export const failureOf = ({ data }: Execution): string | undefined => data.resultData.error?.message;

import { randomUUID } from 'node:crypto';
import { parse } from 'flatted';
import type { INodeExecutionData, IRun, ITaskData, IWorkflowBase } from 'n8n-workflow';

/** Login of the owner of every server here. The addresses and the password lead nowhere else. */
export const owner = { email: 'owner@example.com', password: 'Example-Owner-1', firstName: 'Example', lastName: 'Owner' };

/** What it takes to save a workflow. */
export type WorkflowDraft = Pick<IWorkflowBase, 'name' | 'nodes' | 'connections'> &
	Partial<Pick<IWorkflowBase, 'settings' | 'pinData'>>;

export interface SavedWorkflow extends WorkflowDraft {
	id: string;
	versionId: string;
	active?: boolean;
}

export interface SavedCredential {
	id: string;
	name: string;
	type: string;
}

/** An execution as n8n keeps it, its data unpacked. */
export interface Execution {
	id: string;
	status: string;
	mode: string;
	data: IRun['data'];
	/** The same as n8n sent it to the editor, as text: to be searched for what must not be in it. */
	raw: string;
}

/** Answer of n8n with a status that isn't 2xx. */
export class N8nRefusal extends Error {
	constructor(
		request: string,
		readonly status: number,
		readonly body: string,
	) {
		super(`${request} was answered with ${status}: ${body.slice(0, 1_000)}`);
	}
}

/** Talks to n8n through the REST interface that its editor uses, as the owner. */
export class N8nClient {
	private cookie = '';
	private readonly browserId = randomUUID();
	private readonly pushRef = randomUUID();

	constructor(
		readonly url: string,
		private readonly n8nVersion: string,
	) {}

	/** Creates the owner account on a new server, or logs in where there is one. */
	async signIn(): Promise<void> {
		const { userManagement } = await this.request<{ userManagement: { showSetupOnFirstLoad: boolean } }>('GET', '/rest/settings');
		if (userManagement.showSetupOnFirstLoad) await this.request('POST', '/rest/owner/setup', owner);
		await this.request('POST', '/rest/login', { emailOrLdapLoginId: owner.email, password: owner.password });
	}

	/** The session cookie, as name and value, for a browser. It holds only together with `browserId` in the browser's local storage. */
	get session(): { name: string; value: string; browserId: string } {
		const [name, value] = this.cookie.split('=') as [string, string];
		return { name, value, browserId: this.browserId };
	}

	/** Creates a credential and gives its reference, as workflows hold it. */
	async createCredential(name: string, type: string, data: Record<string, unknown>): Promise<SavedCredential> {
		const { id } = await this.request<SavedCredential>('POST', '/rest/credentials', { name, type, data });
		return { id, name, type };
	}

	/** Runs the credential's test, as the editor does after saving. */
	async testCredential(
		credential: SavedCredential,
		data: Record<string, unknown>,
	): Promise<{ status: 'OK' | 'Error'; message: string }> {
		return await this.request('POST', '/rest/credentials/test', { credentials: { ...credential, data } });
	}

	async credentials(): Promise<SavedCredential[]> {
		return await this.request('GET', '/rest/credentials');
	}

	async createWorkflow({ name, nodes, connections, settings, pinData }: WorkflowDraft): Promise<SavedWorkflow> {
		return await this.request('POST', '/rest/workflows', {
			name,
			nodes,
			connections,
			settings: { executionOrder: 'v1', ...settings },
			// n8n can't run a single node of a workflow that has none.
			pinData: pinData ?? {},
			active: false,
		});
	}

	async workflows(): Promise<SavedWorkflow[]> {
		return await this.request('GET', '/rest/workflows');
	}

	async workflow(id: string): Promise<SavedWorkflow> {
		return await this.request('GET', `/rest/workflows/${id}`);
	}

	/** Activates (publishes) the saved state of a workflow and waits until its webhooks are there. */
	async activate(id: string): Promise<void> {
		const { versionId } = await this.workflow(id);
		if (this.isV1) await this.request('PATCH', `/rest/workflows/${id}`, { active: true, versionId });
		else await this.request('POST', `/rest/workflows/${id}/activate`, { versionId });
		const webhook = (await this.workflow(id)).nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
		if (webhook) await this.waitForWebhook(String(webhook.parameters.path));
	}

	async deactivate(id: string): Promise<void> {
		if (this.isV1) await this.request('PATCH', `/rest/workflows/${id}`, { active: false });
		else await this.request('POST', `/rest/workflows/${id}/deactivate`, {});
	}

	/** Delivers an event to a production webhook, as a CRM does. Gives the answer, whatever its status. */
	async webhook(path: string, body: unknown, signal?: AbortSignal): Promise<{ status: number; text: string }> {
		const response = await fetch(`${this.url}/webhook/${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			signal: signal ?? null,
		});
		return { status: response.status, text: await response.text() };
	}

	/** Runs a saved workflow by hand, from the trigger of the given name, and waits for its end. */
	async run(id: string, trigger: string): Promise<Execution> {
		const workflowData = await this.workflow(id);
		const { executionId } = await this.request<{ executionId: string }>(
			'POST',
			`/rest/workflows/${id}/run`,
			this.isV1 ? { workflowData, triggerToStartFrom: { name: trigger } } : { triggerToStartFrom: { name: trigger } },
		);
		return await this.finished(executionId);
	}

	/** Presses the stop button of a running execution. */
	async stop(executionId: string): Promise<void> {
		await this.request('POST', `/rest/executions/${executionId}/stop`, {});
	}

	/** Ids of a workflow's executions, newest first. */
	async executionIds(workflowId: string): Promise<string[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.request<{ results: Array<{ id: string }> }>(
			'GET',
			`/rest/executions?limit=100&filter=${filter}`,
		);
		// An execution that ends while n8n looks is in its answer twice, as a running one and as an ended one.
		return [...new Set(results.map(({ id }) => id))].sort((left, right) => Number(right) - Number(left));
	}

	/** The newest execution of a workflow, when it has ended. */
	async lastExecution(workflowId: string): Promise<Execution> {
		const [id] = await this.executionIds(workflowId);
		if (id === undefined) throw new Error(`Workflow ${workflowId} was never executed`);
		return await this.finished(id);
	}

	async execution(id: string): Promise<Execution> {
		const { data, status, mode } = await this.request<{ data: string; status: string; mode: string }>(
			'GET',
			`/rest/executions/${id}`,
		);
		return { id, status, mode, data: parse(data) as IRun['data'], raw: data };
	}

	/** Waits for the end of an execution, two minutes at most. */
	async finished(id: string): Promise<Execution> {
		return await eventually(`execution ${id} to end`, async () => {
			const execution = await this.execution(id);
			return ['new', 'running', 'waiting'].includes(execution.status) ? undefined : execution;
		});
	}

	/** Node types as the nodes panel gets them: every version of every type. */
	async nodeTypes(): Promise<Array<{ name: string; displayName: string } & Record<string, unknown>>> {
		return await this.request('GET', '/types/nodes.json');
	}

	/** What Settings → Community Nodes lists. */
	async communityPackages(): Promise<
		Array<{
			packageName: string;
			installedVersion: string;
			failedLoading?: boolean;
			installedNodes: Array<{ name: string; type: string }>;
		}>
	> {
		return await this.request('GET', '/rest/community-packages');
	}

	/** Sends a request with the session's cookie and gives the answer, out of its `data` envelope where it has one. */
	async request<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				'content-type': 'application/json',
				'browser-id': this.browserId,
				'push-ref': this.pushRef,
				...(this.cookie && { cookie: this.cookie }),
			},
			body: body === undefined ? null : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) throw new N8nRefusal(`${method} ${path}`, response.status, text);
		const session = response.headers.getSetCookie().find((cookie) => cookie.startsWith('n8n-auth='));
		if (session) this.cookie = session.split(';')[0]!;
		const answer = JSON.parse(text || '{}') as { data?: T };
		const isEnveloped = Object.keys(answer).every((key) => ['data', 'count', 'nextCursor'].includes(key));
		return answer.data !== undefined && isEnveloped ? answer.data : (answer as T);
	}

	private get isV1(): boolean {
		return this.n8nVersion.startsWith('1.');
	}

	private async waitForWebhook(path: string): Promise<void> {
		await eventually(`webhook ${path} to be registered`, async () => {
			// Only POST is registered: n8n says so with a 404 that names the method, before that it doesn't know the path at all.
			const response = await fetch(`${this.url}/webhook/${path}`, { method: 'DELETE' });
			return (await response.text()).includes('POST') ? true : undefined;
		});
	}
}

/** Output items of a node in its last try, by output. */
export function outputs(execution: Execution, nodeName: string): INodeExecutionData[][] {
	return (lastTry(execution, nodeName)?.data?.main ?? []).map((items) => items ?? []);
}

/** What n8n keeps about a node's last try: error, hints, timing. */
export function lastTry(execution: Execution, nodeName: string): ITaskData | undefined {
	return execution.data.resultData.runData[nodeName]?.at(-1);
}

/**
 * Asks again and again until there is an answer, two minutes at most.
 * @param what for the error's message
 */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, seconds = 120): Promise<T> {
	const deadline = Date.now() + seconds * 1_000;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

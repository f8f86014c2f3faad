import { randomUUID } from 'node:crypto';
import type { INodeParameters } from 'n8n-workflow';
import { company, workflowNode } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import type { SavedCredential } from '../support/n8n/n8nClient';
import { type ScriptedModel, startScriptedModel } from './scriptedModel';

const toolName = 'Create Confirma Finance client';

/** What an agent's model fills in, by the name it is offered under. */
const filled = {
	name: ['business_name', 'Registered name of the business'],
	businessCode: ['business_id', 'Registration number of the business'],
	countryCode: ['country', 'Country of the business'],
	primaryContactName: ['contact_name', 'Name of the contact person'],
	primaryContactEmail: ['contact_email', 'Email address of the contact person'],
} as const;

const toolParameters = {
	partnerCode: 'QUICK3',
	...Object.fromEntries(
		Object.entries(filled).map(([parameter, [key, description]]) => [
			parameter,
			`={{ $fromAI('${key}', '${description}', 'string') }}`,
		]),
	),
};

const argumentsFor = ({ name, id, country, contact }: ReturnType<typeof company>) => ({
	business_name: name,
	business_id: id,
	country,
	contact_name: contact.name,
	contact_email: contact.email,
});

// Agent 2 calls its tools itself; agent 3 leaves that to n8n's engine.
const agents = [2.2, 3];

describe.each(selectedVersions())("as an AI agent's tool on n8n $version", (version) => {
	let live: LiveN8n;
	let model: ScriptedModel;
	let modelCredential: SavedCredential;

	beforeAll(async () => {
		model = await startScriptedModel();
		live = await startLiveN8n(version, { env: { N8N_COMMUNITY_PACKAGES_ALLOW_TOOL_USAGE: 'true' } });
		modelCredential = await live.client.createCredential('Scripted model', 'openAiApi', { apiKey: 'not-a-key', url: model.url });
	});

	afterEach(() => live.sandbox.reset());

	afterAll(async () => {
		await live?.close();
		await model?.stop();
	});

	/** Saves and activates a workflow in which an agent has this node as its only tool, and asks the agent once. */
	async function askAgent(agent: number, parameters: INodeParameters = {}) {
		const path = randomUUID();
		const { id } = await live.client.createWorkflow({
			name: `Agent ${path}`,
			nodes: [
				workflowNode(
					'Question',
					'n8n-nodes-base.webhook',
					2,
					{ httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
					{ webhookId: path },
				),
				workflowNode('Agent', '@n8n/n8n-nodes-langchain.agent', agent, {
					promptType: 'define',
					text: '={{ $json.body.question }}',
					options: {},
				}),
				workflowNode(
					'Model',
					'@n8n/n8n-nodes-langchain.lmChatOpenAi',
					1.2,
					{ model: { __rl: true, mode: 'id', value: 'scripted' }, options: {} },
					{ credentials: { openAiApi: { id: modelCredential.id, name: modelCredential.name } } },
				),
				workflowNode(
					toolName,
					'n8n-nodes-confirma-finance.confirmaFinanceTool',
					1,
					{ ...toolParameters, ...parameters },
					{ credentials: { confirmaFinanceApi: { id: live.credential.id, name: live.credential.name } } },
				),
			],
			connections: {
				Question: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
				Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
				[toolName]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
			},
		});
		await live.client.activate(id);
		await live.client.webhook(path, { question: 'Create a client for the deal that was won' });
		return await live.client.lastExecution(id);
	}

	describe.each(agents)('of agent %d', (agent) => {
		it('offers the model its fields, creates the client, and keeps the token from the model', async () => {
			model.willCall(argumentsFor(company(1)));
			const execution = await askAgent(agent);
			expect(execution.status).toBe('success');
			const [tool] = model.tools;
			expect(tool).toMatchObject({ name: expect.stringMatching(/confirma/i), description: expect.stringMatching(/client/i) });
			expect(
				Object.fromEntries(Object.entries(tool!.parameters.properties).map(([key, { description }]) => [key, description])),
			).toEqual(Object.fromEntries(Object.values(filled)));
			const [created] = live.sandbox.created;
			expect(created?.body.client).toMatchObject({ name: 'Example 1 Oy', businessCode: company(1).id, countryCode: 'FI' });
			expect(model.results).toEqual([expect.stringContaining(String(created!.clientIdentifier))]);
			expect(model.heard).not.toContain(created!.apiAccessToken);
			expect(model.heard).not.toContain(live.sandbox.tokens.staging);
			expect(execution.raw).not.toContain(created!.apiAccessToken);
		});

		it('hands out the token where the workflow says so on purpose', async () => {
			model.willCall(argumentsFor(company(2)));
			await askAgent(agent, { options: { returnAccessToken: true } });
			expect(model.results).toEqual([expect.stringContaining(live.sandbox.created[0]!.apiAccessToken)]);
		});

		it('tells the model what is wrong with its arguments', async () => {
			model.willCall({ ...argumentsFor(company(3)), country: 'Atlantis' });
			await askAgent(agent);
			const [result] = model.results;
			// What is wrong, and what would be right.
			expect(result).toMatch(/invalid[^]*Country[^]*Atlantis/);
			expect(live.sandbox.requests).toEqual([]);
		});

		it('creates one client when the model calls it twice at once for the same business', async () => {
			model.willCall(argumentsFor(company(4)), argumentsFor(company(4)));
			await askAgent(agent);
			expect(live.sandbox.requests).toHaveLength(1);
			expect(model.results).toHaveLength(2);
		});
	});
});

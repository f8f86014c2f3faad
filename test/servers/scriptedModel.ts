import fastify from 'fastify';

export interface ModelTool {
	name: string;
	description: string;
	parameters: { properties: Record<string, { type?: string; description?: string }>; required?: string[] };
}

/** A stand-in for a chat model, with the interface that OpenAI's has, which says what its script says. */
export interface ScriptedModel {
	/** Base URL, as the credential of n8n's OpenAI node takes it. */
	url: string;
	/** Tools that the last conversation offered. */
	readonly tools: ModelTool[];
	/** All that was ever sent to the model, as text. */
	readonly heard: string;
	/** Results of the tool calls in the last conversation. */
	readonly results: string[];
	/** From now on, the model calls each conversation's only tool once with each of these arguments, at the same time, and then ends. */
	willCall(...argumentsOfCalls: object[]): void;
	stop(): Promise<void>;
}

interface Conversation {
	messages: Array<{ role: string; content: string }>;
	tools?: Array<{ function: ModelTool }>;
	stream?: boolean;
}

export async function startScriptedModel(): Promise<ScriptedModel> {
	const server = fastify({ bodyLimit: 10_000_000 });
	let script: object[] = [];
	let last: Conversation = { messages: [] };
	let heard = '';
	const toolResults = () => last.messages.filter(({ role }) => role === 'tool').map(({ content }) => content);

	server.post<{ Body: Conversation }>('/v1/chat/completions', async ({ body }) => {
		last = body;
		heard += JSON.stringify(body);
		const tool = body.tools?.[0]?.function;
		const calls = toolResults().length === 0 && tool ? script : [];
		const message =
			calls.length > 0
				? {
						role: 'assistant',
						content: null,
						tool_calls: calls.map((call, index) => ({
							id: `call_${index}`,
							type: 'function',
							function: { name: tool!.name, arguments: JSON.stringify(call) },
						})),
					}
				: { role: 'assistant', content: 'Done' };
		return {
			id: 'chatcmpl-scripted',
			object: 'chat.completion',
			created: 0,
			model: 'scripted',
			choices: [{ index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }],
			usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
		};
	});

	const address = await server.listen({ host: '127.0.0.1', port: 0 });
	return {
		url: `${address}/v1`,
		get tools() {
			return (last.tools ?? []).map((tool) => tool.function);
		},
		get heard() {
			return heard;
		},
		get results() {
			return toolResults();
		},
		willCall: (...argumentsOfCalls) => {
			script = argumentsOfCalls;
		},
		stop: async () => {
			await server.close();
		},
	};
}

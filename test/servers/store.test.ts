import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { DeduplicationScope, ICheckProcessedOptions, INode } from 'n8n-workflow';
import { DeduplicationStore } from '../support/engine/deduplicationStore';
import { workflowNode } from '../support/n8n/dealWorkflow';
import { installN8n, selectedVersions } from '../support/n8n/installN8n';
import { N8nClient } from '../support/n8n/n8nClient';
import { N8nServer } from '../support/n8n/n8nServer';

type Call =
	| ['checkProcessedAndRecord' | 'removeProcessed', Array<string | number>, DeduplicationScope, ICheckProcessedOptions]
	| ['clearAllProcessedItems' | 'getProcessedDataCount', DeduplicationScope, ICheckProcessedOptions];

/** Calls that are made at the same moment. */
type Round = Call[];

type Answer = { value: unknown } | { refusal: string };

const entries = { mode: 'entries' } as const;
const lock = { mode: 'latestIncrementalKey' } as const;
const check = (items: string[], scope: DeduplicationScope = 'node'): Call => ['checkProcessedAndRecord', items, scope, entries];
const remove = (items: string[]): Call => ['removeProcessed', items, 'node', entries];
const count: Call = ['getProcessedDataCount', 'node', entries];
const takeLock: Call = ['checkProcessedAndRecord', [1], 'workflow', lock];
const releaseLock: Call = ['clearAllProcessedItems', 'workflow', lock];

/** All that the guard relies on, and how the engine tests' stand-in for the store answers it. */
const stories: Record<string, Round[]> = {
	'values are new once, and may be removed': [
		[check(['a', 'b'])],
		[check(['c', 'b', 'a', 'd'])],
		[count],
		[remove(['a', 'unknown'])],
		[check(['a', 'b'])],
		[['clearAllProcessedItems', 'node', entries]],
		[check(['a'])],
	],
	'a value that occurs twice in one call is entered twice': [
		[check(['a'])],
		[check(['b', 'b'])],
		[count],
		[remove(['b'])],
		[check(['b'])],
	],
	'nothing can be removed from a row that is not there': [[remove(['a'])], [count]],
	'the lock is taken once, until it is released': [[takeLock], [takeLock], [check(['a'])], [takeLock], [releaseLock], [takeLock]],
	'the row that serves as lock may be taken': [
		[check(['a'], 'workflow')],
		[takeLock],
		[releaseLock],
		[takeLock],
		[check(['a'], 'workflow')],
	],
};

async function standIn(rounds: Round[]): Promise<Answer[][]> {
	const store = new DeduplicationStore();
	const context = { node: { id: 'node' } as INode, workflow: { id: 'workflow', active: true } };
	const answer = async ([method, ...args]: Call): Promise<Answer> => {
		try {
			const options = args.pop() as ICheckProcessedOptions;
			const called = store[method] as (...all: unknown[]) => Promise<unknown>;
			return { value: (await called.call(store, ...args, context, options)) ?? null };
		} catch (error) {
			return { refusal: (error as Error).message };
		}
	};
	const answers: Answer[][] = [];
	for (const round of rounds) answers.push(await Promise.all(round.map(answer)));
	return answers;
}

describe.each(selectedVersions())(
	"the deduplication store of n8n $version answers as the engine tests' stand-in does",
	(version) => {
		let server: N8nServer | undefined;
		let client: N8nClient;

		beforeAll(async () => {
			server = await N8nServer.create(await installN8n(version));
			await cp(join(__dirname, 'storeProbe'), join(server.nodesFolder, 'node_modules/n8n-nodes-store-probe'), {
				recursive: true,
			});
			await server.start();
			client = new N8nClient(server.url, version.version);
			await client.signIn();
		});

		afterAll(async () => await server?.dispose());

		/** Has a new workflow, with a history of its own, make the calls. */
		async function ask(rounds: Round[]): Promise<Answer[][]> {
			const path = randomUUID();
			const { id } = await client.createWorkflow({
				name: path,
				nodes: [
					workflowNode(
						'Webhook',
						'n8n-nodes-base.webhook',
						2,
						{ httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
						{ webhookId: path },
					),
					workflowNode('Store Probe', 'n8n-nodes-store-probe.storeProbe', 1, {}),
				],
				connections: { Webhook: { main: [[{ node: 'Store Probe', type: 'main', index: 0 }]] } },
			});
			await client.activate(id);
			const { text } = await client.webhook(path, { rounds });
			return (JSON.parse(text) as { results: Answer[][] }).results;
		}

		it.each(Object.entries(stories))('%s', async (_, rounds) => {
			expect(await ask(rounds)).toEqual(await standIn(rounds));
		});

		// Which of several calls comes first is a matter of chance, so these are tried more than once.
		const often = <T>(value: (attempt: number) => T[]) => Array.from({ length: 20 }, (_, attempt) => value(attempt)).flat();

		it('the lock that several take at once is given to one of them, and a lost race has these words', async () => {
			const rounds = often<Round>(() => [[takeLock, takeLock, takeLock], [releaseLock]]);
			const granted = { value: { new: [1], processed: [] } };
			for (const answers of [await ask(rounds), await standIn(rounds)]) {
				const races = answers.filter((round) => round.length === 3);
				expect(races.map((round) => round.filter((answer) => JSON.stringify(answer) === JSON.stringify(granted)).length)).toEqual(
					often(() => [1]),
				);
				expect(races.flat()).toContainEqual({
					refusal: 'SQLITE_CONSTRAINT: UNIQUE constraint failed: processed_data.workflowId, processed_data.context',
				});
			}
		});

		it('entries that are written at once get lost', async () => {
			const rounds = [...often<Round>((attempt) => [['a', 'b', 'c'].map((name) => check([`${name}${attempt}`]))]), [count]];
			for (const answers of [await ask(rounds), await standIn(rounds)]) {
				const [{ value } = { value: NaN }] = answers.at(-1)! as Array<{ value: unknown }>;
				expect(value).toBeGreaterThan(0);
				expect(value).toBeLessThan(60);
			}
		});
	},
);

import type { IDataObject } from 'n8n-workflow';

import { credentialsFor, dealFields } from '../support/engine/deals';
import { logLines, runAsTool } from '../support/engine';
import { deal, other, scenario } from '../support/engine/scenario';

describe('Secrets', () => {
	it("are in no log line at n8n's most talkative level", async () => {
		const { sandbox, run } = await scenario();
		const before = logLines.length;
		sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: other.id as string } });
		await run([deal, other, deal]);
		await run([deal], { settings: {} });
		const lines = logLines.slice(before);
		expect(lines.length).toBeGreaterThan(0);
		for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
			expect(lines.join('\n')).not.toContain(secret);
		}
	});

	it.each(['engine', 'handler'] as const)('an AI agent reads what went wrong and what to do (%s)', async (via) => {
		const { sandbox, workflowId } = await scenario();
		const call = async () =>
			await runAsTool({
				parameters: { ...dealFields, name: "={{ $fromAI('name') }}", businessCode: "={{ $fromAI('id') }}" },
				calls: [deal],
				via,
				credentials: credentialsFor(sandbox),
				workflowId,
			});
		await call();
		const { answers } = await call();
		expect(JSON.stringify(answers)).toContain('This client was created before, so nothing was sent');
		expect(JSON.stringify(answers)).toContain('Skip It');
	});

	it.each(['engine', 'handler'] as const)(
		"an AI agent doesn't get the client's token unless that was set on purpose (%s)",
		async (via) => {
			const { sandbox, workflowId } = await scenario();
			const tool = async (calls: IDataObject[], options: IDataObject) =>
				await runAsTool({
					parameters: { ...dealFields, name: "={{ $fromAI('name') }}", businessCode: "={{ $fromAI('id') }}", options },
					calls,
					via,
					credentials: credentialsFor(sandbox),
					workflowId,
				});

			const silent = await tool([deal], {});
			expect(JSON.stringify(silent.answers)).toContain(String(sandbox.created[0]!.clientIdentifier));
			expect(silent.result.stored).not.toContain(sandbox.created[0]!.apiAccessToken);

			const open = await tool([other], { returnAccessToken: true });
			expect(JSON.stringify(open.answers)).toContain(sandbox.created[1]!.apiAccessToken);
		},
	);
});

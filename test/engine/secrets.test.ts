import type { IDataObject } from 'n8n-workflow';

import { dealFields } from '../support/engine/deals';
import { deal, other, scenario, stopping } from '../support/engine/scenario';

const parameters = { ...dealFields, name: "={{ $fromAI('name') }}", businessCode: "={{ $fromAI('id') }}" };

it("No log line holds a secret, at n8n's most talkative level", async () => {
	const { sandbox, run, log } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: other.id } });
	await run([deal, other, deal]);
	await run([deal], { settings: stopping });
	expect(log().length).toBeGreaterThan(0);
	for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
		expect(log().join('\n')).not.toContain(secret);
	}
});

it.each(['engine', 'handler'] as const)('An AI agent reads what went wrong and what to do (%s)', async (via) => {
	const { runAsTool } = await scenario();
	const call = async () => await runAsTool({ parameters, calls: [deal], via });
	await call();
	const answers = JSON.stringify((await call()).answers);
	expect(answers).toContain('This client was created before, so nothing was sent');
	expect(answers).toContain('Skip It');
});

it.each(['engine', 'handler'] as const)(
	"An AI agent doesn't get the client's token unless that was set on purpose (%s)",
	async (via) => {
		const { sandbox, runAsTool } = await scenario();
		const tool = async (calls: IDataObject[], options: IDataObject) =>
			await runAsTool({ parameters: { ...parameters, options }, calls, via });

		const silent = await tool([deal], {});
		expect(JSON.stringify(silent.answers)).toContain(String(sandbox.created[0]!.clientIdentifier));
		expect(silent.result.stored).not.toContain(sandbox.created[0]!.apiAccessToken);

		const open = await tool([other], { returnAccessToken: true });
		expect(JSON.stringify(open.answers)).toContain(sandbox.created[1]!.apiAccessToken);
	},
);

import { logLines, type RunResult } from '../support/engine';
import { deals } from '../support/engine/deals';
import { continuing, deliver, sandbox, useDeliveries } from '../support/engine/deliveries';
import { output, posts } from '../support/engine/sandboxRun';

useDeliveries();

const outcomes = (result: RunResult) => output(result).map(({ outcome }) => outcome);

/** Delivers a batch of which two clients are never answered, and stops the run when these two are all that is left. */
async function stopMidway(settings: object = continuing): Promise<RunResult> {
	const batch = deals(9);
	for (const { id } of batch.slice(4, 6)) sandbox.inject({ kind: 'hang', creates: false, match: { businessCode: id } });
	const stop = new AbortController();
	const running = deliver(batch, { options: { maxConcurrency: 2 }, settings, signal: stop.signal });
	while (posts().length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
	stop.abort();
	return await running;
}

describe('The stop button', () => {
	it('ends the run at once: what is in flight is unknown, the rest is not sent', async () => {
		const result = await stopMidway();

		expect(result.status).toBe('canceled');
		expect(posts()).toHaveLength(6);
		expect(outcomes(await deliver(deals(9).slice(4)))).toEqual(['unknown', 'unknown', 'created', 'created', 'created']);
		expect(posts()).toHaveLength(9);
	});

	it.each([
		['stop', {}],
		['continue', continuing],
	])('with On Error = %s loses no identifier and no token of what was created', async (_, settings) => {
		const before = logLines.length;
		await stopMidway(settings);
		const created = sandbox.created.map(({ answer }) => answer as Record<string, unknown>);
		expect(created).toHaveLength(4);

		const [line, ...more] = logLines.slice(before).filter((each) => each.includes('created by a run'));
		expect(more).toEqual([]);
		for (const { body, clientIdentifier } of sandbox.created) {
			expect(line).toContain(`${body.client.businessCode} → client ${clientIdentifier}, customer code`);
		}
		for (const { apiAccessToken } of created) expect(logLines.slice(before).join('\n')).not.toContain(apiAccessToken);

		const again = await deliver(deals(4));
		expect(output(again)).toEqual(created.map((answer) => expect.objectContaining(answer) as object));
		expect(outcomes(await deliver(deals(4)))).toEqual(Array(4).fill('duplicate'));
		expect(posts()).toHaveLength(6);
	});

	it('that was not pressed leaves a redelivery nothing but the news that the client exists', async () => {
		const before = logLines.length;
		await deliver(deals(1));
		expect(outcomes(await deliver(deals(1)))).toEqual(['duplicate']);
		expect(logLines.slice(before).join('\n')).not.toContain('created by a run');
	});
});

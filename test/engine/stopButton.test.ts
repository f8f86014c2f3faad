import { deals } from '../support/engine/deals';
import { continuing, scenario, stopping, until, type Scenario } from '../support/engine/scenario';

/** Delivers a batch of which two clients are never answered, and stops the run when these two are all that is left. */
async function stopMidway({ run, posts, sandbox }: Scenario, settings = continuing) {
	const batch = deals(9);
	for (const { id } of batch.slice(4, 6)) sandbox.inject({ kind: 'hang', creates: false, match: { businessCode: id } });
	const stop = new AbortController();
	const running = run(batch, { options: { maxConcurrency: 2 }, settings, signal: stop.signal });
	await until(() => posts().length === 6);
	stop.abort();
	return await running;
}

it('The stop button ends a run at once: what is in flight is unknown, the rest is not sent', async () => {
	const scene = await scenario();
	expect((await stopMidway(scene)).status).toBe('canceled');
	expect(scene.posts()).toHaveLength(6);
	const { outcomes } = await scene.run(deals(9).slice(4));
	expect(outcomes).toEqual(['unknown', 'unknown', 'created', 'created', 'created']);
	expect(scene.posts()).toHaveLength(9);
});

it.each([
	['stop', stopping],
	['continue', continuing],
])('A stopped run with On Error = %s loses no identifier and no token of what it created', async (_, settings) => {
	const scene = await scenario();
	await stopMidway(scene, settings);
	const { created } = scene.sandbox;
	expect(created).toHaveLength(4);

	const [line, ...more] = scene.log().filter((each) => each.includes('created by a run'));
	expect(more).toEqual([]);
	for (const { body, clientIdentifier, apiAccessToken } of created) {
		expect(line).toContain(`${body.client.businessCode} → client ${clientIdentifier}, customer code`);
		expect(scene.log().join('\n')).not.toContain(apiAccessToken);
	}
	const { output } = await scene.run(deals(4));
	expect(output).toEqual(created.map(({ answer }) => expect.objectContaining(answer) as object));
	expect((await scene.run(deals(4))).outcomes).toEqual(Array(4).fill('duplicate'));
	expect(scene.posts()).toHaveLength(6);
});

it('A run that was not stopped leaves a redelivery nothing but the news that the client exists', async () => {
	const { run, log } = await scenario();
	await run(deals(1));
	expect((await run(deals(1))).outcomes).toEqual(['duplicate']);
	expect(log().join('\n')).not.toContain('created by a run');
});

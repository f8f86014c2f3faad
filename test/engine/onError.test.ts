import { apiExample } from '../sandbox/clientBodies';
import { parametersFor } from '../support/bodies';
import { deals } from '../support/engine/deals';
import { deal as good, other as refused, scenario, stopping, third as last } from '../support/engine/scenario';

const items = [good, refused, last];
const oneAtATime = { settings: stopping, options: { maxConcurrency: 1 } };

/** A scenario in which the second of the three clients is refused. */
async function withRefusal() {
	const scene = await scenario();
	const refuse = () =>
		scene.sandbox.inject({
			kind: 'status',
			status: 400,
			body: { message: 'Unknown partner' },
			match: { businessCode: refused.id },
		});
	refuse();
	return { ...scene, refuse };
}

it('On Error = stop names what was created before, and what was not sent', async () => {
	const { run, posts, sandbox } = await withRefusal();
	const { error, description } = await run(items, oneAtATime);

	expect(posts()).toHaveLength(2);
	const { clientIdentifier, confirmaFinanceCustomerCode, paymentReferencePrefix } = sandbox.created[0]!.answer as Record<
		string,
		number
	>;
	expect(error).toMatchObject({
		message: `Confirma Finance at ${sandbox.url} did not accept the client: “${refused.name}” (${refused.id})`,
		httpCode: '400',
		context: {
			itemIndex: 1,
			outcome: 'rejected',
			outcomes: [
				{
					item: 0,
					businessCode: good.id,
					outcome: 'created',
					clientIdentifier,
					confirmaFinanceCustomerCode,
					paymentReferencePrefix,
				},
				{ item: 1, businessCode: refused.id, outcome: 'rejected' },
				{ item: 2, businessCode: last.id, outcome: 'notSent' },
			],
		},
	});
	expect(description).toContain('Confirma Finance says: “Unknown partner”');
	expect(description).toContain(
		`“${good.name}” (${good.id}) → client ${clientIdentifier}, customer code ${confirmaFinanceCustomerCode}, reference prefix ${paymentReferencePrefix}`,
	);
	expect(description).toContain("set 'Options > If Client Was Already Created' to Skip It and run the same items again");
	expect(description).toContain(`Not sent: item 2, “${last.name}” (${last.id}).`);
	expect(description).toMatch(/^This client was not created\. .*<br>/);
});

it('On Error = stop tells in the error what would be a hint', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 400, body: {} });
	const { description } = await run([{}], { fields: parametersFor(apiExample), settings: stopping, workflowId: '' });
	expect(description).toContain("<br>Please check: 'Business ID' is not a valid business ID");
	expect(description).toMatch(/<br>Save the workflow: .*\.$/);
});

it('On Error = stop awaits what is in flight and sends nothing further', async () => {
	const { run, posts, sandbox } = await withRefusal();
	sandbox.inject({ kind: 'delay', ms: 100, match: { businessCode: good.id } });
	const { error } = await run([...items, ...deals(10, 10)], { settings: stopping, options: { maxConcurrency: 2 } });
	expect(error).toMatchObject({
		context: {
			outcomes: expect.arrayContaining([expect.objectContaining({ businessCode: good.id, outcome: 'created' })]) as unknown,
		},
	});
	expect(sandbox.created.map(({ body }) => body.client.businessCode)).toContain(good.id);
	expect(posts().length).toBeLessThanOrEqual(3);
});

it('On Error = stop sends nothing after the failure, not even what was waiting for its place', async () => {
	for (let round = 0; round < 20; round++) {
		const { run, posts } = await withRefusal();
		await run(items, oneAtATime);
		expect(posts()).toHaveLength(2);
	}
});

it('On Error = continue puts the failure into the item', async () => {
	const { run, sandbox } = await withRefusal();
	const { output } = await run(items);
	expect(output[1]).toEqual({
		outcome: 'rejected',
		message: `Confirma Finance at ${sandbox.url} did not accept the client`,
		name: refused.name,
		businessCode: refused.id,
		countryCode: 'FI',
		partnerCode: 'QUICK3',
		environment: 'custom',
		error: `Confirma Finance at ${sandbox.url} did not accept the client`,
		description: expect.stringContaining('“Unknown partner”') as string,
		httpCode: '400',
	});
	expect(output.map((json) => 'error' in json)).toEqual([false, true, false]);
});

it('On Error = error output routes failures and results apart, with the input beside the failure', async () => {
	const { run } = await withRefusal();
	const { output, errorOutput } = await run(items, { settings: { onError: 'continueErrorOutput' } });
	expect(output).toHaveLength(2);
	expect(errorOutput).toEqual([expect.objectContaining({ ...refused, outcome: 'rejected', httpCode: '400' })]);
});

it('On Error = stop heads the error with the gravest failure, and gives each kind of failure its advice', async () => {
	const { run, sandbox } = await scenario();
	const [first, unknown, third] = items;
	sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: unknown!.id } });
	await run(items);
	const again = await run(items, { settings: stopping });

	expect(again.error).toMatchObject({
		message: `It is not known whether this client exists, so nothing was sent: “${unknown!.name}” (${unknown!.id})`,
		context: {
			itemIndex: 1,
			outcome: 'unknown',
			outcomes: [{ outcome: 'duplicate' }, { outcome: 'unknown' }, { outcome: 'duplicate' }],
		},
	});
	const lines = again.description.split('<br>');
	expect(lines).toHaveLength(3);
	expect(lines[0]).toContain("'Options > If Outcome Is Unknown'");
	const names = [first!, third!].map(({ name, id }, index) => `item ${2 * index}, “${name}” (${id})`).join('; ');
	expect(lines[1]).toContain(`This client was created before, so nothing was sent: ${names}. If your CRM`);
	expect(lines[2]).toBe(
		"Afterwards, set 'Options > If Outcome Is Unknown' back to Hold Back, set 'Options > If Client Was Already Created' to Skip It and run the same items again.",
	);
});

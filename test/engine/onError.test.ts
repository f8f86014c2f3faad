import type { IDataObject } from 'n8n-workflow';

import { apiExample } from '../sandbox/clientBodies';
import { DeduplicationStore, itemsOf, runWorkflow, smallestWorkflow, useDeduplicationStore } from '../support/engine';
import { credentialsFor, dealFields, deals, fieldsFor } from '../support/engine/deals';
import { continuing, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('On Error', () => {
	const [good, refused, also] = deals(3);
	const refuse = () =>
		sandbox.inject({ kind: 'status', status: 400, body: { message: 'Unknown partner' }, match: { businessCode: refused!.id } });
	const items = [good!, refused!, also!];

	it('"stop" names what was created before, and what was not sent', async () => {
		refuse();
		const result = await run(items, { options: { maxConcurrency: 1 } });

		expect(result.status).toBe('error');
		expect(posts()).toHaveLength(2);
		const { clientIdentifier, confirmaFinanceCustomerCode, paymentReferencePrefix } = sandbox.created[0]!.answer as Record<
			string,
			number
		>;
		expect(result.error).toMatchObject({
			message: `Confirma Finance at ${sandbox.url} did not accept the client: “${refused!.name}” (${refused!.id})`,
			httpCode: '400',
			context: {
				itemIndex: 1,
				outcome: 'rejected',
				outcomes: [
					{
						item: 0,
						businessCode: good!.id,
						outcome: 'created',
						clientIdentifier,
						confirmaFinanceCustomerCode,
						paymentReferencePrefix,
					},
					{ item: 1, businessCode: refused!.id, outcome: 'rejected' },
					{ item: 2, businessCode: also!.id, outcome: 'notSent' },
				],
			},
		});
		const description = (result.error as unknown as { description: string }).description;
		expect(description).toContain('Confirma Finance says: “Unknown partner”');
		expect(description).toContain(
			`“${good!.name}” (${good!.id}) → client ${clientIdentifier}, customer code ${confirmaFinanceCustomerCode}, reference prefix ${paymentReferencePrefix}`,
		);
		expect(description).toContain("set 'Options > If Client Was Already Created' to Skip It and run the same items again");
		expect(description).toContain(`Not sent: item 2, “${also!.name}” (${also!.id}).`);
		expect(description).toMatch(/^This client was not created\. .*<br>/);
	});

	it('"stop" tells in the error what would be a hint', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		const result = await runWorkflow({
			workflow: smallestWorkflow({ ...fieldsFor(apiExample) }, {}, ''),
			items: itemsOf({}),
			credentials: credentialsFor(sandbox),
		});
		const description = (result.error as unknown as { description: string }).description;
		expect(description).toContain("<br>Please check: 'Business ID' looks like a placeholder");
		expect(description).toMatch(/<br>Save the workflow: .*\.$/);
	});

	it('"stop" awaits what is in flight and sends nothing further', async () => {
		sandbox.inject({ kind: 'delay', ms: 100, match: { businessCode: good!.id } });
		refuse();
		const result = await run([...items, ...deals(10, 10)], { options: { maxConcurrency: 2 } });

		expect(result.error).toMatchObject({
			context: {
				outcomes: expect.arrayContaining([expect.objectContaining({ businessCode: good!.id, outcome: 'created' })]) as unknown,
			},
		});
		expect(sandbox.created.map(({ body }) => body.client.businessCode)).toContain(good!.id);
		expect(posts().length).toBeLessThanOrEqual(3);
	});

	it('"stop" sends nothing after the failure, not even what was waiting for its place', async () => {
		for (let round = 0; round < 20; round++) {
			sandbox.reset();
			useDeduplicationStore(new DeduplicationStore());
			refuse();
			await runWorkflow({
				workflow: smallestWorkflow({ ...dealFields, options: { maxConcurrency: 1 } }, {}, `stop ${round}`),
				items: itemsOf(...items),
				credentials: credentialsFor(sandbox),
			});
			expect(posts()).toHaveLength(2);
		}
	});

	it('"continue" puts the failure into the item', async () => {
		refuse();
		const result = await run(items, { settings: continuing });

		expect(result.status).toBe('success');
		expect(output(result)[1]).toEqual({
			outcome: 'rejected',
			message: `Confirma Finance at ${sandbox.url} did not accept the client`,
			name: refused!.name,
			businessCode: refused!.id,
			countryCode: 'FI',
			partnerCode: 'QUICK3',
			environment: 'custom',
			error: `Confirma Finance at ${sandbox.url} did not accept the client`,
			description: expect.stringContaining('“Unknown partner”') as string,
			httpCode: '400',
		});
		expect(output(result).map((json) => 'error' in json)).toEqual([false, true, false]);
	});

	it('"error output" routes failures and results apart, with the input beside the failure', async () => {
		refuse();
		const result = await run(items, { settings: { onError: 'continueErrorOutput' } });

		expect(output(result, 0)).toHaveLength(2);
		expect(output(result, 1)).toEqual([
			expect.objectContaining({ ...refused!, outcome: 'rejected', httpCode: '400' }) as IDataObject,
		]);
	});

	it('"stop" heads the error with the gravest failure, and gives each kind of failure its advice', async () => {
		const batch = deals(3, 50);
		const [first, unknown, third] = batch;
		sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: unknown!.id } });
		await run(batch, { settings: continuing });
		const again = await run(batch, { options: { maxConcurrency: 5 } });

		expect(again.error).toMatchObject({
			message: `It is not known whether this client exists, so nothing was sent: “${unknown!.name}” (${unknown!.id})`,
			context: {
				itemIndex: 1,
				outcome: 'unknown',
				outcomes: ['duplicate', 'unknown', 'duplicate'].map((outcome) => expect.objectContaining({ outcome }) as IDataObject),
			},
		});
		const lines = (again.error as unknown as { description: string }).description.split('<br>');
		expect(lines).toHaveLength(3);
		expect(lines[0]).toContain("'Options > If Outcome Is Unknown'");
		const names = [first!, third!].map(({ name, id }, index) => `item ${2 * index}, “${name}” (${id})`).join('; ');
		expect(lines[1]).toContain(`This client was created before, so nothing was sent: ${names}. If your CRM`);
		expect(lines[2]).toBe(
			"Afterwards, set that back, set 'Options > If Client Was Already Created' to Skip It and run the same items again.",
		);
	});
});

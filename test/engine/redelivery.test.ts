import type { IDataObject } from 'n8n-workflow';

import { dealFields } from '../support/engine/deals';
import { deal, deliver, hints, json, other, outcomes, posts, sandbox, useDeliveries, wait } from '../support/engine/deliveries';

useDeliveries();

describe('A redelivery', () => {
	it('of a client that was created is a duplicate, and nothing is sent', async () => {
		await deliver([deal]);
		const again = await deliver([deal]);

		expect(posts()).toBe(1);
		expect(json(again)).toEqual([
			{
				outcome: 'duplicate',
				message: 'This client was created before, so nothing was sent',
				name: deal.name,
				businessCode: deal.id,
				countryCode: 'FI',
				partnerCode: 'QUICK3',
				environment: 'custom',
				error: 'This client was created before, so nothing was sent',
				description: expect.stringContaining(`“${deal.name as string}” (${deal.id as string})`) as string,
			},
		]);
	});

	it('is skipped without failing, if the user wants it so', async () => {
		await deliver([deal]);
		const again = await deliver([deal, other], { options: { duplicateHandling: 'skip' }, settings: {} });

		expect(again.status).toBe('success');
		expect(outcomes(again)).toEqual(['duplicate', 'created']);
		expect(json(again)[0]).not.toHaveProperty('error');
		expect(json(again)[0]).toMatchObject({ businessCode: deal.id, name: deal.name });
	});

	it('is sent all the same, if the user wants it so, and recorded', async () => {
		await deliver([deal]);
		const again = await deliver([deal], { options: { duplicateHandling: 'send' } });
		expect(outcomes(again)).toEqual(['created']);
		expect(posts()).toBe(2);

		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it.each(['error', 'skip'])(
		'of a client whose outcome is not known is neither sent nor skipped (%s)',
		async (duplicateHandling) => {
			sandbox.inject({ kind: 'resetAfterRead' });
			expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
			const again = await deliver([deal], { options: { duplicateHandling } });

			expect(posts()).toBe(1);
			expect(outcomes(again)).toEqual(['unknown']);
			expect(json(again)[0]).toMatchObject({
				error: 'It is not known whether this client exists, so nothing was sent',
				description: expect.stringContaining('Ask Confirma Finance whether') as string,
			});
		},
	);

	it('of a client that was refused is sent again', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		expect(outcomes(await deliver([deal]))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['created']);
	});

	it('after sending anyway was refused leaves the client as it stood: created', async () => {
		await deliver([deal]);
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		expect(outcomes(await deliver([deal], { options: { duplicateHandling: 'send' } }))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it('after sending again was refused is held back until it is sent again: of the first attempt, that says nothing', async () => {
		sandbox.inject({ kind: 'resetAfterRead', creates: false }, { kind: 'status', status: 400, body: {} });
		await deliver([deal]);
		expect(outcomes(await deliver([deal], { options: { unknownHandling: 'send' } }))).toEqual(['rejected']);
		expect(outcomes(await deliver([deal]))).toEqual(['unknown']);
		expect(outcomes(await deliver([deal], { options: { unknownHandling: 'send' } }))).toEqual(['created']);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it('many times at once to be sent again, of a client that then gets no answer, is one request', async () => {
		sandbox.inject({ kind: 'resetAfterRead', times: 50, creates: false });
		const again = async () => await deliver([deal], { options: { unknownHandling: 'send' } });
		const results = await Promise.all(Array.from({ length: 20 }, again));
		expect(results.flatMap(outcomes)).toEqual(Array<string>(20).fill('unknown'));
		expect(posts()).toBe(1);
		// Now somebody can have asked.
		expect(outcomes(await again())).toEqual(['unknown']);
		expect(posts()).toBe(2);
	});

	it('of a client that is not known, sent again and created, settles it', async () => {
		sandbox.inject({ kind: 'resetAfterRead', creates: false });
		await deliver([deal]);
		expect(outcomes(await deliver([deal], { options: { unknownHandling: 'send' } }))).toEqual(['created']);
		expect(outcomes(await deliver([deal]))).toEqual(['duplicate']);
	});

	it('while the first delivery is under way waits for its end', async () => {
		sandbox.inject({ kind: 'delay', ms: 200 });
		const [first, second] = await Promise.all([deliver([deal]), deliver([deal])]);
		expect([...outcomes(first), ...outcomes(second)].sort()).toEqual(['created', 'duplicate']);
		expect(posts()).toBe(1);
	});

	it('while the first delivery is refused is sent in its place', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {}, ms: 100 });
		const [first, second] = await Promise.all([deliver([deal]), deliver([deal])]);
		expect([...outcomes(first), ...outcomes(second)].sort()).toEqual(['created', 'rejected']);
	});

	it('with the business id written otherwise is the same client', async () => {
		await deliver([{ ...deal, id: String(deal.id).replace('-', '') }]);
		expect(outcomes(await deliver([{ ...deal, name: 'Another name' }]))).toEqual(['duplicate']);
	});

	it('of the same business id in another country, or for another partner, is another client', async () => {
		const fields = { ...dealFields, businessCode: '20000104' };
		await deliver([deal], { fields });
		expect(outcomes(await deliver([deal], { fields: { ...fields, countryCode: 'DK' } }))).toEqual(['created']);
		expect(outcomes(await deliver([deal], { fields: { ...fields, partnerCode: 'OTHER' } }))).toEqual(['created']);
	});

	it('without a business id is held back only if all else is the same too', async () => {
		const fields = { ...dealFields, businessCode: '={{ "" }}' };
		const run = async (item: IDataObject) => outcomes(await deliver([item], { fields, options: { validation: 'off' } }));
		sandbox.inject({ kind: 'resetBeforeRead' });
		expect(await run(deal)).toEqual(['unknown']);
		expect(await run(deal)).toEqual(['unknown']);
		expect(posts()).toBe(1);
		// Sent, and refused by the sandbox for the missing id.
		expect(await run(other)).toEqual(['rejected']);
	});
});

describe('The same business twice in one run', () => {
	it('is sent once, however its ID is written', async () => {
		const ids = ['0112038-9', 'FI01120389', 1120389, '112038-9', 'Y-tunnus: 0112038-9'];
		const result = await deliver(ids.map((id) => ({ name: 'Testiyritys Oy', id })));
		expect(outcomes(result)).toEqual(['created', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
		expect(posts()).toBe(1);
	});

	it('is sent once', async () => {
		const result = await deliver([deal, other, deal]);
		expect(outcomes(result)).toEqual(['created', 'created', 'duplicate']);
		expect(posts()).toBe(2);
	});

	it('is sent once with one request at a time too', async () => {
		const result = await deliver([deal, deal, other], { options: { maxConcurrency: 1 } });
		expect(outcomes(result)).toEqual(['created', 'duplicate', 'created']);
	});

	it('is sent once in a workflow that was never saved, and a hint says what is missing', async () => {
		const result = await deliver([deal, deal], { id: '' });
		expect(outcomes(result)).toEqual(['created', 'duplicate']);
		expect(hints(result)).toEqual([expect.stringContaining('Save the workflow')]);
	});
});

describe('The stop button', () => {
	it('ends waiting for another delivery at once', async () => {
		sandbox.inject({ kind: 'delay', ms: 800 });
		const first = deliver([deal]);
		while (posts() === 0) await wait(10);
		const stop = new AbortController();
		const second = deliver([deal], { signal: stop.signal });
		await wait(50);
		stop.abort();
		expect((await second).status).toBe('canceled');
		expect(outcomes(await first)).toEqual(['created']);
		expect(posts()).toBe(1);
	});
});

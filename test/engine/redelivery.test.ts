import { dealFields } from '../support/engine/deals';
import { deal, other, scenario, stopping, until, wait } from '../support/engine/scenario';

const again = { options: { unknownHandling: 'send' } };
const anyway = { options: { duplicateHandling: 'send' } };

it('A redelivery of a client that was created is a duplicate, and nothing is sent', async () => {
	const { run, posts } = await scenario();
	await run([deal]);
	expect((await run([deal])).output).toEqual([
		{
			outcome: 'duplicate',
			message: 'This client was created before, so nothing was sent',
			name: deal.name,
			businessCode: deal.id,
			countryCode: 'FI',
			partnerCode: 'QUICK3',
			environment: 'custom',
			error: 'This client was created before, so nothing was sent',
			description: expect.stringContaining(`“${deal.name}” (${deal.id})`) as string,
		},
	]);
	expect(posts()).toHaveLength(1);
});

it('Skip It lets a duplicate pass without failing', async () => {
	const { run } = await scenario();
	await run([deal]);
	const { output } = await run([deal, other], { options: { duplicateHandling: 'skip' }, settings: stopping });
	expect(output).toMatchObject([{ outcome: 'duplicate', businessCode: deal.id, name: deal.name }, { outcome: 'created' }]);
	expect(output[0]).not.toHaveProperty('error');
});

it('Send Anyway sends a client that was created, and records it', async () => {
	const { run, posts } = await scenario();
	await run([deal]);
	expect((await run([deal], anyway)).outcomes).toEqual(['created']);
	expect(posts()).toHaveLength(2);
	expect((await run([deal])).outcomes).toEqual(['duplicate']);
});

it('Send Again does not send what was created, nor Send Anyway what is unknown', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: other.id } });
	await run([deal, other]);
	expect((await run([deal, other], anyway)).outcomes).toEqual(['created', 'unknown']);
	expect((await run([deal, other], again)).outcomes).toEqual(['duplicate', 'created']);
});

it.each(['error', 'skip'])('A client whose outcome is unknown is neither sent nor skipped (%s)', async (duplicateHandling) => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead' });
	expect((await run([deal])).outcomes).toEqual(['unknown']);
	expect((await run([deal], { options: { duplicateHandling } })).output).toMatchObject([
		{
			outcome: 'unknown',
			error: 'It is not known whether this client exists, so nothing was sent',
			description: expect.stringContaining('Ask Confirma Finance whether') as string,
		},
	]);
	expect(posts()).toHaveLength(1);
});

it('A client that was refused is sent again', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 400, body: {} });
	expect((await run([deal])).outcomes).toEqual(['rejected']);
	expect((await run([deal])).outcomes).toEqual(['created']);
});

it('A client that is refused when it is sent anyway stays as it stood: created', async () => {
	const { run, sandbox } = await scenario();
	await run([deal]);
	sandbox.inject({ kind: 'status', status: 400, body: {} });
	expect((await run([deal], anyway)).outcomes).toEqual(['rejected']);
	expect((await run([deal])).outcomes).toEqual(['duplicate']);
});

it('A client that is refused when it is sent again is held back as before: that says nothing of the first attempt', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead', creates: false }, { kind: 'status', status: 400, body: {} });
	await run([deal]);
	expect((await run([deal], again)).outcomes).toEqual(['rejected']);
	expect((await run([deal])).outcomes).toEqual(['unknown']);
	expect((await run([deal], again)).outcomes).toEqual(['created']);
	expect((await run([deal])).outcomes).toEqual(['duplicate']);
});

it('Send Again many times at once, for a client that then gets no answer, is one request', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead', times: 50, creates: false });
	const results = await Promise.all(Array.from({ length: 20 }, async () => await run([deal], again)));
	expect(results.flatMap(({ outcomes }) => outcomes)).toEqual(Array<string>(20).fill('unknown'));
	expect(posts()).toHaveLength(1);
	// Now somebody can have asked.
	expect((await run([deal], again)).outcomes).toEqual(['unknown']);
	expect(posts()).toHaveLength(2);
});

it('A redelivery waits for the end of a delivery that is under way', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'delay', ms: 200 });
	const both = await Promise.all([run([deal]), run([deal])]);
	expect(both.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['created', 'duplicate']);
	expect(posts()).toHaveLength(1);
});

it('A redelivery is sent in place of a delivery that is refused meanwhile', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'status', status: 400, body: {}, ms: 100 });
	const both = await Promise.all([run([deal]), run([deal])]);
	expect(both.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['created', 'rejected']);
});

it('The stop button ends waiting for another delivery at once', async () => {
	const { run, posts, sandbox } = await scenario();
	sandbox.inject({ kind: 'delay', ms: 800 });
	const first = run([deal]);
	await until(() => posts().length > 0);
	const stop = new AbortController();
	const second = run([deal], { signal: stop.signal });
	await wait(50);
	stop.abort();
	expect((await second).status).toBe('canceled');
	expect((await first).outcomes).toEqual(['created']);
	expect(posts()).toHaveLength(1);
});

it('The same business ID in another country, or for another partner, is another client', async () => {
	const { run } = await scenario();
	const fields = { ...dealFields, businessCode: '20000104' };
	await run([deal], { fields });
	expect((await run([deal], { fields: { ...fields, countryCode: 'DK' } })).outcomes).toEqual(['created']);
	expect((await run([deal], { fields: { ...fields, partnerCode: 'OTHER' } })).outcomes).toEqual(['created']);
});

it('A client without a business ID is held back only if all else is the same too', async () => {
	const { run, posts, sandbox } = await scenario();
	const delivery = { fields: { ...dealFields, businessCode: '={{ "" }}' }, options: { validation: 'off' } };
	sandbox.inject({ kind: 'resetBeforeRead' });
	expect((await run([deal], delivery)).outcomes).toEqual(['unknown']);
	expect((await run([deal], delivery)).outcomes).toEqual(['unknown']);
	expect(posts()).toHaveLength(1);
	// Sent, and refused by the sandbox for the missing ID.
	expect((await run([other], delivery)).outcomes).toEqual(['rejected']);
});

it('A business that is in one run several times is sent once, however its ID is written', async () => {
	const { run, posts } = await scenario();
	const ids = ['0112038-9', 'FI01120389', 1120389, '112038-9', 'Y-tunnus: 0112038-9'];
	const { outcomes } = await run(ids.map((id) => ({ name: 'Testiyritys Oy', id })));
	expect(outcomes).toEqual(['created', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
	expect(posts()).toHaveLength(1);
});

it('A business that is in one run twice is sent once with one request at a time too', async () => {
	const { run } = await scenario();
	const { outcomes } = await run([deal, deal, other], { options: { maxConcurrency: 1 } });
	expect(outcomes).toEqual(['created', 'duplicate', 'created']);
});

import { apiExample, swedishExample } from '../sandbox/clientBodies';
import { parametersFor } from '../support/bodies';
import { NODE_NAME } from '../support/engine';
import { dealFields, deals } from '../support/engine/deals';
import { deal, scenario } from '../support/engine/scenario';

it("The request carries the API page's example as it stands, with the token in its header", async () => {
	const { run, posts, sandbox } = await scenario();
	await run([{}], { fields: parametersFor(apiExample) });
	const [request, ...more] = posts();
	expect(more).toEqual([]);
	expect(request!.path).toBe('/api/v1/partner/client');
	expect(JSON.parse(request!.rawBody)).toStrictEqual(apiExample);
	expect(Object.keys((request!.body as typeof apiExample).client)).toEqual(Object.keys(apiExample.client));
	expect(request!.headers).toEqual({
		accept: 'application/json',
		'accept-encoding': expect.any(String) as string,
		connection: expect.any(String) as string,
		'content-length': String(Buffer.byteLength(request!.rawBody)),
		'content-type': 'application/json',
		host: new URL(sandbox.url).host,
		'user-agent': expect.any(String) as string,
		'x-api-key': sandbox.tokens.staging,
	});
});

it('The output has what the API answered, behind what every item begins with', async () => {
	const { run, sandbox } = await scenario();
	const { output } = await run([{}], { fields: parametersFor(apiExample) });
	const { name, businessCode, countryCode } = apiExample.client;
	expect(output).toStrictEqual([
		{
			...{ outcome: 'created', ...sandbox.created[0]!.answer, name, businessCode, countryCode },
			warnings: expect.any(Array) as string[],
			partnerCode: apiExample.service.partnerCode,
			environment: 'custom',
		},
	]);
	expect(Object.keys(output[0]!)).toEqual([
		...['outcome', 'message', 'name', 'businessCode', 'countryCode'],
		...['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix', 'apiAccessToken'],
		...['warnings', 'partnerCode', 'environment'],
	]);
});

it('The request carries a complete Swedish client', async () => {
	const { run, posts } = await scenario();
	await run([{}], { fields: parametersFor(swedishExample) });
	expect(posts()[0]!.body).toStrictEqual({ ...swedishExample, client: { ...swedishExample.client, plusgiro: '286543-4' } });
});

it("A CRM's values are brought into the form that the API expects", async () => {
	const { run, posts } = await scenario();
	const item = { company: { country: 'Suomi', zip: 100, phone: '00358 (0)44-123 4567', iban: 'fi21 1234 5600 0007 85' } };
	const fields = {
		...dealFields,
		name: 'Testiyritys Oy',
		businessCode: '01120389',
		countryCode: '={{ $json.company.country }}',
		clientDetails: { postalCode: '={{ $json.company.zip }}', telephone: '={{ $json.company.phone }}' },
		bankDetails: { ibanAccount: '={{ $json.company.iban }}' },
	};
	await run([item], { fields });
	expect(posts()[0]!.body).toMatchObject({
		client: {
			businessCode: '0112038-9',
			countryCode: 'FI',
			postalCode: '00100',
			telephone: '+358441234567',
			ibanAccount: 'FI2112345600000785',
		},
	});
});

it('The code of another service is sent as it is', async () => {
	const { run, posts } = await scenario();
	await run([deal], { fields: { ...dealFields, serviceType: 'custom', serviceTypeCode: 'Special_1' } });
	expect(posts()[0]!.body).toMatchObject({ service: { type: 'Special_1' } });
});

it('Many items come out in the order of the input and know where they came from', async () => {
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'delay', ms: 150, match: { businessCode: deal.id } });
	const batch = deals(20);
	const { output, nodes } = await run(batch, { options: { maxConcurrency: 4 } });
	const identifiers = batch.map(
		({ id }) => sandbox.created.find(({ body }) => body.client.businessCode === id)!.clientIdentifier,
	);
	expect(output.map(({ clientIdentifier }) => clientIdentifier)).toEqual(identifiers);
	expect(nodes[NODE_NAME]!.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(batch.map((_, item) => ({ item })));
});

it('As many items are sent at a time as the user allows, and no more', async () => {
	const { run, sandbox } = await scenario({ latency: 200 });
	await run(deals(20), { options: { maxConcurrency: 4 } });
	expect(sandbox.created).toHaveLength(20);
	expect(sandbox.peakInFlight).toBe(4);
});

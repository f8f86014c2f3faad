import { apiExample, swedishExample } from '../sandbox/clientBodies';
import { startSandbox } from '../sandbox/sandbox';
import { itemsOf, runWorkflow, smallestWorkflow } from '../support/engine';
import { credentialsFor, dealFields, deals, fieldsFor } from '../support/engine/deals';
import { node, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('The request', () => {
	it("carries the API page's example as it stands, with the token in its header", async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample) });

		expect(result.status).toBe('success');
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

	it('comes back with what the API answered, behind what every item begins with', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample) });

		const { name, businessCode, countryCode } = apiExample.client;
		expect(output(result)).toStrictEqual([
			{
				...{ outcome: 'created', ...sandbox.created[0]!.answer, name, businessCode, countryCode },
				warnings: expect.any(Array) as string[],
				partnerCode: apiExample.service.partnerCode,
				environment: 'custom',
			},
		]);
		expect(Object.keys(output(result)[0]!)).toEqual([
			...['outcome', 'message', 'name', 'businessCode', 'countryCode'],
			...['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix', 'apiAccessToken'],
			...['warnings', 'partnerCode', 'environment'],
		]);
	});

	it('carries a complete Swedish client', async () => {
		await run([{}], { fields: fieldsFor(swedishExample) });

		expect(posts()[0]!.body).toStrictEqual({
			...swedishExample,
			client: { ...swedishExample.client, plusgiro: '286543-4' },
		});
	});

	it("brings a CRM's values into the form that the API expects", async () => {
		const item = {
			company: { country: 'Suomi', zip: 100, phone: '00358 (0)44-123 4567', iban: 'fi21 1234 5600 0007 85' },
		};
		const fields = {
			...dealFields,
			name: 'Testiyritys Oy',
			businessCode: '01120389',
			countryCode: '={{ $json.company.country }}',
			clientDetails: { postalCode: '={{ $json.company.zip }}', telephone: '={{ $json.company.phone }}' },
			bankDetails: { ibanAccount: '={{ $json.company.iban }}' },
		};
		const result = await run([item], { fields });

		expect(result.status).toBe('success');
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

	it('takes the code of another service', async () => {
		await run(deals(1), { fields: { ...dealFields, serviceType: 'custom', serviceTypeCode: 'Special_1' } });
		expect(posts()[0]!.body).toMatchObject({ service: { type: 'Special_1' } });
	});
});

describe('Many items', () => {
	it('come out in the order of the input and know where they came from', async () => {
		sandbox.inject({ kind: 'delay', ms: 150, match: { businessCode: deals(1)[0]!.id } });
		const result = await run(deals(20), { options: { maxConcurrency: 4 } });

		const identifiers = deals(20).map(
			({ id }) => sandbox.created.find(({ body }) => body.client.businessCode === id)!.clientIdentifier,
		);
		expect(output(result).map(({ clientIdentifier }) => clientIdentifier)).toEqual(identifiers);
		expect(node(result).outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(deals(20).map((_, item) => ({ item })));
	});

	it('are sent at most as many at a time as the user allows, and as many as that', async () => {
		const slow = await startSandbox({ latency: 200 });
		try {
			const result = await runWorkflow({
				workflow: smallestWorkflow({ ...dealFields, options: { maxConcurrency: 4 } }),
				items: itemsOf(...deals(20)),
				credentials: credentialsFor(slow),
			});
			expect(result.status).toBe('success');
			expect(slow.created).toHaveLength(20);
			expect(slow.peakInFlight).toBe(4);
		} finally {
			await slow.stop();
		}
	});
});

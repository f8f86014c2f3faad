import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';

import type { IDataObject, INodeExecutionData, INodeType } from 'n8n-workflow';

import { apiExample, swedishExample } from '../sandbox/clientBodies';
import { startSandbox, type Fault, type Sandbox } from '../sandbox/sandbox';
import { credentialsFor, dealFields, deals, fieldsFor } from '../support/engine/deals';
import {
	DeduplicationStore,
	itemsOf,
	loadPackage,
	NODE_NAME,
	runWorkflow,
	smallestWorkflow,
	testCredential,
	useDeduplicationStore,
	type NodePackage,
	type NodeSettings,
	type RunResult,
} from '../support/engine';

let sandbox: Sandbox;

beforeAll(async () => {
	sandbox = await startSandbox({ environment: 'staging' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => {
	sandbox.reset();
	useDeduplicationStore(new DeduplicationStore());
});

interface Run {
	fields?: IDataObject;
	options?: IDataObject;
	settings?: NodeSettings;
	token?: string;
	baseUrl?: string;
	signal?: AbortSignal;
	nodePackage?: NodePackage;
}

async function run(
	items: IDataObject[],
	{ fields = dealFields, options, settings, token, baseUrl, signal, nodePackage }: Run = {},
) {
	const credentials = credentialsFor(sandbox, token);
	return await runWorkflow({
		workflow: smallestWorkflow({ ...fields, ...(options ? { options } : {}) }, settings),
		items: itemsOf(...items),
		credentials: baseUrl ? { ...credentials, baseUrl } : credentials,
		signal,
		nodePackage,
	});
}

const node = (result: RunResult) => result.nodes[NODE_NAME]!;
const output = (result: RunResult, index = 0) => node(result).outputs[index]?.map(({ json }) => json) ?? [];
const posts = () => sandbox.requests.filter(({ method }) => method === 'POST');
const continuing: NodeSettings = { onError: 'continueRegularOutput' };

/** All that a person, a log or n8n's database can see of a run. */
function everything(result: RunResult): string {
	return [
		inspect(result, { depth: 20, maxStringLength: null, maxArrayLength: null }),
		JSON.stringify(node(result).outputs),
		result.stored,
		String(result.error?.stack),
	].join('\n');
}

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

	it('comes back with exactly what the API answered', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample) });

		expect(output(result)).toStrictEqual([sandbox.created[0]!.answer]);
		expect(Object.keys(output(result)[0]!)).toEqual([
			'message',
			'clientIdentifier',
			'confirmaFinanceCustomerCode',
			'paymentReferencePrefix',
			'apiAccessToken',
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
		const slow = await startSandbox({ latency: 40 });
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

describe('Invalid items', () => {
	const wrong = {
		name: '',
		id: '0112038-9',
		country: 'Narnia',
		language: 'Quenya',
		email: 'matti at example',
		iban: 'FI21 1234 5600 0007 86',
	};
	const fields = {
		...dealFields,
		countryCode: '={{ $json.country ?? "FI" }}',
		languageCode: '={{ $json.language ?? "FI" }}',
		primaryContactEmail: '={{ $json.email ?? "matti@example.com" }}',
		bankDetails: { ibanAccount: '={{ $json.iban }}' },
	};

	it('are reported with all their problems at once, by the labels of the fields', async () => {
		const result = await run([wrong], { fields });

		expect(result.status).toBe('error');
		expect(posts()).toEqual([]);
		const { message, description } = result.error as unknown as { message: string; description: string };
		for (const label of ['Business Name', 'Country', 'Language', 'Primary Contact Email', 'Bank Details > IBAN']) {
			expect(message).toContain(`'${label}'`);
			expect(description).toContain(`'${label}'`);
		}
	});

	it('keep all others from being sent when the run stops on a failure', async () => {
		const result = await run([...deals(2), wrong], { fields });

		expect(result.status).toBe('error');
		expect(result.error).toMatchObject({
			context: { itemIndex: 2 },
			description: expect.stringContaining('None of the 3 items was sent') as string,
		});
		expect(sandbox.requests).toEqual([]);
	});

	it('let the others go on when the run continues', async () => {
		const result = await run([...deals(1), wrong, ...deals(1, 1)], { fields, settings: continuing });

		expect(posts()).toHaveLength(2);
		expect(output(result)[1]).toEqual({
			error: expect.stringContaining('5 fields need correction') as string,
			description: expect.stringContaining("'Country' is not a country (given: “Narnia”)") as string,
			outcome: 'invalid',
		});
		expect(output(result).map((json) => 'error' in json)).toEqual([false, true, false]);
	});

	it.each<[string, IDataObject, string]>([
		['a list in a field', { name: '={{ ["a", "b"] }}' }, "'Business Name' must be text, but a list was given"],
		['an object in a field', { name: '={{ { a: 1 } }}' }, "'Business Name' must be text, but an object"],
		['a megabyte of text', { name: '={{ "x".repeat(1000000) }}' }, "'Business Name' is 1000000 characters long"],
		['control characters', { name: '={{ "a\\u0007b" }}' }, "'Business Name' holds characters that are not text"],
		['half a character', { name: '={{ "a\\ud800b" }}' }, "'Business Name' holds characters that are not text"],
		['an expression that fails', { name: '={{ $json.missing.deeper.name }}' }, "'Business Name'"],
		[
			'an option with a wrong value',
			{ options: { timeout: '={{ $itemIndex === 0 ? "soon" : 60000 }}' } },
			"'Options > Timeout (Ms)' must be a whole number",
		],
		[
			'a broken field in a collection',
			{ clientDetails: { postalCode: '={{ [100] }}' } },
			"'Client Details > Postal Code' must be text",
		],
	])('name the field that got %s, and the other items go on', async (_, broken, expected) => {
		// The same node for both items: only the first one's values are broken.
		const onlyFirst = (value: unknown): unknown =>
			typeof value === 'string'
				? value.replace(/^=\{\{ (?!\$itemIndex)(.*) \}\}$/, '={{ $itemIndex === 0 ? ($1) : undefined }}')
				: Object.fromEntries(Object.entries(value as IDataObject).map(([name, inner]) => [name, onlyFirst(inner)]));
		const fields = { ...dealFields, ...(onlyFirst(broken) as IDataObject) };
		if (broken.name) fields.name = (fields.name as string).replace('undefined', '"Testiyritys Oy"');
		const result = await run(deals(2), { fields, settings: continuing });

		expect(output(result)[0]).toMatchObject({ outcome: 'invalid', description: expect.stringContaining(expected) as string });
		expect(output(result)[1]).toHaveProperty('clientIdentifier');
		expect(posts()).toHaveLength(1);
	});
});

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
			message: expect.stringContaining('did not accept the client') as string,
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
			`${good!.id} → client ${clientIdentifier}, customer code ${confirmaFinanceCustomerCode}, reference prefix ${paymentReferencePrefix}`,
		);
		expect(description).toContain('set to Skip It');
		expect(description).toContain(`Not sent: item 3 (${also!.id})`);
	});

	it('"stop" tells in the error what would be a hint', async () => {
		sandbox.inject({ kind: 'status', status: 400, body: {} });
		const result = await runWorkflow({
			workflow: smallestWorkflow({ ...fieldsFor(apiExample) }, {}, ''),
			items: itemsOf({}),
			credentials: credentialsFor(sandbox),
		});
		const description = (result.error as unknown as { description: string }).description;
		expect(description).toContain("<br>Worth checking: 'Business ID' is not a business ID in Finland (FI)");
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
			error: expect.stringContaining('did not accept the client') as string,
			description: expect.stringContaining('“Unknown partner”') as string,
			outcome: 'rejected',
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
});

describe('Options', () => {
	it('Preview Only shows exactly what would be sent, and sends nothing', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample), options: { previewOnly: true } });

		expect(result.status).toBe('success');
		expect(sandbox.requests).toEqual([]);
		expect(output(result)).toEqual([
			{
				outcome: 'notSent',
				method: 'POST',
				url: `${sandbox.url}/api/v1/partner/client`,
				body: apiExample,
				warnings: [expect.stringContaining("'Business ID'"), expect.stringContaining("'Client Details > VAT Number'")],
			},
		]);
		const real = await run([{}], { fields: fieldsFor(apiExample) });
		expect(output(real)[0]).toHaveProperty('clientIdentifier');
	});

	it('Include Access Token can leave the token out', async () => {
		const result = await run(deals(1), { options: { returnAccessToken: false } });

		expect(output(result)[0]).toHaveProperty('clientIdentifier');
		expect(everything(result)).not.toContain(sandbox.created[0]!.apiAccessToken);
	});

	it('Validation can be strict, or off', async () => {
		const fields = fieldsFor(apiExample);
		const strict = await run([{}], { fields, options: { validation: 'strict' } });
		expect(strict.error).toMatchObject({ message: expect.stringContaining("'Business ID'") as string });
		expect(posts()).toEqual([]);

		const off = await run([{}], {
			fields: { ...fields, primaryContactEmail: 'none' },
			options: { validation: 'off' },
			settings: continuing,
		});
		expect(posts()).toHaveLength(1);
		expect(output(off)[0]).toMatchObject({ outcome: 'rejected', httpCode: '400' });
	});

	it('warnings of the validation are hints under the output', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample) });

		expect(node(result).hints).toEqual([
			{
				type: 'warning',
				location: 'outputPane',
				message: expect.stringMatching(
					/^Worth checking, .*<br>'Business ID' is not a business ID in Finland \(FI\).*<br>.*VAT Number/,
				) as string,
			},
		]);
	});
});

describe('Every fault', () => {
	const uncertain = 'It is not known whether the client was created';
	it.each<[string, Fault, 'created' | 'rejected' | 'unknown', string | undefined, string]>([
		['a delay within the timeout', { kind: 'delay', ms: 50 }, 'created', undefined, ''],
		['no answer', { kind: 'hang' }, 'unknown', 'ECONNABORTED', 'did not answer within 0.3 seconds'],
		['a reset before reading', { kind: 'resetBeforeRead' }, 'unknown', 'ECONNRESET', 'broke off'],
		['a reset after reading', { kind: 'resetAfterRead' }, 'unknown', 'ECONNRESET', 'broke off'],
		['half a response, then the end', { kind: 'halfResponse' }, 'unknown', 'ERR_BAD_RESPONSE', 'broke off'],
		['half a response, then silence', { kind: 'halfResponse', then: 'hang' }, 'unknown', 'ECONNABORTED', 'did not answer'],
		['an empty answer', { kind: 'empty' }, 'unknown', '200', 'cannot read'],
		['an HTML page', { kind: 'html' }, 'unknown', '200', 'cannot read'],
		['an answer without identifiers', { kind: 'status', status: 200, body: { message: 'ok' } }, 'unknown', '200', 'cannot read'],
		['an answer that is a list', { kind: 'status', status: 200, body: [] }, 'unknown', '200', 'cannot read'],
		['204', { kind: 'empty', status: 204 }, 'unknown', '204', 'cannot read'],
		['304', { kind: 'empty', status: 304 }, 'unknown', '304', 'another address'],
		['400', { kind: 'status', status: 400, body: { message: 'No such partner' } }, 'rejected', '400', 'No such partner'],
		['401', { kind: 'status', status: 401, body: {} }, 'rejected', '401', 'environment'],
		['402', { kind: 'status', status: 402, body: {} }, 'rejected', '402', 'Nothing was created'],
		['403', { kind: 'status', status: 403, body: {} }, 'rejected', '403', 'Partner Provisioning Token'],
		['404', { kind: 'status', status: 404, body: '<html>' }, 'rejected', '404', 'base URL'],
		['409', { kind: 'status', status: 409, body: { error: 'exists' } }, 'rejected', '409', 'exists'],
		['422', { kind: 'status', status: 422, body: { errors: [{ message: 'bad name' }] } }, 'rejected', '422', 'bad name'],
		['500', { kind: 'status', status: 500, body: {} }, 'unknown', '500', 'something went wrong on its side'],
		['502', { kind: 'html', status: 502 }, 'unknown', '502', 'something went wrong on its side'],
		['503', { kind: 'status', status: 503, body: {} }, 'unknown', '503', 'something went wrong on its side'],
	])('%s has its outcome, and shows no token', async (_, fault, outcome, httpCode, words) => {
		sandbox.inject(fault);
		const stopping = await run(deals(1), { options: { timeout: 300 } });
		sandbox.inject(fault);
		const continued = await run(deals(1, 1), { options: { timeout: 300 }, settings: continuing });

		expect(posts()).toHaveLength(2);
		const [json] = output(continued);
		if (outcome === 'created') {
			expect(json).toHaveProperty('clientIdentifier');
			return;
		}
		expect(json).toMatchObject({ outcome, description: expect.stringContaining(words) as string });
		if (httpCode) expect(json).toMatchObject({ httpCode });
		if (outcome === 'unknown') expect(json!.error).toBe(uncertain);
		expect(stopping.error).toMatchObject({ message: json!.error, context: { outcome, itemIndex: 0 } });
		for (const secret of [sandbox.tokens.staging, ...sandbox.created.map(({ apiAccessToken }) => apiAccessToken)]) {
			expect(everything(stopping)).not.toContain(secret);
			expect(everything(continued)).not.toContain(secret);
		}
	});

	it.each<[string, Fault]>([
		['half a compressed response', { kind: 'halfResponse', compressed: true }],
		['half a compressed response, then silence', { kind: 'halfResponse', compressed: true, then: 'hang' }],
		['a change of protocol', { kind: 'switchProtocols' }],
	])(
		"%s, which n8n's helper may wait for without end, ends all the same, also for a second delivery",
		async (_, fault) => {
			// Minutes pass in a second.
			const passing = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
				const deadline = new AbortController();
				setTimeout(() => deadline.abort(), ms / 150).unref();
				return deadline.signal;
			});
			sandbox.inject(fault);
			const both = await Promise.all(
				[1, 2].map(async () => await run(deals(1), { options: { timeout: 300 }, settings: continuing })),
			);
			expect(both.map((result) => output(result)[0])).toEqual([
				expect.objectContaining({ error: uncertain, outcome: 'unknown' }),
				expect.objectContaining({ outcome: 'unknown' }),
			]);
			expect(posts()).toHaveLength(1);
			expect(passing).toHaveBeenCalledWith(300 + 150_000);
			passing.mockRestore();
		},
		30_000,
	);

	it('a refusal that repeats the tokens shows neither', async () => {
		const client = '8848372d-8457-4ca4-9da9-673f1cdd6684';
		sandbox.inject({
			kind: 'status',
			status: 400,
			body: { message: `key ${sandbox.tokens.staging} for ${client} <b>refused</b>` },
		});
		const result = await run(deals(1));

		expect((result.error as unknown as { description: string }).description).toContain('“key *** for *** &lt;b>refused&lt;/b>”');
		expect(everything(result)).not.toContain(client);
		expect(everything(result)).not.toContain(sandbox.tokens.staging);
	});

	it('a redirect is not followed: the other server sees no request', async () => {
		const other = await startSandbox();
		try {
			for (const status of [301, 302, 303, 307, 308]) {
				sandbox.inject({ kind: 'redirect', location: `${other.url}/api/v1/partner/client`, status });
				const result = await run(deals(1, status), { settings: continuing });
				expect(output(result)[0]).toMatchObject({ outcome: 'unknown', httpCode: String(status) });
			}
			expect(other.requests).toEqual([]);
		} finally {
			await other.stop();
		}
	});

	it('a self-signed certificate keeps the token here', async () => {
		const secure = await startSandbox({ tls: true });
		try {
			const result = await run(deals(1), { baseUrl: secure.url, settings: continuing });
			expect(output(result)[0]).toMatchObject({
				outcome: 'rejected',
				httpCode: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) as string,
				description: expect.stringContaining('certificate is not trusted') as string,
			});
			expect(secure.requests).toEqual([]);
		} finally {
			await secure.stop();
		}
	});

	it.each([
		['a port that nobody listens on', 'http://127.0.0.1:9', 'ECONNREFUSED'],
		['a host that does not exist', 'https://nowhere.invalid', expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string],
	])('%s is certain not to have got the client', async (_, baseUrl, httpCode) => {
		const result = await run(deals(1), { baseUrl, settings: continuing });
		expect(output(result)[0]).toMatchObject({
			outcome: 'rejected',
			httpCode,
			error: expect.stringContaining('No connection') as string,
		});
	});

	/** Something that isn't a server for https, but listens. */
	async function listener(onConnection: (socket: Socket) => void): Promise<{ port: number; close: () => Promise<unknown> }> {
		const server = createServer((socket) => {
			socket.on('error', () => {});
			onConnection(socket);
		});
		await once(server.listen(0, '127.0.0.1'), 'listening');
		return { port: (server.address() as AddressInfo).port, close: async () => await once(server.close(), 'close') };
	}

	it.each<[string, string, (socket: Socket) => void]>([
		['hangs up on whoever connects', 'ECONNRESET', (socket) => socket.destroy()],
		['hangs up when the handshake begins', 'ECONNRESET', (socket) => socket.once('data', () => socket.destroy())],
		// Alert 40, handshake failure, as OpenSSL's server sends it.
		['refuses the handshake', 'EPROTO', (socket) => socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex')))],
	])('a firewall that %s is certain not to have let the client through', async (_, httpCode, onConnection) => {
		const { port, close } = await listener(onConnection);
		try {
			const result = await run(deals(1), { baseUrl: `https://127.0.0.1:${port}`, settings: continuing });
			expect(output(result)[0]).toMatchObject({
				outcome: 'rejected',
				httpCode,
				error: expect.stringContaining('No connection') as string,
			});
		} finally {
			await close();
		}
	});

	it('a proxy that hangs up is certain not to have let the client through, and never sees the token', async () => {
		const seen: string[] = [];
		const { port, close } = await listener((socket) =>
			socket.once('data', (data) => {
				seen.push(String(data));
				socket.destroy();
			}),
		);
		const before = process.env.HTTPS_PROXY;
		process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`;
		try {
			const result = await run(deals(1), { baseUrl: 'https://api.example.com', settings: continuing });
			expect(output(result)[0]).toMatchObject({ outcome: 'rejected', httpCode: 'no proxy' });
			expect(seen).toEqual([expect.stringMatching(/^CONNECT api\.example\.com:443 /)]);
			expect(seen[0]).not.toContain(sandbox.tokens.staging);
		} finally {
			if (before === undefined) delete process.env.HTTPS_PROXY;
			else process.env.HTTPS_PROXY = before;
			await close();
		}
	});

	it('http where https was expected is certain not to have got the client', async () => {
		const result = await run(deals(1), { baseUrl: sandbox.url.replace('http:', 'https:'), settings: continuing });
		expect(output(result)[0]).toMatchObject({ outcome: 'rejected', httpCode: 'EPROTO' });
		expect(sandbox.requests).toEqual([]);
	});
});

describe('The credential', () => {
	it('a refused token says which environment was asked', async () => {
		const result = await run(deals(1), { token: 'wrong' });
		expect(result.error).toMatchObject({
			message: `Confirma Finance at ${sandbox.url} did not accept the provisioning token`,
			httpCode: '401',
		});
	});

	it('a base URL that would show the token is refused before anything is sent', async () => {
		const result = await run(deals(2), { baseUrl: 'http://gateway.example.com', settings: continuing });
		expect(output(result)).toEqual([
			expect.objectContaining({ outcome: 'invalid', description: expect.stringContaining('Use https://') as string }),
			expect.objectContaining({ outcome: 'invalid' }),
		]);
		const tested = await testCredential({ ...credentialsFor(sandbox), baseUrl: 'http://gateway.example.com' });
		expect(tested).toEqual({ status: 'Error', message: expect.stringContaining('Use https://') as string });
	});

	it('may hold expressions: each item goes with its own token, to its own address', async () => {
		const other = await startSandbox();
		const [first, second, third] = deals(3);
		const items = [
			{ ...first, address: sandbox.url, token: sandbox.tokens.staging },
			{ ...second, address: other.url, token: other.tokens.staging },
			{ ...third, address: 'http://gateway.example.com', token: 'x' },
		];
		try {
			const result = await run(items, { baseUrl: '={{ $json.address }}', token: '={{ $json.token }}', settings: continuing });
			expect(output(result)).toEqual([
				sandbox.created[0]!.answer,
				other.created[0]!.answer,
				expect.objectContaining({ outcome: 'invalid', description: expect.stringContaining('Use https://') as string }),
			]);
			expect(sandbox.created.map(({ body }) => body.client.businessCode)).toEqual([first!.id]);
			expect(other.created.map(({ body }) => body.client.businessCode)).toEqual([second!.id]);
			expect(other.requests.map(({ headers }) => headers['x-api-key'])).toEqual([other.tokens.staging]);
		} finally {
			await other.stop();
		}
	});

	it('lets no other node take the token along to where a server redirects', async () => {
		const other = await startSandbox();
		const { node, credential } = loadPackage();
		const asker = Object.create(node) as INodeType;
		asker.execute = async function () {
			const request = { method: 'POST' as const, body: apiExample, json: true };
			const url = `${sandbox.url}/api/v1/partner/client`;
			const asks = [
				async () =>
					(await this.helpers.httpRequestWithAuthentication.call(this, 'confirmaFinanceApi', { ...request, url })) as unknown,
				async () =>
					(await this.helpers.requestWithAuthentication.call(this, 'confirmaFinanceApi', {
						...request,
						uri: url,
						followAllRedirects: true,
					})) as unknown,
			];
			for (const ask of asks) {
				sandbox.inject({ kind: 'redirect', location: `${other.url}/api/v1/partner/validate`, status: 302 });
				await ask().catch(() => undefined);
			}
			return [[]];
		};
		try {
			await run([{}], { nodePackage: { credential, node: asker } });
			expect(posts().map(({ fault }) => fault)).toEqual(['redirect', 'redirect']);
			expect(other.requests).toEqual([]);
		} finally {
			await other.stop();
		}
	});

	/** The node, which n8n gives its credential only as long as `isThere` says so. */
	function withCredential(isThere: (reading: number) => boolean): { nodePackage: NodePackage; readings: () => number } {
		const nodePackage = loadPackage();
		const node: INodeType = Object.create(nodePackage.node) as INodeType;
		let readings = 0;
		node.execute = async function () {
			const context = Object.create(this, {
				getCredentials: {
					value: async (...asked: Parameters<typeof this.getCredentials>) => {
						if (!isThere(++readings)) throw new Error('Credentials could not be decrypted');
						return await this.getCredentials(...asked);
					},
				},
			}) as typeof this;
			return (await nodePackage.node.execute!.call(context)) as INodeExecutionData[][];
		};
		return { nodePackage: { ...nodePackage, node }, readings: () => readings };
	}

	it('that cannot be read fails every item: n8n would let them pass as if they had succeeded', async () => {
		const { nodePackage, readings } = withCredential(() => false);
		const result = await run(deals(100), { nodePackage, settings: { onError: 'continueErrorOutput' } });
		expect(output(result, 0)).toEqual([]);
		const unread = { outcome: 'invalid', description: 'n8n could not read it (Credentials could not be decrypted).' };
		expect(output(result, 1)).toEqual(deals(100).map(() => expect.objectContaining(unread) as object));
		// A database that is away may take its time to say so.
		expect(readings()).toBe(10);
	});

	it('that cannot be read for one item keeps none of the others back', async () => {
		const { nodePackage } = withCredential((reading) => reading !== 2);
		const result = await run(deals(3), { nodePackage, settings: continuing });
		expect(output(result)).toEqual([
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
			expect.objectContaining({ outcome: 'invalid' }),
			expect.objectContaining({ clientIdentifier: expect.any(Number) as number }),
		]);
	});

	it('that cannot be read any more on a second try hides nothing of the first', async () => {
		const [first, second] = deals(2);
		sandbox.inject({ kind: 'status', status: 400, match: { businessCode: second!.id } });
		const { nodePackage } = withCredential((reading) => reading <= 2);
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const result = await run([first!, second!], { nodePackage, settings });
		const { clientIdentifier } = sandbox.created[0]!;
		expect(result.error).toMatchObject({
			description: expect.stringContaining(`${first!.id} → client ${clientIdentifier}`) as string,
		});
		expect(posts()).toHaveLength(2);
	});

	it('is tested against the API', async () => {
		expect(await testCredential(credentialsFor(sandbox))).toMatchObject({ status: 'OK' });
		expect(await testCredential({ ...credentialsFor(sandbox), baseUrl: `${sandbox.url}//` })).toMatchObject({ status: 'OK' });
		expect(await testCredential(credentialsFor(sandbox, 'wrong'))).toEqual({
			status: 'Error',
			message: expect.stringContaining('did not confirm this token') as string,
		});
		expect(await testCredential(credentialsFor(sandbox, 'sandbox-expired-token'))).toEqual({
			status: 'Error',
			message: expect.stringContaining('is not valid') as string,
		});
	});
});

describe('The stop button', () => {
	it('ends the run at once: what is in flight is unknown, the rest is not sent', async () => {
		sandbox.inject({ kind: 'hang', times: 2 });
		const stop = new AbortController();
		const running = run(deals(10), { options: { maxConcurrency: 2 }, settings: continuing, signal: stop.signal });
		while (posts().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
		stop.abort();
		const result = await running;

		expect(result.status).toBe('canceled');
		expect(posts()).toHaveLength(2);
		const again = await run(deals(2), { settings: continuing });
		expect(output(again).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
		expect(posts()).toHaveLength(2);
	});
});

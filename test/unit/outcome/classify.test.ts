import { classify, type Asked } from '../../../nodes/ConfirmaFinance/outcome/classify';
import type { NotCreated } from '../../../nodes/ConfirmaFinance/outcome/outcome';
import { client } from './results';

const provisioningToken = 'Prov-Token/42+a=';
const clientToken = '8848372d-8457-4ca4-9da9-673f1cdd6684';

const asked: Asked = {
	client,
	credential: {
		endpoint: { environment: 'staging', baseUrl: 'https://staging-integrations.confirmafinance.com' },
		data: { provisioningToken },
	},
	options: { timeout: 60_000 },
};

const answer = {
	message: 'New client created',
	clientIdentifier: 7,
	confirmaFinanceCustomerCode: 8,
	paymentReferencePrefix: 9,
	apiAccessToken: clientToken,
};

const judge = (status: number, body: unknown) =>
	classify({ status, text: typeof body === 'string' ? body : JSON.stringify(body) }, asked);
const described = (status: number, body: unknown) => (judge(status, body) as NotCreated).description;

describe('A 2xx', () => {
	it.each([200, 201, 202, 299])('%d with the documented answer is created, and the answer stays as it came', (status) => {
		expect(judge(status, { ...answer, extra: { a: [1] } })).toEqual({
			kind: 'created',
			answer: { ...answer, extra: { a: [1] } },
		});
	});

	it.each<[string, object]>([
		['an identifier that is 0, as on the API’s page', { ...answer, clientIdentifier: 0 }],
		['an identifier that is text', { ...answer, clientIdentifier: 'C-7' }],
		['nothing but identifier and token', { clientIdentifier: 7, apiAccessToken: clientToken }],
	])('with %s is created', (_, body) => {
		expect(judge(200, body).kind).toBe('created');
	});

	it.each<[string, unknown]>([
		['nothing', ''],
		['HTML', '<html><body>OK</body></html>'],
		['half of the JSON', JSON.stringify(answer).slice(0, 60)],
		['null', 'null'],
		['a list', [answer]],
		['no identifier', { ...answer, clientIdentifier: undefined }],
		['a null identifier', { ...answer, clientIdentifier: null }],
		['an empty token', { ...answer, apiAccessToken: '' }],
		['no token', { ...answer, apiAccessToken: undefined }],
	])('with %s is unknown', (_, body) => {
		expect(judge(200, body)).toMatchObject({ kind: 'unknown', httpCode: '200' });
	});
});

describe('Other statuses', () => {
	it.each([400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 429, 451, 499])('%d is rejected', (status) => {
		expect(judge(status, answer)).toMatchObject({ kind: 'rejected', httpCode: String(status) });
		expect(described(status, '')).toMatch(/^This client was not created\./);
	});

	it.each([300, 301, 302, 303, 304, 307, 308])('the redirect %d is unknown, and was not followed', (status) => {
		expect(judge(status, answer)).toMatchObject({ kind: 'unknown', httpCode: String(status) });
		expect(described(status, answer)).toContain(`points to another address (HTTP ${status})`);
	});

	it.each([500, 502, 503, 504, 599])('%d is unknown, and may come from a proxy', (status) => {
		expect(judge(status, '')).toMatchObject({ kind: 'unknown', httpCode: String(status) });
		expect(described(status, '')).toContain(`or a proxy on the way there, could not handle the request (HTTP ${status})`);
	});

	it.each([200, 302, 500, 503])('%d is told with the words that came along, without secrets', (status) => {
		const words = described(status, { message: `Maintenance until 5 am, key ${provisioningToken}` });
		expect(words).toContain(': “Maintenance until 5 am, key ***”. Ask');
	});

	it.each([100, 199, 600, 0])('%d, which no server should answer, is unknown', (status) => {
		expect(judge(status, answer).kind).toBe('unknown');
	});

	it.each([401, 403, 404])('%d says which environment was asked', (status) => {
		expect((judge(status, '') as NotCreated).message).toContain('Confirma Finance staging');
		const endpoint = { environment: 'custom', baseUrl: 'https://gateway.example.com' } as const;
		const elsewhere = { ...asked, credential: { ...asked.credential, endpoint } };
		expect((classify({ status, text: '' }, elsewhere) as NotCreated).message).toContain('https://gateway.example.com');
	});
});

describe('No answer', () => {
	it.each(['timeout', 'dropped', 'cancelled'] as const)('%s is unknown, and says what to do before sending again', (failure) => {
		const outcome = classify({ failure, code: 'ECODE' }, asked) as NotCreated;
		expect(outcome).toMatchObject({ kind: 'unknown', httpCode: 'ECODE' });
		expect(outcome.description).toContain('Ask Confirma Finance whether “Test Customer Oy” (0112038-9) is a client');
	});

	it('for certain unsent is rejected, with the network’s code', () => {
		const outcome = classify({ failure: 'unsent', code: 'ECODE' }, asked) as NotCreated;
		expect(outcome).toMatchObject({ kind: 'rejected', httpCode: 'ECODE' });
		expect(outcome.description).toContain('(ECODE), so nothing was sent');
	});

	it.each(['SsrfBlockedIpError', 'domain not allowed'])('%s is for n8n’s administrator', (code) => {
		const { kind, description } = classify({ failure: 'unsent', code, isByN8n: true }, asked) as NotCreated;
		expect(kind).toBe('rejected');
		expect(description).toContain('Ask your n8n administrator to allow https://staging-integrations.confirmafinance.com');
	});

	it.each([
		[60_000, 'the time limit of 60 seconds.'],
		[1500, 'the time limit of 1.5 seconds.'],
	])('a timeout of %d ms is told as "%s"', (timeout, words) => {
		const outcome = classify({ failure: 'timeout', code: 'ECONNABORTED' }, { ...asked, options: { timeout } });
		expect((outcome as NotCreated).description).toContain(words);
	});
});

it('A refusal is told in the API’s own words', () => {
	expect(described(400, { message: 'Bad VAT number' })).toContain(' Confirma Finance says: “Bad VAT number”. ');
	expect(described(400, '<html>')).not.toContain('says');
	expect(described(400, { message: `Key ${provisioningToken} is wrong` })).toContain('“Key *** is wrong”');
});

it('An answer made to hurt is judged all the same', () => {
	for (const body of ['['.repeat(100_000), '{"__proto__":{"message":"x"}}']) expect(judge(400, body).kind).toBe('rejected');
});

it.each([
	[300_000, 'Confirma Finance asks to wait 300 seconds. A run waits for two minutes at the most, so try again later.'],
	[undefined, 'A run waits for two minutes at the most, so try again later.'],
])('A 429 that asks to wait %p ms is told as what it is', (retryAfter, words) => {
	const { description } = classify({ status: 429, text: '', retryAfter }, asked) as NotCreated;
	expect(description).toBe(`This client was not created. ${words}`);
});

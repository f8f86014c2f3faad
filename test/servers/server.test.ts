import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterwards, company, nodeName, wonDeals } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { packageName, repository } from '../support/n8n/installPackage';
import type { CreatedClient } from '../sandbox/sandbox';
import { complaints, type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { type Execution, eventually, lastTry, outputs } from '../support/n8n/n8nClient';

/** A created client's item: what every item begins with, and what the API answered. */
const createdItem = ({ body, answer }: CreatedClient) => ({
	outcome: 'created',
	message: 'New client created',
	name: body.client.name,
	businessCode: body.client.businessCode,
	countryCode: body.client.countryCode,
	...answer,
	partnerCode: body.service.partnerCode,
	environment: 'custom',
});

// Items of the node, whose keys the tests name.
const items = (execution: Execution, output = 0) => (outputs(execution, nodeName)[output] ?? []).map(({ json }) => json);

describe.each(selectedVersions())('on n8n $version with Node $node', (version) => {
	let live: LiveN8n;
	// Every token that the sandbox gave out, also in tests whose ledger was reset.
	const tokens = new Set<string>();

	beforeAll(async () => {
		live = await startLiveN8n(version);
	});

	afterEach(() => {
		for (const { apiAccessToken } of live.sandbox.created) tokens.add(apiAccessToken);
		live.sandbox.reset();
	});

	afterAll(async () => {
		await live?.close();
	});

	it('loads the node, its tool variant and the credential without a word about the package in the log', async () => {
		const names = (await live.client.nodeTypes()).map(({ name }) => name).filter((name) => name.startsWith(packageName));
		expect([...new Set(names)].sort()).toEqual([`${packageName}.confirmaFinance`, `${packageName}.confirmaFinanceTool`]);
		expect(await complaints(live.server)).toEqual([]);
	});

	it('takes nothing from n8n-workflow that this version does not have', async () => {
		const { n8n } = live.server;
		const files = ['nodes/ConfirmaFinance/ConfirmaFinance.node.js', 'credentials/ConfirmaFinanceApi.credentials.js'];
		const code = (await Promise.all(files.map((file) => readFile(join(repository, 'dist', file), 'utf8')))).join('\n');
		const used = [...new Set([...code.matchAll(/\bimport_n8n_workflow\d*\.(\w+)/g)].map(([, name]) => name!))];
		expect(used).toContain('NodeOperationError');
		const script = 'console.log(JSON.stringify(Object.keys(require("n8n-workflow"))))';
		const { stdout } = await promisify(execFile)(n8n.nodeBinary, ['-e', script], { cwd: n8n.folder });
		expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(used));
	});

	it('says whether a credential is right', async () => {
		const { client, credential, access } = live;
		expect(await client.testCredential(credential, access)).toMatchObject({ status: 'OK' });
		const refused = await client.testCredential(credential, { ...access, provisioningToken: 'not-a-token' });
		expect(refused).toEqual({ status: 'Error', message: expect.stringContaining('did not accept the provisioning token') });
		expect(refused.message).not.toContain('not-a-token');
		const expired = await client.testCredential(credential, { ...access, provisioningToken: 'sandbox-expired-token' });
		expect(expired).toEqual({ status: 'Error', message: expect.stringContaining('Token has expired') });
		const open = await client.testCredential(credential, { ...access, baseUrl: 'http://gateway.example.com' });
		expect(open).toEqual({ status: 'Error', message: expect.stringContaining('https') });
	});

	it('creates the client of a won deal', async () => {
		const { deliver } = await live.deploy();
		const execution = await deliver(company(1));
		expect(execution.status).toBe('success');
		const [created] = live.sandbox.created;
		expect(items(execution)).toEqual([createdItem(created!)]);
		expect(live.sandbox.requests).toMatchObject([
			{
				method: 'POST',
				path: '/api/v1/partner/client',
				headers: { 'x-api-key': live.sandbox.tokens.staging, 'content-type': expect.stringContaining('application/json') },
				body: {
					service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
					client: {
						name: 'Example 1 Oy',
						businessCode: company(1).id,
						countryCode: 'FI',
						postalCode: '00100',
						currencyCode: 'EUR',
					},
					contacts: { primary: { name: 'Matti Meikäläinen', email: 'matti@example.com' } },
				},
			},
		]);
		expect(execution.raw).not.toContain(live.sandbox.tokens.staging);
	});

	it('stops at an item that is not valid before anything is sent, naming every field', async () => {
		const { deliver } = await live.deploy();
		const execution = await deliver(company(10), company(11, { country: 'Atlantis', contact: { name: '', email: 'matti' } }));
		expect(execution.status).toBe('error');
		const { error } = execution.data.resultData;
		expect(`${error?.message}\n${error?.description}`).toMatch(/Country[^]*Primary Contact/);
		expect(live.sandbox.requests).toEqual([]);
	});

	it('goes on with the other items when told to continue', async () => {
		const { deliver } = await live.deploy({ settings: { onError: 'continueRegularOutput' } });
		live.sandbox.inject({ kind: 'status', status: 400, body: { message: 'No such partner' }, match: { name: 'Example 22 Oy' } });
		const execution = await deliver(company(20), company(21, { country: 'Atlantis' }), company(22), company(23));
		expect(execution.status).toBe('success');
		expect(items(execution)).toMatchObject([
			{ clientIdentifier: expect.any(Number) },
			{ error: expect.any(String), outcome: 'invalid' },
			{ error: expect.any(String), outcome: 'rejected', httpCode: expect.anything() },
			{ clientIdentifier: expect.any(Number) },
		]);
		expect(live.sandbox.created).toHaveLength(2);
	});

	it('routes items that failed to the error output, each with the item it came from', async () => {
		const { deliver } = await live.deploy({ settings: { onError: 'continueErrorOutput' } });
		live.sandbox.inject({ kind: 'resetAfterRead', match: { name: 'Example 31 Oy' } });
		const execution = await deliver(company(30), company(31), company(32));
		expect(execution.status).toBe('success');
		expect(outputs(execution, afterwards.created)[0]!.map(({ json }) => json.clientIdentifier)).toEqual([
			expect.any(Number),
			expect.any(Number),
		]);
		expect(outputs(execution, nodeName)[0]!.map(({ pairedItem }) => pairedItem)).toMatchObject([{ item: 0 }, { item: 2 }]);
		expect(outputs(execution, afterwards.failed)[0]!.map(({ json }) => json)).toMatchObject([{ outcome: 'unknown' }]);
		expect(outputs(execution, nodeName)[1]!.map(({ pairedItem }) => pairedItem)).toMatchObject([{ item: 1 }]);
	});

	it('continues where it was when n8n retries the node', async () => {
		const { deliver } = await live.deploy({
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 100 },
			parameters: { options: { maxConcurrency: 1 } },
		});
		live.sandbox.inject({ kind: 'status', status: 400, body: {}, match: { name: 'Example 41 Oy' } });
		const execution = await deliver(company(40), company(41), company(42));
		expect(execution.status).toBe('success');
		expect(live.sandbox.created).toHaveLength(3);
		expect(live.sandbox.requests).toHaveLength(4);
		const created = new Map(live.sandbox.created.map((client) => [client.body.client.businessCode, createdItem(client)]));
		expect(items(execution)).toEqual([40, 41, 42].map((number) => created.get(company(number).id)));
	});

	it('does not succeed when an answer is lost and n8n retries the node', async () => {
		const { deliver } = await live.deploy({ settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 } });
		live.sandbox.inject({ kind: 'resetAfterRead' });
		const execution = await deliver(company(50));
		expect(execution.status).toBe('error');
		expect(live.sandbox.requests).toHaveLength(1);
	});

	it('warns with a hint about what looks odd and sends it', async () => {
		const { deliver } = await live.deploy();
		const execution = await deliver(company(60, { id: '1234567-8' }));
		expect(execution.status).toBe('success');
		expect(lastTry(execution, nodeName)?.hints).toMatchObject([
			{ message: expect.stringContaining('Business ID'), type: 'warning' },
		]);
		expect(live.sandbox.created).toHaveLength(1);
	});

	it('previews without sending', async () => {
		const { deliver } = await live.deploy({ parameters: { options: { previewOnly: true } } });
		const execution = await deliver(company(70));
		expect(JSON.stringify(items(execution))).toContain(company(70).id);
		expect(live.sandbox.requests).toEqual([]);
	});

	it('creates 1,000 clients of one run, in order', async () => {
		const { deliver } = await live.deploy({ parameters: { options: { maxConcurrency: 20 } } });
		const companies = Array.from({ length: 1_000 }, (_, index) => company(1_000 + index));
		const execution = await deliver(...companies);
		expect(execution.status).toBe('success');
		const created = new Map(live.sandbox.created.map((client) => [client.body.client.businessCode, createdItem(client)]));
		expect(JSON.stringify(items(execution))).toBe(JSON.stringify(companies.map(({ id }) => created.get(id))));
		expect(live.sandbox.requests).toHaveLength(1_000);
		expect(live.sandbox.peakInFlight).toBeLessThanOrEqual(20);
	});

	it('creates one client when a deal is delivered three times at once', async () => {
		const { id, path } = await live.deploy();
		const answers = await Promise.all([1, 2, 3].map(() => live.client.webhook(path, wonDeals(company(80)))));
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		const ended = await Promise.all((await live.client.executionIds(id)).map((executionId) => live.client.finished(executionId)));
		expect(ended.map(({ status }) => status).sort()).toEqual(['error', 'error', 'success']);
		expect(live.sandbox.requests).toHaveLength(1);
	});

	it('remembers its clients when n8n is restarted', async () => {
		const reports = await live.deploy({ settings: { onError: 'continueRegularOutput' } });
		const skips = await live.deploy({ parameters: { options: { duplicateHandling: 'skip' } } });
		await reports.deliver(company(90));
		await skips.deliver(company(91));
		await live.server.restart();
		await live.client.signIn();
		expect(items(await reports.deliver(company(90)))).toMatchObject([{ outcome: 'duplicate', error: expect.any(String) }]);
		const skipped = await skips.deliver(company(91));
		expect(skipped.status).toBe('success');
		expect(items(skipped)).toMatchObject([{ outcome: 'duplicate' }]);
		expect(items(skipped)[0]).not.toHaveProperty('error');
		expect(live.sandbox.requests).toHaveLength(2);
	});

	it('reports a client as unknown when n8n was killed between request and answer', async () => {
		const { path, deliver } = await live.deploy({
			settings: { onError: 'continueRegularOutput' },
			parameters: { options: { duplicateHandling: 'skip' } },
		});
		live.sandbox.inject({ kind: 'delay', ms: 60_000 });
		const delivery = live.client.webhook(path, wonDeals(company(95))).catch(() => 'broken off');
		await eventually('the request to arrive', async () => (live.sandbox.created.length === 1 ? true : undefined));
		await live.server.kill();
		expect(await delivery).toBe('broken off');
		await live.server.start();
		await live.client.signIn();
		expect(items(await deliver(company(95)))).toMatchObject([{ outcome: 'unknown', error: expect.any(String) }]);
		expect(live.sandbox.requests).toHaveLength(1);
	});

	it('reports a client as unknown when the execution was stopped between request and answer', async () => {
		const { id, path, deliver } = await live.deploy({ settings: { onError: 'continueRegularOutput' } });
		live.sandbox.inject({ kind: 'hang' });
		const delivery = live.client.webhook(path, wonDeals(company(96))).catch(() => undefined);
		await eventually('the request to arrive', async () => (live.sandbox.created.length === 1 ? true : undefined));
		const [running] = await live.client.executionIds(id);
		await live.client.stop(running!);
		expect((await live.client.finished(running!)).status).toBe('canceled');
		await delivery;
		expect(items(await deliver(company(96)))).toMatchObject([{ outcome: 'unknown' }]);
		expect(live.sandbox.requests).toHaveLength(1);
	});

	// The last one, so that the log has all that the others caused.
	it('never logs a token, at the most talkative level', async () => {
		const log = await live.server.log();
		expect(log).toMatch(/\| debug \|/);
		expect(tokens.size).toBeGreaterThan(1_000);
		const leaked = [...tokens, live.sandbox.tokens.staging].filter((token) => log.includes(token));
		expect(leaked).toEqual([]);
	});
});

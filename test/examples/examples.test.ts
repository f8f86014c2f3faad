import { readFile } from 'node:fs/promises';
import { type Browser, openBrowser } from '../support/n8n/browser';
import { type Company, company } from '../support/n8n/dealWorkflow';
import { installN8n, newestN8n, selectedVersions } from '../support/n8n/installN8n';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { eventually, type Execution, outputs, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { Fault } from '../sandbox/sandbox';
import { type CrmAnswer, type CrmRequest, type CrmStandIn, startCrmStandIn } from './crmStandIn';
import {
	credentialType,
	type CredentialsByType,
	crmHosts,
	type CrmKind,
	crmKinds,
	type Deal,
	type Happening,
	type Identifiers,
	review,
} from './crms';
import { confirmaType, creates, type Example, readExample, readExampleText } from './exampleFiles';
import { installMissingPeers } from '../support/n8n/missingPeers';

interface Message {
	node: string;
	to: string;
	subject: string;
	message: string;
}

const create = 'Create the client';
const writeBack = 'Write the identifiers to the deal';

const jsonOf = (execution: Execution, node: string, output = 0) =>
	(outputs(execution, node)[output] ?? []).map(({ json }) => json);

/** Everything that the executions would have sent to people. */
function messagesOf(executions: Execution[]): Message[] {
	return executions.flatMap((execution) =>
		Object.keys(execution.data.resultData.runData)
			.filter((node) => node.startsWith('Tell '))
			.flatMap((node) => jsonOf(execution, node).map((json) => ({ node, ...(json as unknown as Omit<Message, 'node'>) }))),
	);
}

describe.each(selectedVersions())('on n8n $version', (version) => {
	let live: LiveN8n;
	let standIn: CrmStandIn;
	const credentials: CredentialsByType = {};
	const tokens = new Set<string>();
	const allMessages: Message[] = [];
	let companies = 0;

	const nextCompany = (changes: Partial<Company> = {}) => company(++companies, changes);

	beforeAll(async () => {
		standIn = await startCrmStandIn(crmHosts);
		live = await startLiveN8n(version, { env: { ...standIn.env, ...(await installMissingPeers(await installN8n(version))) } });
		credentials.confirmaFinanceApi = live.credential;
	});

	afterEach(() => {
		for (const { apiAccessToken } of live.sandbox.created) tokens.add(apiAccessToken);
		live.sandbox.reset();
	});

	afterAll(async () => {
		await live?.close();
		await standIn?.stop();
	});

	/**
	 * Waits for the end of an execution. n8n 1 says that it has ended some time before it has written what happened in it.
	 * @param node one that runs in any case
	 */
	async function ended(id: string, node: string): Promise<Execution> {
		return await eventually(`what happened in execution ${id}`, async () => {
			const execution = await live.client.finished(id);
			return execution.data.resultData.runData?.[node] ? execution : undefined;
		});
	}

	/** Presses *Execute workflow*, with the pinned data. All versions but the newest want the workflow sent along. */
	async function runByHand({ id }: SavedWorkflow, trigger: string): Promise<Execution> {
		const body = {
			triggerToStartFrom: { name: trigger },
			...(version === newestN8n ? {} : { workflowData: await live.client.workflow(id) }),
		};
		const { executionId } = await live.client.request<{ executionId: string }>('POST', `/rest/workflows/${id}/run`, body);
		return await ended(executionId, trigger);
	}

	/** Imports an example as it is and chooses the credentials, as a user does. */
	async function importExample(example: Example, data: CrmKind['credentials']): Promise<SavedWorkflow> {
		const nodes = [];
		for (const node of example.nodes) {
			const type = node.type === confirmaType ? 'confirmaFinanceApi' : credentialType(node);
			if (type === undefined) {
				nodes.push(node);
				continue;
			}
			credentials[type] ??= await live.client.createCredential(`Example ${type}`, type, data[type]!);
			if (type === 'salesforceOAuth2Api') await connectOAuth(credentials[type].id);
			const { id, name } = credentials[type];
			nodes.push({ ...node, credentials: { [type]: { id, name } } });
		}
		return await live.client.createWorkflow({ ...example, nodes });
	}

	/** Logs in at the CRM's OAuth page, as the button in the credential does. */
	async function connectOAuth(credentialId: string): Promise<void> {
		const address = await live.client.request<string>('GET', `/rest/oauth2-credential/auth?id=${credentialId}`);
		const state = encodeURIComponent(new URL(address).searchParams.get('state')!);
		const { name, value, browserId } = live.client.session;
		const callback = await fetch(`${live.client.url}/rest/oauth2-credential/callback?code=granted&state=${state}`, {
			headers: { cookie: `${name}=${value}`, 'browser-id': browserId },
		});
		expect(callback.status).toBe(200);
	}

	describe.each(crmKinds)('$file', (kind) => {
		const example = readExample(kind.file);
		// On other versions the file is imported and runs on its sample data.
		const itOnEvents = kind.hearsEvents(version.version) ? it : it.skip;
		const deals = new Map<number, Deal>();
		let workflow: SavedWorkflow;
		let send: Awaited<ReturnType<CrmKind['listen']>>;
		let refusal: ((request: CrmRequest) => CrmAnswer | undefined) | undefined;

		beforeAll(async () => {
			for (const host of [kind.host, 'login.salesforce.com'])
				standIn.serve(host, (request) => refusal?.(request) ?? kind.answer(request, deals, example));
			workflow = await importExample(example, kind.credentials);
			send = await kind.listen({ client: live.client, workflow, example, standIn });
		});

		afterEach(() => {
			refusal = undefined;
		});

		afterAll(async () => {
			if (workflow) await live.client.deactivate(workflow.id);
		});

		function deal(changes: Partial<Deal> = {}): Deal {
			const id = 500 + deals.size;
			const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: nextCompany(), since: '2026-10-01', ...changes };
			deals.set(id, made);
			return made;
		}

		/** Delivers an event and gives the executions that it caused, when they have ended. */
		async function deliver(about: Deal, happening: Happening, times = 1): Promise<Execution[]> {
			const known = new Set(await live.client.executionIds(workflow.id));
			await send(about, happening, times);
			const expected = kind.gathers ? 1 : times;
			const ids = await eventually(`${expected} executions`, async () => {
				const fresh = (await live.client.executionIds(workflow.id)).filter((id) => !known.has(id));
				return fresh.length >= expected ? fresh : undefined;
			});
			const executions = await Promise.all(ids.map(async (id) => await ended(id, kind.trigger)));
			allMessages.push(...messagesOf(executions));
			return executions;
		}

		const written = () =>
			standIn.requests.filter(
				({ host, method, path }) => host === kind.host && ['PUT', 'PATCH'].includes(method) && !path.startsWith('/webhooks/'),
			);

		function identifiersOf({ answer }: LiveN8n['sandbox']['created'][number]): Identifiers {
			const { clientIdentifier, confirmaFinanceCustomerCode, paymentReferencePrefix } = answer as Record<string, number>;
			return {
				clientIdentifier: String(clientIdentifier),
				customerCode: String(confirmaFinanceCustomerCode),
				paymentReferencePrefix: String(paymentReferencePrefix),
			};
		}

		it('runs on its sample data without a CRM', async () => {
			// n8n may still be busy registering its webhook.
			const asked = () => standIn.requests.filter(({ path }) => !path.includes('/webhooks')).length;
			const before = asked();
			const execution = await runByHand(workflow, kind.trigger);
			expect(execution.data.resultData.error).toBeUndefined();
			expect(execution.status).toBe('success');
			expect(live.sandbox.created).toHaveLength(1);
			expect(live.sandbox.created[0]!.body).toMatchObject({
				service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
				client: {
					name: expect.stringMatching(/^Example \w+ Oy$/),
					countryCode: 'FI',
					postalCode: '00100',
					postalDistrict: 'Helsinki',
					currencyCode: 'EUR',
				},
			});
			expect(jsonOf(execution, create)).toEqual([live.sandbox.created[0]!.answer]);
			expect(jsonOf(execution, 'Replace me: store the access token in your vault')).toMatchObject([
				{ apiAccessToken: live.sandbox.created[0]!.apiAccessToken },
			]);
			expect(jsonOf(execution, writeBack)).toHaveLength(1);
			expect(messagesOf([execution])).toEqual([]);
			expect(asked()).toBe(before);
		});

		itOnEvents(
			'creates one client for an event that comes three times, writes to the deal once, and tells nobody off',
			async () => {
				const won = deal();
				const before = written().length;
				const executions = [...(await deliver(won, 'won', 3)), ...(await deliver(won, 'won'))];
				expect(executions.map(({ status, data }) => data.resultData.error?.message ?? status)).toEqual(
					executions.map(() => 'success'),
				);
				expect(live.sandbox.requests).toHaveLength(1);
				const [created] = live.sandbox.created;
				expect(created!.body).toMatchObject({
					client: { name: won.company!.name, businessCode: won.company!.id, countryCode: 'FI', postalCode: '00100' },
					contacts: { primary: { name: won.company!.contact.name, email: won.company!.contact.email } },
				});
				const expected = kind.writeBack(won, identifiersOf(created!), example);
				expect(written().slice(before)).toMatchObject([expected]);
				expect(written().at(-1)!.body).toEqual(expected.body);
				expect(messagesOf(executions)).toEqual([]);
			},
		);

		itOnEvents('creates nothing when a deal is lost, moved, edited, or reopened before its event arrives', async () => {
			const nothing: Array<[Partial<Deal>, Happening]> = [
				[{ status: 'lost' }, 'lost'],
				[{ status: 'open' }, 'moved to another open stage'],
				[{ status: 'open' }, 'won'],
				[{ status: 'open' }, 'reopened'],
				[
					{ status: 'won', identifiers: { clientIdentifier: '1', customerCode: '2', paymentReferencePrefix: '3' } },
					'edited while won',
				],
				// Won before the workflow was there, and only edited now: Salesforce and Pipedrive tell of it.
				...(['salesforce.json', 'pipedrive.json'].includes(kind.file)
					? [[{ status: 'won', since: '2020-01-01' }, 'edited while won'] as [Partial<Deal>, Happening]]
					: []),
			];
			for (const [state, happening] of nothing.filter(([, tells]) => kind.tells(tells))) {
				const executions = await deliver(deal(state), happening);
				expect(executions.map(({ status }) => status)).toEqual(['success']);
				expect(messagesOf(executions)).toEqual([]);
			}
			expect(live.sandbox.requests).toEqual([]);
		});

		itOnEvents('creates nothing more when a deal is reopened and won again', async () => {
			const won = deal();
			await deliver(won, 'won');
			won.status = 'open';
			await deliver(won, 'reopened');
			won.status = 'won';
			const executions = await deliver(won, 'won');
			expect(live.sandbox.requests).toHaveLength(1);
			expect(messagesOf(executions)).toEqual([]);
		});

		const failures: Array<{ outcome: string; broken?: Partial<Company>; fault?: Fault; node: string; to: string; says: RegExp }> =
			[
				{
					outcome: 'invalid',
					broken: { contact: { name: 'Matti Meikäläinen', email: 'matti' } },
					node: 'Tell sales: correct the data',
					to: 'sales@example.com',
					says: /Primary Contact Email[^]*What to do: correct this/,
				},
				{
					outcome: 'rejected',
					fault: { kind: 'status', status: 400, body: { message: 'No such partner' } },
					node: 'Tell finance: not created',
					to: 'finance@example.com',
					says: /did not accept the client[^]*No such partner[^]*What to do/,
				},
				{
					outcome: 'unknown',
					fault: { kind: 'resetAfterRead' },
					node: 'Tell finance: ask Confirma Finance',
					to: 'finance@example.com',
					says: /not known whether the client was created[^]*What to do: ask Confirma Finance before anything else/,
				},
			];

		itOnEvents.each(failures)('tells a person what to do about $outcome', async ({ outcome, broken, fault, node, to, says }) => {
			if (fault) live.sandbox.inject(fault);
			const won = deal({ company: nextCompany(broken) });
			const before = written().length;
			const executions = await deliver(won, 'won');
			expect(messagesOf(executions)).toEqual([
				{ node, to, subject: expect.stringContaining(won.company!.name), message: expect.stringMatching(says) },
			]);
			expect(messagesOf(executions)[0]!.message).toContain(won.title);
			expect(jsonOf(executions[0]!, create, 1)).toMatchObject([{ outcome }]);
			expect(written()).toHaveLength(before);
			// Once a person has acted, winning the deal again creates the client, except where nobody knows whether it exists.
			won.company = { ...won.company!, contact: company(0).contact };
			const again = await deliver(won, 'won');
			expect(messagesOf(again).map((message) => message.node)).toEqual(outcome === 'unknown' ? [node] : []);
			expect(live.sandbox.created).toHaveLength(1);
		});

		itOnEvents('tells a person when another deal of the same company is won', async () => {
			const first = deal();
			await deliver(first, 'won');
			const second = deal({ company: first.company! });
			const executions = await deliver(second, 'won');
			expect(live.sandbox.requests).toHaveLength(1);
			expect(messagesOf(executions)).toMatchObject([
				{
					node: 'Tell finance: already a client',
					to: 'finance@example.com',
					message: expect.stringMatching(/copy the client identifier[^]*from the company's earlier deal/),
				},
			]);
			expect(messagesOf(executions)[0]!.message).toContain(second.title);
		});

		itOnEvents('tells a person the identifiers when the CRM does not take them', async () => {
			refusal = ({ method }) =>
				['PUT', 'PATCH'].includes(method) ? { status: 500, body: { message: 'Out of order' } } : undefined;
			const executions = await deliver(deal(), 'won');
			const [created] = live.sandbox.created;
			const { clientIdentifier, customerCode, paymentReferencePrefix } = identifiersOf(created!);
			expect(messagesOf(executions)).toMatchObject([{ node: 'Tell finance: enter the identifiers', to: 'finance@example.com' }]);
			for (const identifier of [clientIdentifier, customerCode, paymentReferencePrefix])
				expect(messagesOf(executions)[0]!.message).toContain(identifier);
			expect(jsonOf(executions[0]!, 'Replace me: store the access token in your vault')).toMatchObject([
				{ apiAccessToken: created!.apiAccessToken },
			]);
		});

		itOnEvents('tells sales when a won deal has no company and no contact', async () => {
			const executions = await deliver(deal({ company: undefined }), 'won');
			expect(live.sandbox.requests).toEqual([]);
			expect(messagesOf(executions)).toMatchObject([
				{ node: expect.stringMatching(/^Tell sales: /), to: 'sales@example.com', message: expect.stringContaining('What to do') },
			]);
		});
	});

	describe(review.file, () => {
		const example = readExample(review.file);
		const deals = new Map<number, Deal>();
		let workflow: SavedWorkflow;
		let send: Awaited<ReturnType<CrmKind['listen']>>;

		beforeAll(async () => {
			standIn.serve(review.host, (request) => review.answer(request, deals, example));
			workflow = await importExample(example, review.credentials);
			send = await review.listen({ client: live.client, workflow, example, standIn });
		});

		afterAll(async () => {
			if (workflow) await live.client.deactivate(workflow.id);
		});

		/** Delivers a won deal and waits until a person is asked. Gives the execution then, and the page to decide at. */
		async function ask(changes: Partial<Company> = {}): Promise<{ deal: Deal; execution: Execution; page: string }> {
			const deal: Deal = {
				id: 500 + deals.size,
				title: `Deal ${500 + deals.size}`,
				status: 'won',
				company: nextCompany(changes),
				since: '2026-10-01',
			};
			deals.set(deal.id, deal);
			const known = new Set(await live.client.executionIds(workflow.id));
			await send(deal, 'won', 1);
			const execution = await eventually('a decision to be asked for', async () => {
				const id = (await live.client.executionIds(workflow.id)).find((candidate) => !known.has(candidate));
				const current = id === undefined ? undefined : await live.client.execution(id);
				return current && !['new', 'running'].includes(current.status) ? current : undefined;
			});
			const [request] = jsonOf(execution, 'Ask for approval') as unknown as Message[];
			return { deal, execution, page: /https?:\S+$/.exec(request?.message ?? '')?.[0] ?? '' };
		}

		/** Sends the form that the page shows, and gives the execution when it has ended. */
		async function decide({ execution, page }: { execution: Execution; page: string }, decision: string): Promise<Execution> {
			expect((await fetch(page)).status).toBe(200);
			const form = new FormData();
			form.set('field-0', decision);
			form.set('field-1', 'Seen');
			expect((await fetch(page, { method: 'POST', body: form })).status).toBe(200);
			const afterwards = await ended(execution.id, 'Approved?');
			allMessages.push(...messagesOf([afterwards]));
			return afterwards;
		}

		it('runs on its sample data without a CRM and without a person', async () => {
			const execution = await runByHand(workflow, review.trigger);
			expect(execution.data.resultData.error).toBeUndefined();
			expect(execution.status).toBe('success');
			expect(live.sandbox.created).toHaveLength(1);
			expect(jsonOf(execution, writeBack)).toHaveLength(1);
			expect(messagesOf([execution])).toEqual([]);
		});

		it('creates the client after a person has approved what they saw', async () => {
			const asked = await ask();
			expect(asked.execution.status).toBe('waiting');
			const [request] = jsonOf(asked.execution, 'Ask for approval') as unknown as Message[];
			for (const shown of [
				asked.deal.title,
				asked.deal.company!.name,
				asked.deal.company!.id,
				'00100',
				asked.deal.company!.contact.email,
			])
				expect(request!.message).toContain(shown);
			expect(live.sandbox.requests).toEqual([]);
			const approved = await decide(asked, 'Approve');
			expect(approved.status).toBe('success');
			expect(live.sandbox.created).toMatchObject([
				{ body: { client: { name: asked.deal.company!.name, businessCode: asked.deal.company!.id } } },
			]);
			expect(asked.deal.identifiers?.clientIdentifier).toBe(String(live.sandbox.created[0]!.clientIdentifier));
			expect(messagesOf([approved])).toEqual([]);
		});

		it('creates nothing after a person has declined, and tells sales', async () => {
			const declined = await decide(await ask(), 'Decline');
			expect(live.sandbox.requests).toEqual([]);
			expect(messagesOf([declined])).toMatchObject([
				{
					node: 'Tell sales: not approved',
					to: 'sales@example.com',
					message: expect.stringMatching(/declined[^]*Seen[^]*What to do/),
				},
			]);
		});

		it('creates nothing when the deal was reopened before the approval', async () => {
			const asked = await ask();
			asked.deal.status = 'open';
			await decide(asked, 'Approve');
			expect(live.sandbox.requests).toEqual([]);
		});

		it('asks nobody about data that is not valid, and tells sales', async () => {
			const { execution } = await ask({ contact: { name: '', email: 'matti' } });
			expect(execution.status).toBe('success');
			expect(messagesOf([execution])).toMatchObject([
				{ node: 'Tell sales: correct the data', message: expect.stringContaining('Primary Contact Name') },
			]);
		});

		it('tells finance when nobody knows whether an approved client was created', async () => {
			live.sandbox.inject({ kind: 'resetAfterRead' });
			const unsettled = await decide(await ask(), 'Approve');
			expect(messagesOf([unsettled])).toMatchObject([{ node: 'Tell finance: ask Confirma Finance' }]);
		});
	});

	describe('existing-customers-from-a-list.json', () => {
		const example = readExample('existing-customers-from-a-list.json');
		const trigger = 'When a list is uploaded';
		let workflow: SavedWorkflow;
		let browser: Browser;

		beforeAll(async () => {
			workflow = await importExample(example, {});
			await live.client.activate(workflow.id);
			browser = await openBrowser(live.client);
			// The form's fonts come from elsewhere.
			await browser.context.route(
				(url) => url.origin !== live.client.url,
				async (route) => await route.abort(),
			);
		});

		afterAll(async () => {
			await browser?.close();
			if (workflow) await live.client.deactivate(workflow.id);
		});

		/** Uploads a list at the form as a person does, and gives the execution and the result file that the browser gets. */
		async function upload(csv: string): Promise<{ execution: Execution; file: string }> {
			const { path } = example.nodes.find(({ name }) => name === trigger)!.parameters.options as { path: string };
			const url = `${live.client.url}/form/${path}`;
			await eventually('the form', async () => ((await fetch(url)).ok ? true : undefined));
			const { page } = browser;
			await page.goto(url, { waitUntil: 'domcontentloaded' });
			await page.setInputFiles('input[type=file]', {
				name: 'existing-customers.csv',
				mimeType: 'text/csv',
				buffer: Buffer.from(csv),
			});
			const [download] = await Promise.all([page.waitForEvent('download', { timeout: 100_000 }), page.click('#submit-btn')]);
			const file = await readFile(await download.path(), 'utf8');
			const execution = await live.client.lastExecution(workflow.id);
			allMessages.push(...messagesOf([execution]));
			return { execution, file };
		}

		const results = (execution: Execution) => jsonOf(execution, 'In batches of 50', 0);

		it('runs on its sample data without a file', async () => {
			const execution = await runByHand(workflow, trigger);
			expect(execution.data.resultData.error).toBeUndefined();
			expect(execution.status).toBe('success');
			expect(live.sandbox.created.map(({ body }) => [body.client.name, body.client.countryCode])).toEqual([
				['Example Forest Oy', 'FI'],
				['Exempelbolaget AB', 'SE'],
			]);
			expect(results(execution)).toMatchObject([
				{ Line: '2', Result: 'created', 'Client identifier': String(live.sandbox.created[0]!.clientIdentifier) },
				{ Line: '3', Result: 'created' },
				{
					Line: '4',
					Result: 'invalid',
					'What happened': expect.stringContaining('Primary Contact'),
					'What to do': expect.stringContaining('Correct this line'),
				},
			]);
			expect(messagesOf([execution])).toMatchObject([
				{ to: 'finance@example.com', message: expect.stringMatching(/^Line 4, Example Without Contact Oy/) },
			]);
		});

		it('takes the sample file, and hands out a result file without tokens', async () => {
			// The sample run has created these clients, so the file is told apart by its business ids.
			const csv = readExampleText('existing-customers.csv')
				.replace('0112038-9', nextCompany().id)
				.replace('5560125790', '5560360793')
				.replace('1572860-0', nextCompany().id);
			const { execution, file } = await upload(csv);
			expect(execution.status).toBe('success');
			expect(live.sandbox.created).toHaveLength(2);
			expect(results(execution).map(({ Result }) => Result)).toEqual(['created', 'created', 'invalid']);
			expect(file.trim().split('\n')).toHaveLength(4);
			for (const { clientIdentifier } of live.sandbox.created) expect(file).toContain(String(clientIdentifier));
			for (const { apiAccessToken } of live.sandbox.created) {
				expect(file).not.toContain(apiAccessToken);
				expect(JSON.stringify(results(execution))).not.toContain(apiAccessToken);
			}
			const vault = execution.data.resultData.runData['Replace me: store the access tokens in your vault']!.flatMap(
				({ data }) => data?.main?.[0] ?? [],
			);
			expect(vault.map(({ json }) => json.apiAccessToken).sort()).toEqual(
				live.sandbox.created.map(({ apiAccessToken }) => apiAccessToken).sort(),
			);
		});

		it('accounts for every line of a long list, and leaves clients alone when it is uploaded again', async () => {
			const list = Array.from({ length: 120 }, () => nextCompany());
			const csv = [
				'Business name,Business ID,Country,Contact name,Contact email',
				...list.map(({ name, id, country, contact }) => [name, id, country, contact.name, contact.email].join(',')),
			].join('\n');
			const [refused, lost] = [list[3]!, list[70]!];
			live.sandbox.inject(
				{ kind: 'status', status: 400, body: { message: 'No such partner' }, match: { businessCode: refused.id } },
				{ kind: 'resetAfterRead', match: { businessCode: lost.id } },
			);
			const first = await upload(csv);
			expect(results(first.execution).map((row) => row['Business ID'])).toEqual(list.map(({ id }) => id));
			expect(results(first.execution).map(({ Result }) => Result)).toEqual(
				list.map((each) => (each === refused ? 'rejected' : each === lost ? 'unknown' : 'created')),
			);
			expect(live.sandbox.peakInFlight).toBeLessThanOrEqual(5);
			const [message] = messagesOf([first.execution]);
			expect(message).toMatchObject({ subject: '2 customers of the list need a person' });
			expect(message!.message).toContain(refused.name);
			expect(message!.message).toContain(lost.name);

			const second = await upload(csv);
			expect(live.sandbox.requests).toHaveLength(121);
			expect(results(second.execution).map(({ Result }) => Result)).toEqual(
				list.map((each) => (each === refused ? 'created' : each === lost ? 'unknown' : 'duplicate')),
			);
		});
	});

	it('shows no token to a CRM, in a message or in a note', () => {
		expect(tokens.size).toBeGreaterThan(0);
		const shown = JSON.stringify([standIn.requests, allMessages, [...crmKinds, review].map(({ file }) => readExampleText(file))]);
		for (const token of [...tokens, live.access.provisioningToken]) expect(shown).not.toContain(token);
		expect([...crmKinds, review].every(({ file }) => readExample(file).nodes.some(creates))).toBe(true);
	});
});

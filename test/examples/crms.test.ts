import { type Company, company } from '../support/n8n/dealWorkflow';
import { newestN8n, selectedVersions } from '../support/n8n/installN8n';
import { eventually, type Execution, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { CreatedClient, Fault } from '../sandbox/sandbox';
import type { CrmAnswer, CrmRequest } from './crmStandIn';
import {
	anyCrm,
	type CrmKind,
	crmHosts,
	crmKinds,
	type Deal,
	type Happening,
	hostsOf,
	type Identifiers,
	superoffice,
	superofficeEvent,
	webhookKey,
} from './crms';
import { type Example, readExample } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, type Message, shared, startExampleServer, withChat } from './exampleServer';

function identifiersOf({ answer }: CreatedClient): Identifiers {
	const { clientIdentifier, confirmaFinanceCustomerCode, paymentReferencePrefix } = answer as Record<string, number>;
	return {
		clientIdentifier: String(clientIdentifier),
		customerCode: String(confirmaFinanceCustomerCode),
		paymentReferencePrefix: String(paymentReferencePrefix),
	};
}

/** Where an example hears events, below n8n's address for webhooks, if it does. */
function addressOf({ nodes }: Example): string | undefined {
	const webhook = nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
	if (webhook) return String(webhook.parameters.path);
	const trigger = nodes.find(({ type }) => /(hubspot|pipedrive)Trigger$/.test(type));
	return trigger && `${trigger.webhookId}/webhook`;
}

describe.each(selectedVersions().filter(({ version }) => !version.startsWith('1.')))('on n8n $version', (version) => {
	let server: ExampleServer;
	const tokens = new Set<string>();
	let companies = 0;

	const nextCompany = (changes: Partial<Company> = {}) =>
		company(++companies, { contact: { name: 'Matti Meikäläinen', email: 'matti@testcustomer.fi' }, ...changes });
	const sandbox = () => server.live.sandbox;

	beforeAll(async () => {
		server = await startExampleServer(version, crmHosts);
	});

	afterEach(() => {
		for (const { apiAccessToken } of sandbox().created) tokens.add(apiAccessToken);
		sandbox().reset();
	});

	afterAll(async () => await server?.close());

	describe.each(crmKinds)('$file', (kind) => {
		const example = withChat(kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file));
		// On other versions the file is imported and runs on its sample data.
		const itOnEvents = kind.hearsEvents(version.version) ? it : it.skip;
		// What doesn't depend on the version of n8n.
		const itOnNewest = version === newestN8n ? it : it.skip;
		const deals = new Map<number, Deal>();
		let workflow: SavedWorkflow;
		let send: Awaited<ReturnType<CrmKind['listen']>>;
		let instead: ((request: CrmRequest) => CrmAnswer | undefined) | undefined;

		beforeAll(() => {
			for (const host of hostsOf(kind))
				server.standIn.serve(host, (request) => instead?.(request) ?? kind.answer(request, deals));
		});

		afterEach(() => {
			instead = undefined;
		});

		function deal(changes: Partial<Deal> = {}): Deal {
			const id = 500 + deals.size;
			const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: nextCompany(), since: '2026-10-01', ...changes };
			deals.set(id, made);
			return made;
		}

		/** Executions that something causes, but those that tell a person, when they have ended. */
		async function executionsOf(expected: number, cause: () => Promise<unknown>): Promise<Execution[]> {
			const { client } = server.live;
			const known = new Set(await client.executionIds(workflow.id));
			await cause();
			return await eventually(`${expected} executions`, async () => {
				const fresh = (await client.executionIds(workflow.id)).filter((id) => !known.has(id));
				const executions = await Promise.all(fresh.map(async (id) => await client.finished(id)));
				const own = executions.filter(({ data }) => data.resultData.runData[kind.trigger]);
				return own.length >= expected ? own : undefined;
			});
		}

		const deliver = async (about: Deal, happening: Happening, times = 1) =>
			await executionsOf(kind.gathers ? 1 : times, async () => await send(about, happening, times));

		/** Delivers an event that leaves something to do, and gives the one message that a person gets. */
		async function messageAbout(about: Deal): Promise<Message> {
			const [execution] = await deliver(about, 'won');
			expect(execution!.status).toBe('error');
			const own = () => server.messages().filter(({ text }) => text.endsWith(`/executions/${execution!.id}`));
			const message = await eventually('a message', async () => own()[0]);
			expect(message.text.startsWith(failureOf(execution!)!)).toBe(true);
			expect(own()).toHaveLength(1);
			return message;
		}

		/** Requests but those about events: n8n asks for them, and takes that back, some time after a workflow is switched on or off. */
		const aboutRecords = () => server.standIn.requests.filter(({ path }) => !path.includes('/webhooks'));

		const written = () =>
			aboutRecords()
				.filter(({ host, method }) => host === kind.host && ['PUT', 'PATCH'].includes(method))
				.map(({ method, path, body }) => ({ method, path, body }));

		it('ends green on its sample data with nothing but a Confirma Finance credential, and sends nothing a second time', async () => {
			const fresh = await server.importCreateTheClient();
			const untouched = await server.importExample(readExample(kind.file), kind.credentials, fresh);
			const before = aboutRecords().length;
			for (let run = 0; run < 2; run++) {
				const execution = await server.runByHand(untouched, kind.trigger);
				expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
				expect(jsonOf(execution, 'Write the identifiers')).toHaveLength(1);
			}
			expect(sandbox().requests).toHaveLength(1);
			expect(sandbox().created).toMatchObject([
				{ body: { client: { name: expect.stringMatching(/^Example \w+ Oy$/), countryCode: 'FI', postalCode: '00100' } } },
			]);
			expect(aboutRecords()).toHaveLength(before);
		});

		describe('once it is set up', () => {
			beforeAll(async () => {
				workflow = await server.importExample(example, kind.credentials, server.createTheClient);
				send = await kind.listen({ client: server.live.client, workflow, example, standIn: server.standIn });
			});

			afterAll(async () => await server.live.client.deactivate(workflow.id));

			itOnEvents('creates one client for an event that comes three times at once and once more', async () => {
				const won = deal();
				const before = written().length;
				const executions = [...(await deliver(won, 'won', 3)), ...(await deliver(won, 'won'))];
				expect(executions.map((execution) => failureOf(execution) ?? execution.status)).toEqual(executions.map(() => 'success'));
				expect(sandbox().requests).toHaveLength(1);
				const [created] = sandbox().created;
				expect(created!.body).toMatchObject({
					client: { name: won.company!.name, businessCode: won.company!.id, countryCode: 'FI', postalCode: '00100' },
					contacts: { primary: { name: won.company!.contact.name, email: won.company!.contact.email } },
				});
				const identifiers = identifiersOf(created!);
				const expected = kind.writing(won, identifiers);
				for (const each of written().slice(before)) expect(each).toEqual(expected);
				expect(won.company!.identifiers).toEqual(identifiers);
				expect(server.storedTokens()[identifiers.clientIdentifier]).toBe(created!.apiAccessToken);
			});

			itOnNewest('creates nothing, in green, for a deal that is lost, moved, edited or reopened', async () => {
				const nothing: Array<[Partial<Deal>, Happening]> = [
					[{ status: 'lost', company: undefined }, 'lost'],
					[{ status: 'open' }, 'moved to another open stage'],
					[{ status: 'lost' }, 'won'],
					[{ status: 'open' }, 'reopened'],
					// Won before the workflow was there, and only edited now: Salesforce and Pipedrive tell of it.
					...(['salesforce.json', 'pipedrive.json'].includes(kind.file)
						? [[{ status: 'won', since: '2020-01-01' }, 'edited while won'] as [Partial<Deal>, Happening]]
						: []),
				];
				for (const [state, happening] of nothing.filter(([, tells]) => kind.tells(tells))) {
					const executions = await deliver(deal(state), happening);
					expect(executions.map((execution) => failureOf(execution))).toEqual([undefined]);
				}
				expect(sandbox().requests).toEqual([]);
			});

			itOnEvents('sends nothing, in green, for a second deal of a client and for a deal that is won again', async () => {
				const first = deal();
				await deliver(first, 'won');
				// Not even a contact is needed any more.
				const second = deal({ company: { ...first.company!, contact: { name: '', email: '' } } });
				for (const about of [first, second]) {
					const [execution] = await deliver(about, 'won');
					expect(failureOf(execution!)).toBeUndefined();
				}
				expect(sandbox().requests).toHaveLength(1);
			});

			const failures: Array<{ outcome: string; broken?: Partial<Company>; fault?: Fault; says: RegExp }> = [
				{ outcome: 'invalid', broken: { contact: { name: 'Matti', email: 'matti' } }, says: /^'Primary Contact Email'/ },
				{
					outcome: 'rejected',
					fault: { kind: 'status', status: 400, body: { message: 'No such partner' } },
					says: /No such partner/,
				},
				{ outcome: 'unknown', fault: { kind: 'resetAfterRead' }, says: /not known/i },
			];

			itOnNewest.each(failures)(
				'ends red and tells a person once what to do about $outcome',
				async ({ broken, fault, says, outcome }) => {
					if (fault) sandbox().inject(fault);
					const won = deal({ company: nextCompany(broken) });
					const before = written().length;
					const { text } = await messageAbout(won);
					expect(text).toMatch(says);
					expect(text).toContain(won.title);
					expect(written()).toHaveLength(before);
					// Once a person has acted, winning the deal again creates the client, except where nobody knows whether it exists.
					won.company = { ...won.company!, contact: nextCompany().contact };
					if (outcome === 'unknown') await messageAbout(won);
					else expect(failureOf((await deliver(won, 'won'))[0]!)).toBeUndefined();
					expect(sandbox().created).toHaveLength(1);
				},
			);

			itOnEvents('gives the CRM the identifiers with the next event, where it was away when the client was created', async () => {
				instead = ({ method }) =>
					['PUT', 'PATCH'].includes(method) ? { status: 500, body: { message: 'Out of order' } } : undefined;
				const won = deal();
				const { text } = await messageAbout(won);
				expect(text).not.toBe('');
				instead = undefined;
				const [execution] = await deliver(won, 'won');
				expect(failureOf(execution!)).toBeUndefined();
				expect(sandbox().requests).toHaveLength(1);
				expect(won.company!.identifiers).toEqual(identifiersOf(sandbox().created[0]!));
			});

			itOnNewest('sends nothing and says why, where a deal has no company or cannot be read', async () => {
				// n8n replaces a message in which it finds a network's code, wherever that comes from.
				expect((await messageAbout(deal({ company: undefined, title: 'Plan ECONNREFUSED' }))).text).toMatch(
					/^Nothing was sent to Confirma Finance\. The \w+ has no/,
				);
				instead = ({ method }) => (method === 'GET' ? { status: 500, body: { message: 'Out of order' } } : undefined);
				if (kind.file !== 'salesforce.json')
					expect((await messageAbout(deal())).text).toMatch(
						/^Nothing was sent to Confirma Finance\. The \w+ \S+ could not be read/,
					);
				expect(sandbox().requests).toEqual([]);
			});

			const address = addressOf(example);
			(address ? it : it.skip)('does nothing for an event without a key or a signature', async () => {
				const { client } = server.live;
				const known = await client.executionIds(workflow.id);
				const answer = await fetch(`${client.url}/webhook/${address}`, {
					method: 'POST',
					body: JSON.stringify([{ objectId: deal().id, subscriptionType: 'deal.propertyChange' }]),
					headers: { 'content-type': 'application/json' },
				});
				// HubSpot's requests are signed, and n8n thanks for one that isn't, but starts nothing.
				expect(answer.status).toBe({ 'hubspot-trigger.json': 200, 'pipedrive.json': 401 }[kind.file] ?? 403);
				expect(await client.executionIds(workflow.id)).toEqual(known);
			});

			(kind === superoffice ? itOnNewest : it.skip)('does nothing for an event with a wrong signature, and says so', async () => {
				const url = `${server.live.client.url}/webhook/superoffice-sale-sold`;
				const [execution] = await executionsOf(1, async () => await superofficeEvent(url, deal().id, 'another secret'));
				expect(failureOf(execution!)).toMatch(/The event was not signed by SuperOffice/);
				expect(sandbox().requests).toEqual([]);
			});

			const itAtAnyCrm = kind === anyCrm ? itOnNewest : it.skip;
			const json = 'application/json';

			/** Posts a body as it is, and gives the execution. */
			async function posted(body: string, type: string | undefined): Promise<Execution> {
				const headers = { [webhookKey.name]: webhookKey.value, ...(type !== undefined && { 'content-type': type }) };
				const url = `${server.live.client.url}/webhook/crm-deal-won`;
				// A text would get a content type by itself.
				const [execution] = await executionsOf(
					1,
					async () => await fetch(url, { method: 'POST', headers, body: Buffer.from(body) }),
				);
				return execution!;
			}

			itAtAnyCrm.each([
				['in a list', (id: string) => `[{"dealId": "${id}"}]`],
				['in data', (id: string) => `{"data": {"dealId": "${id}"}}`],
			])('takes an event %s for what it is', async (_, bodyOf) => {
				expect(failureOf(await posted(bodyOf(`D-${deal().id}`), json))).toBeUndefined();
				expect(sandbox().created).toHaveLength(1);
			});

			itAtAnyCrm.each([
				['text/plain', 'text/plain'],
				['no content type', undefined],
				['a type of its own', 'application/vnd.crm+json'],
			])('takes an event with %s for what it is, or says how to send it', async (_, type) => {
				const failure = failureOf(await posted(`{"dealId": "D-${deal().id}"}`, type));
				if (failure === undefined) expect(sandbox().created).toHaveLength(1);
				else expect(failure).toMatch(/The event names no deal\. Send {"dealId": "…"} as application\/json/);
			});

			itAtAnyCrm('refuses IDs that are too long for a number, in the event and in the CRM', async () => {
				const before = server.standIn.requests.length;
				expect(failureOf(await posted('{"dealId": 9007199254740993}', json))).toMatch(/send IDs as text/);
				expect(server.standIn.requests.slice(before).filter(({ path }) => /\d{10}/.test(path))).toEqual([]);
				const won = deal();
				instead = ({ path }) =>
					path.includes('/deals/')
						? { body: { id: `D-${won.id}`, title: 'x', status: 'won', companyId: 2 ** 53, contactId: 1 } }
						: undefined;
				expect((await messageAbout(won)).text).toMatch(/The ID of the company is longer than a number can be/);
				expect(server.standIn.requests.slice(before).filter(({ path }) => /\d{10}/.test(path))).toEqual([]);
				expect(sandbox().requests).toEqual([]);
			});

			itAtAnyCrm.each(['deals', 'companies', 'contacts'])(
				'refuses another record than the one that was asked for: %s',
				async (records) => {
					const won = deal();
					const other = deal();
					instead = (request) =>
						request.path.includes(`/${records}/`)
							? kind.answer({ ...request, path: request.path.replace(String(won.id), String(other.id)) }, deals)
							: undefined;
					expect((await messageAbout(won)).text).toMatch(/What the CRM answered is not the \w+ [DCP]-\d+/);
					expect(sandbox().requests).toEqual([]);
				},
			);

			itAtAnyCrm('does not stay green where the deal says nothing about being won', async () => {
				const won = deal();
				instead = ({ path }) => (path.includes('/deals/') ? { body: { id: `D-${won.id}`, stage: 'won' } } : undefined);
				expect((await messageAbout(won)).text).toMatch(/does not say whether it is won/);
			});

			itAtAnyCrm('creates one client for twenty events at once, and gives all of them its identifiers', async () => {
				const won = deal();
				const executions = await deliver(won, 'won', 20);
				expect(executions.map((execution) => failureOf(execution))).toEqual(executions.map(() => undefined));
				expect(sandbox().requests).toHaveLength(1);
				const { clientIdentifier } = identifiersOf(sandbox().created[0]!);
				// The first ones may find the company a client already.
				const answers = executions.flatMap((execution) => jsonOf(execution, shared.caller));
				for (const answer of answers) expect(answer).toMatchObject({ clientIdentifier });
			});
		});
	});

	it('shows no token to a CRM, in a message or in the table', async () => {
		expect(tokens.size).toBeGreaterThan(0);
		const crmRequests = server.standIn.requests.filter(({ host }) => host !== 'vault.example.com');
		const shown = JSON.stringify([crmRequests, server.messages(), await server.rows()]);
		for (const token of [...tokens, server.live.access.provisioningToken]) expect(shown).not.toContain(token);
	});
});

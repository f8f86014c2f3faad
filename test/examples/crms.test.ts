import { type Company, company } from '../support/n8n/dealWorkflow';
import { newestN8n, selectedVersions } from '../support/n8n/installN8n';
import { eventually, type Execution, N8nRefusal, type SavedWorkflow } from '../support/n8n/n8nClient';
import type { CreatedClient, Fault } from '../sandbox/sandbox';
import type { CrmAnswer, CrmRequest } from './crmStandIn';
import {
	type CrmKind,
	crmHosts,
	crmKinds,
	type Deal,
	type Happening,
	hostsOf,
	type Identifiers,
	superoffice,
	superofficeEvent,
} from './crms';
import { type Example, readExample, readExampleText, withSettings } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, shared, startExampleServer } from './exampleServer';

const asked = { sales: 'sales@testcustomer.fi', finance: 'finance@testcustomer.fi' };

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

describe.each(selectedVersions())('on n8n $version', (version) => {
	let server: ExampleServer;
	const tokens = new Set<string>();
	let companies = 0;

	const nextCompany = (changes: Partial<Company> = {}) => company(++companies, changes);

	beforeAll(async () => {
		server = await startExampleServer(version, crmHosts);
	});

	afterEach(() => {
		for (const { apiAccessToken } of server.live.sandbox.created) tokens.add(apiAccessToken);
		server.live.sandbox.reset();
	});

	afterAll(async () => await server?.close());

	describe.each(crmKinds)('$file', (kind) => {
		const example = kind.fillIn?.(readExample(kind.file)) ?? readExample(kind.file);
		// On other versions the file is imported and runs on its sample data.
		const itOnEvents = kind.hearsEvents(version.version) ? it : it.skip;
		// What doesn't depend on the version of n8n.
		const itOnNewest = version === newestN8n ? it : it.skip;
		const deals = new Map<number, Deal>();
		let workflow: SavedWorkflow;
		let send: Awaited<ReturnType<CrmKind['listen']>>;
		let refusal: ((request: CrmRequest) => CrmAnswer | undefined) | undefined;

		beforeAll(() => {
			for (const host of hostsOf(kind))
				server.standIn.serve(host, (request) => refusal?.(request) ?? kind.answer(request, deals, example));
		});

		async function listen(): Promise<void> {
			workflow = await server.importExample(example, kind.credentials, server.createTheClient);
			const { live, standIn } = server;
			send = await kind.listen({ client: live.client, workflow, example, standIn });
		}

		afterEach(() => {
			refusal = undefined;
		});

		function deal(changes: Partial<Deal> = {}): Deal {
			const id = 500 + deals.size;
			const made: Deal = { id, title: `Deal ${id}`, status: 'won', company: nextCompany(), since: '2026-10-01', ...changes };
			deals.set(id, made);
			return made;
		}

		/** Delivers an event and gives the executions that it caused, when they have ended. */
		async function deliver(about: Deal, happening: Happening, times = 1): Promise<Execution[]> {
			const { client } = server.live;
			const known = new Set(await client.executionIds(workflow.id));
			await send(about, happening, times);
			const expected = kind.gathers ? 1 : times;
			const ids = await eventually(`${expected} executions`, async () => {
				const fresh = (await client.executionIds(workflow.id)).filter((id) => !known.has(id));
				return fresh.length >= expected ? fresh : undefined;
			});
			return await Promise.all(ids.map(async (id) => await server.ended(id, kind.trigger)));
		}

		/** The messages that people get while something is done. */
		async function messagesDuring(work: () => Promise<unknown>) {
			const before = server.messages().length;
			await work();
			return server.messages().slice(before);
		}

		const written = () =>
			server.standIn.requests
				.filter(
					({ host, method, path }) => host === kind.host && ['PUT', 'PATCH'].includes(method) && !path.startsWith('/webhooks/'),
				)
				.map(({ method, path, body }) => ({ method, path, body }));

		it('runs on its sample data right after import, says in red what is left to do, and sends nothing a second time', async () => {
			const fresh = await server.importCreateTheClient();
			const untouched = await server.importExample(readExample(kind.file), kind.credentials, fresh);
			const before = server.standIn.requests.length;
			const execution = await server.runByHand(untouched, kind.trigger);
			expect(live().created).toHaveLength(1);
			expect(live().created[0]!.body).toMatchObject({
				service: { type: 'LIFECYCLE', partnerCode: 'QUICK3' },
				client: {
					name: expect.stringMatching(/^Example \w+ Oy$/),
					countryCode: 'FI',
					postalCode: '00100',
					postalDistrict: 'Helsinki',
					languageCode: 'FI',
					currencyCode: 'EUR',
				},
			});
			for (const node of ['Write the identifiers to the company', 'Write the identifiers to the deal'])
				expect(jsonOf(execution, node)).toHaveLength(1);
			expect(execution.status).toBe('error');
			expect(failureOf(execution)).toMatch(/^The access token of “Example \w+ Oy” was not stored\. It is in execution \d+ of/);
			expect(server.standIn.requests).toHaveLength(before);

			await server.runByHand(untouched, kind.trigger);
			expect(live().requests).toHaveLength(1);
		});

		it('says what to do when nobody has chosen the shared workflow', async () => {
			const forgotten = await server.importExample(readExample(kind.file), kind.credentials);
			await expect(runWithoutChoice(forgotten)).resolves.toMatch(/has issues/);
			// n8n 1 publishes anything.
			if (!version.version.startsWith('1.'))
				await expect(server.live.client.activate(forgotten.id)).rejects.toThrow(/Cannot publish[^]*Create the client/);
		});

		async function runWithoutChoice(forgotten: SavedWorkflow): Promise<string | undefined> {
			try {
				return failureOf(await server.runByHandToItsEnd(forgotten, kind.trigger));
			} catch (error) {
				if (error instanceof N8nRefusal) return error.body;
				throw error;
			}
		}

		describe('once it is set up', () => {
			beforeAll(listen);

			afterAll(async () => await server.live.client.deactivate(workflow.id));

			itOnEvents('creates one client for an event that comes three times, and writes to the CRM once', async () => {
				const won = deal();
				const before = written().length;
				const told = await messagesDuring(async () => {
					const executions = [...(await deliver(won, 'won', 3)), ...(await deliver(won, 'won'))];
					expect(executions.map((execution) => failureOf(execution) ?? execution.status)).toEqual(
						executions.map(() => 'success'),
					);
				});
				expect(live().requests).toHaveLength(1);
				const [created] = live().created;
				expect(created!.body).toMatchObject({
					client: { name: won.company!.name, businessCode: won.company!.id, countryCode: 'FI', postalCode: '00100' },
					contacts: { primary: { name: won.company!.contact.name, email: won.company!.contact.email } },
				});
				const identifiers = identifiersOf(created!);
				const expected = kind.writeBack(won, identifiers, example);
				expect(written().slice(before)).toHaveLength(2);
				expect(written().slice(before)).toEqual(expect.arrayContaining([expected.company, expected.deal]));
				expect(told).toEqual([]);
				expect(server.storedTokens()[identifiers.clientIdentifier]).toBe(created!.apiAccessToken);
			});

			itOnNewest('creates nothing when a deal is lost, moved, edited, or reopened before its event arrives', async () => {
				const nothing: Array<[Partial<Deal>, Happening]> = [
					[{ status: 'lost' }, 'lost'],
					[{ status: 'open' }, 'moved to another open stage'],
					[{ status: 'lost' }, 'won'],
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
				const told = await messagesDuring(async () => {
					for (const [state, happening] of nothing.filter(([, tells]) => kind.tells(tells))) {
						const executions = await deliver(deal(state), happening);
						expect(executions.map(({ status }) => status)).toEqual(['success']);
					}
				});
				expect(told).toEqual([]);
				expect(live().requests).toEqual([]);
			});

			itOnNewest('creates nothing more when a deal is reopened and won again', async () => {
				const won = deal();
				const told = await messagesDuring(async () => {
					await deliver(won, 'won');
					won.status = 'open';
					await deliver(won, 'reopened');
					won.status = 'won';
					await deliver(won, 'won');
				});
				expect(live().requests).toHaveLength(1);
				expect(told).toEqual([]);
			});

			itOnEvents('sends nothing for a second deal of a client, and gives the deal its identifiers', async () => {
				const first = deal();
				await deliver(first, 'won');
				const second = deal({ company: first.company! });
				const before = written().length;
				const told = await messagesDuring(async () => await deliver(second, 'won'));
				expect(live().requests).toHaveLength(1);
				expect(second.identifiers).toEqual(first.identifiers);
				expect(written().slice(before)).toEqual([kind.writeBack(second, first.identifiers!, example).deal]);
				expect(told).toEqual([]);
			});

			const failures: Array<{ outcome: string; broken?: Partial<Company>; fault?: Fault; to: string; says: RegExp }> = [
				{
					outcome: 'invalid',
					broken: { contact: { name: 'Matti Meikäläinen', email: 'matti' } },
					to: asked.sales,
					says: /Primary Contact Email[^]*What to do: correct this/,
				},
				{
					outcome: 'rejected',
					fault: { kind: 'status', status: 400, body: { message: 'No such partner' } },
					to: asked.finance,
					says: /did not accept the client[^]*No such partner[^]*What to do/,
				},
				{
					outcome: 'unknown',
					fault: { kind: 'resetAfterRead' },
					to: asked.finance,
					says: /not known whether[^]*What to do: ask Confirma Finance before anything else/,
				},
			];

			itOnNewest.each(failures)('tells a person what to do about $outcome', async ({ outcome, broken, fault, to, says }) => {
				if (fault) live().inject(fault);
				const won = deal({ company: nextCompany(broken) });
				const before = written().length;
				const told = await messagesDuring(async () => {
					const [execution] = await deliver(won, 'won');
					expect(jsonOf(execution!, shared.caller)).toMatchObject([
						{ outcome, toldTo: to === asked.sales ? 'sales' : 'finance' },
					]);
					expect(execution!.status).toBe('success');
				});
				expect(told).toEqual([{ to, subject: expect.stringContaining(won.company!.name), text: expect.stringMatching(says) }]);
				expect(told[0]!.text).toContain(won.title);
				expect(written()).toHaveLength(before);
				// Once a person has acted, winning the deal again creates the client, except where nobody knows whether it exists.
				won.company = { ...won.company!, contact: company(0).contact };
				const toldAgain = await messagesDuring(async () => await deliver(won, 'won'));
				expect(toldAgain.map((message) => message.subject)).toEqual(outcome === 'unknown' ? [told[0]!.subject] : []);
				expect(live().created).toHaveLength(1);
			});

			itOnEvents('tells finance the identifiers when the CRM does not take them', async () => {
				refusal = ({ method }) =>
					['PUT', 'PATCH'].includes(method) ? { status: 500, body: { message: 'Out of order' } } : undefined;
				const won = deal();
				const told = await messagesDuring(async () => await deliver(won, 'won'));
				const identifiers = identifiersOf(live().created[0]!);
				expect(told.map(({ to, subject }) => [to, subject]).sort()).toEqual([
					[asked.finance, expect.stringMatching(/^Enter the identifiers of .* in /)],
					[asked.finance, expect.stringMatching(/^Enter the identifiers of .* on its deal/)],
				]);
				const toldAll = told.map(({ text }) => text).join('\n');
				for (const identifier of Object.values(identifiers)) expect(toldAll).toContain(identifier);
				expect(server.storedTokens()).toHaveProperty(identifiers.clientIdentifier);
			});

			itOnNewest('tells sales when a won deal has no company and no contact, or cannot be read', async () => {
				const unread = deal();
				const told = await messagesDuring(async () => {
					await deliver(deal({ company: undefined }), 'won');
					refusal = ({ method }) => (method === 'GET' ? { status: 500, body: { message: 'Out of order' } } : undefined);
					if (kind.file !== 'salesforce.json') await deliver(unread, 'won');
				});
				expect(live().requests).toEqual([]);
				expect(told).toHaveLength(kind.file === 'salesforce.json' ? 1 : 2);
				for (const { to, text } of told) {
					expect(to).toBe(asked.sales);
					expect(text).toContain('What to do');
				}
			});

			// Where n8n's own nodes don't read the deal, an address that isn't the interface's may answer with a page.
			const reads = example.nodes.find(({ name, type }) => name.startsWith('Get the') && type === 'n8n-nodes-base.httpRequest');
			(reads ? itOnNewest : it.skip)('ends red when the CRM answers with something else than the deal', async () => {
				refusal = ({ method }) => (method === 'GET' ? { page: '<html>Log in</html>' } : undefined);
				const [execution] = await deliver(deal(), 'won');
				expect(failureOf(execution!)).toMatch(/is not the \w+ that was asked for/);
				expect(live().requests).toEqual([]);
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

			(kind.file === 'salesforce.json' ? itOnEvents : it.skip)(
				'says which day it wants when nobody can tell since when',
				async () => {
					const { live, standIn } = server;
					// It would hear of the change, too.
					await live.client.deactivate(workflow.id);
					const otherwise = withSettings(example, { wonSince: '23.11.2026' });
					const undated = await server.importExample(otherwise, kind.credentials, server.createTheClient);
					const tell = await kind.listen({ client: live.client, workflow: undated, example, standIn });
					await tell(deal(), 'won', 1);
					const id = await eventually('an execution', async () => (await live.client.executionIds(undated.id))[0]);
					const execution = await server.ended(id, kind.trigger);
					await live.client.deactivate(undated.id);
					expect(failureOf(execution)).toContain('wonSince in Your settings is “23.11.2026”; write the day as in 2026-11-30');
					expect(live.sandbox.requests).toEqual([]);
				},
			);

			(kind === superoffice ? it : it.skip)('does nothing for an event with a wrong signature, and says so', async () => {
				const { client } = server.live;
				const known = new Set(await client.executionIds(workflow.id));
				const won = deal();
				await superofficeEvent(`${client.url}/webhook/superoffice-sale-sold`, won.id, 'another secret');
				const id = await eventually('an execution', async () =>
					(await client.executionIds(workflow.id)).find((candidate) => !known.has(candidate)),
				);
				const execution = await server.ended(id, kind.trigger);
				expect(failureOf(execution)).toMatch(/^The signature doesn't match, so nothing was done/);
				expect(Object.keys(execution.data.resultData.runData)).not.toContain('Get the sale');
				expect(live().requests).toEqual([]);
			});
		});

		const live = () => server.live.sandbox;
	});

	it('shows no token to a CRM, in a message or in a note', () => {
		expect(tokens.size).toBeGreaterThan(0);
		const crmRequests = server.standIn.requests.filter(({ host }) => host !== 'vault.example.com');
		const shown = JSON.stringify([crmRequests, server.messages(), crmKinds.map(({ file }) => readExampleText(file))]);
		for (const token of [...tokens, server.live.access.provisioningToken]) expect(shown).not.toContain(token);
	});
});

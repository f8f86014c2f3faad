import { createHash, createHmac } from 'node:crypto';
import type { Company } from '../support/n8n/dealWorkflow';
import { eventually, type N8nClient, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type CrmAnswer, type CrmRequest, type CrmStandIn } from './crmStandIn';
import { type Example, pinned, settingsOf, withSettings } from './exampleFiles';
import type { CredentialData } from './exampleServer';

export type DealStatus = 'open' | 'won' | 'lost';

/** A company as the CRM has it. */
export interface CrmCompany extends Company {
	/** What was written back. */
	identifiers?: Identifiers;
}

/** A deal as the tests see it, whatever the CRM. */
export interface Deal {
	id: number;
	title: string;
	status: DealStatus;
	/** Undefined: the deal has no company, and no contact either. */
	company?: CrmCompany;
	/** What was written back. */
	identifiers?: Identifiers;
	/** Day of the last change of status, `YYYY-MM-DD`. */
	since: string;
}

export interface Identifiers {
	clientIdentifier: string;
	customerCode: string;
	paymentReferencePrefix: string;
}

/** What happened to a deal, as an event says it. */
export type Happening = 'won' | 'lost' | 'moved to another open stage' | 'edited while won' | 'reopened';

/** One CRM, the example for it, and how to play it at its own addresses. */
export interface CrmKind {
	file: string;
	trigger: string;
	host: string;
	/** Data of the credentials that the example's nodes need. */
	credentials: CredentialData;
	/** What a person fills in besides the credentials. */
	fillIn?(example: Example): Example;
	/** Whether an event of this kind reaches n8n at all: a CRM that is asked for changes of stage doesn't tell of edits. */
	tells(happening: Happening): boolean;
	/** Whether the example's trigger works as it should in this version of n8n. */
	hearsEvents(n8nVersion: string): boolean;
	/** Answers requests about deals, companies and contacts, and takes the write-back. */
	answer(request: CrmRequest, deals: Map<number, Deal>, example: Example): CrmAnswer | undefined;
	/** Makes n8n listen, and gives the function that delivers events, several of them at once. */
	listen(server: Listening): Promise<(deal: Deal, happening: Happening, times: number) => Promise<void>>;
	/** Whether several events come as items of one execution. */
	gathers?: boolean;
	/** The requests that write these identifiers to the company of a deal, and to the deal. */
	writeBack(deal: Deal, identifiers: Identifiers, example: Example): Record<'company' | 'deal', Written>;
}

export type Written = Pick<CrmRequest, 'method' | 'path' | 'body'>;

export interface Listening {
	client: N8nClient;
	workflow: SavedWorkflow;
	example: Example;
	standIn: CrmStandIn;
}

// The same for every company: the tests tell them apart by name and business id.
const address = { street: 'Testikuja 7', city: 'Helsinki' };

/** @param body posted as it is where it is a text */
async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`The event was answered with ${response.status}: ${await response.text()}`);
}

/** What n8n told the CRM when it asked for events; n8n 2 does so some time after the activation. */
async function registration<T>(standIn: CrmStandIn, method: string, pathEnd: string): Promise<T> {
	return await eventually(
		'n8n to ask for events',
		async () =>
			standIn.requests.findLast((request) => request.method === method && request.path.endsWith(pathEnd))?.body as T | undefined,
	);
}

/** Waits until the address that n8n told the CRM takes events. */
async function untilListening(url: string): Promise<void> {
	await eventually(`${url} to be registered`, async () =>
		(await (await fetch(url, { method: 'DELETE' })).text()).includes('POST') ? true : undefined,
	);
}

/** Whether a request of a CRM's own kind changes a record. */
const changes = ({ method }: CrmRequest) => ['PUT', 'PATCH'].includes(method);

const together = async (times: number, once: (attempt: number) => Promise<void>) => {
	await Promise.all(Array.from({ length: times }, (_, attempt) => once(attempt)));
};

const idIn = ({ path }: CrmRequest) => Number(/(\d+)(?:\/profile)?\)?\/?$/.exec(path)?.[1]);

function dealOf(request: CrmRequest, deals: Map<number, Deal>): Deal | undefined {
	return deals.get(idIn(request));
}

// Companies and contacts have the number of their deal.
const companyOf = (request: CrmRequest, deals: Map<number, Deal>) => dealOf(request, deals)?.company;

type HubspotRecord = { properties: Record<string, { value: string }> };

const hubspotProperties = (values: Record<string, string | undefined>) =>
	Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, { value }]])));

function hubspotAnswer(request: CrmRequest, deals: Map<number, Deal>, example: Example): CrmAnswer | undefined {
	const { method, path } = request;
	if (path === '/oauth/v1/token') return { body: oauthTokens };
	if (path.startsWith('/webhooks/')) {
		if (method === 'GET' && path.endsWith('/settings')) return undefined;
		return { body: method === 'GET' ? { results: [] } : {} };
	}
	const company = companyOf(request, deals);
	if (path.startsWith('/companies/')) {
		if (company && changes(request)) company.identifiers = hubspotIdentifiers(request);
		return (
			company && {
				body: {
					...pinned<HubspotRecord>(example, 'Get the company'),
					companyId: idIn(request),
					properties: hubspotProperties({
						name: company.name,
						business_id: company.id,
						address: address.street,
						zip: String(company.zip),
						city: address.city,
						country: company.country,
						...hubspotWritten(company.identifiers),
					}),
				},
			}
		);
	}
	if (path.startsWith('/contacts/')) {
		const [firstname, lastname] = company?.contact.name.split(' ') ?? [];
		return (
			company && {
				body: {
					...pinned<HubspotRecord>(example, 'Get the contact'),
					vid: idIn(request),
					properties: hubspotProperties({ firstname, lastname, email: company.contact.email }),
				},
			}
		);
	}
	const deal = dealOf(request, deals);
	if (!deal) return undefined;
	if (changes(request)) deal.identifiers = hubspotIdentifiers(request);
	return {
		body: {
			...pinned<HubspotRecord>(example, 'Get the deal'),
			dealId: deal.id,
			associations: { associatedVids: deal.company ? [deal.id] : [], associatedCompanyIds: deal.company ? [deal.id] : [] },
			properties: hubspotProperties({
				dealname: deal.title,
				hs_is_closed_won: String(deal.status === 'won'),
				...hubspotWritten(deal.identifiers),
			}),
		},
	};
}

const hubspotWritten = (identifiers?: Identifiers) => ({
	confirma_client_identifier: identifiers?.clientIdentifier,
	confirma_customer_code: identifiers?.customerCode,
	confirma_payment_reference_prefix: identifiers?.paymentReferencePrefix,
});

function hubspotIdentifiers({ body }: CrmRequest): Identifiers {
	const { properties } = body as { properties: Array<{ name: string; value: string }> };
	const [clientIdentifier = '', customerCode = '', paymentReferencePrefix = ''] = properties.map(({ value }) => value);
	return { clientIdentifier, customerCode, paymentReferencePrefix };
}

const hubspotWriteBack: CrmKind['writeBack'] = ({ id }, identifiers) => {
	const body = { properties: Object.entries(hubspotWritten(identifiers)).map(([name, value]) => ({ name, value })) };
	return {
		company: { method: 'PUT', path: `/companies/v2/companies/${id}`, body },
		deal: { method: 'PUT', path: `/deals/v1/deal/${id}`, body },
	};
};

const hubspotTrigger: CrmKind = {
	file: 'hubspot-trigger.json',
	trigger: 'When a deal changes its stage',
	host: 'api.hubapi.com',
	credentials: {
		hubspotDeveloperApi: { clientId: 'app', clientSecret: 'shared-with-hubspot', apiKey: 'developer-key', appId: '2001' },
		hubspotAppToken: { appToken: 'hubspot-app-token' },
	},
	hearsEvents: () => true,
	tells: (happening) => happening !== 'edited while won',
	answer: hubspotAnswer,
	writeBack: hubspotWriteBack,
	async listen({ client, workflow, standIn }) {
		await client.activate(workflow.id);
		const { targetUrl } = await registration<{ targetUrl: string }>(standIn, 'PUT', '/settings');
		await untilListening(targetUrl);
		return async (deal, happening, times) => {
			const stages: Record<string, string> = { won: 'closedwon', lost: 'closedlost' };
			const propertyValue = stages[happening] ?? 'contractsent';
			await together(times, async (attemptNumber) => {
				const events = [
					{
						eventId: deal.id,
						subscriptionId: 301,
						portalId: 12345678,
						appId: 2001,
						occurredAt: 1789992000000,
						subscriptionType: 'deal.propertyChange',
						attemptNumber,
						propertyName: 'dealstage',
						propertyValue,
						objectId: deal.id,
					},
				];
				const signature = createHash('sha256')
					.update(`shared-with-hubspot${JSON.stringify(events)}`)
					.digest('hex');
				await post(targetUrl, events, { 'x-hubspot-signature': signature });
			});
		};
	},
};

export const webhookKey = { name: 'X-Webhook-Key', value: 'shared-with-the-crm' };

/** Events to a webhook with a key in a header. */
const listenAtWebhook =
	(bodyOf: (deal: Deal, happening: Happening) => unknown): CrmKind['listen'] =>
	async ({ client, workflow }) => {
		await client.activate(workflow.id);
		const { path } = workflow.nodes.find(({ type }) => type === 'n8n-nodes-base.webhook')!.parameters;
		return async (deal, happening, times) => {
			await together(
				times,
				async () =>
					await post(`${client.url}/webhook/${String(path)}`, bodyOf(deal, happening), { [webhookKey.name]: webhookKey.value }),
			);
		};
	};

const hubspotWebhook: CrmKind = {
	...hubspotTrigger,
	file: 'hubspot-send-a-webhook.json',
	trigger: 'When HubSpot sends a won deal',
	credentials: { hubspotAppToken: { appToken: 'hubspot-app-token' }, httpHeaderAuth: webhookKey },
	// Its HubSpot workflow starts at won deals, but a deal may have been lost again when the event arrives.
	listen: listenAtWebhook(({ id }) => ({ dealId: id })),
};

type PipedriveRecord = { data: { custom_fields: Record<string, string | null> } };

/** The keys of one's own fields, which Pipedrive gives out at random. */
function pipedriveKeys(example: Example, on: 'organisation' | 'deal') {
	const settings = settingsOf(example);
	return {
		client: settings[`${on}ClientIdentifierKey`]!,
		customer: settings[`${on}CustomerCodeKey`]!,
		prefix: settings[`${on}PaymentReferencePrefixKey`]!,
	};
}

type PipedriveKeys = ReturnType<typeof pipedriveKeys>;

const pipedriveFields = ({ client, customer, prefix }: PipedriveKeys, identifiers?: Identifiers) => ({
	[client]: identifiers?.clientIdentifier ?? null,
	[customer]: identifiers?.customerCode ?? null,
	[prefix]: identifiers?.paymentReferencePrefix ?? null,
});

function pipedriveIdentifiers({ body }: CrmRequest, { client, customer, prefix }: PipedriveKeys): Identifiers {
	const { custom_fields: fields } = body as { custom_fields: Record<string, string> };
	return { clientIdentifier: fields[client]!, customerCode: fields[customer]!, paymentReferencePrefix: fields[prefix]! };
}

const pipedrive: CrmKind = {
	file: 'pipedrive.json',
	trigger: 'When a deal changes',
	host: 'api.pipedrive.com',
	credentials: {
		pipedriveApi: { apiToken: 'pipedrive-token' },
		httpBasicAuth: { user: 'pipedrive', password: 'shared-with-pipedrive' },
	},
	hearsEvents: () => true,
	tells: () => true,
	answer(request, deals, example) {
		const { method, path } = request;
		if (path.endsWith('/webhooks')) return { body: { success: true, data: method === 'GET' ? [] : { id: 1 } } };
		if (path.includes('/webhooks/')) return { body: { success: true } };
		const keys = { organisation: pipedriveKeys(example, 'organisation'), deal: pipedriveKeys(example, 'deal') };
		const deal = dealOf(request, deals);
		const found = (node: string, changes: object) => ({
			body: { success: true, data: { ...pinned<PipedriveRecord>(example, node).data, id: deal!.id, ...changes } },
		});
		const company = deal?.company;
		if (path.includes('/organizations/')) {
			if (company && changes(request)) company.identifiers = pipedriveIdentifiers(request, keys.organisation);
			return (
				company &&
				found('Get the organisation', {
					name: company.name,
					address: {
						value: `${address.street}, ${company.zip} ${address.city}`,
						postal_code: String(company.zip),
						country: company.country,
					},
					custom_fields: {
						[settingsOf(example).organisationBusinessIdKey!]: company.id,
						...pipedriveFields(keys.organisation, company.identifiers),
					},
				})
			);
		}
		if (path.includes('/persons/')) {
			return (
				company &&
				found('Get the person', {
					name: company.contact.name,
					emails: [
						{ value: 'other@example.com', primary: false },
						{ value: company.contact.email, primary: true },
					],
					phones: [],
				})
			);
		}
		if (!deal) return undefined;
		if (changes(request)) deal.identifiers = pipedriveIdentifiers(request, keys.deal);
		return found('Get the deal', {
			title: deal.title,
			status: deal.status,
			org_id: company ? deal.id : null,
			person_id: company ? deal.id : null,
			custom_fields: pipedriveFields(keys.deal, deal.identifiers),
		});
	},
	writeBack({ id }, identifiers, example) {
		const fieldsOn = (on: 'organisation' | 'deal') => ({
			custom_fields: pipedriveFields(pipedriveKeys(example, on), identifiers),
		});
		return {
			company: { method: 'PATCH', path: `/api/v2/organizations/${id}`, body: fieldsOn('organisation') },
			deal: { method: 'PATCH', path: `/api/v2/deals/${id}`, body: fieldsOn('deal') },
		};
	},
	async listen({ client, workflow, standIn }) {
		await client.activate(workflow.id);
		const told = await registration<Record<'subscription_url' | 'http_auth_user' | 'http_auth_password', string>>(
			standIn,
			'POST',
			'/webhooks',
		);
		const { subscription_url: url, http_auth_user: user, http_auth_password: password } = told;
		const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
		await untilListening(url);
		return async (deal, happening, times) => {
			const changes: Record<Happening, [DealStatus, object]> = {
				won: ['won', { status: 'open', won_time: null }],
				lost: ['lost', { status: 'open', lost_time: null }],
				'moved to another open stage': ['open', { stage_id: 2 }],
				'edited while won': ['won', { value: 4000 }],
				reopened: ['open', { status: 'won' }],
			};
			const [status, previous] = changes[happening];
			await together(times, async (attempt) => {
				const event = {
					meta: { action: 'change', entity: 'deal', entity_id: String(deal.id), version: '2.0', attempt: attempt + 1 },
					data: { id: deal.id, title: deal.title, status },
					previous,
				};
				await post(url, event, { authorization });
			});
		};
	},
};

const salesforceId = (id: number, prefix = '006') => `${prefix}${String(id).padStart(12, '0')}AAA`;

const salesforceFields = (identifiers?: Identifiers) => ({
	Confirma_Client_Identifier__c: identifiers?.clientIdentifier ?? null,
	Confirma_Customer_Code__c: identifiers?.customerCode ?? null,
	Confirma_Payment_Reference_Prefix__c: identifiers?.paymentReferencePrefix ?? null,
});

/** Opportunities that the next poll gives; each has to differ from what was seen before, or the trigger leaves it out. */
let salesforceChanges: object[] = [];
let salesforceClock = 0;

const salesforce: CrmKind = {
	file: 'salesforce.json',
	trigger: 'When an opportunity changes',
	host: 'example.my.salesforce.com',
	gathers: true,
	// In the older ones the trigger reports an opportunity once and never again, so the change to won is mostly lost.
	hearsEvents: (n8nVersion) => !['2.8.4', '1.123.81'].includes(n8nVersion),
	credentials: {
		salesforceOAuth2Api: { environment: 'production', clientId: 'connected-app', clientSecret: 'connected-app-secret' },
	},
	tells: () => true,
	answer(request, deals, example) {
		const { path, query } = request;
		if (path.endsWith('/services/oauth2/token')) {
			return {
				body: {
					access_token: 'salesforce-access-token',
					refresh_token: 'salesforce-refresh-token',
					token_type: 'Bearer',
					instance_url: `https://${salesforce.host}`,
				},
			};
		}
		if (changes(request)) {
			const [, prefix, id] = /(00[16])(\d+)AAA/.exec(path)!;
			const deal = deals.get(Number(id))!;
			const written = request.body as Record<string, string>;
			const changed = prefix === '001' ? deal.company! : deal;
			changed.identifiers = {
				clientIdentifier: written.Confirma_Client_Identifier__c!,
				customerCode: written.Confirma_Customer_Code__c!,
				paymentReferencePrefix: written.Confirma_Payment_Reference_Prefix__c!,
			};
			return { status: 204 };
		}
		const id = /WHERE Id = '006(\d+)AAA'/.exec(query.q ?? '')?.[1];
		if (id === undefined) {
			const records = salesforceChanges;
			salesforceChanges = [];
			return { body: { totalSize: records.length, done: true, records } };
		}
		const deal = deals.get(Number(id));
		if (!deal) return { body: { totalSize: 0, done: true, records: [] } };
		const { company } = deal;
		const record = {
			...pinned<object>(example, 'Get the opportunity, account and contact'),
			Id: salesforceId(deal.id),
			Name: deal.title,
			IsWon: deal.status === 'won',
			LastStageChangeDate: `${deal.since}T08:00:00.000+0000`,
			...salesforceFields(deal.identifiers),
			AccountId: company ? salesforceId(deal.id, '001') : null,
			Account: company
				? {
						Name: company.name,
						Business_ID__c: company.id,
						BillingStreet: address.street,
						BillingPostalCode: String(company.zip),
						BillingCity: address.city,
						BillingCountry: company.country,
						...salesforceFields(company.identifiers),
					}
				: null,
			OpportunityContactRoles: company
				? { totalSize: 1, done: true, records: [{ Contact: { Name: company.contact.name, Email: company.contact.email } }] }
				: null,
		};
		return { body: { totalSize: 1, done: true, records: [record] } };
	},
	writeBack: ({ id }, identifiers) => ({
		company: {
			method: 'PATCH',
			path: `/services/data/v59.0/sobjects/account/${salesforceId(id, '001')}`,
			body: salesforceFields(identifiers),
		},
		deal: {
			method: 'PATCH',
			path: `/services/data/v59.0/sobjects/opportunity/${salesforceId(id)}`,
			body: salesforceFields(identifiers),
		},
	}),
	// n8n asks Salesforce when the workflow is activated, which is sooner than its next minute.
	async listen({ client, workflow }) {
		return async (deal, _, times) => {
			const changed = () => ({
				Id: salesforceId(deal.id),
				Amount: 4800,
				Probability: 100,
				LastModifiedDate: new Date(1789992000000 + 1_000 * ++salesforceClock).toISOString(),
			});
			salesforceChanges = Array.from({ length: times }, changed);
			await client.deactivate(workflow.id);
			await client.activate(workflow.id);
			await eventually('Salesforce to be asked', async () => (salesforceChanges.length === 0 ? true : undefined));
		};
	},
};

function genericAnswer(request: CrmRequest, deals: Map<number, Deal>, example: Example): CrmAnswer | undefined {
	const { path } = request;
	// As many interfaces do where no record is named. No record but the one that was asked for may become a client.
	const first = {
		name: 'First of a list Oy',
		businessId: '1234567-1',
		country: 'Finland',
		email: 'first@example.com',
		status: 'won',
	};
	if (path.endsWith('/')) return { body: [first] };
	const deal = dealOf(request, deals);
	const company = deal?.company;
	if (path.includes('/companies/')) {
		if (company && changes(request)) company.identifiers = request.body as Identifiers;
		return (
			company && {
				body: {
					...pinned<object>(example, 'Get the company'),
					id: `C-${deal.id}`,
					name: company.name,
					businessId: company.id,
					vatNumber: false,
					street: address.street,
					postalCode: company.zip,
					city: address.city,
					country: company.country,
					// Some CRMs say "false" of what is empty.
					clientIdentifier: false,
					...company.identifiers,
				},
			}
		);
	}
	if (path.includes('/contacts/'))
		return company && { body: { ...pinned<object>(example, 'Get the contact'), ...company.contact } };
	if (!deal) return undefined;
	if (changes(request)) deal.identifiers = request.body as Identifiers;
	return {
		body: {
			...pinned<object>(example, 'Get the deal'),
			id: `D-${deal.id}`,
			title: deal.title,
			status: deal.status,
			companyId: company ? `C-${deal.id}` : null,
			contactId: company ? `P-${deal.id}` : null,
			clientIdentifier: deal.identifiers?.clientIdentifier ?? false,
		},
	};
}

export const anyCrm: CrmKind = {
	file: 'any-crm-webhook.json',
	trigger: 'When the CRM sends a deal',
	host: 'crm.example.com',
	credentials: { httpHeaderAuth: webhookKey },
	hearsEvents: () => true,
	tells: () => true,
	answer: genericAnswer,
	writeBack: ({ id }, identifiers) => ({
		company: { method: 'PATCH', path: `/api/companies/C-${id}`, body: identifiers },
		deal: { method: 'PATCH', path: `/api/deals/D-${id}`, body: identifiers },
	}),
	listen: listenAtWebhook(({ id }, happening) => ({
		event: 'deal.updated',
		dealId: `D-${id}`,
		status: { won: 'Won', 'edited while won': 'Won', lost: 'Lost', reopened: 'Open', 'moved to another open stage': 'Open' }[
			happening
		],
	})),
};

const superofficeSecret = 'shared-with-superoffice';

const superofficeFields = (identifiers?: Identifiers) => ({
	CustomFields: {
		confirma_client_identifier: identifiers?.clientIdentifier ?? '',
		confirma_customer_code: identifiers?.customerCode ?? '',
		confirma_payment_reference_prefix: identifiers?.paymentReferencePrefix ?? '',
	},
});

function superofficeIdentifiers({ body }: CrmRequest): Identifiers {
	const { CustomFields: fields } = body as ReturnType<typeof superofficeFields>;
	return {
		clientIdentifier: fields.confirma_client_identifier,
		customerCode: fields.confirma_customer_code,
		paymentReferencePrefix: fields.confirma_payment_reference_prefix,
	};
}

const oauthTokens = {
	access_token: 'crm-access-token',
	refresh_token: 'crm-refresh-token',
	token_type: 'Bearer',
	expires_in: 3600,
};

export const superoffice: CrmKind = {
	file: 'superoffice.json',
	trigger: 'When SuperOffice sends a sale',
	host: 'online.superoffice.com',
	credentials: {
		httpHeaderAuth: webhookKey,
		oAuth2Api: {
			grantType: 'authorizationCode',
			authUrl: 'https://online.superoffice.com/login/common/oauth/authorize',
			accessTokenUrl: 'https://online.superoffice.com/login/common/oauth/tokens',
			clientId: 'superoffice-app',
			clientSecret: 'superoffice-app-secret',
			scope: 'openid',
			authentication: 'body',
		},
	},
	fillIn: (example) => ({
		...example,
		nodes: example.nodes.map((node) =>
			node.name === 'Compute the signature' ? { ...node, parameters: { ...node.parameters, secret: superofficeSecret } } : node,
		),
	}),
	hearsEvents: () => true,
	tells: (happening) => happening === 'won',
	answer(request, deals, example) {
		const { path } = request;
		if (path.endsWith('/oauth/tokens')) return { body: oauthTokens };
		const deal = dealOf(request, deals);
		const company = deal?.company;
		if (path.includes('/Contact/')) {
			if (company && changes(request)) company.identifiers = superofficeIdentifiers(request);
			return (
				company && {
					body: {
						...pinned<object>(example, 'Get the company'),
						ContactId: deal.id,
						Name: company.name,
						OrgNr: company.id,
						Country: { EnglishName: company.country },
						Address: { Street: { Address1: address.street, Zipcode: String(company.zip), City: address.city } },
						...superofficeFields(company.identifiers),
						...(company.country === 'Suomi' ? { Country: { EnglishName: 'Finland', TwoLetterISOCountry: 'FI' } } : {}),
					},
				}
			);
		}
		if (path.includes('/Person/')) {
			const [Firstname, Lastname] = company?.contact.name.split(' ') ?? [];
			return (
				company && {
					body: {
						...pinned<object>(example, 'Get the person'),
						PersonId: deal.id,
						Firstname,
						Lastname,
						Emails: [{ Value: company.contact.email }],
					},
				}
			);
		}
		if (!deal) return undefined;
		if (changes(request)) deal.identifiers = superofficeIdentifiers(request);
		return {
			body: {
				...pinned<object>(example, 'Get the sale'),
				SaleId: deal.id,
				Heading: deal.title,
				Status: { open: 'Open', won: 'Sold', lost: 'Lost' }[deal.status],
				Contact: company ? { ContactId: deal.id, Name: company.name } : null,
				Person: company ? { PersonId: deal.id, FullName: company.contact.name } : null,
				...superofficeFields(deal.identifiers),
			},
		};
	},
	writeBack: ({ id }, identifiers) => ({
		company: { method: 'PATCH', path: `/Cust00000/api/v1/Contact/${id}`, body: superofficeFields(identifiers) },
		deal: { method: 'PATCH', path: `/Cust00000/api/v1/Sale/${id}`, body: superofficeFields(identifiers) },
	}),
	async listen({ client, workflow }) {
		await client.activate(workflow.id);
		return async ({ id }, _, times) => {
			await together(times, async () => await superofficeEvent(`${client.url}/webhook/superoffice-sale-sold`, id));
		};
	},
};

/** Sends a sold sale as SuperOffice does. @param secret the one that it signs with */
export async function superofficeEvent(url: string, id: number, secret = superofficeSecret): Promise<void> {
	const body = { EventId: `event-${id}`, Changes: ['status'], Event: 'sale.sold', PrimaryKey: id, Entity: 'sale' };
	// Spaces as JSON.stringify wouldn't put them: what is signed is the text, not what it says.
	const text = JSON.stringify(body, null, 1);
	await post(url, text, {
		[webhookKey.name]: webhookKey.value,
		'x-superoffice-signature': createHmac('sha256', secret).update(text).digest('base64'),
	});
}

const dynamicsId = (id: number) => `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;

const joinedFields = (prefix: string, identifiers?: Identifiers, empty: string | null = null) => ({
	[`${prefix}confirmaclientidentifier`]: identifiers?.clientIdentifier ?? empty,
	[`${prefix}confirmacustomercode`]: identifiers?.customerCode ?? empty,
	[`${prefix}confirmapaymentreferenceprefix`]: identifiers?.paymentReferencePrefix ?? empty,
});

function joinedIdentifiers({ body }: CrmRequest): Identifiers {
	const [clientIdentifier = '', customerCode = '', paymentReferencePrefix = ''] = Object.values(body as Record<string, string>);
	return { clientIdentifier, customerCode, paymentReferencePrefix };
}

const dynamics: CrmKind = {
	file: 'dynamics-365.json',
	trigger: 'When Power Automate sends an opportunity',
	host: 'example.crm4.dynamics.com',
	credentials: {
		httpHeaderAuth: webhookKey,
		microsoftDynamicsOAuth2Api: {
			clientId: 'dynamics-app',
			clientSecret: 'dynamics-app-secret',
			subdomain: 'example',
			region: 'crm4.dynamics.com',
		},
	},
	hearsEvents: () => true,
	tells: (happening) => happening === 'won',
	answer(request, deals, example) {
		const deal = dealOf(request, deals);
		if (!deal) return request.path.endsWith('/token') ? { body: oauthTokens } : undefined;
		const { company } = deal;
		if (changes(request)) {
			(request.path.includes('/accounts(') ? company! : deal).identifiers = joinedIdentifiers(request);
			return { status: 204 };
		}
		return {
			body: {
				...pinned<object>(example, 'Get the opportunity, account and contact'),
				opportunityid: dynamicsId(deal.id),
				name: deal.title,
				statecode: { open: 0, won: 1, lost: 2 }[deal.status],
				...joinedFields('new_', deal.identifiers),
				parentaccountid: company
					? {
							accountid: dynamicsId(deal.id),
							name: company.name,
							address1_line1: address.street,
							address1_postalcode: String(company.zip),
							address1_city: address.city,
							address1_country: company.country,
							new_businessid: company.id,
							...joinedFields('new_', company.identifiers),
						}
					: null,
				parentcontactid: company ? { fullname: company.contact.name, emailaddress1: company.contact.email } : null,
			},
		};
	},
	writeBack: ({ id }, identifiers) => ({
		company: { method: 'PATCH', path: `/api/data/v9.2/accounts(${dynamicsId(id)})`, body: joinedFields('new_', identifiers) },
		deal: { method: 'PATCH', path: `/api/data/v9.2/opportunities(${dynamicsId(id)})`, body: joinedFields('new_', identifiers) },
	}),
	listen: listenAtWebhook(({ id }) => ({ opportunityId: dynamicsId(id) })),
};

const lime: CrmKind = {
	file: 'lime.json',
	trigger: 'When Lime sends a deal',
	host: 'example.lime-crm.com',
	credentials: { httpHeaderAuth: webhookKey },
	// The file has the status by its key; a person may write it as Lime shows it.
	fillIn: (example) => withSettings(example, { wonStatus: 'Agreement' }),
	hearsEvents: () => true,
	tells: () => true,
	answer(request, deals, example) {
		const deal = dealOf(request, deals);
		if (!deal) return undefined;
		const { company } = deal;
		const read = pinned<{ _embedded: { relation_company: object; relation_person: object } }>(
			example,
			'Get the deal, company and person',
		);
		if (changes(request)) {
			(request.path.includes('/company/') ? company! : deal).identifiers = joinedIdentifiers(request);
			return { body: { _id: deal.id, ...(request.body as object) } };
		}
		const [firstname, lastname] = company?.contact.name.split(' ') ?? [];
		return {
			body: {
				...read,
				_id: deal.id,
				name: deal.title,
				dealstatus: {
					open: { key: 'tender', text: 'Tender' },
					won: { key: 'agreement', text: 'Agreement' },
					lost: { key: 'rejection', text: 'Rejection' },
				}[deal.status],
				...joinedFields('', deal.identifiers, ''),
				_embedded: company && {
					relation_company: {
						...read._embedded.relation_company,
						_id: deal.id,
						name: company.name,
						registrationno: company.id,
						postalzipcode: String(company.zip),
						country: { text: company.country },
						...joinedFields('', company.identifiers, ''),
					},
					relation_person: { ...read._embedded.relation_person, firstname, lastname, email: company.contact.email },
				},
			},
		};
	},
	writeBack: ({ id }, identifiers) => ({
		company: { method: 'PUT', path: `/example/api/v1/limeobject/company/${id}/`, body: joinedFields('', identifiers) },
		deal: { method: 'PUT', path: `/example/api/v1/limeobject/deal/${id}/`, body: joinedFields('', identifiers) },
	}),
	listen: listenAtWebhook(({ id }) => ({ event: 'deal.update', body: { id, limetype: 'deal', values: { id } } })),
};

export const crmKinds: readonly CrmKind[] = [
	hubspotTrigger,
	hubspotWebhook,
	pipedrive,
	salesforce,
	superoffice,
	dynamics,
	lime,
	anyCrm,
];

/** Where the CRMs let a person log in. */
const logins = ['login.salesforce.com', 'login.microsoftonline.com'];

/** Hosts at which the CRMs are played. */
export const crmHosts: readonly string[] = [...new Set(crmKinds.map(({ host }) => host)), ...logins];

/** Hosts that answer for a CRM: its own, and those of the log-ins. */
export const hostsOf = ({ host }: CrmKind): readonly string[] => [host, ...logins];

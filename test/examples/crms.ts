import { createHash } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import type { Company } from '../support/n8n/dealWorkflow';
import { eventually, type N8nClient, type SavedCredential, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type CrmAnswer, type CrmRequest, type CrmStandIn } from './crmStandIn';
import { type Example, pinned } from './exampleFiles';

export type DealStatus = 'open' | 'won' | 'lost';

/** A deal as the tests see it, whatever the CRM. */
export interface Deal {
	id: number;
	title: string;
	status: DealStatus;
	/** Undefined: the deal has no company, and no contact either. */
	company?: Company;
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
	/** Data of the credentials that the example's nodes need, by credential type. */
	credentials: Record<string, Record<string, unknown>>;
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
	/** The request that writes these identifiers to the deal. */
	writeBack(deal: Deal, identifiers: Identifiers, example: Example): Pick<CrmRequest, 'method' | 'path' | 'body'>;
}

export interface Listening {
	client: N8nClient;
	workflow: SavedWorkflow;
	example: Example;
	standIn: CrmStandIn;
}

/** The type of the credential that a node of an example needs, if any. */
export function credentialType({ type, parameters }: INode): string | undefined {
	switch (type) {
		case 'n8n-nodes-base.hubspotTrigger':
			return 'hubspotDeveloperApi';
		case 'n8n-nodes-base.hubspot':
			return 'hubspotAppToken';
		case 'n8n-nodes-base.pipedriveTrigger':
			return 'pipedriveApi';
		case 'n8n-nodes-base.salesforceTrigger':
		case 'n8n-nodes-base.salesforce':
			return 'salesforceOAuth2Api';
		case 'n8n-nodes-base.webhook':
			return parameters.authentication === 'headerAuth' ? 'httpHeaderAuth' : undefined;
		case 'n8n-nodes-base.httpRequest':
			return String(parameters.nodeCredentialType ?? parameters.genericAuthType);
		default:
			return undefined;
	}
}

// The same for every company: the tests tell them apart by name and business id.
const address = { street: 'Testikuja 7', city: 'Helsinki' };

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body),
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

const together = async (times: number, once: (attempt: number) => Promise<void>) => {
	await Promise.all(Array.from({ length: times }, (_, attempt) => once(attempt)));
};

const idIn = ({ path }: CrmRequest) => Number(/(\d+)(?:\/profile)?$/.exec(path)?.[1]);

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
	if (path.startsWith('/webhooks/')) {
		if (method === 'GET' && path.endsWith('/settings')) return undefined;
		return { body: method === 'GET' ? { results: [] } : {} };
	}
	const company = companyOf(request, deals);
	if (path.startsWith('/companies/')) {
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
	if (method === 'PUT') {
		const { properties } = request.body as { properties: Array<{ name: string; value: unknown }> };
		const [clientIdentifier = '', customerCode = '', paymentReferencePrefix = ''] = properties.map(({ value }) => String(value));
		deal.identifiers = { clientIdentifier, customerCode, paymentReferencePrefix };
	}
	return {
		body: {
			...pinned<HubspotRecord>(example, 'Get the deal'),
			dealId: deal.id,
			associations: { associatedVids: deal.company ? [deal.id] : [], associatedCompanyIds: deal.company ? [deal.id] : [] },
			properties: hubspotProperties({
				dealname: deal.title,
				hs_is_closed_won: String(deal.status === 'won'),
				confirma_client_identifier: deal.identifiers?.clientIdentifier,
			}),
		},
	};
}

const hubspotWriteBack: CrmKind['writeBack'] = ({ id }, { clientIdentifier, customerCode, paymentReferencePrefix }) => ({
	method: 'PUT',
	path: `/deals/v1/deal/${id}`,
	body: {
		properties: [
			{ name: 'confirma_client_identifier', value: Number(clientIdentifier) },
			{ name: 'confirma_customer_code', value: Number(customerCode) },
			{ name: 'confirma_payment_reference_prefix', value: Number(paymentReferencePrefix) },
		],
	},
});

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

const webhookKey = { name: 'X-Webhook-Key', value: 'shared-with-the-crm' };

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

/** What an example has in its node 'Your settings', by name. */
function settingsOf(example: Example): Record<string, string> {
	const { parameters } = example.nodes.find(({ name }) => name === 'Your settings')!;
	const { assignments } = parameters.assignments as { assignments: Array<{ name: string; value: string }> };
	return Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
}

/** The keys of one's own fields, which Pipedrive gives out at random. */
function pipedriveKeys(example: Example) {
	const { organisationBusinessIdKey, dealClientIdentifierKey, dealCustomerCodeKey, dealPaymentReferencePrefixKey } = settingsOf(
		example,
	) as Record<string, string>;
	return {
		business: organisationBusinessIdKey!,
		client: dealClientIdentifierKey!,
		customer: dealCustomerCodeKey!,
		prefix: dealPaymentReferencePrefixKey!,
	};
}

const pipedrive: CrmKind = {
	file: 'pipedrive.json',
	trigger: 'When a deal changes',
	host: 'api.pipedrive.com',
	credentials: { pipedriveApi: { apiToken: 'pipedrive-token' } },
	hearsEvents: () => true,
	tells: () => true,
	answer(request, deals, example) {
		const { method, path } = request;
		if (path.endsWith('/webhooks')) return { body: { success: true, data: method === 'GET' ? [] : { id: 1 } } };
		if (path.includes('/webhooks/')) return { body: { success: true } };
		const fields = pipedriveKeys(example);
		const deal = dealOf(request, deals);
		const found = (node: string, changes: object) => ({
			body: { success: true, data: { ...pinned<PipedriveRecord>(example, node).data, id: deal!.id, ...changes } },
		});
		const company = deal?.company;
		if (path.includes('/organizations/')) {
			return (
				company &&
				found('Get the organisation', {
					name: company.name,
					address: {
						value: `${address.street}, ${company.zip} ${address.city}`,
						postal_code: String(company.zip),
						country: company.country,
					},
					custom_fields: { [fields.business]: company.id },
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
		if (method === 'PATCH') {
			const { custom_fields } = request.body as { custom_fields: Record<string, string> };
			deal.identifiers = {
				clientIdentifier: custom_fields[fields.client]!,
				customerCode: custom_fields[fields.customer]!,
				paymentReferencePrefix: custom_fields[fields.prefix]!,
			};
		}
		return found('Get the deal', {
			title: deal.title,
			status: deal.status,
			org_id: company ? deal.id : null,
			person_id: company ? deal.id : null,
			custom_fields: { [fields.client]: deal.identifiers?.clientIdentifier ?? null },
		});
	},
	writeBack({ id }, { clientIdentifier, customerCode, paymentReferencePrefix }, example) {
		const { client, customer, prefix } = pipedriveKeys(example);
		return {
			method: 'PATCH',
			path: `/api/v2/deals/${id}`,
			body: { custom_fields: { [client]: clientIdentifier, [customer]: customerCode, [prefix]: paymentReferencePrefix } },
		};
	},
	async listen({ client, workflow, standIn }) {
		await client.activate(workflow.id);
		const { subscription_url: url } = await registration<{ subscription_url: string }>(standIn, 'POST', '/webhooks');
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
				await post(url, {
					meta: { action: 'change', entity: 'deal', entity_id: String(deal.id), version: '2.0', attempt: attempt + 1 },
					data: { id: deal.id, title: deal.title, status },
					previous,
				});
			});
		};
	},
};

const salesforceId = (id: number) => `006${String(id).padStart(12, '0')}AAA`;

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
		const { method, path, query } = request;
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
		if (method === 'PATCH') {
			const deal = deals.get(Number(/006(\d+)AAA/.exec(path)?.[1]))!;
			const written = request.body as Record<string, unknown>;
			deal.identifiers = {
				clientIdentifier: String(written.Confirma_Client_Identifier__c),
				customerCode: String(written.Confirma_Customer_Code__c),
				paymentReferencePrefix: String(written.Confirma_Payment_Reference_Prefix__c),
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
			Confirma_Client_Identifier__c: deal.identifiers?.clientIdentifier ?? null,
			Account: company
				? {
						Name: company.name,
						Business_ID__c: company.id,
						BillingStreet: address.street,
						BillingPostalCode: String(company.zip),
						BillingCity: address.city,
						BillingCountry: company.country,
					}
				: null,
			OpportunityContactRoles: company
				? { totalSize: 1, done: true, records: [{ Contact: { Name: company.contact.name, Email: company.contact.email } }] }
				: null,
		};
		return { body: { totalSize: 1, done: true, records: [record] } };
	},
	writeBack: ({ id }, { clientIdentifier, customerCode, paymentReferencePrefix }) => ({
		method: 'PATCH',
		path: `/services/data/v59.0/sobjects/opportunity/${salesforceId(id)}`,
		body: {
			Confirma_Client_Identifier__c: Number(clientIdentifier),
			Confirma_Customer_Code__c: Number(customerCode),
			Confirma_Payment_Reference_Prefix__c: Number(paymentReferencePrefix),
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
		};
	},
};

function genericAnswer(request: CrmRequest, deals: Map<number, Deal>, example: Example): CrmAnswer | undefined {
	const { method, path } = request;
	const deal = dealOf(request, deals);
	const company = deal?.company;
	if (path.includes('/companies/'))
		return (
			company && {
				body: {
					...pinned<object>(example, 'Get the company'),
					name: company.name,
					businessId: company.id,
					vatNumber: '',
					street: address.street,
					postalCode: company.zip,
					city: address.city,
					country: company.country,
				},
			}
		);
	if (path.includes('/contacts/'))
		return company && { body: { ...pinned<object>(example, 'Get the contact'), ...company.contact } };
	if (!deal) return undefined;
	if (method === 'PATCH') deal.identifiers = request.body as Identifiers;
	const related = company ? deal.id : 0;
	return {
		body: {
			...pinned<object>(example, 'Get the deal'),
			id: `D-${deal.id}`,
			title: deal.title,
			status: deal.status,
			companyId: `C-${related}`,
			contactId: `P-${related}`,
			clientIdentifier: deal.identifiers?.clientIdentifier ?? null,
		},
	};
}

const anyCrm: CrmKind = {
	file: 'any-crm-webhook.json',
	trigger: 'When the CRM sends a deal',
	host: 'crm.example.com',
	credentials: { httpHeaderAuth: webhookKey },
	hearsEvents: () => true,
	tells: () => true,
	answer: genericAnswer,
	writeBack: ({ id }, identifiers) => ({ method: 'PATCH', path: `/api/deals/D-${id}`, body: identifiers }),
	listen: listenAtWebhook(({ id }, happening) => ({
		event: 'deal.updated',
		dealId: `D-${id}`,
		status: { won: 'Won', 'edited while won': 'Won', lost: 'Lost', reopened: 'Open', 'moved to another open stage': 'Open' }[
			happening
		],
	})),
};

/** The example in which a person approves; its CRM is the same as that of `anyCrm`. */
export const review: CrmKind = { ...anyCrm, file: 'review-before-create.json' };

export const crmKinds: readonly CrmKind[] = [hubspotTrigger, hubspotWebhook, pipedrive, salesforce, anyCrm];

/** Hosts at which the CRMs are played. */
export const crmHosts: readonly string[] = [...new Set(crmKinds.map(({ host }) => host)), 'login.salesforce.com'];

/** Credentials that were made by now, by type. */
export type CredentialsByType = Record<string, SavedCredential>;

import { createHash, createHmac } from 'node:crypto';
import type { Company } from '../support/n8n/dealWorkflow';
import { eventually, type N8nClient, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type CrmAnswer, type CrmRequest, type CrmStandIn } from './crmStandIn';
import { type Example } from './exampleFiles';
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
	/** Answers requests about deals, companies and contacts, and takes the identifiers. */
	answer(request: CrmRequest, deals: Map<number, Deal>): CrmAnswer | undefined;
	/** Makes n8n listen, and gives the function that delivers events, several of them at once. */
	listen(server: Listening): Promise<(deal: Deal, happening: Happening, times: number) => Promise<void>>;
	/** Whether several events come as items of one execution. */
	gathers?: boolean;
	/** The request that writes these identifiers to the company of a deal. */
	writing(deal: Deal, identifiers: Identifiers): Written;
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

/** Takes what n8n writes to a company: the three identifiers, in their order. */
function take(company: CrmCompany, values: unknown[]): void {
	const [clientIdentifier, customerCode, paymentReferencePrefix] = values.map(String);
	company.identifiers = {
		clientIdentifier: clientIdentifier!,
		customerCode: customerCode!,
		paymentReferencePrefix: paymentReferencePrefix!,
	};
}

/** The identifiers under the CRM's own names. @param empty what the CRM has where there are none */
function named(names: readonly string[], identifiers: Identifiers | undefined, empty: unknown = null): Record<string, unknown> {
	const { clientIdentifier, customerCode, paymentReferencePrefix } = identifiers ?? ({} as Partial<Identifiers>);
	const values = [clientIdentifier, customerCode, paymentReferencePrefix];
	return Object.fromEntries(names.map((name, index) => [name, values[index] ?? empty]));
}

const oauthTokens = { access_token: 'access', refresh_token: 'refresh', token_type: 'Bearer', expires_in: 3600 };

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

const hubspotNames = ['confirma_client_identifier', 'confirma_customer_code', 'confirma_payment_reference_prefix'];

const hubspotProperties = (values: Record<string, unknown>) =>
	Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, { value }]])));

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
	answer(request, deals) {
		const { method, path, body } = request;
		if (path === '/oauth/v1/token') return { body: oauthTokens };
		if (path.startsWith('/webhooks/')) {
			if (method === 'GET' && path.endsWith('/settings')) return undefined;
			return { body: method === 'GET' ? { results: [] } : {} };
		}
		const deal = dealOf(request, deals);
		const company = deal?.company;
		if (path.startsWith('/deals/')) {
			const linked = company ? [deal.id] : [];
			return (
				deal && {
					body: {
						portalId: 1,
						dealId: deal.id,
						associations: { associatedVids: linked, associatedCompanyIds: linked },
						properties: hubspotProperties({ dealname: deal.title, hs_is_closed_won: String(deal.status === 'won') }),
					},
				}
			);
		}
		if (!company) return undefined;
		if (path.startsWith('/contacts/')) {
			const [firstname, lastname] = company.contact.name.split(' ');
			return { body: { vid: deal.id, properties: hubspotProperties({ firstname, lastname, email: company.contact.email }) } };
		}
		if (changes(request)) {
			take(
				company,
				(body as { properties: Array<{ value: string }> }).properties.map(({ value }) => value),
			);
		}
		const { name, id, zip, country, identifiers } = company;
		return {
			body: {
				companyId: deal.id,
				properties: hubspotProperties({
					...{ name, business_id: id, address: address.street, zip: String(zip), city: address.city, country },
					...named(hubspotNames, identifiers),
				}),
			},
		};
	},
	writing: ({ id }, identifiers) => ({
		method: 'PUT',
		path: `/companies/v2/companies/${id}`,
		body: { properties: Object.entries(named(hubspotNames, identifiers)).map(([name, value]) => ({ name, value })) },
	}),
	async listen({ client, workflow, standIn }) {
		await client.activate(workflow.id);
		const { targetUrl } = await registration<{ targetUrl: string }>(standIn, 'PUT', '/settings');
		await untilListening(targetUrl);
		return async (deal, happening, times) => {
			const propertyValue = { won: 'closedwon', lost: 'closedlost' }[String(happening)] ?? 'contractsent';
			await together(times, async (attemptNumber) => {
				const events = [
					{ subscriptionType: 'deal.propertyChange', attemptNumber, propertyName: 'dealstage', propertyValue, objectId: deal.id },
				];
				const signature = createHash('sha256')
					.update(`shared-with-hubspot${JSON.stringify(events)}`)
					.digest('hex');
				await post(targetUrl, events, { 'x-hubspot-signature': signature });
			});
		};
	},
};

const hubspotWebhook: CrmKind = {
	...hubspotTrigger,
	file: 'hubspot-send-a-webhook.json',
	trigger: 'When HubSpot sends a won deal',
	credentials: { hubspotAppToken: { appToken: 'hubspot-app-token' }, httpHeaderAuth: webhookKey },
	// Its HubSpot workflow starts at won deals, but a deal may have been lost again when the event arrives.
	listen: listenAtWebhook(({ id }) => ({ dealId: id })),
};

const pipedriveKeys = ['6f', '7a', '8b'].map((digits) => digits.repeat(20));

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
	answer(request, deals) {
		const { method, path, body } = request;
		if (path.endsWith('/webhooks')) return { body: { success: true, data: method === 'GET' ? [] : { id: 1 } } };
		if (path.includes('/webhooks/')) return { body: { success: true } };
		const deal = dealOf(request, deals);
		const company = deal?.company;
		const found = (data: object) => ({ body: { success: true, data: { id: deal!.id, ...data } } });
		if (path.includes('/deals/')) {
			const link = company ? deal.id : null;
			return deal && found({ title: deal.title, status: deal.status, org_id: link, person_id: link });
		}
		if (!company) return undefined;
		if (path.includes('/persons/')) {
			const { name, email } = company.contact;
			return found({ name, emails: [{ value: 'other@example.com' }, { value: email, primary: true }], phones: [] });
		}
		if (changes(request)) take(company, Object.values((body as { custom_fields: object }).custom_fields));
		return found({
			name: company.name,
			address: { value: address.street, postal_code: String(company.zip), country: company.country },
			custom_fields: { ['1a'.repeat(20)]: company.id, ...named(pipedriveKeys, company.identifiers) },
		});
	},
	writing: ({ id }, identifiers) => ({
		method: 'PATCH',
		path: `/api/v2/organizations/${id}`,
		body: { custom_fields: named(pipedriveKeys, identifiers) },
	}),
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
			const said: Record<Happening, [DealStatus, object]> = {
				won: ['won', { status: 'open' }],
				lost: ['lost', { status: 'open' }],
				'moved to another open stage': ['open', { stage_id: 2 }],
				'edited while won': ['won', { value: 4000 }],
				reopened: ['open', { status: 'won' }],
			};
			const [status, previous] = said[happening];
			const event = { meta: { action: 'change', entity: 'deal' }, data: { id: deal.id, status }, previous };
			await together(times, async () => await post(url, event, { authorization }));
		};
	},
};

const salesforceId = (id: number, prefix = '006') => `${prefix}${String(id).padStart(12, '0')}AAA`;
const salesforceNames = ['Confirma_Client_Identifier__c', 'Confirma_Customer_Code__c', 'Confirma_Payment_Reference_Prefix__c'];

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
	answer(request, deals) {
		const { path, query, body } = request;
		if (path.endsWith('/services/oauth2/token')) return { body: { ...oauthTokens, instance_url: `https://${salesforce.host}` } };
		if (changes(request)) {
			take(deals.get(Number(/001(\d+)AAA/.exec(path)![1]))!.company!, Object.values(body as object));
			return { status: 204 };
		}
		const id = /WHERE Id = '006(\d+)AAA'/.exec(query.q ?? '')?.[1];
		const listed = (records: object[]) => ({ body: { totalSize: records.length, done: true, records } });
		if (id === undefined) return listed(salesforceChanges.splice(0));
		const deal = deals.get(Number(id));
		if (!deal) return listed([]);
		const { company } = deal;
		return listed([
			{
				Id: salesforceId(deal.id),
				Name: deal.title,
				IsWon: deal.status === 'won',
				LastStageChangeDate: `${deal.since}T08:00:00.000+0000`,
				AccountId: company ? salesforceId(deal.id, '001') : null,
				Account: company && {
					Name: company.name,
					Business_ID__c: company.id,
					BillingStreet: address.street,
					BillingPostalCode: String(company.zip),
					BillingCity: address.city,
					BillingCountry: company.country,
					...named(salesforceNames, company.identifiers),
				},
				OpportunityContactRoles: company && {
					records: [{ Contact: { Name: company.contact.name, Email: company.contact.email } }],
				},
			},
		]);
	},
	writing: ({ id }, identifiers) => ({
		method: 'PATCH',
		path: `/services/data/v59.0/sobjects/account/${salesforceId(id, '001')}`,
		body: named(salesforceNames, identifiers),
	}),
	// n8n asks Salesforce when the workflow is activated, which is sooner than its next minute.
	async listen({ client, workflow }) {
		return async (deal, _, times) => {
			const changed = () => ({
				Id: salesforceId(deal.id),
				LastModifiedDate: new Date(1789992000000 + 1_000 * ++salesforceClock).toISOString(),
			});
			salesforceChanges = Array.from({ length: times }, changed);
			await client.deactivate(workflow.id);
			await client.activate(workflow.id);
			await eventually('Salesforce to be asked', async () => (salesforceChanges.length === 0 ? true : undefined));
		};
	},
};

export const anyCrm: CrmKind = {
	file: 'any-crm-webhook.json',
	trigger: 'When the CRM sends a deal',
	host: 'crm.example.com',
	credentials: { httpHeaderAuth: webhookKey },
	hearsEvents: () => true,
	tells: () => true,
	answer(request, deals) {
		const { path, body } = request;
		// As many interfaces do where no record is named. No record but the one that was asked for may become a client.
		if (path.endsWith('/')) return { body: [{ id: 'D-1', name: 'First of a list Oy', businessId: '1234567-1', status: 'won' }] };
		const deal = dealOf(request, deals);
		const company = deal?.company;
		if (path.includes('/deals/')) {
			const { id, title, status } = deal ?? {};
			return (
				deal && {
					body: { id: `D-${id}`, title, status, companyId: company ? `C-${id}` : null, contactId: company ? `P-${id}` : null },
				}
			);
		}
		if (!company) return undefined;
		if (path.includes('/contacts/')) return { body: { id: `P-${deal.id}`, ...company.contact } };
		if (changes(request)) take(company, Object.values(body as object));
		const { name, id, zip, country, identifiers } = company;
		// Some CRMs say "false" of what is empty.
		const empty = { vatNumber: false, clientIdentifier: false };
		return {
			body: { id: `C-${deal.id}`, name, businessId: id, ...address, postalCode: zip, country, ...empty, ...identifiers },
		};
	},
	writing: ({ id }, identifiers) => ({ method: 'PATCH', path: `/api/companies/C-${id}`, body: identifiers }),
	listen: listenAtWebhook(({ id }) => ({ dealId: `D-${id}`, status: 'won' })),
};

const superofficeSecret = 'shared-with-superoffice';

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
	answer(request, deals) {
		const { path, body } = request;
		if (path.endsWith('/oauth/tokens')) return { body: oauthTokens };
		const deal = dealOf(request, deals);
		const company = deal?.company;
		if (path.includes('/Sale/')) {
			const Status = deal && { open: 'Open', won: 'Sold', lost: 'Lost' }[deal.status];
			const Person = company && { FullName: company.contact.name, Email: company.contact.email };
			return (
				deal && { body: { SaleId: deal.id, Heading: deal.title, Status, Contact: company && { ContactId: deal.id }, Person } }
			);
		}
		if (!company) return undefined;
		if (changes(request)) take(company, Object.values((body as { CustomFields: object }).CustomFields));
		return {
			body: {
				ContactId: deal.id,
				Name: company.name,
				OrgNr: company.id,
				Country: { TwoLetterISOCountry: company.country === 'Suomi' ? 'FI' : company.country },
				Address: { Street: { Address1: address.street, Zipcode: String(company.zip), City: address.city } },
				CustomFields: named(hubspotNames, company.identifiers, ''),
			},
		};
	},
	writing: ({ id }, identifiers) => ({
		method: 'PATCH',
		path: `/Cust00000/api/v1/Contact/${id}`,
		body: { CustomFields: named(hubspotNames, identifiers) },
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
	// Spaces as JSON.stringify wouldn't put them: what is signed is the text, not what it says.
	const text = JSON.stringify({ Event: 'sale.sold', PrimaryKey: id, Entity: 'sale' }, null, 1);
	await post(url, text, {
		[webhookKey.name]: webhookKey.value,
		'x-superoffice-signature': createHmac('sha256', secret).update(text).digest('base64'),
	});
}

const dynamicsId = (id: number) => `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
const joinedNames = ['confirmaclientidentifier', 'confirmacustomercode', 'confirmapaymentreferenceprefix'];
const dynamicsNames = joinedNames.map((name) => `new_${name}`);

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
	answer(request, deals) {
		const deal = dealOf(request, deals);
		if (!deal) return request.path.endsWith('/token') ? { body: oauthTokens } : undefined;
		const { company } = deal;
		if (changes(request)) {
			take(company!, Object.values(request.body as object));
			return { status: 204 };
		}
		return {
			body: {
				opportunityid: dynamicsId(deal.id),
				name: deal.title,
				statecode: { open: 0, won: 1, lost: 2 }[deal.status],
				parentaccountid: company && {
					accountid: dynamicsId(deal.id),
					name: company.name,
					address1_line1: address.street,
					address1_postalcode: String(company.zip),
					address1_city: address.city,
					address1_country: company.country,
					new_businessid: company.id,
					...named(dynamicsNames, company.identifiers),
				},
				parentcontactid: company && { fullname: company.contact.name, emailaddress1: company.contact.email },
			},
		};
	},
	writing: ({ id }, identifiers) => ({
		method: 'PATCH',
		path: `/api/data/v9.2/accounts(${dynamicsId(id)})`,
		body: named(dynamicsNames, identifiers),
	}),
	listen: listenAtWebhook(({ id }) => ({ opportunityId: dynamicsId(id) })),
};

const lime: CrmKind = {
	file: 'lime.json',
	trigger: 'When Lime sends a deal',
	host: 'example.lime-crm.com',
	credentials: { httpHeaderAuth: webhookKey },
	hearsEvents: () => true,
	tells: () => true,
	answer(request, deals) {
		const deal = dealOf(request, deals);
		if (!deal) return undefined;
		const { company } = deal;
		if (changes(request)) {
			take(company!, Object.values(request.body as object));
			return { body: { _id: deal.id } };
		}
		const [firstname, lastname] = company?.contact.name.split(' ') ?? [];
		return {
			body: {
				_id: deal.id,
				name: deal.title,
				dealstatus: { key: { open: 'tender', won: 'agreement', lost: 'rejection' }[deal.status] },
				_embedded: company && {
					relation_company: {
						_id: deal.id,
						name: company.name,
						registrationno: company.id,
						postaladdress1: address.street,
						postalzipcode: String(company.zip),
						country: { text: company.country },
						...named(joinedNames, company.identifiers, ''),
					},
					relation_person: { firstname, lastname, email: company.contact.email },
				},
			},
		};
	},
	writing: ({ id }, identifiers) => ({
		method: 'PUT',
		path: `/example/api/v1/limeobject/company/${id}/`,
		body: named(joinedNames, identifiers),
	}),
	listen: listenAtWebhook(({ id }) => ({ event: 'deal.update', body: { id, limetype: 'deal' } })),
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

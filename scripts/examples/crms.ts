import type { IDataObject } from 'n8n-workflow';
import { type Crm, crmWorkflow, idInAddress, jsonOf, request, webhook, webhookItem, write } from './crm';
import type { NodeDraft, WorkflowFile } from './workflow';

/** The three identifiers as an object under names of the CRM's, in the order of {@link Crm.client}; an expression. */
const identifiersAs = (clientIdentifier: string, customerCode: string, prefix: string) =>
	`{ ${clientIdentifier}: $json.clientIdentifier, ${customerCode}: $json.confirmaFinanceCustomerCode, ${prefix}: $json.paymentReferencePrefix }`;

function anyCrm(): Crm {
	const trigger = 'When the CRM sends a deal';
	const dealId = `$jmespath(Object(${jsonOf(trigger, '.body')}), '[0].dealId || data.dealId || dealId')`;
	const get = (what: string, records: string, id: string) =>
		request(`Get the ${what}`, `=https://crm.example.com/api/${records}/${idInAddress(id)}`, 'httpHeaderAuth');
	return {
		file: 'any-crm-webhook.json',
		name: 'Any CRM: won deal to client',
		called: 'the CRM',
		event: '{"dealId": "…"}',
		again: 'set the deal back to open and to won again',
		steps: [
			'**Get …**, **Write …**: the addresses of your CRM, and a credential. **The client**: its field names.',
			'**When the CRM sends a deal**: a *Header Auth* credential with a key. Let your CRM send the key and `{"dealId": "…"}`.',
		],
		trigger: webhook(trigger, 'crm-deal-won'),
		dealId,
		reading: [
			get('deal', 'deals', dealId),
			get('company', 'companies', jsonOf('Get the deal', '.companyId')),
			get('contact', 'contacts', jsonOf('Get the deal', '.contactId')),
		],
		records: [
			{ what: 'deal', read: 'deal.id' },
			{ what: 'company', asked: 'deal.companyId', read: 'company.id' },
			{ what: 'contact', asked: 'deal.contactId', read: 'contact.id' },
		],
		won: [{ left: '={{ $json.status }}', operation: 'equals', right: 'won' }],
		status: 'status',
		client: {
			name: 'company.name',
			businessCode: 'company.businessId',
			countryCode: 'company.country',
			primaryContactName: 'contact.name',
			primaryContactEmail: 'contact.email',
			primaryMobile: 'contact.mobile',
			vatRegNbr: "company.vatNumber || ''",
			postalAddress: 'company.street',
			postalCode: 'company.postalCode',
			postalDistrict: 'company.city',
			telephone: 'company.phone',
			email: 'company.email',
			website: 'company.website',
		},
		clientIdentifier: 'company.clientIdentifier',
		title: 'deal.title',
		link: "'https://crm.example.com/deals/' + deal.id",
		writing: request(
			write,
			`=https://crm.example.com/api/companies/{{ encodeURIComponent(${jsonOf('Get the company', '.id')}) }}`,
			'httpHeaderAuth',
			identifiersAs('clientIdentifier', 'customerCode', 'paymentReferencePrefix'),
		),
		pinned: {
			[trigger]: webhookItem({ dealId: 'D-1001', status: 'won' }),
			'Get the deal': { id: 'D-1001', title: 'Annual plan', status: 'won', companyId: 'C-501', contactId: 'P-77' },
			'Get the company': {
				id: 'C-501',
				name: 'Example Meadow Oy',
				businessId: '1990066-6',
				street: 'Testikuja 7',
				postalCode: 100,
				city: 'Helsinki',
				country: 'Suomi',
			},
			'Get the contact': { id: 'P-77', name: 'Matti Meikäläinen', email: 'matti@example.com', mobile: '+358 44 123 4567' },
			[write]: { id: 'C-501' },
		},
	};
}

/** What both ways from HubSpot share: n8n's HubSpot node, which still uses HubSpot's older endpoints. */
function hubspot(
	dealId: string,
	company: { name: string; id: string },
): Omit<Crm, 'file' | 'name' | 'event' | 'steps' | 'trigger'> {
	const node = (name: string, resource: string, operation: string, id: string, more: IDataObject = {}): NodeDraft => ({
		name,
		type: 'n8n-nodes-base.hubspot',
		typeVersion: 2.1,
		at: [0, 0],
		parameters: {
			authentication: 'appToken',
			resource,
			operation,
			[`${resource}Id`]: { __rl: true, mode: 'id', value: `=${id}` },
			...more,
		} as NodeDraft['parameters'],
	});
	const linked = (list: string) => jsonOf('Get the deal', `.associations?.${list}?.[0]`);
	const value = (record: string, property: string) => `${record}.properties?.${property}?.value`;
	const written = ['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix'];
	const properties = ['confirma_client_identifier', 'confirma_customer_code', 'confirma_payment_reference_prefix'];
	const property = (text: string) => ({ value: text });
	return {
		called: 'HubSpot',
		again: 'move the deal to an open stage and back to won',
		dealId,
		reading: [
			node('Get the deal', 'deal', 'get', idInAddress(dealId), { filters: {} }),
			node('Get the company', 'company', 'get', idInAddress(linked('associatedCompanyIds')), { additionalFields: {} }),
			node('Get the contact', 'contact', 'get', idInAddress(linked('associatedVids')), { additionalFields: {} }),
		],
		records: [
			{ what: 'deal', read: 'deal.dealId' },
			{ what: 'company', asked: 'deal.associations?.associatedCompanyIds?.[0]', read: 'company.companyId' },
			{ what: 'contact', asked: 'deal.associations?.associatedVids?.[0]', read: 'contact.vid' },
		],
		won: [{ left: '={{ $json.properties?.hs_is_closed_won?.value }}', operation: 'equals', right: 'true' }],
		status: 'properties?.hs_is_closed_won?.value',
		client: {
			name: value('company', 'name'),
			businessCode: value('company', 'business_id'),
			countryCode: value('company', 'country'),
			primaryContactName: `[${value('contact', 'firstname')}, ${value('contact', 'lastname')}].filter(Boolean).join(' ')`,
			primaryContactEmail: value('contact', 'email'),
			primaryTelephone: value('contact', 'phone'),
			primaryMobile: value('contact', 'mobilephone'),
			vatRegNbr: value('company', 'vat_number'),
			postalAddress: value('company', 'address'),
			postalCode: value('company', 'zip'),
			postalDistrict: value('company', 'city'),
			telephone: value('company', 'phone'),
			website: value('company', 'domain'),
		},
		clientIdentifier: value('company', 'confirma_client_identifier'),
		title: value('deal', 'dealname'),
		link: "'https://app.hubspot.com/contacts/' + deal.portalId + '/record/0-3/' + deal.dealId",
		writing: node(write, 'company', 'update', `{{ ${jsonOf('Get the company', '.companyId')} }}`, {
			updateFields: {
				customPropertiesUi: {
					customPropertiesValues: properties.map((name, index) => ({ property: name, value: `={{ $json.${written[index]} }}` })),
				},
			},
		}),
		pinned: {
			'Get the deal': {
				portalId: 12345678,
				dealId: 9876543210,
				associations: { associatedVids: [501], associatedCompanyIds: [7001] },
				properties: { dealname: property('Annual plan'), hs_is_closed_won: property('true') },
			},
			'Get the company': {
				companyId: 7001,
				properties: {
					name: property(company.name),
					business_id: property(company.id),
					country: property('Finland'),
					address: property('Testikuja 7'),
					zip: property('00100'),
					city: property('Helsinki'),
				},
			},
			'Get the contact': {
				vid: 501,
				properties: { firstname: property('Matti'), lastname: property('Meikäläinen'), email: property('matti@example.com') },
			},
			[write]: { companyId: 7001 },
		},
	};
}

function hubspotTrigger(): Crm {
	const trigger = 'When a deal changes its stage';
	const shared = hubspot(jsonOf(trigger, '.dealId'), { name: 'Example Forest Oy', id: '19900228' });
	return {
		...shared,
		file: 'hubspot-trigger.json',
		name: 'HubSpot: won deal to client',
		event: 'HubSpot’s own event on a deal',
		steps: [
			'**Get …**, **Write …**: a *HubSpot Service Key* credential (older n8n: *HubSpot App Token*).',
			'**When a deal changes its stage**: a *HubSpot Developer API* credential.',
		],
		trigger: {
			name: trigger,
			type: 'n8n-nodes-base.hubspotTrigger',
			typeVersion: 1,
			at: [0, 0],
			parameters: {
				eventsUi: { eventValues: [{ name: 'deal.propertyChange', property: 'dealstage' }] },
				additionalFields: {},
			},
			webhookId: 'hubspot-deal-changed',
		},
		pinned: {
			[trigger]: { subscriptionType: 'deal.propertyChange', propertyName: 'dealstage', dealId: 9876543210 },
			...shared.pinned,
		},
	};
}

function hubspotWebhook(): Crm {
	const trigger = 'When HubSpot sends a won deal';
	const dealId = `$jmespath(Object(${jsonOf(trigger, '.body')}), '[0].dealId || data.dealId || dealId || [0].hs_object_id || hs_object_id')`;
	const shared = hubspot(dealId, { name: 'Example Birch Oy', id: '19900332' });
	return {
		...shared,
		file: 'hubspot-send-a-webhook.json',
		name: 'HubSpot: won deal to client, by “Send a webhook”',
		event: '{"dealId": …}',
		steps: [
			'**Get …**, **Write …**: a *HubSpot Service Key* credential (older n8n: *HubSpot App Token*).',
			'**When HubSpot sends a won deal**: a *Header Auth* credential with a key. Let your HubSpot workflow send it.',
		],
		trigger: webhook(trigger, 'hubspot-deal-won'),
		pinned: { [trigger]: webhookItem({ dealId: 9876543210 }), ...shared.pinned },
	};
}

function pipedrive(): Crm {
	const trigger = 'When a deal changes';
	const event = jsonOf(trigger);
	const get = (what: string, records: string, id: string) =>
		request(`Get the ${what}`, `=https://api.pipedrive.com/api/v2/${records}/${idInAddress(id)}`, 'pipedriveApi');
	const found = (data: IDataObject) => ({ success: true, data });
	const key = (digits: string) => digits.repeat(20);
	const custom = (name: string) => `company.custom_fields?.['${name}']`;
	const first = (list: string) => `(contact.${list}?.find((entry) => entry.primary) ?? contact.${list}?.[0])?.value`;
	return {
		file: 'pipedrive.json',
		name: 'Pipedrive: won deal to client',
		called: 'Pipedrive',
		event: 'Pipedrive’s own event on a deal',
		again: 'reopen the deal and mark it as won again',
		steps: [
			'**Get …**, **Write …**, first node: a *Pipedrive API* credential. First node: a *Basic Auth* credential with a password that you make up.',
			'**The client**, **Write …**: the API keys of your own fields, in place of *1a1a…* to *8b8b…*.',
		],
		trigger: {
			name: trigger,
			type: 'n8n-nodes-base.pipedriveTrigger',
			typeVersion: 1.1,
			at: [0, 0],
			parameters: { entity: 'deal', incomingAuthentication: 'basicAuth' },
			webhookId: 'pipedrive-deal-changed',
		},
		dealId: `${event}.data?.id`,
		data: '.data',
		reading: [
			get('deal', 'deals', `${event}.data?.id`),
			get('organisation', 'organizations', jsonOf('Get the deal', '.data?.org_id')),
			get('person', 'persons', jsonOf('Get the deal', '.data?.person_id')),
		],
		records: [
			{ what: 'deal', read: 'deal.id' },
			{ what: 'organisation', asked: 'deal.org_id', read: 'company.id' },
			{ what: 'person', asked: 'deal.person_id', read: 'contact.id' },
		],
		// Just now: not a deal that was won long ago and is only edited.
		won: [
			{
				left: `={{ $json.data?.status === 'won' && (${event}.meta?.action === 'create' || ![undefined, 'won'].includes(${event}.previous?.status)) }}`,
				operation: 'true',
				type: 'boolean',
			},
		],
		status: 'status',
		client: {
			name: 'company.name',
			businessCode: custom(key('1a')),
			countryCode: 'company.address?.country',
			primaryContactName: 'contact.name',
			primaryContactEmail: first('emails'),
			primaryMobile: first('phones'),
			vatRegNbr: custom(key('2b')),
			postalAddress:
				"[company.address?.route, company.address?.street_number].filter(Boolean).join(' ') || company.address?.value",
			postalCode: 'company.address?.postal_code',
			postalDistrict: 'company.address?.locality',
			website: 'company.website',
		},
		clientIdentifier: custom(key('6f')),
		title: 'deal.title',
		link: "'https://app.pipedrive.com/deal/' + deal.id",
		writing: request(
			write,
			`=https://api.pipedrive.com/api/v2/organizations/{{ ${jsonOf('Get the organisation', '.data.id')} }}`,
			'pipedriveApi',
			`{ custom_fields: ${identifiersAs(...(['6f', '7a', '8b'].map((digits) => `'${key(digits)}'`) as [string, string, string]))} }`,
		),
		pinned: {
			[trigger]: { meta: { action: 'change', entity: 'deal' }, data: { id: 8501, status: 'won' }, previous: { status: 'open' } },
			'Get the deal': found({ id: 8501, title: 'Annual plan', status: 'won', org_id: 620, person_id: 733 }),
			'Get the organisation': found({
				id: 620,
				name: 'Example Harbour Oy',
				address: { value: 'Testikuja 7', postal_code: '00100', locality: 'Helsinki', country: 'Finland' },
				custom_fields: { [key('1a')]: '1990044-7' },
			}),
			'Get the person': found({ id: 733, name: 'Åsa Öberg', emails: [{ value: 'asa@example.com', primary: true }] }),
			[write]: found({ id: 620 }),
		},
	};
}

function salesforce(): Crm {
	const trigger = 'When an opportunity changes';
	const read = 'Get the opportunity';
	const fields = ['Confirma_Client_Identifier__c', 'Confirma_Customer_Code__c', 'Confirma_Payment_Reference_Prefix__c'];
	const written = ['clientIdentifier', 'confirmaFinanceCustomerCode', 'paymentReferencePrefix'];
	const query = `SELECT Id, Name, IsWon, LastStageChangeDate, CloseDate, AccountId, Account.Name, Account.${fields[0]}, Account.Business_ID__c, Account.VAT_Number__c, Account.BillingStreet, Account.BillingPostalCode, Account.BillingCity, Account.BillingCountry, Account.Phone, Account.Website, (SELECT Contact.Name, Contact.Email, Contact.Phone, Contact.MobilePhone FROM OpportunityContactRoles ORDER BY IsPrimary DESC LIMIT 1) FROM Opportunity WHERE Id = '{{ ${jsonOf(trigger, '.Id')} }}'`;
	return {
		file: 'salesforce.json',
		name: 'Salesforce: won opportunity to client',
		called: 'Salesforce',
		event: 'Salesforce’s own change of an opportunity',
		again: 'save the opportunity once more',
		steps: [
			'All nodes of Salesforce: a *Salesforce OAuth2 API* credential. Needs n8n 2.40 or newer.',
			'**Won?**: the day from which on you want clients, in place of *2026-09-01*.',
		],
		trigger: {
			name: trigger,
			type: 'n8n-nodes-base.salesforceTrigger',
			typeVersion: 1,
			at: [0, 0],
			parameters: { pollTimes: { item: [{ mode: 'everyMinute' }] }, triggerOn: 'opportunityUpdated' },
		},
		dealId: jsonOf(trigger, '.Id'),
		reading: [
			{
				name: read,
				type: 'n8n-nodes-base.salesforce',
				typeVersion: 1,
				at: [0, 0],
				parameters: { resource: 'search', operation: 'query', query: `=${query}` },
			},
		],
		records: [
			{ what: 'opportunity', read: 'deal.Id' },
			{ what: 'account', asked: 'deal.AccountId', read: 'deal.AccountId' },
		],
		company: 'deal.Account',
		contact: 'deal.OpportunityContactRoles?.records?.[0]?.Contact',
		won: [
			{ left: '={{ $json.IsWon }}', operation: 'true', type: 'boolean' },
			{
				left: '={{ $json.LastStageChangeDate ?? $json.CloseDate }}',
				operation: 'afterOrEquals',
				type: 'dateTime',
				right: '2026-09-01',
			},
		],
		status: 'IsWon',
		client: {
			name: 'company.Name',
			businessCode: 'company.Business_ID__c',
			countryCode: 'company.BillingCountry',
			primaryContactName: 'contact.Name',
			primaryContactEmail: 'contact.Email',
			primaryTelephone: 'contact.Phone',
			primaryMobile: 'contact.MobilePhone',
			vatRegNbr: 'company.VAT_Number__c',
			postalAddress: 'company.BillingStreet',
			postalCode: 'company.BillingPostalCode',
			postalDistrict: 'company.BillingCity',
			telephone: 'company.Phone',
			website: 'company.Website',
		},
		clientIdentifier: `company.${fields[0]}`,
		title: 'deal.Name',
		link: "'https://login.salesforce.com/' + deal.Id",
		writing: {
			name: write,
			type: 'n8n-nodes-base.salesforce',
			typeVersion: 1,
			at: [0, 0],
			parameters: {
				resource: 'account',
				operation: 'update',
				accountId: `={{ ${jsonOf(read, '.AccountId')} }}`,
				updateFields: {
					customFieldsUi: {
						customFieldsValues: fields.map((fieldId, index) => ({ fieldId, value: `={{ $json.${written[index]} }}` })),
					},
				},
			},
		},
		pinned: {
			[trigger]: { Id: '006000000000001AAA' },
			[read]: {
				Id: '006000000000001AAA',
				Name: 'Annual plan',
				IsWon: true,
				LastStageChangeDate: '2026-09-21T12:00:00.000+0000',
				AccountId: '001000000000001AAA',
				Account: {
					Name: 'Example Island Oy',
					Business_ID__c: '1990055-1',
					BillingStreet: 'Testikuja 7',
					BillingPostalCode: '00100',
					BillingCity: 'Helsinki',
					BillingCountry: 'Finland',
				},
				OpportunityContactRoles: { records: [{ Contact: { Name: 'Matti Meikäläinen', Email: 'matti@example.com' } }] },
			},
			[write]: { success: true },
		},
	};
}

function superoffice(): Crm {
	const trigger = 'When SuperOffice sends a sale';
	const signature = 'Compute the signature';
	const url = 'https://online.superoffice.com/Cust00000/api/v1';
	const body = `${jsonOf(trigger, '.body')}`;
	const names = ['confirma_client_identifier', 'confirma_customer_code', 'confirma_payment_reference_prefix'] as const;
	const saleId = `${body}?.PrimaryKey`;
	const event = { Event: 'sale.sold', PrimaryKey: 4711, Entity: 'sale' };
	const headers = { 'x-superoffice-signature': 'c2FtcGxlIHNpZ25hdHVyZQ==' };
	const address = '(company.Address?.Street?.Address1 ? company.Address.Street : company.Address?.Postal)';
	return {
		file: 'superoffice.json',
		name: 'SuperOffice: sold sale to client',
		called: 'SuperOffice',
		event: 'SuperOffice’s own event sale.sold',
		again: 'set the sale back to open and to sold again',
		steps: [
			'**Get …**, **Write …**: your address in place of *online…Cust00000*, and an *OAuth2 API* credential.',
			'**When SuperOffice sends a sale**: a *Header Auth* credential with a key. **Compute the signature**: the webhook’s secret.',
		],
		trigger: webhook(trigger, 'superoffice-sale-sold', { rawBody: true }),
		before: [
			{
				name: signature,
				type: 'n8n-nodes-base.crypto',
				typeVersion: 1,
				at: [0, 0],
				parameters: {
					action: 'hmac',
					binaryData: true,
					type: 'SHA256',
					dataPropertyName: 'signature',
					secret: 'Replace me: the secret of the webhook in SuperOffice',
					encoding: 'base64',
				},
			},
		],
		dealId: saleId,
		reading: [
			request('Get the sale', `=${url}/Sale/${idInAddress(saleId)}`, 'oAuth2Api'),
			request('Get the company', `=${url}/Contact/${idInAddress(jsonOf('Get the sale', '.Contact?.ContactId'))}`, 'oAuth2Api'),
		],
		records: [
			{ what: 'sale', read: 'deal.SaleId' },
			{ what: 'company', asked: 'deal.Contact?.ContactId', read: 'company.ContactId' },
		],
		contact: 'deal.Person',
		refusal: {
			when: `${jsonOf(signature, '.signature')} !== ${jsonOf(trigger, ".headers['x-superoffice-signature']")}`,
			message: 'The event was not signed by SuperOffice with the secret that is in “Compute the signature”',
		},
		won: [{ left: '={{ $json.Status }}', operation: 'equals', right: 'Sold' }],
		status: 'Status',
		client: {
			name: 'company.Name',
			businessCode: 'company.OrgNr',
			countryCode: 'company.Country?.TwoLetterISOCountry',
			primaryContactName: "contact.FullName || [contact.Firstname, contact.Lastname].filter(Boolean).join(' ')",
			primaryContactEmail: 'contact.Email',
			primaryTelephone: 'contact.DirectPhone',
			primaryMobile: 'contact.MobilePhone',
			postalAddress: `${address}?.Address1`,
			postalCode: `${address}?.Zipcode`,
			postalDistrict: `${address}?.City`,
			telephone: 'company.Phones?.[0]?.Value',
			email: 'company.Emails?.[0]?.Value',
			website: 'company.Urls?.[0]?.Value',
		},
		clientIdentifier: `company.CustomFields?.${names[0]}`,
		title: 'deal.Heading',
		link: "'https://online.superoffice.com/Cust00000/default.aspx?sale_id=' + deal.SaleId",
		writing: request(
			write,
			`=${url}/Contact/{{ ${jsonOf('Get the company', '.ContactId')} }}`,
			'oAuth2Api',
			`{ CustomFields: ${identifiersAs(...names)} }`,
		),
		pinned: {
			[trigger]: webhookItem(event, headers),
			[signature]: { signature: headers['x-superoffice-signature'] },
			'Get the sale': {
				SaleId: 4711,
				Heading: 'Annual plan',
				Status: 'Sold',
				Contact: { ContactId: 815 },
				Person: { PersonId: 42, FullName: 'Matti Meikäläinen', Email: 'matti@example.com' },
			},
			'Get the company': {
				ContactId: 815,
				Name: 'Example River Oy',
				OrgNr: '1990077-0',
				Country: { TwoLetterISOCountry: 'FI' },
				Address: { Street: { Address1: 'Testikuja 7', Zipcode: '00100', City: 'Helsinki' } },
			},
			[write]: { ContactId: 815 },
		},
	};
}

function dynamics(): Crm {
	const trigger = 'When Power Automate sends an opportunity';
	const read = 'Get the opportunity';
	const opportunityId = `$jmespath(Object(${jsonOf(trigger, '.body')}), '[0].opportunityId || data.opportunityId || opportunityId')`;
	const url = 'https://example.crm4.dynamics.com';
	const names = ['new_confirmaclientidentifier', 'new_confirmacustomercode', 'new_confirmapaymentreferenceprefix'] as const;
	const asked = `$select=name,statecode&$expand=parentaccountid($select=accountid,name,address1_line1,address1_postalcode,address1_city,address1_country,telephone1,emailaddress1,websiteurl,new_businessid,new_vatnumber,${names[0]}),parentcontactid($select=fullname,emailaddress1,telephone1,mobilephone)`;
	const writing = request(
		write,
		`=${url}/api/data/v9.2/accounts({{ ${jsonOf(read, '.parentaccountid.accountid')} }})`,
		'microsoftDynamicsOAuth2Api',
		identifiersAs(...names),
	);
	return {
		file: 'dynamics-365.json',
		name: 'Dynamics 365: won opportunity to client',
		called: 'Dynamics 365',
		event: '{"opportunityId": "…"}',
		again: 'reopen the opportunity and close it as won again',
		steps: [
			'**Get …**, **Write …**: your address, your prefix in place of *new_* (also in **The client**), and a *Microsoft Dynamics OAuth2 API* credential.',
			'**When Power Automate …**: a *Header Auth* credential with a key. Let your flow send it and `{"opportunityId": "…"}`.',
		],
		trigger: webhook(trigger, 'dynamics-opportunity-won'),
		dealId: opportunityId,
		reading: [
			request(read, `=${url}/api/data/v9.2/opportunities(${idInAddress(opportunityId)})?${asked}`, 'microsoftDynamicsOAuth2Api'),
		],
		records: [
			{ what: 'opportunity', read: 'deal.opportunityid' },
			{ what: 'account', asked: 'deal.parentaccountid?.accountid', read: 'company.accountid' },
		],
		company: 'deal.parentaccountid',
		contact: 'deal.parentcontactid',
		won: [{ left: '={{ $json.statecode }}', operation: 'equals', right: '1' }],
		status: 'statecode',
		client: {
			name: 'company.name',
			businessCode: 'company.new_businessid',
			countryCode: 'company.address1_country',
			primaryContactName: 'contact.fullname',
			primaryContactEmail: 'contact.emailaddress1',
			primaryTelephone: 'contact.telephone1',
			primaryMobile: 'contact.mobilephone',
			vatRegNbr: 'company.new_vatnumber',
			postalAddress: 'company.address1_line1',
			postalCode: 'company.address1_postalcode',
			postalDistrict: 'company.address1_city',
			telephone: 'company.telephone1',
			email: 'company.emailaddress1',
			website: 'company.websiteurl',
		},
		clientIdentifier: `company.${names[0]}`,
		title: 'deal.name',
		link: `'${url}/main.aspx?pagetype=entityrecord&etn=opportunity&id=' + deal.opportunityid`,
		writing: {
			...writing,
			// Changes the account, and never makes a new one.
			parameters: {
				...writing.parameters,
				sendHeaders: true,
				headerParameters: { parameters: [{ name: 'If-Match', value: '*' }] },
			},
		},
		pinned: {
			[trigger]: webhookItem({ opportunityId: '00000000-0000-4000-8000-000000000501' }),
			[read]: {
				opportunityid: '00000000-0000-4000-8000-000000000501',
				name: 'Annual plan',
				statecode: 1,
				parentaccountid: {
					accountid: '00000000-0000-4000-8000-000000000701',
					name: 'Example Hill Oy',
					address1_line1: 'Testikuja 7',
					address1_postalcode: '00100',
					address1_city: 'Helsinki',
					address1_country: 'Finland',
					new_businessid: '1990088-5',
				},
				parentcontactid: { fullname: 'Åsa Öberg', emailaddress1: 'asa@example.com' },
			},
			[write]: {},
		},
	};
}

function lime(): Crm {
	const trigger = 'When Lime sends a deal';
	const read = 'Get the deal';
	const dealId = `$jmespath(Object(${jsonOf(trigger, '.body')}), '[0].body.id || data.body.id || body.id || id')`;
	const url = 'https://example.lime-crm.com/example';
	return {
		file: 'lime.json',
		name: 'Lime CRM: won deal to client',
		called: 'Lime',
		event: '{"body": {"id": …} }',
		again: 'set the deal back to an open status and to won again',
		steps: [
			'**Get …**, **Write …**: your address, and a *Header Auth* credential with the API key. **Won?**: the status that means won.',
			'**When Lime sends a deal**: another *Header Auth* credential, with a key that Lime sends along.',
		],
		trigger: webhook(trigger, 'lime-deal-won'),
		dealId,
		reading: [
			request(read, `=${url}/api/v1/limeobject/deal/${idInAddress(dealId)}/?_embed=company&_embed=person`, 'httpHeaderAuth'),
		],
		records: [
			{ what: 'deal', read: 'deal._id' },
			{ what: 'company', asked: 'deal._embedded?.relation_company?._id', read: 'company._id' },
		],
		company: 'deal._embedded?.relation_company',
		contact: 'deal._embedded?.relation_person',
		won: [{ left: '={{ $json.dealstatus?.key ?? $json.dealstatus }}', operation: 'equals', right: 'agreement' }],
		status: 'dealstatus',
		client: {
			name: 'company.name',
			businessCode: 'company.registrationno',
			countryCode: 'company.country?.text ?? company.country',
			primaryContactName: "[contact.firstname, contact.lastname].filter(Boolean).join(' ')",
			primaryContactEmail: 'contact.email',
			primaryTelephone: 'contact.phone',
			primaryMobile: 'contact.mobilephone',
			postalAddress: 'company.postaladdress1',
			postalCode: 'company.postalzipcode',
			postalDistrict: 'company.postalcity',
			telephone: 'company.phone',
			website: 'company.www',
		},
		clientIdentifier: 'company.confirmaclientidentifier',
		title: 'deal.name',
		link: `'${url}/client/object/deal/' + deal._id`,
		writing: request(
			write,
			`=${url}/api/v1/limeobject/company/{{ ${jsonOf(read, '._embedded.relation_company._id')} }}/`,
			'httpHeaderAuth',
			identifiersAs('confirmaclientidentifier', 'confirmacustomercode', 'confirmapaymentreferenceprefix'),
			'PUT',
		),
		pinned: {
			[trigger]: webhookItem({ event: 'deal.update', body: { id: 1001, limetype: 'deal' } }),
			[read]: {
				_id: 1001,
				name: 'Annual plan',
				dealstatus: { key: 'agreement', text: 'Agreement' },
				_embedded: {
					relation_company: {
						_id: 2001,
						name: 'Example Valley Oy',
						registrationno: '1990100-1',
						postaladdress1: 'Testikuja 7',
						postalzipcode: '00100',
						postalcity: 'Helsinki',
						country: 'Finland',
					},
					relation_person: { _id: 3001, firstname: 'Matti', lastname: 'Meikäläinen', email: 'matti@example.com' },
				},
			},
			[write]: { _id: 2001 },
		},
	};
}

/** The workflow of each CRM, by its file's name. */
export const crmWorkflows = (): Record<string, WorkflowFile> =>
	Object.fromEntries(
		[anyCrm(), hubspotTrigger(), hubspotWebhook(), pipedrive(), salesforce(), superoffice(), dynamics(), lime()].map((crm) => [
			crm.file,
			crmWorkflow(crm),
		]),
	);

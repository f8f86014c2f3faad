import { randomUUID } from 'node:crypto';
import type { INode, INodeParameters } from 'n8n-workflow';
import { businessId } from '../../sandbox/clientBodies';
import type { SavedCredential, WorkflowDraft } from './n8nClient';

/** A company of a won deal, as the CRM of these suites delivers it. */
export interface Company {
	name: string;
	/** Finnish business id. */
	id: string;
	country: string;
	/** A number, as spreadsheets and CRMs make of it. */
	zip: number | string;
	contact: { name: string; email: string };
}

/** A company of its own for each number from 0 to 99,999: made up, with a right check digit. */
export function company(number: number, changes: Partial<Company> = {}): Company {
	return {
		name: `Example ${number} Oy`,
		id: businessId(number),
		country: 'Suomi',
		zip: 100,
		contact: { name: 'Matti Meikäläinen', email: 'matti@example.com' },
		...changes,
	};
}

/** What a CRM posts when deals are won. */
export function wonDeals(...companies: Company[]): { event: string; companies: Company[] } {
	return { event: 'deal.won', companies };
}

/** The node's fields, mapped to a {@link Company}. */
export const companyFields = {
	partnerCode: 'QUICK3',
	name: '={{ $json.name }}',
	businessCode: '={{ $json.id }}',
	countryCode: '={{ $json.country }}',
	primaryContactName: '={{ $json.contact.name }}',
	primaryContactEmail: '={{ $json.contact.email }}',
	clientDetails: { postalCode: '={{ $json.zip }}' },
};

export const nodeName = 'Confirma Finance';

/** Names of the nodes behind the two outputs of the Confirma Finance node. */
export const afterwards = { created: 'Tell the CRM', failed: 'Tell the team' };

export interface DealWorkflowOptions {
	/** Path of the webhook. A new one if there is none. */
	path?: string;
	credential: SavedCredential;
	/** Parameters of the Confirma Finance node besides the mapped ones, or instead of them. */
	parameters?: INodeParameters;
	/** Settings of the Confirma Finance node, such as `onError` and `retryOnFail`. */
	settings?: Partial<INode>;
}

/** A node for a workflow's draft, with an id of its own. */
export function workflowNode(
	name: string,
	type: string,
	typeVersion: number,
	parameters: INodeParameters,
	extra: Partial<INode> = {},
): INode {
	return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters, ...extra };
}

/**
 * A workflow that takes won deals at a webhook, and creates a client for each company. The webhook answers at the end,
 * with the items of the last node.
 */
export function dealWorkflow({
	path = randomUUID(),
	credential,
	parameters,
	settings,
}: DealWorkflowOptions): WorkflowDraft & { path: string } {
	const node = (column: number, ...described: Parameters<typeof workflowNode>): INode => ({
		...workflowNode(...described),
		position: [column * 220, 0],
	});
	const to = (...names: string[]) => names.map((name) => ({ node: name, type: 'main' as const, index: 0 }));
	return {
		path,
		name: `Won deals ${path}`,
		nodes: [
			node(
				0,
				'Deal won',
				'n8n-nodes-base.webhook',
				2,
				{ httpMethod: 'POST', path, responseMode: 'lastNode', responseData: 'allEntries', options: {} },
				{ webhookId: path },
			),
			node(1, 'Companies', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.companies', options: {} }),
			node(
				2,
				nodeName,
				'n8n-nodes-confirma-finance.confirmaFinance',
				1,
				{ ...companyFields, ...parameters },
				{ credentials: { confirmaFinanceApi: { id: credential.id, name: credential.name } }, ...settings },
			),
			node(3, afterwards.created, 'n8n-nodes-base.noOp', 1, {}),
			...(settings?.onError === 'continueErrorOutput' ? [node(4, afterwards.failed, 'n8n-nodes-base.noOp', 1, {})] : []),
		],
		connections: {
			'Deal won': { main: [to('Companies')] },
			Companies: { main: [to(nodeName)] },
			[nodeName]: {
				main: [to(afterwards.created), ...(settings?.onError === 'continueErrorOutput' ? [to(afterwards.failed)] : [])],
			},
		},
	};
}

/** A won deal as a person sees it in the input pane. Its business id has a wrong check digit, which only causes a hint. */
export const crmDeal = {
	dealId: 9001,
	company: { companyName: 'Example Oy', businessId: '0112038-8', country: 'Suomi', zip: 100, city: 'Helsinki' },
	contact: { contactName: 'Matti Meikäläinen', email: 'matti@example.com' },
};

/** A workflow that a person starts by hand, with one won deal and no Confirma Finance node yet. */
export function manualWorkflow(deal = crmDeal): WorkflowDraft {
	return {
		name: 'Won deal to client',
		nodes: [
			{ id: randomUUID(), name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
			{
				id: randomUUID(),
				name: 'Deal won',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				position: [220, 0],
				parameters: { mode: 'raw', jsonOutput: JSON.stringify(deal), options: {} },
			},
		],
		connections: { Start: { main: [[{ node: 'Deal won', type: 'main', index: 0 }]] } },
	};
}

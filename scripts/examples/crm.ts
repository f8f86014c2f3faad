import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { type Condition, conditions, idOf, type NodeDraft, workflow, type WorkflowFile } from './workflow';

/** A record that a workflow reads from a CRM. Expressions speak of `deal`, `company` and `contact`. */
interface CrmRecord {
	/** What people call it. */
	what: string;
	/** Its ID as the record before it names it; the deal's is the event's. */
	asked?: string;
	/** Its ID as the CRM's answer says it. */
	read: string;
}

/** What is different from CRM to CRM. Everything else is the same in all of them. */
export interface Crm {
	file: string;
	name: string;
	/** What people call the CRM, in a sentence. */
	called: string;
	/** What an event must look like, for whoever sets it up. */
	event: string;
	/** How a deal is won once more, after "then". */
	again: string;
	/** Steps for the note, between the shared workflow and the mail. */
	steps: [string, string];
	trigger: NodeDraft;
	/** Nodes between the trigger and the first node that reads. */
	before?: NodeDraft[];
	/** The deal's ID as the event names it, an expression. */
	dealId: string;
	/** Nodes that read deal, company and contact, in this order; the last ones may be missing. "Won?" stands behind the first. */
	reading: NodeDraft[];
	/** Where a record stands in an answer of the CRM. */
	data?: string;
	/** What is compared with what was asked for. */
	records: CrmRecord[];
	/** Company and contact, where they come with the deal. */
	company?: string;
	contact?: string;
	/** When a deal as it was read is won: all of these. */
	won: Condition[];
	/** Where a deal says whether it is won. */
	status: string;
	/** Which events are not worked on. */
	refusal?: { when: string; message: string };
	/** The client's fields. */
	client: Record<string, string>;
	/** Where the company has its identifier at Confirma Finance: it is a client, if it has one. */
	clientIdentifier: string;
	title: string;
	/** The deal's address. */
	link: string;
	writing: NodeDraft;
	/** Data for running it by hand. */
	pinned: Record<string, IDataObject>;
}

/** The name of the node that writes to the CRM. */
export const write = 'Write the identifiers';

const create = 'Create the client';
const stop = 'Say what is left to do';
const client = 'The client';

/** A message with one of these codes in it, even inside a name, is replaced by a sentence of n8n's. A hyphen prevents that. */
const replacedByN8n = [
	'ECONNREFUSED',
	'ECONNRESET',
	'ECONNABORTED',
	'ENOTFOUND',
	'ETIMEDOUT',
	'ERRADDRINUSE',
	'EADDRNOTAVAIL',
	'EHOSTUNREACH',
	'EAI_AGAIN',
	'ENOENT',
	'EISDIR',
	'ENOTDIR',
	'EACCES',
	'EEXIST',
	'EPERM',
	'GETADDRINFO',
].join('|');

/** What the node gave for the item. */
export const jsonOf = (node: string, path = ''): string => `$('${node}').item.json${path}`;

/** An ID for an address. No ID, or a number that was rounded, asks for no record. */
export const idInAddress = (id: string): string =>
	`{{ ((id) => Number.isSafeInteger(id) || (typeof id === 'string' && id) ? encodeURIComponent(id) : 'none')(${id}) }}`;

/** The client, or the reason why none may be created. In n8n 2.41, the item of some failed requests can't be read from here. */
export function clientOf(crm: Crm): string {
	const { reading, data = '', records, called, dealId, again, event, status, refusal } = crm;
	const answered = (index: number, instead?: string) => `${reading[index] ? `answers[${index}]${data}` : instead} ?? {}`;
	const name = records[0]!.what;
	const row = ({ what, asked = 'dealId', read }: CrmRecord) => `['${what}', ${asked}, ${read}]`;
	const rows = records.map((record, index) => (index < 2 ? row(record) : `...(clientIdentifier ? [] : [${row(record)}])`));
	return `={{ (() => {
  const answers = [${reading.map((node) => `() => ${jsonOf(node.name)}`).join(', ')}].map((answer) => {
    try { return answer(); } catch { return { error: 'its node says why' }; }
  });
  const deal = ${answered(0)};
  const company = ${answered(1, crm.company)};
  const contact = ${answered(2, crm.contact)};
  const client = () => ({
${Object.entries(crm.client)
	.map(([field, value]) => `    ${field}: ${value},`)
	.join('\n')}
  });
  const clientIdentifier = ${crm.clientIdentifier} || '';
  const reference = '${name[0]!.toUpperCase()}${name.slice(1)} “' + (${crm.title}) + '”, ' + ${crm.link};
  const dealId = ${dealId};
  const records = [
    ${rows.join(',\n    ')},
  ];
  const problem = ${refusal ? `${refusal.when} ? '${refusal.message}' : ` : ''}records.map(([what, asked, read], index) =>
    [asked, read].some((id) => typeof id === 'number' && !Number.isSafeInteger(id)) ? 'The ID of the ' + what + ' is longer than a number can be. Let ${called} send IDs as text, in quotation marks' :
    !asked && index === 0 ? 'The event names no ${name}. Send ${event} as application/json' :
    !asked ? 'The ${name} has no ' + what + '. Add one in ${called}' :
    answers[index]?.error ? 'The ' + what + ' ' + asked + ' could not be read: ' + (answers[index].error.message ?? answers[index].error) :
    String(read).toLowerCase() !== String(asked).toLowerCase() ? 'What ${called} answered is not the ' + what + ' ' + asked + '. Check the address in the node that reads it' :
    index === 0 && deal.${status} === undefined ? 'The ${name} does not say whether it is won. Check the field in “Won?”' : '').find(Boolean);
  return problem ?
    { problem: 'Nothing was sent to Confirma Finance. ' + problem + '. Then ${again}.', reference: dealId ? reference : '${called}' } :
    { ...client(), clientIdentifier, reference };
})() }}`;
}

/** Puts the workflow of a CRM together. */
export function crmWorkflow(crm: Crm): WorkflowFile {
	const { name, trigger, before = [], reading, data = '', records, won, status, dealId, steps, writing } = crm;
	const first = reading[0]!;
	const line = [trigger, ...before, first, { name: 'Won?' }, ...reading.slice(1), { name: client }].map((node) => node.name);
	const inLine = (node: NodeDraft): NodeDraft => ({ ...node, at: [line.indexOf(node.name), 0] });
	// The deal as it was read, in terms of the item that it is.
	const isOther = `String(${records[0]!.read.replace(/^deal/, `$json${data && '.data?'}`)}).toLowerCase() !== String(${dealId}).toLowerCase()`;
	const saysNothing = `$json${data && '.data?'}.${status} === undefined`;
	const nodes: NodeDraft[] = [
		...[trigger, ...before].map(inLine),
		...reading.map((node): NodeDraft => ({ ...inLine(node), retryOnFail: true, onError: 'continueRegularOutput' })),
		{
			name: 'Won?',
			type: 'n8n-nodes-base.filter',
			typeVersion: 2.2,
			at: [line.indexOf('Won?'), 0],
			parameters: { conditions: conditions(name, ...orRefused(won, `${isOther} || ${saysNothing}`)), options: {} },
		},
		{
			name: client,
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			at: [line.length - 1, 0],
			parameters: { mode: 'raw', jsonOutput: clientOf(crm), options: {} },
		},
		// What is no new client: a problem, or a client already, where nothing is left to do.
		decision('New client?', [2, 1.5], 3, '$json.problem ? 1 : $json.clientIdentifier ? 2 : 0'),
		{
			name: create,
			type: 'n8n-nodes-base.executeWorkflow',
			typeVersion: 1.3,
			at: [3, 1],
			parameters: {
				workflowId: { __rl: true, mode: 'list', value: '', cachedResultName: '' },
				mode: 'once',
				options: { waitForSubWorkflow: true },
			},
		},
		// Neither identifiers nor anything to do: a request was mailed in place of a creation, or it was a preview.
		decision('What became of it?', [4, 1], 4, '$json.clientIdentifier ? ($json.leftToDo ? 2 : 1) : $json.leftToDo ? 3 : 0'),
		{ ...writing, name: write, at: [5, 1.2], retryOnFail: true },
		{
			name: stop,
			type: 'n8n-nodes-base.stopAndError',
			typeVersion: 1,
			at: [5, 2],
			parameters: {
				errorMessage: `={{ (($json.problem || $json.leftToDo) + ' (' + $json.reference + ')').replace(/${replacedByN8n}/gi, (code) => code[0] + '-' + code.slice(1)) }}`,
			},
		},
		{ name: 'When something is left', type: 'n8n-nodes-base.errorTrigger', typeVersion: 1, at: [0, 1.75], parameters: {} },
		{
			name: 'Tell a person',
			type: 'n8n-nodes-base.emailSend',
			typeVersion: 2.1,
			at: [1, 1.75],
			parameters: {
				fromEmail: 'n8n@example.com',
				toEmail: 'sales@example.com',
				subject: '={{ $json.workflow.name }}: something is left to do',
				emailFormat: 'text',
				text: '={{ [$json.execution?.error?.message ?? $json.trigger?.error?.message, $json.execution?.error?.description, $json.execution?.url].filter(Boolean).join("\\n\\n") }}',
				options: { appendAttribution: false },
			},
			disabled: true,
		},
	];
	return workflow({
		name,
		note: {
			content: [
				`## ${name}`,
				`1. **${create}**: choose *Create the client at Confirma Finance*, and press *Execute workflow*: it creates a sample client, so take a staging credential first.`,
				`2. ${steps[0]}`,
				`3. ${steps[1]}`,
				'4. **Tell a person**: choose a mail account, enter both addresses, and activate the node. **Publish**.',
			].join('\n'),
			width: 1080,
			height: 190,
		},
		nodes,
		lines: {
			...Object.fromEntries(line.map((from, index) => [from, [[line[index + 1] ?? 'New client?']]])),
			'New client?': [[create], [stop]],
			[create]: [['What became of it?']],
			'What became of it?': [[], [write], [write, stop], [stop]],
			'When something is left': [['Tell a person']],
		},
		pinned: crm.pinned,
	});
}

/** Conditions that also hold for what can't be told: it is refused later, with a reason. */
function orRefused(won: Condition[], isRefused: string): ['and' | 'or', Condition[]] {
	const refused: Condition = { left: `={{ ${isRefused} }}`, operation: 'true', type: 'boolean' };
	// A value that a person changes stands alone.
	if (won.length === 1) return ['or', [...won, refused]];
	const instead = { boolean: 'true', dateTime: '$now.toISO()', string: "''" };
	return [
		'and',
		won.map((condition) => ({
			...condition,
			left: condition.left.replace('={{ ', `={{ ${isRefused} ? ${instead[condition.type ?? 'string']} : `),
		})),
	];
}

/** A Switch. @param output an expression that gives the output's number; one without a line ends the execution in green */
const decision = (name: string, at: [number, number], numberOutputs: number, output: string): NodeDraft => ({
	name,
	type: 'n8n-nodes-base.switch',
	typeVersion: 3.2,
	at,
	parameters: { mode: 'expression', numberOutputs, output: `={{ ${output} }}` },
});

/** A webhook that only takes requests with a key. */
export const webhook = (name: string, path: string, options: INodeParameters = {}): NodeDraft => ({
	name,
	type: 'n8n-nodes-base.webhook',
	typeVersion: 2,
	at: [0, 0],
	parameters: { httpMethod: 'POST', path, authentication: 'headerAuth', options },
	webhookId: idOf(path),
});

/**
 * A request to a CRM.
 * @param login type of the credential
 * @param body an expression, of a request that writes
 */
export const request = (name: string, url: string, login: string, body?: string, method = 'PATCH'): NodeDraft => ({
	name,
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	at: [0, 0],
	parameters: {
		...(body && { method }),
		url,
		...(['httpHeaderAuth', 'oAuth2Api'].includes(login)
			? { authentication: 'genericCredentialType', genericAuthType: login }
			: { authentication: 'predefinedCredentialType', nodeCredentialType: login }),
		...(body && { sendBody: true, specifyBody: 'json', jsonBody: `={{ JSON.stringify(${body}) }}` }),
		options: {},
	},
});

/** What a webhook makes of a request, without what nobody looks at. */
export const webhookItem = (body: IDataObject, headers: IDataObject = {}): IDataObject => ({ headers, body });

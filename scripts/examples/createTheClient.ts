import type { INodeParameters } from 'n8n-workflow';
import { fields } from '../../nodes/ConfirmaFinance/client/fields';
import {
	clientsTable as table,
	conditions,
	exactTable,
	findTables,
	idOf,
	type NodeDraft,
	workflow,
	type WorkflowFile,
} from './workflow';

const trigger = 'When another workflow calls';
const confirma = 'Confirma Finance';
const findTable = 'Find the table';
const record = 'Record it';
const noteIt = 'Note that it was handed on';

/** What an input of the shared workflow is called: as the node's parameter, without the name of its collection. */
export const inputOf = (parameter: string): string => parameter.split('.').at(-1)!;

/** Inputs besides the client's fields. */
const others = [
	'unknownHandling',
	'previewOnly',
	'reference',
	'clientIdentifier',
	'confirmaFinanceCustomerCode',
	'paymentReferencePrefix',
];

/** Everything that the shared workflow takes. */
export const inputs: readonly string[] = [...fields.map(({ parameter }) => inputOf(parameter)), ...others];

const columns = [
	'businessCode',
	'countryCode',
	'name',
	'outcome',
	'message',
	'whatToDo',
	'clientIdentifier',
	'confirmaFinanceCustomerCode',
	'paymentReferencePrefix',
	'tokenHandedOn',
	'execution',
	'partnerCode',
	'environment',
	'request',
	'key',
];

/** The node's parameters, each mapped to the input of its name. */
function mapped(): INodeParameters {
	const parameters: Record<string, INodeParameters | string> = {};
	for (const { parameter } of fields) {
		const [name, child] = parameter.split('.') as [string, string | undefined];
		const value = `={{ $json.${inputOf(parameter)} }}`;
		if (child) parameters[name] = { ...(parameters[name] as INodeParameters | undefined), [child]: value };
		else parameters[name] = value;
	}
	return {
		...parameters,
		serviceType: "={{ $json.serviceType || 'LIFECYCLE' }}",
		partnerCode: "={{ $json.partnerCode || 'QUICK3' }}",
	};
}

const thisExecution =
	"$execution.resumeUrl.split('/webhook-waiting')[0] + '/workflow/' + $workflow.id + '/executions/' + $execution.id";

// A failure leaves the identifiers of an earlier delivery alone: what isn't here isn't written. The key is what the node knows
// companies by: an ID of a Nordic register says it alone, any other one says it together with the name.
const whatToRecord = `={{ (() => {
  const asked = $('${trigger}').item.json;
  const execution = ${thisExecution};
  const { outcome } = $json;
  const isClient = ['created', 'duplicate'].includes(outcome);
  const known = outcome === 'created' ? $json : isClient ? asked : {};
  const isInRegister = ['FI', 'AX', 'SE', 'NO', 'DK'].includes($json.countryCode) && !$json.warnings?.some((each) => each.startsWith("'Business ID'"));
  return {
    key: [$json.environment, $json.partnerCode, $json.countryCode, $json.businessCode, ...(isInRegister ? [] : [$json.name])].join(' '),
    businessCode: String($json.businessCode ?? ''),
    countryCode: String($json.countryCode ?? ''),
    partnerCode: String($json.partnerCode ?? ''),
    environment: String($json.environment ?? ''),
    name: String($json.name ?? ''),
    outcome: isClient ? 'created' : outcome,
    message: $json.message,
    whatToDo: $json.description ?? '',
    execution,
    ...(known.clientIdentifier && {
      clientIdentifier: String(known.clientIdentifier),
      confirmaFinanceCustomerCode: String(known.confirmaFinanceCustomerCode ?? ''),
      paymentReferencePrefix: String(known.paymentReferencePrefix ?? ''),
    }),
    ...(outcome === 'created' && { tokenHandedOn: 'no, it is in ' + execution }),
    ...(outcome === 'unknown' ? { request: JSON.stringify(asked) } : (isClient || outcome === 'rejected') && { request: '' }),
  };
})() }}`;

const answer = `={{ (() => {
  const asked = $('${trigger}').item.json;
  const { outcome, message, description, name, businessCode, countryCode, warnings, changes, body } = $json;
  const rowsOf = (node) => ($(node).isExecuted ? $(node).all().map(({ json }) => json) : []);
  const { key } = $('What to record').all()[$itemIndex].json;
  const row = rowsOf('${record}').find((row) => row.id && row.key === key);
  const known = $json.clientIdentifier ? $json : row ?? {};
  const isHandedOn = rowsOf('${noteIt}').some(({ id, tokenHandedOn }) => id === row?.id && tokenHandedOn?.startsWith('yes'));
  const isSample = /@example\\.com$/i.test(asked.primaryContactEmail);
  const execution = ${thisExecution};
  const notWritten = row ? '' : 'the table “${table}” could not be written';
  const left = outcome !== 'created' || isSample ? [] : [
    ...(row ? [] : ['enter its identifiers by hand, because ' + notWritten]),
    ...(isHandedOn ? [] : ['hand on its access token, which is in ' + execution]),
  ];
  const failed = [message, description, notWritten.replace('t', 'T')].filter(Boolean).map((text) => text.replace(/\\.?$/, '.')).join(' ');
  return {
    outcome, message, description, name, businessCode, countryCode,
    clientIdentifier: String(known.clientIdentifier ?? ''),
    confirmaFinanceCustomerCode: String(known.confirmaFinanceCustomerCode ?? ''),
    paymentReferencePrefix: String(known.paymentReferencePrefix ?? ''),
    reference: asked.reference,
    leftToDo: outcome === 'preview' ? '' :
      outcome === 'created' ? left.length ? 'Client ' + known.clientIdentifier + ' was created. ' + (left.length > 1 ? 'Two things are' : 'One thing is') + ' left: ' + left.join('; ') + '.' : '' :
      outcome !== 'duplicate' ? failed :
      known.clientIdentifier ? '' : name + ' is a client already. One thing is left: ask Confirma Finance for its identifiers and enter them by hand, because ' + (notWritten || 'the table “${table}” does not have them') + '.',
    warnings, changes, body,
  };
})() }}`;

const nodes: NodeDraft[] = [
	{
		name: trigger,
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		at: [0, 0],
		parameters: { inputSource: 'workflowInputs', workflowInputs: { values: inputs.map((name) => ({ name, type: 'any' })) } },
	},
	{
		name: 'The table',
		type: 'n8n-nodes-base.dataTable',
		typeVersion: 1.1,
		at: [1, -1],
		parameters: {
			resource: 'table',
			operation: 'create',
			tableName: table,
			columns: { column: columns.map((name) => ({ name, type: 'string' })) },
			options: { createIfNotExists: true },
		},
		executeOnce: true,
		// It fails where another event has just made the table, or another table's name contains this one's and comes first.
		onError: 'continueRegularOutput',
	},
	findTables(findTable, [2, -1]),
	{
		name: confirma,
		type: 'n8n-nodes-confirma-finance.confirmaFinance',
		typeVersion: 1,
		at: [1, 0],
		parameters: {
			operation: 'createClient',
			...mapped(),
			options: {
				previewOnly: "={{ $json.previewOnly === true || $json.previewOnly === 'true' }}",
				duplicateHandling: 'skip',
				unknownHandling: "={{ $json.unknownHandling || 'hold' }}",
			},
		},
		onError: 'continueRegularOutput',
	},
	{
		name: 'Wait for the other event',
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		at: [2, 0],
		parameters: {
			resume: 'timeInterval',
			// Another event of the company may have created it just now, and its row is written next. What this one created doesn't wait.
			amount: `={{ $('${confirma}').all().some(({ json }) => json.outcome === 'duplicate') && !$('${confirma}').all().some(({ json }) => json.outcome === 'created') ? 3 : 0 }}`,
			unit: 'seconds',
		},
		webhookId: idOf('create-the-client', 'wait'),
	},
	{
		name: 'What to record',
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		at: [3.2, -1],
		parameters: { mode: 'raw', jsonOutput: whatToRecord, options: {} },
	},
	{
		name: record,
		type: 'n8n-nodes-base.dataTable',
		typeVersion: 1.1,
		at: [4, -1],
		parameters: {
			resource: 'row',
			operation: 'upsert',
			dataTableId: exactTable(findTable),
			matchType: 'allConditions',
			filters: {
				conditions: [{ keyName: 'key', condition: 'eq', keyValue: '={{ $json.key }}' }],
			},
			columns: { mappingMode: 'autoMapInputData', value: null, matchingColumns: [], schema: [] },
			options: { dryRun: `={{ $json.outcome === 'preview' }}` },
		},
		retryOnFail: true,
		maxTries: 3,
		waitBetweenTries: 500,
		onError: 'continueRegularOutput',
	},
	{
		name: 'Created?',
		type: 'n8n-nodes-base.filter',
		typeVersion: 2.2,
		at: [5, -1],
		parameters: {
			conditions: conditions('Created?', 'and', [
				// In this execution: its token can be handed on now.
				{ left: '={{ $json.tokenHandedOn }}', operation: 'endsWith', right: '=/executions/{{ $execution.id }}' },
			]),
			options: {},
		},
	},
	{
		name: noteIt,
		type: 'n8n-nodes-base.dataTable',
		typeVersion: 1.1,
		at: [7, -1],
		parameters: {
			resource: 'row',
			operation: 'update',
			dataTableId: exactTable(findTable),
			matchType: 'allConditions',
			filters: { conditions: [{ keyName: 'id', condition: 'eq', keyValue: `={{ $('${record}').item.json.id }}` }] },
			columns: {
				mappingMode: 'defineBelow',
				// Without a vault on the line, the row comes in as it was.
				value: {
					tokenHandedOn: `={{ $json.error || $json.tokenHandedOn ? $('${record}').item.json.tokenHandedOn : 'yes, ' + $now.toISO() }}`,
				},
				matchingColumns: [],
				schema: [
					{
						id: 'tokenHandedOn',
						displayName: 'tokenHandedOn',
						required: false,
						defaultMatch: false,
						display: true,
						type: 'string',
					},
				],
			},
			options: {},
		},
		onError: 'continueRegularOutput',
		disabled: true,
	},
	{
		name: 'The answer',
		type: 'n8n-nodes-base.set',
		typeVersion: 3.4,
		at: [3, 0],
		parameters: { mode: 'raw', jsonOutput: answer, options: {} },
	},
];

/** The workflow that all others call, with the only node that creates clients. */
export const createTheClient = (): WorkflowFile =>
	workflow({
		name: 'Create the client at Confirma Finance',
		note: {
			content:
				'## Create the client\n1. **Confirma Finance**: choose your credential, first one for staging, and put your partner code in place of *QUICK3*.\n2. Press *Execute workflow* to see what would be sent for a sample company, and **Publish**.\n3. **Created?**: put the node of your password vault on the line behind it, give it *apiAccessToken* of *Confirma Finance*, and activate the last node. Or copy each token by hand.\n4. See what became of each company: *Data tables* → *Confirma Finance clients*.',
			width: 1080,
			height: 195,
		},
		nodes,
		lines: {
			[trigger]: [['The table', confirma]],
			'The table': [[findTable]],
			[confirma]: [['Wait for the other event']],
			'Wait for the other event': [['What to record', 'The answer']],
			'What to record': [[record]],
			[record]: [['Created?']],
			'Created?': [[noteIt]],
		},
		pinned: {
			[trigger]: {
				name: 'Example Lake Oy',
				businessCode: '1990011-3',
				countryCode: 'Finland',
				primaryContactName: 'Matti Meikäläinen',
				primaryContactEmail: 'matti@example.com',
				postalAddress: 'Testikuja 7',
				postalCode: 100,
				postalDistrict: 'Helsinki',
				reference: 'Tried by hand',
				// Whatever the credential: with one for production, it would be a real client.
				previewOnly: true,
			},
		},
	});

import { clientsTable, conditions, exactTable, findTables, idOf, workflow, type WorkflowFile } from './workflow';

const form = 'When Confirma Finance has answered';
const exists = 'The client exists';
const isAnswered = `$('${form}').first().json['Confirma Finance says']`;
const optional = {
	clientIdentifier: 'Client identifier',
	confirmaFinanceCustomerCode: 'Customer code',
	paymentReferencePrefix: 'Payment reference prefix',
};

const request = `={{ {
  ...JSON.parse($json.request),
  unknownHandling: ${isAnswered} === '${exists}' ? 'created' : 'send',
${Object.entries(optional)
	.map(([input, label]) => `  ${input}: $('${form}').first().json['${label}'],`)
	.join('\n')}
} }}`;

// The answer of the shared workflow, or the empty item of a row that isn't there.
const title =
	"={{ !$json.outcome ? 'No such client is waiting for an answer' : ['created', 'duplicate'].includes($json.outcome) ? $json.name + ' is a client' : $json.name + ' is not settled yet' }}";
const text = `={{ !$json.outcome ? 'In the table “${clientsTable}”, no client with this business ID and country has the outcome unknown. Check both there.' :
  [
    $json.clientIdentifier && 'Client identifier ' + $json.clientIdentifier + ', customer code ' + $json.confirmaFinanceCustomerCode + ', payment reference prefix ' + $json.paymentReferencePrefix + '. Enter them in your CRM, or win the deal again there.',
    $json.outcome === 'duplicate' && !$json.clientIdentifier ? 'Enter the identifiers that Confirma Finance gave you in your CRM.' : $json.leftToDo,
  ].filter(Boolean).join('<br>') }}`;

/** The workflow with which a person settles a client whose creation got no answer. */
export const settle = (): WorkflowFile =>
	workflow({
		name: 'Settle a client',
		note: {
			content:
				'## Settle a client\n1. **Create the client**: choose *Create the client at Confirma Finance*.\n2. First node: make a *Basic Auth* credential. **Publish**.\n3. Ask Confirma Finance whether the unknown client exists, and enter the answer in the form: its address is the *Production URL* of the first node.',
			width: 1000,
			height: 180,
		},
		nodes: [
			{
				name: form,
				type: 'n8n-nodes-base.formTrigger',
				typeVersion: 2.2,
				at: [0, 0],
				parameters: {
					authentication: 'basicAuth',
					formTitle: 'Settle a client',
					formDescription: 'For a client with the outcome unknown. Ask Confirma Finance first, then enter their answer.',
					formFields: {
						values: [
							{ fieldLabel: 'Business ID', placeholder: 'e.g. 1234567-8', requiredField: true },
							{
								fieldLabel: 'Country',
								fieldType: 'dropdown',
								fieldOptions: {
									values: ['Finland (FI)', 'Sweden (SE)', 'Norway (NO)', 'Denmark (DK)', 'Another country'].map((option) => ({
										option,
									})),
								},
								requiredField: true,
							},
							{
								fieldLabel: 'Confirma Finance says',
								fieldType: 'dropdown',
								fieldOptions: { values: [{ option: exists }, { option: 'The client does not exist' }] },
								requiredField: true,
							},
							...Object.values(optional).map((fieldLabel) => ({ fieldLabel, placeholder: 'If the client exists' })),
						],
					},
					options: { path: 'confirma-settle-a-client', buttonLabel: 'Settle', appendAttribution: false },
				},
				webhookId: idOf('settle', 'form'),
			},
			findTables('Find the table', [1, 0]),
			{
				name: 'Get its row',
				type: 'n8n-nodes-base.dataTable',
				typeVersion: 1.1,
				at: [2, 0],
				parameters: {
					resource: 'row',
					operation: 'get',
					dataTableId: exactTable('Find the table'),
					matchType: 'allConditions',
					filters: {
						conditions: [
							{
								keyName: 'businessCode',
								condition: 'ilike',
								// However it is written: only letters and digits count.
								keyValue: `={{ $('${form}').first().json['Business ID'].replace(/[^\\p{L}\\d]/gu, '').split('').join('%') }}`,
							},
							{
								keyName: 'countryCode',
								condition: 'ilike',
								keyValue: `={{ /\\((..)\\)/.exec($('${form}').first().json.Country)?.[1] ?? '%' }}`,
							},
							{ keyName: 'request', condition: 'isNotEmpty' },
						],
					},
					limit: 1,
				},
				executeOnce: true,
				alwaysOutputData: true,
				// There is no table before the first client, and nobody is waiting then.
				onError: 'continueRegularOutput',
			},
			{
				name: 'Found?',
				type: 'n8n-nodes-base.if',
				typeVersion: 2.2,
				at: [3, 0],
				parameters: {
					conditions: conditions('settle', 'and', [{ left: '={{ $json.request }}', operation: 'notEmpty' }]),
					options: {},
				},
			},
			{
				name: 'The client',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				at: [4, -0.8],
				parameters: { mode: 'raw', jsonOutput: request, options: {} },
			},
			{
				name: 'Create the client',
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.3,
				at: [5, -0.8],
				parameters: {
					workflowId: { __rl: true, mode: 'list', value: '', cachedResultName: '' },
					mode: 'once',
					options: { waitForSubWorkflow: true },
				},
			},
			{
				name: 'Say how it ended',
				type: 'n8n-nodes-base.form',
				typeVersion: 1,
				at: [6, 0],
				parameters: { operation: 'completion', completionTitle: title, completionMessage: text, options: {} },
				webhookId: idOf('settle', 'page'),
			},
		],
		lines: {
			[form]: [['Find the table']],
			'Find the table': [['Get its row']],
			'Get its row': [['Found?']],
			'Found?': [['The client'], ['Say how it ended']],
			'The client': [['Create the client']],
			'Create the client': [['Say how it ended']],
		},
		pinned: {
			[form]: { 'Business ID': '1990264-5', Country: 'Finland (FI)', 'Confirma Finance says': exists },
			'Say how it ended': {},
		},
	});

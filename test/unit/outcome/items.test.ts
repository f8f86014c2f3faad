import type { INode } from 'n8n-workflow';

import type { ClientBody } from '../../../nodes/ConfirmaFinance/client/body';
import { toItems } from '../../../nodes/ConfirmaFinance/outcome/items';
import { duplicate } from '../../../nodes/ConfirmaFinance/outcome/messages';
import type { Preview, Result } from '../../../nodes/ConfirmaFinance/outcome/outcome';
import { stoppingError } from '../../../nodes/ConfirmaFinance/outcome/stoppingError';
import { client as someone, resultWith, warning } from './results';

const node: INode = {
	id: '1',
	name: 'Confirma Finance',
	type: 'n8n-nodes-confirma-finance.confirmaFinance',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	onError: 'continueRegularOutput',
};
const client = { ...someone, name: '<b>R&D</b> Oy' };
const result = resultWith({ client, outcome: duplicate(client), problems: [warning('“<i>”.')] });

const answer = {
	message: 'New client created',
	clientIdentifier: 7,
	apiAccessToken: 'secret',
	name: 'Another Oy',
	environment: 'theirs',
};
const created: Result = { ...result, outcome: { kind: 'created', answer } };
const preview: Result = {
	...result,
	outcome: { kind: 'preview', url: 'https://gateway.example.com', body: {} as ClientBody, standing: 'created' },
};

it.each<[string, Result]>([
	['created', created],
	['preview', preview],
	['duplicate that is skipped', { ...result, options: { ...result.options, duplicateHandling: 'skip' } }],
	['failed', result],
])('The JSON of a %s item begins and ends with the same keys as every other, the advice after the message', (_, one) => {
	const { json } = toItems(node, [one])[0]!;
	const keys = Object.keys(json).filter((key) => key !== 'description');
	expect(keys.slice(0, 5)).toEqual(['outcome', 'message', 'name', 'businessCode', 'countryCode']);
	expect(keys.slice(-2)).toEqual(['partnerCode', 'environment']);
	expect(Object.keys(json).indexOf('description')).toBe('error' in json ? 2 : -1);
	expect(json).toMatchObject({ ...client, environment: 'staging', warnings: ['“<i>”.'] });
});

it('The JSON of a created item goes on with the answer as it came, then the warnings', () => {
	expect(Object.keys(toItems(node, [created])[0]!.json)).toEqual([
		...['outcome', 'message', 'name', 'businessCode', 'countryCode'],
		...['clientIdentifier', 'apiAccessToken', 'warnings'],
		...['partnerCode', 'environment'],
	]);
});

describe('A preview says', () => {
	const ready: Result = { ...preview, problems: [], outcome: { ...preview.outcome, standing: 'none' } as Preview };
	const change = { field: 'Country', given: 'Suomi', sent: 'FI' };
	const having = (one: Result, options: Partial<Result['options']>) => ({ ...one, options: { ...one.options, ...options } });
	const unsettled: Result = { ...ready, outcome: { ...ready.outcome, standing: 'unsettled' } as Preview };

	it.each<[string, Result]>([
		['Ready to send', ready],
		['Ready to send. 1 value is sent differently: Country Suomi → FI', { ...ready, changes: [change] }],
		[
			'Ready to send. Please check 1 warning. 4 values are sent differently: Country Suomi → FI, Country is EUR, Country Suomi → FI, and 1 more',
			{ ...ready, problems: [warning('A.')], changes: [change, { ...change, given: '', sent: 'EUR' }, change, change] },
		],
		['Created before, so it would not be sent. Please check 1 warning', preview],
		['Created before, and would be sent again. Please check 1 warning', having(preview, { duplicateHandling: 'send' })],
		['Sent before with an unknown outcome, so it would not be sent', unsettled],
		['Sent before with an unknown outcome, and would be sent again', having(unsettled, { unknownHandling: 'send' })],
		['Would be taken as created, so it would not be sent', having(unsettled, { unknownHandling: 'created' })],
		['Would be taken as created, so it would not be sent', having(ready, { unknownHandling: 'created' })],
		[
			"Ready to send, but n8n's database could not tell whether this client was created before",
			{ ...ready, outcome: { ...ready.outcome, standing: undefined } as Preview },
		],
	])('%s', (message, one) => {
		expect(toItems(node, [one])[0]!.json).toMatchObject({ outcome: 'preview', message });
	});
});

it('A created item goes on with the answer, and with its token only where the user wants it', () => {
	expect(toItems(node, [created])[0]!.json).toMatchObject({ outcome: 'created', clientIdentifier: 7, apiAccessToken: 'secret' });
	expect(toItems(node, [{ ...created, withToken: false }])[0]!.json).not.toHaveProperty('apiAccessToken');
});

it('A created item without its token has no copy of it, neither in its message nor anywhere deeper', () => {
	const chatty = { ...answer, message: 'Created, token secret', deeper: [{ apiAccessToken: 'secret', key: 'Bearer secret' }] };
	const { json } = toItems(node, [{ ...created, outcome: { kind: 'created', answer: chatty }, withToken: false }])[0]!;
	expect(JSON.stringify(json)).not.toContain('secret');
	expect(json).toMatchObject({ message: 'Created, token ***', clientIdentifier: 7 });
});

it('An item that did not fail has no key by which n8n tells failed ones, even where the API answers with it', () => {
	const odd: Result = { ...created, outcome: { kind: 'created', answer: { ...answer, error: null } } };
	const skipped: Result = { ...result, options: { ...result.options, duplicateHandling: 'skip' } };
	for (const one of [odd, preview, skipped]) {
		expect(toItems(node, [one])[0]!.json).not.toHaveProperty('error');
	}
});

describe('HTML in a value', () => {
	it('is plain text in the JSON of an item, which goes on to mail and chat', () => {
		expect(toItems(node, [result])[0]!.json.description).toContain('“<b>R&D</b> Oy”');
	});

	it('is escaped in the description of the error that ends a run, which n8n renders as HTML', () => {
		const { description } = stoppingError(node, [result, { ...result, itemIndex: 1 }], ['Note of “<u>”']);
		expect(description).toContain('“&lt;b>R&amp;D&lt;/b> Oy”');
		expect(description).toContain('“&lt;i>”');
		expect(description).toContain('“&lt;u>”');
		expect(description).toContain('<br>');
		expect(description!.replaceAll('<br>', '')).not.toContain('<');
	});

	it('is escaped in the error that takes an item to the error output', () => {
		const [item] = toItems({ ...node, onError: 'continueErrorOutput' }, [result]);
		expect(item!.error!.description).toContain('“&lt;b>R&amp;D&lt;/b> Oy”');
		expect(item!.json.description).toContain('“<b>R&D</b> Oy”');
	});
});

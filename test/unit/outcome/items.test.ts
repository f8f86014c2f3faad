import type { INode } from 'n8n-workflow';

import type { ClientBody } from '../../../nodes/ConfirmaFinance/client/body';
import { toItems } from '../../../nodes/ConfirmaFinance/outcome/items';
import { duplicate } from '../../../nodes/ConfirmaFinance/outcome/messages';
import type { Result } from '../../../nodes/ConfirmaFinance/outcome/outcome';
import { stoppingError } from '../../../nodes/ConfirmaFinance/outcome/stoppingError';

const node: INode = {
	id: '1',
	name: 'Confirma Finance',
	type: 'n8n-nodes-confirma-finance.confirmaFinance',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
	onError: 'continueRegularOutput',
};
const client = { name: '<b>R&D</b> Oy', businessCode: '0112038-9' };
const result: Result = {
	itemIndex: 0,
	client,
	outcome: duplicate(client),
	warnings: ['“<i>”.'],
	withToken: true,
	changes: [],
	skipsDuplicate: false,
};

const answer = { message: 'New client created', clientIdentifier: 7, apiAccessToken: 'secret', name: 'Another Oy' };
const created: Result = { ...result, outcome: { kind: 'created', answer } };
const preview: Result = {
	...result,
	outcome: { kind: 'preview', url: 'https://gateway.example.com', body: {} as ClientBody, standing: 'done' },
};

it.each<[string, Result]>([
	['created', created],
	['preview', preview],
	['duplicate that is skipped', { ...result, skipsDuplicate: true }],
	['failed', result],
])('The JSON of a %s item begins with the same keys as every other', (_, one) => {
	const { json } = toItems(node, [one])[0]!;
	expect(Object.keys(json).slice(0, 4)).toEqual(['outcome', 'message', 'name', 'businessCode']);
	expect(json).toMatchObject(client);
});

it('A created item goes on with the answer, and with its token only where the user wants it', () => {
	expect(toItems(node, [created])[0]!.json).toMatchObject({ outcome: 'created', clientIdentifier: 7, apiAccessToken: 'secret' });
	expect(toItems(node, [{ ...created, withToken: false }])[0]!.json).not.toHaveProperty('apiAccessToken');
});

it('An item that did not fail has no key by which n8n tells failed ones, even where the API answers with it', () => {
	const odd: Result = { ...created, outcome: { kind: 'created', answer: { ...answer, error: null } } };
	for (const one of [odd, preview, { ...result, skipsDuplicate: true }]) {
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

import { apiExample } from './clientBodies';
import { type Books, type Delivery, type Ended, reconcile, tagOf } from './reconcile';
import type { CreatedClient, RecordedRequest } from './sandbox';

const businessCode = '1572860-0';
const [first, second] = ['first', 'second'].map((event) => ({ event, businessCode, refusals: 0 })) as [Delivery, Delivery];

/** What a delivery had sent. */
const bodyOf = (delivery: Delivery) => ({
	...apiExample,
	client: { ...apiExample.client, businessCode },
	contacts: { ...apiExample.contacts, primary: { ...apiExample.contacts.primary, name: tagOf(delivery) } },
});
const request = (delivery: Delivery, status?: number): RecordedRequest => ({
	method: 'POST',
	path: '/',
	headers: {},
	rawBody: '',
	body: bodyOf(delivery),
	receivedAt: 0,
	...(status && { status }),
});
const client: CreatedClient = { clientIdentifier: 1001, apiAccessToken: 'token', answer: {}, body: bodyOf(first) };
const execution = (delivery: Delivery, outcome?: string): Ended => ({
	executionId: delivery.event,
	delivery,
	status: 'success',
	...(outcome && { outcome }),
	...(outcome === 'created' && { clientIdentifier: 1001 }),
});
const cutOff: Ended = { executionId: 'first', status: 'error' };

/** A deal that was delivered twice and created once. */
const sound: Books = {
	deliveries: [first, second],
	ended: [execution(first, 'created'), execution(second, 'duplicate')],
	requests: [request(first, 200)],
	created: [client],
	withLosses: false,
};
/** It was refused first. */
const refusedFirst: Partial<Books> = {
	ended: [execution(first, 'rejected'), execution(second, 'created')],
	requests: [request(first, 400), request(second, 200)],
	created: [{ ...client, body: bodyOf(second) }],
};

it.each<[string, Partial<Books>]>([
	['a deal that was delivered twice and created once', {}],
	['a refused deal that its second delivery created', refusedFirst],
	[
		'a killed execution whose client is unknown afterwards',
		{ ended: [cutOff, execution(second, 'unknown')], requests: [request(first)], withLosses: true },
	],
	[
		'a killed execution that n8n runs again',
		{ ended: [execution(first, 'duplicate'), execution(second, 'duplicate')], withLosses: true },
	],
	[
		'an event that n8n refused, and had begun to work on',
		{ deliveries: [{ ...first, refusals: 1 }], ended: [execution(first, 'created'), execution(first, 'duplicate')] },
	],
])('The books have nothing against %s', (_, change) => {
	expect(reconcile({ ...sound, ...change })).toEqual([]);
});

it.each<[string, Partial<Books>]>([
	['2 requests that may have created it', { requests: [request(first, 200), request(first)] }],
	['sent although it may exist', { requests: [request(first, 200), request(second)] }],
	['sent, and reported as duplicate', { ended: [execution(first, 'duplicate'), execution(second, 'duplicate')] }],
	['sent, and reported as notSent', { ended: [execution(first, 'notSent'), execution(second, 'duplicate')] }],
	['one of 2 that are reported as created', { ended: [execution(first, 'created'), execution(second, 'created')] }],
	['reported as created, and was not', { created: [{ ...client, clientIdentifier: 1002 }] }],
	['reported as duplicate, and does not exist', { created: [] }],
	['reported as rejected, and was not refused', { ...refusedFirst, requests: [request(second, 200)] }],
	['second1572860-0: has no outcome', { ended: [execution(first, 'created'), execution(second)] }],
	['second1572860-0: has 2 outcomes', { ended: [...sound.ended, execution(second, 'duplicate')] }],
	["exists, and n8n doesn't say so", { ended: [execution(first, 'notSent'), execution(second)], withLosses: true }],
	['1 events without an execution', { ended: [execution(first, 'created')] }],
	['1 events without an execution', { ended: [execution(first, 'created')], withLosses: true }],
	['1 executions say nothing', { ended: [execution(first, 'created'), cutOff] }],
	['sent without a delivery', { deliveries: [], ended: [] }],
	['belongs to no delivery', { ended: [...sound.ended, execution({ ...first, event: 'third' }, 'duplicate')] }],
	[
		'sent although it may exist',
		{ ended: [cutOff, execution(second, 'unknown')], requests: [request(first), request(second)], withLosses: true },
	],
])('The books are found out: %s', (finding, change) => {
	expect(reconcile({ ...sound, ...change })).toContainEqual(expect.stringContaining(finding));
});

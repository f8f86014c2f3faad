import { apiExample } from './clientBodies';
import { type Books, type Ended, reconcile } from './reconcile';
import type { CreatedClient, RecordedRequest } from './sandbox';

const businessCode = '1572860-0';
const body = { ...apiExample, client: { ...apiExample.client, businessCode } };
const request = (status?: number): RecordedRequest => ({
	method: 'POST',
	path: '/',
	headers: {},
	rawBody: '',
	body,
	receivedAt: 0,
	...(status && { status }),
});
const client: CreatedClient = { clientIdentifier: 1001, apiAccessToken: 'token', answer: {}, body };
const execution = (event: string, outcome?: string): Ended => ({
	executionId: event,
	delivery: { event, businessCode },
	status: 'success',
	...(outcome && { outcome }),
	...(outcome === 'created' && { clientIdentifier: 1001 }),
});

/** A deal that was delivered twice and created once. */
const sound: Books = {
	deliveries: ['first', 'second'].map((event) => ({ event, businessCode, refusals: 0 })),
	ended: [execution('first', 'created'), execution('second', 'duplicate')],
	requests: [request(200)],
	created: [client],
	withLosses: false,
};

describe('reconcile', () => {
	it('has nothing to say when all fits', () => {
		expect(reconcile(sound)).toEqual([]);
	});

	it('lets a refused deal be created by its second delivery', () => {
		const ended = [execution('first', 'rejected'), execution('second', 'created')];
		expect(reconcile({ ...sound, ended, requests: [request(400), request(200)] })).toEqual([]);
	});

	it('lets a killed execution say nothing, if its client is unknown afterwards', () => {
		const ended: Ended[] = [{ executionId: 'first', status: 'error' }, execution('second', 'unknown')];
		expect(reconcile({ ...sound, ended, requests: [request()], withLosses: true })).toEqual([]);
	});

	it.each<[string, Partial<Books>]>([
		['2 requests that may have created it', { requests: [request(200), request(200)] }],
		['2 requests that may have created it', { requests: [request(200), request()] }],
		[
			'sent, and reported as settled without an answer',
			{ ended: [execution('first', 'duplicate'), execution('second', 'duplicate')] },
		],
		['created 2 times', { created: [client, client] }],
		['reported as created 2 times', { ended: [execution('first', 'created'), execution('second', 'created')] }],
		["exists, and n8n doesn't say so", { ended: [execution('first', 'rejected'), execution('second', 'notSent')] }],
		["doesn't exist, and n8n says so", { created: [] }],
		["an identifier that the API didn't give it", { created: [{ ...client, clientIdentifier: 1002 }] }],
		['reported as rejected, and not refused', { ended: [execution('first', 'rejected'), execution('second', 'created')] }],
		['second has no outcome', { ended: [execution('first', 'created'), execution('second')] }],
		['second has 2 outcomes', { ended: [...sound.ended, execution('second', 'duplicate')] }],
		['1 events without an execution', { ended: [execution('first', 'created')] }],
		['1 events without an execution', { ended: [execution('first', 'created')], withLosses: true }],
		['1 executions say nothing', { ended: [execution('first', 'created'), { executionId: 'second', status: 'error' }] }],
		['sent without a delivery', { deliveries: [], ended: [] }],
		['belongs to no delivery', { ended: [...sound.ended, execution('third', 'duplicate')] }],
	])('finds: %s', (finding, change) => {
		expect(reconcile({ ...sound, ...change })).toContainEqual(expect.stringContaining(finding));
	});
});

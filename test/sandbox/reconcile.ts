import type { ClientBody, CreatedClient, RecordedRequest } from './sandbox';

/** One arrival of a won deal at the webhook. */
export interface Delivery {
	/** The event that it came with, possibly among other deals. */
	event: string;
	/** The company's business id, a different one for each deal of an event. */
	businessCode: string;
	/** How often n8n didn't take the event before it did. */
	refusals: number;
}

/** What n8n keeps of a delivery in the execution that it caused. */
export interface Ended {
	executionId: string;
	/** Undefined if n8n kept nothing at all of what the execution was about; it stands for a whole event then. */
	delivery?: Pick<Delivery, 'event' | 'businessCode'>;
	/** n8n's own verdict; `lost` if it left the execution unfinished with nobody working on it. */
	status: string;
	/** What the node said of the client; undefined if it was cut off before it could. */
	outcome?: string;
	clientIdentifier?: number;
	/** Whether n8n dropped the node's output because the run failed: then a later delivery may be given it once more. */
	isOutputDropped?: boolean;
	/** Milliseconds that the node took. */
	took?: number;
}

/** The two sides of what happened, and what may be missing. */
export interface Books {
	/** What the CRM delivered and n8n took. */
	deliveries: readonly Delivery[];
	/** What n8n made of it. */
	ended: readonly Ended[];
	/** What reached the API. */
	requests: readonly RecordedRequest[];
	/** Clients that came into being there. */
	created: readonly CreatedClient[];
	/** Whether n8n may have lost executions, because something was killed under it. */
	withLosses: boolean;
}

/**
 * Holds n8n's side against the API's, and says what doesn't fit:
 *
 * - every delivery has exactly one outcome, or, with losses, an execution that was cut off
 * - at most one request per client that may have created it, and at most one client
 * - a client that exists is reported as `created`, `duplicate` or `unknown`, never as nothing, and only once as `created` in
 *   what n8n passes on
 * - a client that is reported as `created` or `duplicate` exists, with that identifier
 * - what is `rejected` was refused by the API
 * - a client that may have been created is reported as `created` or `unknown` by the delivery that sent it
 */
export function reconcile({ deliveries, ended, requests, created, withLosses }: Books): string[] {
	const findings: string[] = [];
	const caused = groupBy(ended, ({ delivery }) => delivery?.event);

	// n8n empties what it keeps of an execution whose worker died, so those can only be counted.
	const silent = caused.get(undefined) ?? [];
	const missing = new Set(deliveries.map(({ event }) => event).filter((event) => !caused.has(event)));
	if (silent.length > 0 && !withLosses) findings.push(`${silent.length} executions say nothing of what they were about`);
	if (missing.size > silent.length) findings.push(`${missing.size} events without an execution`);
	for (const { delivery, executionId } of ended) {
		const isKnown = !delivery || deliveries.some(({ event }) => event === delivery.event);
		if (!isKnown) findings.push(`execution ${executionId} belongs to no delivery`);
	}
	for (const { event, businessCode, refusals } of deliveries) {
		const outcomes = (caused.get(event) ?? []).filter(
			({ delivery, outcome }) => delivery?.businessCode === businessCode && outcome !== undefined,
		);
		// An event that n8n began to work on and refused all the same comes again.
		if (outcomes.length > 1 + refusals) findings.push(`${businessCode} of ${event} has ${outcomes.length} outcomes`);
		if (outcomes.length === 0 && !withLosses) findings.push(`${businessCode} of ${event} has no outcome`);
	}

	const codeOfRequest = ({ body }: RecordedRequest) => (body as ClientBody).client.businessCode;
	const requestsByClient = groupBy(requests, codeOfRequest);
	const createdByClient = groupBy(created, ({ body }) => body.client.businessCode);
	const endedByClient = groupBy(ended, ({ delivery }) => delivery?.businessCode);
	for (const client of new Set(deliveries.map(({ businessCode }) => businessCode))) {
		const sent = requestsByClient.get(client) ?? [];
		const refused = sent.filter(({ status }) => status !== undefined && status >= 400 && status < 500).length;
		const exists = createdByClient.get(client) ?? [];
		const own = endedByClient.get(client) ?? [];
		const count = (outcome: string) => own.filter((each) => each.outcome === outcome).length;

		if (sent.length - refused > 1) findings.push(`${client}: ${sent.length - refused} requests that may have created it`);
		if (!withLosses && sent.length > refused && count('created') + count('unknown') === 0)
			findings.push(`${client}: sent, and reported as settled without an answer`);
		if (exists.length > 1) findings.push(`${client}: created ${exists.length} times`);
		const passedOn = own.filter(({ outcome, isOutputDropped }) => outcome === 'created' && !isOutputDropped).length;
		if (passedOn > 1) findings.push(`${client}: reported as created ${passedOn} times`);
		if (exists.length > 0 && count('created') + count('duplicate') + count('unknown') === 0) {
			findings.push(`${client}: exists, and n8n doesn't say so`);
		}
		if (exists.length === 0 && count('created') + count('duplicate') > 0)
			findings.push(`${client}: doesn't exist, and n8n says so`);
		for (const { clientIdentifier } of own) {
			const isRight = clientIdentifier === undefined || exists.some((each) => each.clientIdentifier === clientIdentifier);
			if (!isRight) findings.push(`${client}: reported with an identifier that the API didn't give it`);
		}
		if (count('rejected') > refused) findings.push(`${client}: reported as rejected, and not refused`);
	}
	for (const client of requestsByClient.keys()) {
		if (!deliveries.some(({ businessCode }) => businessCode === client)) findings.push(`${client}: sent without a delivery`);
	}
	return findings;
}

/** Node has it as Map.groupBy from version 21 on. */
function groupBy<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
	const groups = new Map<Key, Value[]>();
	for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
	return groups;
}

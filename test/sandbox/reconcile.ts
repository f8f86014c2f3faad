import type { ClientBody, CreatedClient, RecordedRequest } from './sandbox';
import { traceItems, type Traced } from './traceItems';

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

/** By which a delivery's requests are known. */
export const tagOf = ({ event, businessCode }: Pick<Delivery, 'event' | 'businessCode'>) => `${event}${businessCode}`;

/**
 * Holds n8n's side against the API's, and says what doesn't fit: every delivery has exactly one outcome, or, with losses, an
 * execution that was cut off; every request belongs to a delivery; and the two fit together as {@link traceItems} has it.
 */
export function reconcile({ deliveries, ended, requests, created, withLosses }: Books): string[] {
	const findings: string[] = [];
	const causedBy = (event: string) => ended.filter(({ delivery }) => delivery?.event === event);
	const outcomesOf = ({ event, businessCode }: Delivery) =>
		causedBy(event).filter(({ delivery, outcome }) => delivery?.businessCode === businessCode && outcome !== undefined);

	// n8n empties what it keeps of an execution whose worker died, so those can only be counted.
	const silent = ended.filter(({ delivery }) => !delivery);
	const missing = new Set(deliveries.map(({ event }) => event).filter((event) => causedBy(event).length === 0));
	if (silent.length > 0 && !withLosses) findings.push(`${silent.length} executions say nothing of what they were about`);
	if (missing.size > silent.length) findings.push(`${missing.size} events without an execution`);
	for (const { delivery, executionId } of ended) {
		const isKnown = !delivery || deliveries.some(({ event }) => event === delivery.event);
		if (!isKnown) findings.push(`execution ${executionId} belongs to no delivery`);
	}
	const items: Traced[] = [];
	for (const delivery of deliveries) {
		const [tag, { businessCode, refusals }, outcomes] = [tagOf(delivery), delivery, outcomesOf(delivery)];
		// An event that n8n began to work on and refused all the same comes again.
		if (outcomes.length > 1 + refusals) findings.push(`${tag}: has ${outcomes.length} outcomes`);
		if (outcomes.length === 0 && !withLosses) findings.push(`${tag}: has no outcome`);
		// With losses, n8n may have run it before, been cut off, and run it again.
		const runs: Array<Partial<Ended>> = withLosses || outcomes.length === 0 ? [...outcomes, {}] : outcomes;
		for (const { outcome, clientIdentifier } of runs) {
			items.push({ ...holding, tag, businessCode, outcome, clientIdentifier });
		}
	}
	for (const { body } of requests) {
		const tag = (body as ClientBody).contacts.primary.name;
		if (!items.some((item) => item.tag === tag)) findings.push(`${tag}: sent without a delivery`);
	}
	for (const { client } of created.map(({ body }) => body)) {
		const own = items.filter(({ businessCode }) => businessCode === client.businessCode);
		const isSaid = own.some(({ outcome }) => outcome === 'created' || outcome === 'duplicate' || outcome === 'unknown');
		if (!isSaid) findings.push(`${client.businessCode}: exists, and n8n doesn't say so`);
	}
	return [...findings, ...traceItems(items, requests, created)];
}

/** Deliveries of which none may send again what may exist. */
const holding = { round: 0, duplicateHandling: 'error', unknownHandling: 'hold', isOutputDropped: false, endedAt: Infinity };

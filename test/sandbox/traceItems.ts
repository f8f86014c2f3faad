import type { ClientBody, CreatedClient, RecordedRequest } from './sandbox';

/** An item that n8n ran, and what n8n said of it. Its requests are known by the name of the client's primary contact. */
export interface Traced {
	/** The name of the primary contact. */
	tag: string;
	businessCode: string;
	/** The round of deliveries that it belongs to; a round begins when the one before has ended. */
	round: number;
	duplicateHandling: string;
	unknownHandling: string;
	/** Undefined if the run was cut off before it could say anything. */
	outcome?: string;
	clientIdentifier?: number;
	/** Whether n8n dropped the node's output because the run failed: then a later delivery may be given the answer once more. */
	isOutputDropped: boolean;
	/** When the run of the item was over, in milliseconds since 1970. */
	endedAt: number;
}

interface Sent {
	tag: string;
	businessCode: string;
	receivedAt: number;
	isRefused: boolean;
}

/**
 * Traces requests and clients back to the items that they came from, and says what doesn't fit:
 *
 * - an item makes at most one request that may have created its client, and says `created` or `unknown` then
 * - `created` is said with the client's identifier by the item that created it, and by another only where n8n dropped that
 *   one's output; what n8n passes on says it once. `rejected` is said of what was refused, and only refused
 * - `duplicate` is said of a client that exists, or that a person called created
 * - a client that may exist is sent again only by an item that may: Send Anyway when it was created, Send Again when nobody
 *   knew
 */
export function traceItems(
	items: readonly Traced[],
	requests: readonly RecordedRequest[],
	created: readonly CreatedClient[],
): string[] {
	const codes = new Set(items.map(({ businessCode }) => businessCode));
	const sent = requests.map(sentBy).filter(({ businessCode }) => codes.has(businessCode));
	const exists = created.filter(({ body }) => codes.has(body.client.businessCode));
	return [
		...items.flatMap((item) => ownFindings(item, items, sent, exists).map((finding) => `${item.tag}: ${finding}`)),
		...[...codes].flatMap((code) =>
			resendFindings(
				items.filter(({ businessCode }) => businessCode === code),
				sent,
			),
		),
	];
}

function sentBy({ body, status, receivedAt }: RecordedRequest): Sent {
	const { client, contacts } = body as ClientBody;
	const isRefused = status !== undefined && status >= 400 && status < 500;
	return { tag: contacts.primary.name, businessCode: client.businessCode, receivedAt, isRefused };
}

/** What doesn't fit between an item's outcome and what it did itself. */
function ownFindings(item: Traced, items: readonly Traced[], sent: readonly Sent[], exists: readonly CreatedClient[]): string[] {
	const { tag, businessCode, outcome, clientIdentifier } = item;
	const own = sent.filter((request) => request.tag === tag);
	const live = own.filter(({ isRefused }) => !isRefused).length;
	const isOwn = exists.some((each) => each.body.contacts.primary.name === tag && each.clientIdentifier === clientIdentifier);
	const sayCreated = items.filter((each) => each.outcome === 'created' && each.clientIdentifier === clientIdentifier);
	const isHandedOver = sayCreated.some((each) => each.isOutputDropped && each.businessCode === businessCode);
	const passedOn = sayCreated.filter(({ isOutputDropped }) => !isOutputDropped).length;
	const isThere = exists.some(({ body }) => body.client.businessCode === businessCode);
	const isCalledCreated = items.some((each) => each.businessCode === businessCode && each.unknownHandling === 'created');

	// A run that n8n had refused, and carried on all the same, came again with the same items.
	const isHeard = items.some((each) => each.tag === tag && [undefined, 'created', 'unknown'].includes(each.outcome));

	const findings: Array<[boolean, string]> = [
		[live > 1, `${live} requests that may have created it`],
		[live > 0 && !isHeard, `sent, and reported as ${outcome}`],
		[outcome === 'created' && !isOwn && !isHandedOver, 'reported as created, and was not'],
		[outcome === 'created' && passedOn > 1, `one of ${passedOn} that are reported as created, of one client`],
		[outcome === 'rejected' && own.length === live, 'reported as rejected, and was not refused'],
		[outcome === 'duplicate' && !isThere && !isCalledCreated, 'reported as duplicate, and does not exist'],
	];
	return findings.filter(([isSo]) => isSo).map(([, finding]) => finding);
}

/** Requests for one client after the first that may have created it, where the item had no right to send them. */
function resendFindings(items: readonly Traced[], sent: readonly Sent[]): string[] {
	const byTag = new Map(items.map((item) => [item.tag, item]));
	const live = sent.filter(({ tag, isRefused }) => byTag.has(tag) && !isRefused);
	return live.slice(1).flatMap(({ tag, receivedAt }, index) => {
		const item = byTag.get(tag)!;
		const before = live.slice(0, index + 1);
		const earlier = before.map((request) => byTag.get(request.tag)!);
		const last = earlier.at(-1)!;
		const callers = items.filter(({ unknownHandling, round }) => unknownHandling === 'created' && round <= item.round);
		const wasCreated =
			(last.outcome === 'created' && last.endedAt < receivedAt) ||
			callers.some(({ round, outcome }) => outcome === 'duplicate' && last.round < round && round < item.round);
		const mayBeCreated = callers.length > 0 || earlier.some(({ outcome }) => outcome === 'created');

		if (item.duplicateHandling !== 'send' && item.unknownHandling !== 'send') return [`${tag}: sent although it may exist`];
		if (item.duplicateHandling !== 'send' && wasCreated) return [`${tag}: sent again although it was created`];
		if (item.unknownHandling !== 'send' && !mayBeCreated) return [`${tag}: sent anyway although nobody knew whether it exists`];
		return [];
	});
}

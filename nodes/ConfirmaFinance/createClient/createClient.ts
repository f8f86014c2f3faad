import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { classify } from './outcome/classify';
import { clientKey } from './clientKey';
import { readCredentials, tokenOf, type Credential, type Refusal } from './request/credential';
import { deliver, type Sendable } from './deliver/deliver';
import { RunGuard } from './guard/runGuard';
import { hints, invalid, misconfigured, notReached, warningHint } from './outcome/messages';
import type { Created, NotCreated, Outcome } from './outcome/outcome';
import { isSuccess, stoppingError, toItems, type Result } from './outcome/items';
import { prepareAll, type Prepared } from './prepare/prepare';
import { endTry, triesOfRun, type Tries } from './deliver/tries';
import type { ClientBody } from './clientBody';
import { clientUrl, send } from './request/send';
import { escapeHtml } from './text';

/** An item that is to be sent. */
type Ready = Prepared & { readonly body: ClientBody; readonly credential: Credential };

/**
 * Creates one client at Confirma Finance for each input item: read → normalise → validate → guard → send → classify
 * → output. All items are validated before the first one is sent.
 *
 * @returns one item per input item, in the order of the input
 * @throws with On Error = stop: nothing is sent if any item is invalid, and after a failure nothing further is sent
 */
export async function createClient(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const isAgent = isToolRun(context);
	// An error that is thrown reaches an AI agent without its description, if at all, and may end the agent's own run.
	const stopsOnFailure = !context.continueOnFail() && !isAgent;
	const credentials = await readCredentials(context);
	const tries = triesOfRun(context);
	const items = await prepareAll(context);
	const notes: string[] = [];

	const outcomes = items.map((item) => withoutSending(item, credentials[item.itemIndex]!, tries));
	// An outcome that is unknown already is an earlier try's.
	const isBlocked =
		stopsOnFailure && outcomes.some((outcome) => outcome?.outcome === 'invalid' || outcome?.outcome === 'unknown');
	if (!isBlocked) {
		const ready = items
			.map((item) => ({ ...item, credential: credentials[item.itemIndex] }))
			.filter((item): item is Ready => outcomes[item.itemIndex] === undefined);
		const sent = await sendAll(context, ready, tries, stopsOnFailure);
		ready.forEach(({ itemIndex }, index) => (outcomes[itemIndex] = sent.outcomes[index]));
		notes.push(...sent.notes);
	}

	const results = items.map((item) => resultOf(item, outcomes[item.itemIndex], isAgent));
	const failed = results.some((result) => !isSuccess(result));
	// When the run continues on failures, n8n takes the first item for all of them.
	const willRetry = failed && (stopsOnFailure || !isSuccess(results[0]!));
	endTry(tries, willRetry);
	if (stopsOnFailure && failed) throw stoppingError(context.getNode(), results, notes);
	for (const message of [...warningsOf(results), ...notes.map(escapeHtml)]) {
		context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
	}
	return toItems(context.getNode(), results);
}

/** The outcome of an item that needs no request; undefined for one that is ready to be sent. */
function withoutSending(
	{ itemIndex, body, problems, options }: Prepared,
	credential: Credential | Refusal,
	tries: Tries,
): Outcome | undefined {
	if (!body) return invalid(problems);
	// Not even a credential that can't be read any more hides what an earlier try did.
	if ('refusal' in credential) return tries.sent.get(itemIndex)?.outcome ?? misconfigured(credential.refusal);
	const { baseUrl } = credential.endpoint;
	if (options.previewOnly) return { outcome: 'preview', url: clientUrl(baseUrl), body };

	const earlier = tries.sent.get(itemIndex);
	return earlier && earlier.client === clientKey(baseUrl, body) ? earlier.outcome : undefined;
}

const skipsDuplicate = ({ options }: Prepared) => options.duplicateHandling === 'skip';

/** What the output needs to know of an item. Without an outcome the run ended before the item's turn. */
function resultOf(item: Prepared, outcome: Outcome | undefined, isAgent: boolean): Result {
	const { itemIndex, client, options, problems } = item;
	return {
		itemIndex,
		client,
		outcome: outcome ?? notReached(client),
		warnings: problems.filter(({ severity }) => severity === 'warning').map(({ text }) => text),
		withToken: options.returnAccessToken ?? !isAgent,
		skipDuplicate: skipsDuplicate(item),
	};
}

/** Sends what is ready. @returns the outcomes in the order of `items`, and what the user should know of the run as a whole */
async function sendAll(
	context: IExecuteFunctions,
	items: readonly Ready[],
	tries: Tries,
	stopsOnFailure: boolean,
): Promise<{ outcomes: Array<Created | NotCreated>; notes: string[] }> {
	const notes: string[] = [];
	if (items.length === 0) return { outcomes: [], notes };
	const keys = items.map(({ credential, body }) => clientKey(credential.endpoint.baseUrl, body));
	const guard = new RunGuard(context, tries.guard, keys);

	const sendables = items.map((item) => sendableOf(item, context, guard, tries));
	try {
		const outcomes = await deliver(sendables, {
			guard,
			maxConcurrency: items[0]!.options.maxConcurrency,
			stopAfter: (outcome, index) => stopsOnFailure && !isSuccess({ outcome, skipDuplicate: skipsDuplicate(items[index]!) }),
			signal: context.getExecutionCancelSignal(),
			onUnwritten: (client) => notes.push(hints.notWritten(client)),
		});
		if (!guard.isLasting) notes.push(hints.notLasting);
		if (!guard.isLocked) notes.push(hints.notLocked);
		return { outcomes, notes };
	} finally {
		guard.release();
	}
}

function sendableOf(item: Ready, context: IExecuteFunctions, guard: RunGuard, tries: Tries): Sendable {
	const { itemIndex, body, client, options } = item;
	const { endpoint, data } = item.credential;
	const key = clientKey(endpoint.baseUrl, body);
	const asked = { endpoint, client, timeout: options.timeout, provisioningToken: tokenOf(data) };
	return {
		client,
		guardKey: key,
		resend: { created: options.duplicateHandling === 'send', unknown: options.unknownHandling === 'send' },
		send: async () => await send(context, data, endpoint.baseUrl, body, options.timeout),
		classify: (reply) => {
			const outcome = classify(reply, { ...asked, isHeld: guard.isLasting });
			if (outcome.outcome !== 'rejected') tries.sent.set(itemIndex, { client: key, outcome });
			return outcome;
		},
	};
}

/**
 * Whether an AI agent runs the node as its tool. n8n 1 has no call for it, and in n8n 2 the call says no when the engine
 * runs the tool; but a tool has a node type of its own.
 */
function isToolRun(context: IExecuteFunctions): boolean {
	const { isToolExecution } = context as Partial<IExecuteFunctions>;
	return isToolExecution?.call(context) === true || context.getNode().type.endsWith('Tool');
}

/** One hint about everything that looks odd, or none. */
function warningsOf(results: readonly Result[]): string[] {
	const warnings = results.flatMap(({ itemIndex, warnings: texts }) => texts.map((text) => ({ itemIndex, text })));
	return warnings.length > 0 ? [warningHint(warnings, results.length)] : [];
}

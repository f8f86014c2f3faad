import type { ClientName } from '../client/body';
import type { Problem } from '../client/problem';
import type { Endpoint } from '../n8n/credential';
import { quote } from '../text';
import type { NotCreated, Preview, Result } from './outcome';

/** `“Test Customer Oy” (0112038-9)`, or as much of it as is known. */
export function named({ name, businessCode }: ClientName): string {
	if (!name) return businessCode ? `the client with business ID ${quote(businessCode, 20)}` : 'a client without a name';
	return businessCode ? `“${quote(name)}” (${quote(businessCode, 20)})` : `“${quote(name)}”`;
}

/** `Confirma Finance staging`, or the custom address. */
export function place({ environment, baseUrl }: Endpoint): string {
	return environment === 'custom' ? `Confirma Finance at ${baseUrl}` : `Confirma Finance ${environment}`;
}

/**
 * The way back from an unknown outcome: what to ask, and what to choose then. For this client alone, since nobody has asked
 * about the others of a batch, and Take as Created would never send them.
 *
 * @param isHeld whether the guard holds the client back beyond this run
 */
function wayBack(client: ClientName, isHeld = true): string {
	const ask = `Ask Confirma Finance whether ${named(client)} is a client.`;
	return isHeld
		? `${ask} If it is, run this item alone with 'Options > If Outcome Is Unknown' set to Take as Created; if it is not, with Send Again.`
		: `${ask} If it is, get its identifiers from there; if it is not, run the item again.`;
}

/** What lets clients pass that were created before. */
export const skipCreated = "set 'Options > If Client Was Already Created' to Skip It";

export function invalid(problems: readonly Problem[]): NotCreated {
	const errors = problems.filter(({ severity }) => severity === 'error');
	const fields = new Set(errors.map(({ label }) => label));
	return {
		kind: 'invalid',
		message:
			fields.size === 1
				? `'${errors[0]!.label}' needs correction, so nothing was sent`
				: `${fields.size} fields need correction, so nothing was sent`,
		description: errors.map(({ text }) => text).join('\n'),
	};
}

/** @param reason a sentence that names what is wrong with the credential, and what would be right */
export function misconfigured(reason: string): NotCreated {
	return {
		kind: 'invalid',
		message: "The credential 'Confirma Finance API' needs correction, so nothing was sent",
		description: `${reason}.`,
	};
}

/** @param words n8n's own, ready to be shown, where it could not read the credential; undefined where none is chosen */
export function withoutCredential(words: string | undefined): NotCreated {
	if (words === undefined) {
		return {
			kind: 'invalid',
			message: 'No credential is chosen, so nothing was sent',
			description: 'Choose or create a Confirma Finance API credential in the node. For previews, any text will do as its token.',
		};
	}
	return {
		kind: 'notSent',
		message: "n8n could not read the credential 'Confirma Finance API', so nothing was sent",
		description: `${words ? `n8n says: “${words}”. ` : ''}Run the item again. If that does not help, choose the credential in the node again, or ask whoever looks after n8n.`,
	};
}

/** Held back by the guard: this node created the client before. */
export function duplicate(client: ClientName): NotCreated {
	return {
		kind: 'duplicate',
		message: 'This client was created before, so nothing was sent',
		description: `If your CRM reported the same deal twice, there is nothing to do. To let such items pass, ${skipCreated}. The identifiers of ${named(client)} are in the output of the run that created it, and Confirma Finance has them too.`,
	};
}

/** A person found out that the client exists, and said so with Take as Created. */
export function takenAsCreated(client: ClientName): NotCreated {
	return {
		kind: 'duplicate',
		message: 'This client is now taken as created, so nothing was sent',
		description: `Get the identifiers of ${named(client)} from Confirma Finance. To let such items pass, ${skipCreated}. When all is settled, set 'Options > If Outcome Is Unknown' back to Hold Back.`,
	};
}

/** Held back by the guard: nobody knows what became of an earlier attempt. */
export function unsettled(client: ClientName): NotCreated {
	return {
		kind: 'unknown',
		message: 'It is not known whether this client exists, so nothing was sent',
		description: wayBack(client),
	};
}

export function notReached(client: ClientName): NotCreated {
	return {
		kind: 'notSent',
		message: 'The run stopped before this client was sent',
		description: `Nothing was sent for ${named(client)}. Run the item again.`,
		isNotReached: true,
	};
}

/**
 * The run gave up because the API refused everything with 429.
 *
 * @param retryAfter milliseconds that the API asked to wait, if it said so
 */
export function notTaken(client: ClientName, retryAfter?: number): NotCreated {
	return {
		kind: 'notSent',
		message: 'Confirma Finance is receiving too many requests right now, so this client was not sent',
		description: `${waited(retryAfter)} Nothing was sent for ${named(client)}: run the item again after that.`,
	};
}

/** How long a run waited for an API that refused everything with 429, or didn't, because it was asked for too long. */
function waited(retryAfter?: number): string {
	return retryAfter !== undefined && retryAfter > longestWait
		? `Confirma Finance asks to wait ${duration(retryAfter)}, longer than a run may.`
		: 'The run waited for two minutes, as long as it may, and nothing got through.';
}

export function notRecorded(client: ClientName): NotCreated {
	return {
		kind: 'notSent',
		message: "n8n's database could not record the client, so nothing was sent",
		description: `The record keeps ${named(client)} from being created twice. Run the item again when n8n's database is back. If it is then reported as unknown, this run did not send it.`,
	};
}

/** On MySQL and MariaDB the guard's record of one node is as long as its column lets it be. */
export function recordFull(client: ClientName): NotCreated {
	return {
		kind: 'notSent',
		message: "This node's record of its clients is full, so nothing was sent",
		description: `On MySQL and MariaDB, n8n keeps about 1,200 clients for one node, and ${named(client)} no longer fits in. Move n8n to PostgreSQL, or go on with a copy of this node: it does not know the clients that this one created, so send it none of them.`,
	};
}

/** In milliseconds: how long the API may refuse everything before a run gives up. */
export const longestWait = 120_000;

const inUnit = (value: number, unit: string) =>
	new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(value);

/** A time in words, such as `5 minutes`. In milliseconds. */
function duration(ms: number): string {
	if (ms < 2 * 60_000) return inUnit(ms / 1000, 'second');
	if (ms < 2 * 3_600_000) return inUnit(Math.ceil(ms / 60_000), 'minute');
	return ms < 365 * 86_400_000 ? inUnit(Math.ceil(ms / 3_600_000), 'hour') : 'more than a year';
}

/** Why no usable answer came, in one sentence. `timeout` is in milliseconds. */
export const silences = {
	timeout: (timeout: number) => `No full answer came within the time limit of ${duration(timeout)}`,
	dropped: () => 'The connection was lost before the full answer arrived',
	cancelled: () => 'The run was stopped while the request was on its way',
	redirected: (status: number) =>
		`The answer points to another address (HTTP ${status}), which was not followed to protect the token`,
	unavailable: (status: number) => `Confirma Finance, or a proxy on the way there, could not handle the request (HTTP ${status})`,
	failed: (status: number) => `Something went wrong at Confirma Finance (HTTP ${status})`,
	unreadable: (status: number) => `The answer of Confirma Finance could not be read (HTTP ${status})`,
};

interface Unknown {
	/** One of the {@link silences}. */
	readonly silence: string;
	readonly httpCode?: string;
	/** Whether the guard holds the client back beyond this run. */
	readonly isHeld?: boolean;
	/** The client's identifier, if the answer had one that could be read. */
	readonly found?: string;
	/** What the answer says, ready to be shown. */
	readonly words?: string;
}

export function unknown(client: ClientName, { silence, httpCode, isHeld, found, words }: Unknown): NotCreated {
	const clue = found ? `, but it names client ${quote(found, 40)}` : '';
	const says = words ? `: “${words}”` : '';
	return {
		kind: 'unknown',
		message: 'It is not known whether the client was created',
		description: `${silence}${clue}${says}. ${wayBack(client, isHeld)}`,
		...(httpCode ? { httpCode } : {}),
	};
}

/** n8n doesn't let its nodes send anything there. */
export function refusedByN8n(endpoint: Endpoint, code: string): NotCreated {
	return {
		kind: 'rejected',
		message: `n8n does not allow requests to ${place(endpoint)}`,
		description: `This client was not created: n8n refused the request (${code}), so nothing was sent. Ask your n8n administrator to allow ${endpoint.baseUrl}, then run the item again.`,
		httpCode: code,
	};
}

export function untrusted(endpoint: Endpoint, code: string): NotCreated {
	return {
		kind: 'rejected',
		message: `No secure connection to ${place(endpoint)}`,
		description: `This client was not created: the server's certificate is not trusted, or it does not speak https (${code}), so nothing was sent. Check the base URL in the credential, and ask your IT department whether a proxy stands in between.`,
		httpCode: code,
	};
}

export function unreachable(endpoint: Endpoint, code: string): NotCreated {
	return {
		kind: 'rejected',
		message: `No connection to ${place(endpoint)}`,
		description: `This client was not created: the server could not be reached (${code}), so nothing was sent. Check the environment and the base URL in the credential, or ask your IT department whether a firewall or a proxy is in the way. Then run the item again.`,
		httpCode: code,
	};
}

/** What an answer from 400 to 499 says. */
export interface Refused {
	readonly status: number;
	/** What the API says about it, ready to be shown. */
	readonly words: string;
	/** Milliseconds that it asks to wait. */
	readonly retryAfter?: number;
}

export function refused(endpoint: Endpoint, { status, words, retryAfter }: Refused): NotCreated {
	const says = words ? ` Confirma Finance says: “${words}”.` : '';
	const [message, advice] = refusal(place(endpoint), status, retryAfter);
	return {
		kind: 'rejected',
		message,
		description: `This client was not created.${says} ${advice}`,
		httpCode: String(status),
	};
}

/** What a status means, and what to do about it. `at` names the environment that was asked. */
function refusal(at: string, status: number, retryAfter?: number): [message: string, advice: string] {
	switch (status) {
		case 400:
		case 422:
			return [
				`${at} did not accept the client`,
				'Correct the data in your CRM or in the fields of this node, then run the item again.',
			];
		case 401:
			return [
				`${at} did not accept the provisioning token`,
				'Check in the credential that the token is complete and that the environment is the one that issued it: a token works only there.',
			];
		case 403:
			return [
				`The provisioning token may not create clients in ${at}`,
				"Check in the credential that it is your Partner Provisioning Token, not a client's token, and that the environment is right. If both are, ask Confirma Finance whether the onboarding API is open to you and to n8n's address.",
			];
		case 404:
			return [
				`${at} does not know this request`,
				'Check the environment and the base URL in the credential: the part before /api/v1 may be wrong. If both are right, ask Confirma Finance whether the onboarding API is open to you yet.',
			];
		case 409:
			return [
				`${at} reports a conflict with this client`,
				'It may be a client already, created elsewhere or by hand: ask Confirma Finance before you change the data and run the item again.',
			];
		case 429:
			return [`${at} is receiving too many requests right now`, `${waited(retryAfter)} Run the item again after that.`];
		default:
			return [
				`${at} did not accept the client (HTTP ${status})`,
				'Ask Confirma Finance what stands in the way, and your IT department if a proxy stands in between. Then run the item again.',
			];
	}
}

const maxChanges = 3;

/** What matters about an item that is only previewed: whether it would be sent, and what to look at. */
export function previewMessage({ standing }: Preview, { changes, warnings, ...handling }: Result): string {
	const differences = changes
		.slice(0, maxChanges)
		.map(({ field, given, sent }) => `${field} ${given ? `${quote(given, 40)} → ` : 'is '}${quote(sent, 40) || 'nothing'}`);
	if (changes.length > maxChanges) differences.push(`and ${changes.length - maxChanges} more`);
	return [
		standingInWords(standing, handling),
		...(warnings.length > 0 ? [`Please check ${count(warnings.length, 'warning')}`] : []),
		...(changes.length > 0
			? [`${count(changes.length, 'value')} ${changes.length === 1 ? 'is' : 'are'} sent differently: ${differences.join(', ')}`]
			: []),
	].join('. ');
}

/** Whether the client would be sent, by how it stands in the guard's records. */
function standingInWords(
	standing: Preview['standing'],
	{ duplicateHandling, unknownHandling }: Pick<Result, 'duplicateHandling' | 'unknownHandling'>,
): string {
	switch (standing) {
		case 'done':
			return duplicateHandling === 'send' ? 'Created before, and would be sent again' : 'Created before, so it would not be sent';
		case 'unsettled':
			if (unknownHandling === 'created') return 'Sent before, and would be taken as created';
			return unknownHandling === 'send'
				? 'Sent before with an unknown outcome, and would be sent again'
				: 'Sent before with an unknown outcome, so it would not be sent';
		case 'none':
			return unknownHandling === 'created' ? 'Would be taken as created, so it would not be sent' : 'Ready to send';
		default:
			return "Ready to send, but n8n's database could not tell whether this client was created before";
	}
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

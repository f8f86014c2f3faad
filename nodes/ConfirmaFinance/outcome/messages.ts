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
 * The way back from an unknown outcome: what to ask, and what to set then.
 *
 * Whoever follows it runs all items of the batch again. So it names Skip It too, without which a batch that stops on a failure
 * would stop at the clients that exist, and asks to keep clients with different answers apart.
 *
 * @param isHeld whether the guard holds the client back beyond this run
 */
function wayBack(client: ClientName, isHeld = true): string {
	const ask = `Ask Confirma Finance whether ${named(client)} is a client.`;
	return isHeld
		? `${ask} If it is, set 'If Outcome Is Unknown' to Take as Created; if it is not, set it to Send Again. Set 'If Client Was Already Created' to Skip It as well, and run the same items again. If several clients are unknown and the answers differ, run those with the same answer together. Afterwards, set both options back. Until then, this node holds the client back.`
		: `${ask} If it is, get the client's identifiers from there; if it is not, run the item again. This workflow was never saved, so the node does not remember the client.`;
}

const notCreated = 'This client was not created';

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

/** n8n could not read the credential, as when its database is away. @param words n8n's own, ready to be shown; may be empty */
export function withoutCredential(words: string): NotCreated {
	const says = words ? `n8n says: “${words}”. ` : '';
	return {
		kind: 'notSent',
		message: "n8n could not read the credential 'Confirma Finance API', so nothing was sent",
		description: `${says}If n8n's database was away for a moment, run the item again. If not, choose the credential in the node again, or ask whoever looks after n8n.`,
	};
}

/** Held back by the guard: this node created the client before. */
export function duplicate(client: ClientName): NotCreated {
	return {
		kind: 'duplicate',
		message: 'This client was created before, so nothing was sent',
		description: `This node already created ${named(client)}. If your CRM reported the same deal twice, there is nothing to do; to let such items pass, set 'If Client Was Already Created' to Skip It. The identifiers are in the output of the run that created the client or, if that run was stopped, in n8n's log; Confirma Finance has them too. To create the client once more on purpose, run this item alone with Send Anyway.`,
	};
}

/** A person found out that the client exists, and said so with Take as Created. */
export function takenAsCreated(client: ClientName): NotCreated {
	return {
		kind: 'duplicate',
		message: 'This client is now taken as created, so nothing was sent',
		description: `From now on, this node treats ${named(client)} as a client that it created. Get the identifiers from Confirma Finance. To let such items pass, set 'If Client Was Already Created' to Skip It. When all is settled, set 'If Outcome Is Unknown' back to Hold Back.`,
	};
}

/** Held back by the guard: nobody knows what became of an earlier attempt. */
export function unsettled(client: ClientName): NotCreated {
	return {
		kind: 'unknown',
		message: 'It is not known whether this client exists, so nothing was sent',
		description: `An earlier attempt to create ${named(client)} ended without a clear answer. ${wayBack(client)}`,
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

/** The run gave up because the API refused everything with 429 for too long. */
export function notTaken(client: ClientName): NotCreated {
	return {
		kind: 'notSent',
		message: 'Confirma Finance is receiving too many requests right now, so this client was not sent',
		description: `Nothing was sent for ${named(client)}. Run the item again later.`,
	};
}

export function notRecorded(client: ClientName): NotCreated {
	return {
		kind: 'notSent',
		message: "n8n's database could not record the client, so nothing was sent",
		description: `The record keeps ${named(client)} from being created twice. Run the item again when n8n's database is back. If the item is then reported as unknown, this run did not send it.`,
	};
}

const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long' });

/** Why no usable answer came, in one sentence. `timeout` is in milliseconds. */
export const silences = {
	// Older versions of n8n let a request go on for a while after its time is up.
	timeout: (timeout: number) => `No full answer came within the time limit of ${seconds.format(timeout / 1000)}`,
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
	const says = words ? ` It says: “${words}”.` : '';
	return {
		kind: 'unknown',
		message: 'It is not known whether the client was created',
		description: `${silence}${clue}.${says} ${wayBack(client, isHeld)}`,
		...(httpCode ? { httpCode } : {}),
	};
}

export function untrusted(endpoint: Endpoint, code: string): NotCreated {
	return {
		kind: 'rejected',
		message: `No secure connection to ${place(endpoint)}`,
		description: `${notCreated}: the server's certificate is not trusted, or it does not speak https (${code}), so nothing was sent. Check the base URL in the credential, and ask your IT department whether a proxy stands in between.`,
		httpCode: code,
	};
}

export function unreachable(endpoint: Endpoint, code: string): NotCreated {
	return {
		kind: 'rejected',
		message: `No connection to ${place(endpoint)}`,
		description: `${notCreated}: the server could not be reached (${code}), so nothing was sent. Check the environment and the base URL in the credential. If both are right, ask your IT department whether a firewall or a proxy is in the way. Then run the item again.`,
		httpCode: code,
	};
}

/** A refusal: a status from 400 to 499. `words` is what the API says about it, ready to be shown. */
export function refused(endpoint: Endpoint, status: number, words: string): NotCreated {
	const says = words ? ` Confirma Finance says: “${words}”.` : '';
	const [message, advice] = refusal(place(endpoint), status);
	return { kind: 'rejected', message, description: `${notCreated}.${says} ${advice}`, httpCode: String(status) };
}

/** What a status means, and what to do about it. `at` names the environment that was asked. */
function refusal(at: string, status: number): [message: string, advice: string] {
	switch (status) {
		case 401:
			return [
				`${at} did not accept the provisioning token`,
				'Check in the credential that the token is complete and that the environment is the one that issued it: a token works only there.',
			];
		case 403:
			return [
				`The provisioning token may not create clients in ${at}`,
				"Check in the credential that it is your Partner Provisioning Token, not a client's token, and that the environment is right. If both are, ask Confirma Finance: the onboarding API may not be open to you yet, or the address that n8n calls from may have to be registered. A proxy of your own can refuse requests too: ask your IT department.",
			];
		case 404:
		case 405:
			return [
				`${at} does not know this request`,
				'Check the environment and the base URL in the credential: the part before /api/v1 may be wrong. If both are right, ask Confirma Finance whether the onboarding API is open to you yet.',
			];
		case 407:
			return [
				'A proxy on the way asks for a password',
				'Ask your IT department: n8n has to be allowed to reach Confirma Finance.',
			];
		case 408:
			return [`${at} timed out waiting for the request`, 'Run the item again.'];
		case 409:
			return [
				`${at} reports a conflict with this client`,
				'It may be a client already, created elsewhere or by hand: ask Confirma Finance before you change the data and run the item again.',
			];
		case 421:
			return [
				`${at} says that the request reached the wrong server`,
				'Check the base URL in the credential, and ask your IT department whether a proxy stands in between. Then run the item again.',
			];
		case 425:
			return [`${at} was not ready to take the request`, 'Run the item again in a moment.'];
		case 429:
			return [
				`${at} is receiving too many requests right now`,
				'This node waited as long as it may, up to two minutes, and nothing got through. Run the item again later.',
			];
		case 451:
			return [`${at} may not take this client for legal reasons`, 'Ask Confirma Finance what stands in the way.'];
		default:
			return [
				`${at} did not accept the client`,
				'Correct the data in your CRM or in the fields of this node, then run the item again.',
			];
	}
}

/** What to do after a run that stopped when some clients were created. `clients` names them and their identifiers. */
export function createdBefore(clients: string): string {
	return `Created before the run stopped: ${clients}. To send the rest, run the workflow again with 'If Client Was Already Created' set to Skip It. Within ten minutes this node may still have the access tokens of those that were created, and puts them into the output then; after that, ask Confirma Finance for them.`;
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

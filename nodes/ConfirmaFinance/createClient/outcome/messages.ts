import type { Endpoint } from '../request/credential';
import type { ClientName, NotCreated } from './outcome';
import { escapeHtml, quote } from '../text';
import type { Problem } from '../prepare/problem';

function named({ name, businessCode }: ClientName): string {
	return businessCode ? `“${quote(name)}” (${quote(businessCode, 20)})` : `“${quote(name)}”`;
}

/** `Confirma Finance's staging environment`, or the custom address. */
export function place({ environment, baseUrl }: Endpoint): string {
	return environment === 'custom' ? `Confirma Finance at ${baseUrl}` : `Confirma Finance ${environment}`;
}

/**
 * What to do about a client of which nobody knows whether it exists.
 *
 * @param isHeld whether the guard holds it back beyond this run
 */
function askConfirma(client: ClientName, isHeld = true): string {
	const ask = `Before you send it again, ask Confirma Finance whether ${named(client)} is already a client: if so, take the client's identifiers from there; if not, `;
	return isHeld
		? `${ask}send it once with 'If Client Was Already Created' set to Send Anyway. Until then this node holds it back.`
		: `${ask}run the item again. This workflow was never saved, so the node does not hold the client back by itself.`;
}

const nothingCreated = 'Nothing was created';

export function invalid(problems: readonly Problem[]): NotCreated {
	const errors = problems.filter(({ severity }) => severity === 'error');
	const labels = errors.map(({ label }) => `'${label}'`);
	return {
		outcome: 'invalid',
		message:
			errors.length === 1
				? `${labels[0]} needs correction, so nothing was sent`
				: `${errors.length} fields need correction, so nothing was sent: ${labels.join(', ')}`,
		description: errors.map(({ text }) => text).join('\n'),
	};
}

/** @param reason a sentence that names what is wrong with the credential, and what would be right */
export function misconfigured(reason: string): NotCreated {
	return {
		outcome: 'invalid',
		message: "The credential 'Confirma Finance API' needs correction, so nothing was sent",
		description: `${reason}.`,
	};
}

export function duplicate(client: ClientName): NotCreated {
	return {
		outcome: 'duplicate',
		message: 'This client was created before, so nothing was sent',
		description: `This node has already created ${named(client)}; the identifiers are in the execution that did. If the same event arrived twice, there is nothing to do; set the option 'If Client Was Already Created' to Skip It to let such items pass. To create the client once more all the same, set it to Send Anyway.`,
	};
}

export function unsettled(client: ClientName): NotCreated {
	return {
		outcome: 'unknown',
		message: 'It is not known whether this client exists, so nothing was sent',
		description: `An earlier attempt to create ${named(client)} ended without a clear answer. ${askConfirma(client)}`,
	};
}

export function notReached(client: ClientName): NotCreated {
	return {
		outcome: 'notSent',
		message: 'The run stopped before this client was sent',
		description: `Nothing was sent for ${named(client)}. Run the item again.`,
		isNotReached: true,
	};
}

export function notRecorded(client: ClientName): NotCreated {
	return {
		outcome: 'notSent',
		message: "n8n's database could not record the client, so nothing was sent",
		description: `The record keeps ${named(client)} from being created twice. Run the item again when n8n's database is back. If it is then reported as not known, this run has not sent it.`,
	};
}

const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long' });

/** Why no usable answer came, in one sentence. `waited` is in milliseconds. */
export const silences = {
	timeout: (waited: number) => `Confirma Finance did not answer within ${seconds.format(waited / 1000)}`,
	dropped: () => 'The connection broke off before the answer was complete',
	cancelled: () => 'The execution was stopped while the request was under way',
	redirected: (status: number) =>
		`The request was sent on to another address (HTTP ${status}), which was not followed to protect the token`,
	failed: (status: number) => `Confirma Finance answered that something went wrong on its side (HTTP ${status})`,
	unreadable: (status: number) => `Confirma Finance answered in a form that this node cannot read (HTTP ${status})`,
};

/**
 * @param silence one of the {@link silences}
 * @param isHeld whether the guard holds the client back beyond this run
 * @param found the client's identifier, if the answer had one that could be read
 */
export function unknown(
	client: ClientName,
	silence: string,
	{ httpCode, isHeld, found }: { httpCode?: string; isHeld?: boolean; found?: string } = {},
): NotCreated {
	const clue = found ? `, but it names client ${quote(found, 40)}` : '';
	return {
		outcome: 'unknown',
		message: 'It is not known whether the client was created',
		description: `${silence}${clue}. ${askConfirma(client, isHeld)}`,
		...(httpCode ? { httpCode } : {}),
	};
}

export function notConnected(endpoint: Endpoint, code: string, isTls: boolean): NotCreated {
	return {
		outcome: 'rejected',
		message: `No connection to ${place(endpoint)}`,
		description: isTls
			? `${nothingCreated}: the server's certificate is not trusted, or it does not speak https (${code}), so nothing was sent. Check the base URL in the credential, and ask your IT whether a proxy stands in between.`
			: `${nothingCreated}: the server could not be reached (${code}), so nothing was sent. Check the environment and the base URL in the credential, then run the item again.`,
		httpCode: code,
	};
}

/** A refusal: a status from 400 to 499. `words` is what the API says about it, ready to be shown. */
export function refused(endpoint: Endpoint, status: number, words: string): NotCreated {
	const says = words ? ` Confirma Finance says: “${words}”.` : '';
	const refusal = (message: string, advice: string): NotCreated => ({
		outcome: 'rejected',
		message,
		description: `${nothingCreated}.${says} ${advice}`,
		httpCode: String(status),
	});
	switch (status) {
		case 401:
			return refusal(
				`${place(endpoint)} did not accept the provisioning token`,
				'Check in the credential that the token is complete and that the environment is the one that issued it: a token works only there.',
			);
		case 403:
			return refusal(
				`The provisioning token may not create clients in ${place(endpoint)}`,
				"Check in the credential that it is your Partner Provisioning Token and not a client's token, and that the environment is right. If both are, ask Confirma Finance, and your IT whether a proxy refuses such requests.",
			);
		case 404:
		case 405:
			return refusal(
				`${place(endpoint)} does not know this request`,
				'Check the environment and the base URL in the credential: the address in front of /api/v1 may be wrong.',
			);
		case 407:
			return refusal('A proxy on the way asks for a password', 'Ask your IT: n8n has to be allowed to reach Confirma Finance.');
		case 408:
			return refusal(`${place(endpoint)} got the request too slowly`, 'Run the item again.');
		case 409:
			return refusal(
				`${place(endpoint)} has something that this client conflicts with`,
				'It may be a client already, created elsewhere or by hand: ask Confirma Finance before you change the data and run the item again.',
			);
		case 429:
			return refusal(
				`${place(endpoint)} receives too many requests`,
				"Run the item again later. With many items, lower 'Requests at the Same Time'.",
			);
		default:
			return refusal(
				`${place(endpoint)} did not accept the client`,
				'Correct the data in your CRM or in the fields of this node, then run the item again.',
			);
	}
}

/** What to do after a run that stopped when some clients were created. `clients` names them. */
export function createdBefore(clients: string): string {
	return `Created before the run stopped: ${clients}. Their access tokens are not kept: ask Confirma Finance for those you need. To send the rest, run the workflow again with 'If Client Was Already Created' set to Skip It.`;
}

const mostHints = 10;

/** The hint under the output about what looks odd. */
export function warningHint(warnings: ReadonlyArray<{ itemIndex: number; text: string }>, items: number): string {
	const lines = warnings
		.slice(0, mostHints)
		.map(({ itemIndex, text }) => escapeHtml(items > 1 ? `Item ${itemIndex + 1}: ${text}` : text));
	const more = warnings.length - lines.length;
	const lead = 'Worth checking, although it keeps nothing from being sent:';
	return [lead, ...lines, ...(more > 0 ? [`And ${more} more`] : [])].join('<br>');
}

export const hints = {
	notLasting:
		'Save the workflow: until then this node cannot remember which clients it created, and running it again creates them again',
	notLocked:
		"A Remove Duplicates node in this workflow keeps its history with scope Workflow, which the duplicate guard needs with several n8n workers. Set that node's scope to Node",
	notWritten: (client: ClientName) =>
		`What became of ${named(client)} is in the output, but n8n's database could not note it. If the event arrives again, the item will be reported as not known`,
};

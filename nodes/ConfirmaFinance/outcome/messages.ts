import type { ClientName } from '../client/body';
import type { Problem } from '../client/problem';
import type { Endpoint } from '../n8n/credential';
import type { Failure } from '../n8n/failure';
import { quote } from '../text';
import type { NotCreated } from './outcome';

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
 */
const wayBack = (client: ClientName) =>
	`Ask Confirma Finance whether ${named(client)} is a client. If it is, run this item alone with 'Options > If Outcome Is Unknown' set to Take as Created; if it is not, with Send Again.`;

/** What to set when all is settled: clients that were created before pass, and those in doubt are held back. */
export const skipCreated = "set 'Options > If Client Was Already Created' to Skip It";
export const holdBack = "set 'Options > If Outcome Is Unknown' back to Hold Back";

export function invalid(problems: readonly Problem[]): NotCreated {
	const errors = problems.filter(({ severity }) => severity === 'error');
	const fields = new Set(errors.map(({ label }) => label));
	const who = fields.size === 1 ? `'${errors[0]!.label}' needs` : `${fields.size} fields need`;
	return {
		kind: 'invalid',
		message: `${who} correction, so nothing was sent`,
		description: errors.map(({ text }) => text).join('\n'),
	};
}

/** @param reason a sentence that names what is wrong with the credential, and what would be right */
export const misconfigured = (reason: string): NotCreated => ({
	kind: 'invalid',
	message: "The credential 'Confirma Finance API' needs correction, so nothing was sent",
	description: `${reason}.`,
});

/** @param words n8n's own, ready to be shown */
export const unreadCredential = (words: string): NotCreated => ({
	kind: 'notSent',
	message: "The credential 'Confirma Finance API' could not be read, so nothing was sent",
	description: `n8n says: “${words}”. Run the item again. If that does not help, choose the credential in the node again, or ask whoever looks after n8n.`,
});

/** Held back by the guard: this node created the client before. */
export const duplicate = (client: ClientName): NotCreated => ({
	kind: 'duplicate',
	message: 'This client was created before, so nothing was sent',
	description: `If your CRM reported the same deal twice, there is nothing to do. To let such items pass, ${skipCreated}. The identifiers of ${named(client)} are in the output of the run that created it, and Confirma Finance has them too.`,
});

/** A person found out that the client exists, and said so with Take as Created. */
export const takenAsCreated = (client: ClientName): NotCreated => ({
	kind: 'duplicate',
	message: 'This client is now taken as created, so nothing was sent',
	description: `Get the identifiers of ${named(client)} from Confirma Finance. To let such items pass, ${skipCreated}. When all is settled, ${holdBack}.`,
});

/** Held back by the guard: nobody knows what became of an earlier attempt. */
export const unsettled = (client: ClientName): NotCreated => ({
	kind: 'unknown',
	message: 'It is not known whether this client exists, so nothing was sent',
	description: wayBack(client),
});

export const notReached = (client: ClientName): NotCreated => ({
	kind: 'notSent',
	message: 'The run stopped before this client was sent',
	description: `Nothing was sent for ${named(client)}. Run the item again.`,
	isNotReached: true,
});

/** @param isFull on MySQL and MariaDB the guard's record of one node is as long as its column lets it be */
export const notRecorded = (client: ClientName, isFull: boolean): NotCreated => ({
	kind: 'notSent',
	message: isFull
		? "This node's record of its clients is full, so nothing was sent"
		: "The client could not be recorded in n8n's database, so nothing was sent",
	description: isFull
		? `On MySQL and MariaDB, n8n keeps about 800 clients for one node, and ${named(client)} no longer fits in. Move n8n to PostgreSQL, or continue with a copy of this node: it does not know the clients that this one created, so send it none of them.`
		: `The record keeps ${named(client)} from being created twice. Run the item again when n8n's database is back. If it is then reported as unknown, this run did not send it.`,
});

/** @param reason why there is no usable answer: see {@link silence}. @param words what the answer says, ready to be shown */
export function unknown(client: ClientName, reason: string, httpCode?: string, words = ''): NotCreated {
	const says = words ? `: “${words}”` : '';
	return {
		kind: 'unknown',
		message: 'It is not known whether the client was created',
		description: `${reason}${says}. ${wayBack(client)}`,
		...(httpCode ? { httpCode } : {}),
	};
}

/** Why no usable answer came, in one sentence. @param why the kind of failure, or the answer's status. @param timeout milliseconds */
export function silence(why: Exclude<Failure['failure'], 'unsent'> | number, timeout: number): string {
	if (why === 'timeout') return `No full answer came within the time limit of ${timeout / 1000} seconds`;
	if (why === 'dropped') return 'The connection was lost before the full answer arrived';
	if (why === 'cancelled') return 'The run was stopped while the request was on its way';
	if (why >= 200 && why < 300) return `Confirma Finance's answer could not be read (HTTP ${why})`;
	return why >= 300 && why < 400
		? `The answer points to another address (HTTP ${why}), which was not followed to protect the token`
		: `Confirma Finance, or a proxy on the way there, could not handle the request (HTTP ${why})`;
}

/** What happened, and what to do about it in sentences. */
export interface Refusal {
	readonly message: string;
	readonly advice: string;
}

/** A sentence behind another one. @param words what the API says, ready to be shown; none where it says nothing */
export const confirmaSays = (words: string) => (words ? ` Confirma Finance says: “${words}”.` : '');

/** @param words see {@link confirmaSays} */
export const rejected = ({ message, advice }: Refusal, httpCode: string, words = ''): NotCreated => ({
	kind: 'rejected',
	message,
	description: `This client was not created.${confirmaSays(words)} ${advice}`,
	httpCode,
});

/** There was no connection, so nothing was sent. */
export const unconnected = (endpoint: Endpoint, { code, isByN8n }: Failure): Refusal =>
	isByN8n
		? {
				message: `Requests to ${place(endpoint)} are not allowed by this n8n`,
				advice: `n8n refused the request (${code}), so nothing was sent. Ask your n8n administrator to allow ${endpoint.baseUrl}.`,
			}
		: {
				message: `No connection to ${place(endpoint)}`,
				advice: `There was no connection, or no secure one (${code}), so nothing was sent. Check the environment and the base URL in the credential, or ask your IT department whether a firewall or a proxy stops the request.`,
			};

const badToken = [
	'did not accept the provisioning token',
	"Check in the credential that it is your whole Partner Provisioning Token, not a client's token, and that the environment is the one that issued it. If both are right, ask Confirma Finance whether the token is still valid, and whether the onboarding API is open to you and to n8n's address.",
] as const;

/** What a status means of which more is known than that it is a refusal, and the advice. */
const refusals: Readonly<Record<number, readonly [what: string, advice: string]>> = {
	400: ['did not accept the client', 'Correct the data in your CRM or in the fields of this node, then run the item again.'],
	401: badToken,
	403: badToken,
	429: ['is receiving too many requests right now', 'A run waits for two minutes at the most, so try again later.'],
};

/** What a status from 400 to 499 means. @param retryAfter milliseconds, where the API asks to wait */
export function refusal(endpoint: Endpoint, status: number, retryAfter = 0): Refusal {
	const [what, advice] = refusals[status] ?? [
		`did not accept the request (HTTP ${status})`,
		'Check the environment and the base URL in the credential. If both are right, ask Confirma Finance for the reason, or your IT department if a proxy stands in between.',
	];
	const wait = retryAfter > 0 ? `Confirma Finance asks to wait ${Math.ceil(retryAfter / 1000)} seconds. ` : '';
	return { message: `${place(endpoint)} ${what}`, advice: wait + advice };
}

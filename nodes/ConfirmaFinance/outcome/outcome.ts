import type { ClientBody, ClientName } from '../client/body';
import type { ItemOptions } from '../client/options';
import type { Problem } from '../client/problem';
import type { Credential, Refusal, Unread } from '../n8n/credential';
import type { CreatedAnswer } from './createdAnswer';

/** What became of an item. */
export type Outcome = Created | NotCreated | Preview;

/** The API said, readably, that the client was created. */
export interface Created {
	readonly kind: 'created';
	readonly answer: CreatedAnswer;
}

/**
 * - `rejected`: certain that this attempt created nothing
 * - `unknown`: the client may have been created, now or by an earlier attempt
 * - `duplicate`: created before, so nothing was sent
 * - `invalid`: did not pass validation, so nothing was sent
 * - `notSent`: the run stopped before the item's turn, or n8n could not read the credential or record the client
 */
export interface NotCreated {
	readonly kind: 'rejected' | 'unknown' | 'duplicate' | 'invalid' | 'notSent';
	/** What happened, in one plain sentence without a full stop. */
	readonly message: string;
	/** What it means and what to do next. */
	readonly description: string;
	/** The answer's HTTP status, or the network's code (such as ECONNREFUSED). */
	readonly httpCode?: string;
	/** Whether the item merely waited its turn when the run stopped for another reason. */
	readonly isNotReached?: true;
}

/** The user asked to see the request only. */
export interface Preview {
	readonly kind: 'preview';
	readonly url: string;
	readonly body: ClientBody;
	/** How the client stands in the guard's records; undefined where they could not be read. */
	readonly standing: 'none' | 'free' | 'created' | 'unsettled' | undefined;
}

/** An item with its outcome, and what the output says about it. */
export interface Result {
	readonly itemIndex: number;
	readonly client: ClientName;
	readonly credential: Credential | Refusal | Unread;
	readonly options: Pick<ItemOptions, 'duplicateHandling' | 'unknownHandling'>;
	readonly problems: readonly Problem[];
	/** Values that are sent in another form than given. */
	readonly changes: ReadonlyArray<{ readonly field: string; readonly given: string; readonly sent: string }>;
	readonly outcome: Outcome;
	readonly withToken: boolean;
}

export type CreatedResult = Result & { readonly outcome: Created };
export type FailedResult = Result & { readonly outcome: NotCreated };

/** Whether an item leaves by the node's main output; all others fail. */
export function isSuccess({ outcome, options }: Pick<Result, 'outcome' | 'options'>): boolean {
	const { kind } = outcome;
	return kind === 'created' || kind === 'preview' || (kind === 'duplicate' && options.duplicateHandling === 'skip');
}

export const isCreated = (result: Result): result is CreatedResult => result.outcome.kind === 'created';

export const isFailed = (result: Result): result is FailedResult => !isSuccess(result);

/** What the validation warns about, as sentences. */
export const warningsOf = ({ problems }: Result): string[] =>
	problems.filter(({ severity }) => severity === 'warning').map(({ text }) => text);

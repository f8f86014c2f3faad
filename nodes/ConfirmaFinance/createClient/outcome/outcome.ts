import type { ClientBody, CreatedAnswer } from '../clientBody';

/** Who the client is, for messages. */
export interface ClientName {
	readonly name: string;
	readonly businessCode: string;
}

/**
 * What became of an item:
 *
 * - `created`: the API said so, readably
 * - `rejected`: certain that this attempt created nothing
 * - `unknown`: it may have been created, now or by an earlier attempt
 * - `duplicate`: created before, so nothing was sent
 * - `invalid`: did not pass validation, nothing was sent
 * - `notSent`: the run stopped before the item's turn, or the item could not be recorded
 * - `preview`: asked for by the user, who sees it as `notSent` too
 */
export type Outcome = Created | NotCreated | Preview;

export interface Created {
	readonly outcome: 'created';
	/** The API's answer as it came. */
	readonly answer: CreatedAnswer;
}

export interface NotCreated {
	readonly outcome: 'rejected' | 'unknown' | 'duplicate' | 'invalid' | 'notSent';
	/** What happened, in one plain sentence without a full stop. */
	readonly message: string;
	/** What it means and what to do next. */
	readonly description: string;
	/** The answer's HTTP status, or the network's code (such as ECONNREFUSED). */
	readonly httpCode?: string;
	/** The run stopped before the item's turn, for a reason that lies elsewhere. */
	readonly isNotReached?: true;
}

export interface Preview {
	readonly outcome: 'preview';
	readonly url: string;
	readonly body: ClientBody;
}

import type { ClientBody, CreatedAnswer } from './schema';

/**
 * What became of an item:
 *
 * - `created`: the API said so, readably
 * - `rejected`: certain that this attempt created nothing
 * - `unknown`: it may have been created, now or by an earlier attempt
 * - `duplicate`: created before, so nothing was sent
 * - `invalid`: did not pass validation, nothing was sent
 * - `notSent`: a preview, or never reached because the run stopped
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
}

export interface Preview {
	readonly outcome: 'preview';
	readonly url: string;
	readonly body: ClientBody;
}

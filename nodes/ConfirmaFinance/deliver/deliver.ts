import type { IExecuteFunctions } from 'n8n-workflow';

import { Guard } from '../guard/guard';
import { hints } from '../outcome/hints';
import { notReached } from '../outcome/messages';
import type { Outcome } from '../outcome/outcome';
import { decide, isSettled } from './decide';
import { Delivery } from './delivery';
import type { Item } from './item';
import type { Tries } from './tries';

/** What became of the items of a run. */
export interface Delivered {
	/** In the order of the items. */
	readonly outcomes: readonly Outcome[];
	/** What the user should know of the run as a whole. */
	readonly notes: readonly string[];
}

/**
 * Gives each item its outcome: first those of which nothing is sent, then, if none of them forbids it, the others.
 *
 * @param stopsOnFailure whether nothing further is sent after a failure
 */
export async function deliver(
	context: IExecuteFunctions,
	items: readonly Item[],
	tries: Tries,
	stopsOnFailure: boolean,
): Promise<Delivered> {
	const guard = new Guard(context, tries.memory);
	try {
		const decisions = await Promise.all(items.map(async (item) => await decide(context, item, tries, guard)));
		const mayNotSend = stopsOnFailure && decisions.some((decision) => isSettled(decision) && decision.stopsRun);
		const sendable = decisions.flatMap((decision) => (isSettled(decision) || mayNotSend ? [] : decision.sendable));

		const delivery = new Delivery(context, { guard, tries, stopsOnFailure });
		// The option takes no expressions: it is the same for all items.
		const sent = await delivery.deliver(sendable, items[0]?.options.maxConcurrency ?? 1);
		const outcomes = decisions.map((decision, index) =>
			isSettled(decision) ? decision.outcome : (sent.get(items[index]!.itemIndex) ?? notReached(items[index]!.client)),
		);
		return { outcomes, notes: sendable.length > 0 ? [...delivery.notes, ...guardNotes(guard)] : [] };
	} finally {
		guard.release();
	}
}

const guardNotes = ({ isLasting, isLocked }: Guard): string[] => [
	...(isLasting ? [] : [hints.notLasting]),
	...(isLocked ? [] : [hints.notLocked]),
];

/*
 * What n8n's deduplication store holds about a client, and what moves it. The store only adds entries, says which of them are
 * new, and removes them; to look is to add, and to remove again what was new. So nothing may follow from what a look leaves
 * behind but "unsettled", the safe side. Attempts at a client (key K) are numbered, and no number is used twice.
 *
 * | entry       | meaning                                                                                              |
 * | s:K         | attempt 1 was claimed, or somebody is looking                                                        |
 * | o:K         | added with every s; removed alone only by who knows that K was created                               |
 * | t<n>:K      | attempt n was claimed (from 2 on)                                                                    |
 * | m<n>:K      | attempt n created the client, or a person said so                                                    |
 * | r<n>:K      | attempt n certainly created nothing: it was refused, or never sent                                   |
 * | v<n>:K      | attempt n is over, and its outcome unknown                                                           |
 * | q<n>:K      | added with every question about attempt n: where it was there before, m, r and v of that number may be |
 * |             | what a look left, and aren't trusted, and attempt n + 1 counts as claimed                            |
 *
 * | state       | entries                                                       | may be sent                          |
 * | none        | no s                                                          | yes                                  |
 * | created     | s without o, or s and a trusted m: two signs of which one may fail | with Send Anyway                |
 * | free        | s, o, and a trusted r for every attempt                       | yes                                  |
 * | unsettled   | s, o, anything else; over, if every attempt has a trusted r or v | with Send Again, once it is over or silent |
 *
 * | event                          | none         | free (n)       | unsettled (n)        | created                     |
 * | claim                          | +s +o        | +t(n+1)        | held back            | duplicate                   |
 * | claim, Send Again              | +s +o        | +t(n+1)        | +t(n+1) if over or silent | duplicate              |
 * | claim, Send Anyway             | +s +o        | +t(n+1)        | as without it        | −o, then +t(n+1)            |
 * | take as created                | +s +m1 −o    | +s +m(n) −o    | +s +m(n) −o          | nothing                     |
 * | renew (own attempt n)          | lost         | lost           | +r(n) +t(n+1) if n is the last, else lost | lost   |
 * | end: created / refused, not sent / unknown |  |                | +m(n) −o / +r(n) / +v(n) | the same, and never o   |
 *
 * An end writes s, o (unless it is of a created client) and t(n) again: it may be written any number of times.
 */

export type State =
	| { readonly is: 'none' | 'free' | 'created'; readonly attempts: number }
	| { readonly is: 'unsettled'; readonly attempts: number; readonly isOver: boolean };

/**
 * What is asked of a key. `silent` is an attempt that nothing was heard of for long; an exact look leaves nothing behind even if
 * a call fails.
 */
export type Operation =
	| { readonly kind: 'look'; readonly isExact?: boolean }
	| { readonly kind: 'claim'; readonly sendsCreated: boolean; readonly sendsUnknown: boolean; readonly silent?: number }
	| { readonly kind: 'take'; readonly silent?: number }
	| { readonly kind: 'renew'; readonly attempt: number };

export interface Plan {
	readonly verdict: 'granted' | 'duplicate' | 'unsettled' | 'taken' | 'lost' | 'seen';
	/** The attempt that was granted, else the last one. */
	readonly attempt: number;
	/** What is to stay. */
	readonly facts: readonly string[];
	/** What is to be removed, beside what was added by looking. */
	readonly drop: readonly string[];
}

/** How an attempt ended; `rejected` is certain that it created nothing, and `notSent` that it never left. */
export type Ending = 'created' | 'rejected' | 'unknown' | 'notSent';

const entry = (kind: 'q' | 'm' | 'r' | 'v', attempt: number, key: string) => `${kind}${attempt}:${key}`;
export const started = (key: string) => `s:${key}`;
export const open = (key: string) => `o:${key}`;
const claimed = (attempt: number, key: string) => (attempt === 1 ? started(key) : `t${attempt}:${key}`);
export const base = (key: string) => [started(key), open(key)];

/** Twice as many levels with each question, so that a client with many attempts takes few calls. */
function levels(first: number, key: string): string[] {
	return Array.from({ length: first }, (_, index) => first + index).flatMap((n) => [
		...(['q', 'm', 'r', 'v'] as const).map((kind) => entry(kind, n, key)),
		claimed(n + 1, key),
	]);
}

/** What to ask next to know the state of a key; the values are added by asking. */
export interface Ask {
	readonly ask: readonly string[];
	/** The client is known to be created, and only its attempts are still counted. */
	readonly isCreated: boolean;
}

/**
 * The state of a key, or what to ask next.
 *
 * @param found whether a value was there before it was first asked for; undefined while it wasn't
 * @param counts whether the attempts at a created client matter
 */
export function stateOf(key: string, found: (value: string) => boolean | undefined, counts: boolean): State | Ask {
	const isStarted = found(started(key));
	const isOpen = found(open(key)) === true;
	if (isStarted === undefined) return { ask: base(key), isCreated: false };
	if (!isStarted) return isOpen ? { is: 'unsettled', attempts: 1, isOver: false } : { is: 'none', attempts: 0 };
	let isCreated = !isOpen;
	let [isFree, isOver] = [true, true];
	for (let n = 1; ; n++) {
		if (isCreated && !counts) return { is: 'created', attempts: n };
		const isAsked = found(entry('q', n, key));
		if (isAsked === undefined) return { ask: levels(n, key), isCreated };
		const isTrue = (kind: 'm' | 'r' | 'v') => !isAsked && found(entry(kind, n, key)) === true;
		isCreated ||= isTrue('m');
		isFree &&= isTrue('r');
		isOver &&= isTrue('r') || isTrue('v');
		const isLast = !isAsked && !found(claimed(n + 1, key));
		if (!isLast) continue;
		if (isCreated) return { is: 'created', attempts: n };
		return isFree ? { is: 'free', attempts: n } : { is: 'unsettled', attempts: n, isOver };
	}
}

/** What an operation does to a key in a state. */
export function planFor(key: string, state: State, operation: Operation): Plan {
	const { attempts } = state;
	// A look that left o and q behind hides one of the two signs of a created client: they are taken away again.
	const leftovers = state.is === 'created' ? [open(key), ...numbered(attempts, (n) => entry('q', n, key))] : [];
	const nothing = (verdict: Plan['verdict']): Plan => ({ verdict, attempt: attempts, facts: [], drop: leftovers });
	const grant = (facts: string[] = []): Plan => {
		const own = state.is === 'created' ? [started(key)] : base(key);
		return {
			verdict: 'granted',
			attempt: attempts + 1,
			facts: [...own, ...(attempts > 0 ? [claimed(attempts + 1, key)] : []), ...facts],
			drop: leftovers,
		};
	};
	const isQuiet = (silent: number | undefined) => state.is !== 'unsettled' || state.isOver || attempts === silent;
	switch (operation.kind) {
		case 'look':
			return nothing('seen');
		case 'take': {
			if (state.is === 'created') return nothing('taken');
			if (!isQuiet(operation.silent)) return nothing('unsettled');
			const attempt = Math.max(attempts, 1);
			return { verdict: 'taken', attempt, facts: [started(key), entry('m', attempt, key)], drop: [open(key)] };
		}
		case 'renew': {
			const isMine = state.is === 'unsettled' && attempts === operation.attempt && !state.isOver;
			return isMine ? grant([entry('r', attempts, key)]) : nothing('lost');
		}
		case 'claim':
			if (state.is === 'created') return operation.sendsCreated ? grant() : nothing('duplicate');
			if (state.is !== 'unsettled' || (operation.sendsUnknown && isQuiet(operation.silent))) return grant();
			return nothing('unsettled');
	}
}

/** What says that an attempt has ended. @param wasCreated whether the client was created before it */
export function factsOfEnd(key: string, attempt: number, ending: Ending, wasCreated: boolean): string[] {
	const kind = ending === 'created' ? 'm' : ending === 'unknown' ? 'v' : 'r';
	const isCreated = wasCreated || ending === 'created';
	return [
		...(isCreated ? [started(key)] : base(key)),
		...(attempt > 1 ? [claimed(attempt, key)] : []),
		entry(kind, attempt, key),
	];
}

function numbered<T>(count: number, of: (n: number) => T): T[] {
	return Array.from({ length: count }, (_, index) => of(index + 1));
}

/*
 * What n8n's deduplication store holds about a client, and what moves it. The store only adds entries, says which of them are
 * new, and removes them; to look is to add, and to remove again what was new. So nothing may follow from what a look leaves
 * behind but "unsettled", the safe side. Attempts at a client (key K) are numbered, and no number is used twice.
 *
 * | entry  | meaning                                                                                                    |
 * | s:K    | attempt 1 was claimed, or somebody is looking                                                              |
 * | t<n>:K | attempt n was claimed (from 2 on)                                                                          |
 * | m<n>:K | attempt n created the client, or a person said so; c<n>:K is always written with it                        |
 * | r<n>:K | attempt n certainly created nothing: it was refused, or never sent                                         |
 * | v<n>:K | attempt n is over, and its outcome unknown                                                                 |
 * | q<n>:K | added with every question about attempt n: where it was there before, m, r and v of that number may be what |
 * |        | a look left, and aren't trusted, and attempt n + 1 counts as claimed                                       |
 * | p<n>:K | the same for a question about c, which is asked where q was there before: one of two signs may fail           |
 *
 * | state     | entries                                                              | may be sent                            |
 * | none      | no s                                                                 | yes                                    |
 * | created   | s and a trusted m or c                                               | with Send Anyway; it stays created     |
 * | free      | s and a trusted r for every attempt                                  | yes                                    |
 * | unsettled | s, anything else; over, if every attempt has a trusted r or v        | with Send Again, if over or silent     |
 *
 * | event                         | none   | free (n) | unsettled (n)                            | created   |
 * | claim                         | +s     | +t(n+1)  | held back; +v(n) if it was silent        | duplicate |
 * | claim, Send Again             | +s     | +t(n+1)  | +t(n+1) if over or silent, else held back | duplicate |
 * | claim, Send Anyway            | +s     | +t(n+1)  | as without it                            | granted   |
 * | take as created               | +s +m1 | +m(n)    | +m(n) if over or silent, else held back  | duplicate |
 * | end of an attempt             |        |          | +m(n) created, +r(n) nothing, +v(n) unknown |        |
 *
 * Whoever claims attempt n writes s and every t up to n, since what a look added may be removed late; an end writes s and t(n)
 * again. Both may be written any number of times.
 */

/** `isOver`: nobody is at work on the key. */
export interface State {
	readonly is: 'none' | 'free' | 'created' | 'unsettled';
	readonly attempts: number;
	readonly isOver: boolean;
}

/** Which keys may be sent although they were sent before. */
export interface Resend {
	/** Those that were created. */
	readonly created: boolean;
	/** Those whose outcome nobody knows; not where the attempt was still under way when the key was asked for. */
	readonly unknown: boolean;
}

/** What is asked of a key: how it stands, the right to send it, or that it is taken as created. */
export interface Operation {
	readonly kind: 'look' | 'claim' | 'take';
	readonly resend?: Resend;
	/** An attempt that nothing was heard of for long: it is given up. */
	readonly silent?: number;
}

/** `granted`: the key is the caller's to send. `duplicate`: it was created before. `unsettled`: nobody knows its outcome. */
export type Verdict = 'granted' | 'duplicate' | 'unsettled';

/** What an operation comes to. */
export interface Plan {
	/** None for a look. */
	readonly verdict?: Verdict;
	readonly state: State;
	/** What is to be written. */
	readonly facts: readonly string[];
}

/** How an attempt ended; `nothing`: it was refused, or never left, so it certainly created nothing. */
export type Ending = 'created' | 'nothing' | 'unknown';

type Kind = 't' | 'm' | 'c' | 'r' | 'v' | 'q' | 'p';
const entry = (kind: Kind, attempt: number, key: string) => `${kind}${attempt}:${key}`;
export const started = (key: string) => `s:${key}`;
const claimed = (attempt: number, key: string) => (attempt === 1 ? started(key) : entry('t', attempt, key));
const created = (attempt: number, key: string) => [entry('m', attempt, key), entry('c', attempt, key)];
/** Whether an entry is a question's mark: as long as it is there, what else the question added isn't trusted. */
export const isMark = (value: string) => value.startsWith('q') || value.startsWith('p');

const numbered = <T>(first: number, last: number, of: (n: number) => T): T[] =>
	Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => of(first + index));

/** Questions about as many attempts as are known, so that a client with many takes few calls. */
const questions = (first: number, key: string) =>
	numbered(first, 2 * first - 1, (n) => [
		...(['q', 'm', 'r', 'v'] as const).map((kind) => entry(kind, n, key)),
		claimed(n + 1, key),
	]).flat();

/**
 * The state of a key, or what to ask next: values that are added by asking.
 *
 * @param found whether a value was there before it was first asked for; undefined while it wasn't
 */
export function stateOf(key: string, found: (value: string) => boolean | undefined): State | readonly string[] {
	const isStarted = found(started(key));
	if (isStarted === undefined) return [started(key)];
	if (!isStarted) return { is: 'none', attempts: 0, isOver: true };
	let [isFree, isOver] = [true, true];
	for (let n = 1; ; n++) {
		const isThere = (kind: Kind) => found(entry(kind, n, key));
		const isMarked = isThere('q');
		if (isMarked === undefined) return questions(n, key);
		if (isMarked && isThere('p') === undefined) return [entry('p', n, key), entry('c', n, key)];
		const isCreated = isMarked ? isThere('p') === false && isThere('c') : isThere('m');
		if (isCreated) return { is: 'created', attempts: n, isOver: true };
		isFree &&= !isMarked && isThere('r') === true;
		isOver &&= !isMarked && (isThere('r') === true || isThere('v') === true);
		const isLast = !isMarked && !found(claimed(n + 1, key));
		if (isLast) return { is: isFree ? 'free' : 'unsettled', attempts: n, isOver };
	}
}

/** What an operation does to a key in a state. */
export function planFor(key: string, state: State, { kind, resend, silent }: Operation): Plan {
	const { is, attempts, isOver } = state;
	const reply = (verdict?: Verdict, ...facts: string[]): Plan => ({ verdict, state, facts });
	const grant = () => reply('granted', ...numbered(1, attempts + 1, (n) => claimed(n, key)));
	if (kind === 'look') return reply();
	if (is === 'created') return reply(resend?.created ? 'granted' : 'duplicate');
	// The last attempt is over, or was silent for long; not if another one began meanwhile.
	const isQuiet = silent === undefined ? isOver : attempts === silent;
	if (is === 'unsettled' && !isQuiet) return reply('unsettled');
	if (kind === 'take') return reply('duplicate', started(key), ...created(Math.max(attempts, 1), key));
	if (is !== 'unsettled' || resend?.unknown) return grant();
	return isOver ? reply('unsettled') : reply('unsettled', entry('v', attempts, key));
}

/** What says that an attempt has ended. */
export function factsOfEnd(key: string, attempt: number, ending: Ending): string[] {
	const ends = ending === 'created' ? created(attempt, key) : [entry(ending === 'unknown' ? 'v' : 'r', attempt, key)];
	return [started(key), ...(attempt > 1 ? [claimed(attempt, key)] : []), ...ends];
}

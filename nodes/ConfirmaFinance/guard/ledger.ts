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
 * | created     | s without o, or s and a trusted m: two signs of which one may fail | with Send Anyway; it stays created |
 * | free        | s, o, and a trusted r for every attempt                       | yes                                  |
 * | unsettled   | s, o, anything else; over, if every attempt has a trusted r or v | with Send Again, once it is over or silent |
 *
 * | event                          | none         | free (n)       | unsettled (n)        | created                     |
 * | claim                          | +s +o        | +t(n+1)        | held back            | duplicate                   |
 * | claim, Send Again              | +s +o        | +t(n+1)        | +t(n+1) if over or silent | duplicate              |
 * | claim, Send Anyway             | +s +o        | +t(n+1)        | as without it        | nothing                     |
 * | n silent, without Send Again   |              |                | +v(n): held back     |                             |
 * | take as created                | +s +m1 −o    | +s +m(n) −o    | the same, if over or silent | nothing              |
 * | end: created / refused, not sent / unknown |  |                | +m(n) −o / +r(n) / +v(n) |                         |
 *
 * Whoever claims attempt n writes s, o and every t up to n, since what a look added may be removed late; an end writes s, o (but
 * not for a created client) and t(n) again, and may be written any number of times.
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
	/** What is to stay. */
	readonly facts: readonly string[];
	/** What is to be removed, beside what was added by looking. */
	readonly drop: readonly string[];
}

/** How an attempt ended; `nothing`: it was refused, or never left, so it certainly created nothing. */
export type Ending = 'created' | 'nothing' | 'unknown';

const entry = (kind: 'q' | 'm' | 'r' | 'v', attempt: number, key: string) => `${kind}${attempt}:${key}`;
export const started = (key: string) => `s:${key}`;
export const open = (key: string) => `o:${key}`;
const claimed = (attempt: number, key: string) => (attempt === 1 ? started(key) : `t${attempt}:${key}`);
export const base = (key: string) => [started(key), open(key)];
/** Whether an entry is a question's mark: as long as it is there, what else the question added isn't trusted. */
export const isMark = (value: string) => value.startsWith('q');

const numbered = <T>(first: number, last: number, of: (n: number) => T): T[] =>
	Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => of(first + index));

/** As many levels as are known to exist, so that a client with many attempts takes few calls. */
const levels = (first: number, key: string) =>
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
	const isOpen = found(open(key)) === true;
	if (isStarted === undefined) return base(key);
	if (!isStarted) return { is: isOpen ? 'unsettled' : 'none', attempts: isOpen ? 1 : 0, isOver: !isOpen };
	if (!isOpen) return { is: 'created', attempts: 1, isOver: true };
	let [isFree, isOver] = [true, true];
	for (let n = 1; ; n++) {
		const isAsked = found(entry('q', n, key));
		if (isAsked === undefined) return levels(n, key);
		const isTrue = (kind: 'm' | 'r' | 'v') => !isAsked && found(entry(kind, n, key)) === true;
		if (isTrue('m')) return { is: 'created', attempts: n, isOver: true };
		isFree &&= isTrue('r');
		isOver &&= isTrue('r') || isTrue('v');
		const isLast = !isAsked && !found(claimed(n + 1, key));
		if (isLast) return { is: isFree ? 'free' : 'unsettled', attempts: n, isOver };
	}
}

/** What an operation does to a key in a state. */
export function planFor(key: string, state: State, operation: Operation): Plan {
	const { is, attempts, isOver } = state;
	const [isCreated, isUnsettled] = [is === 'created', is === 'unsettled'];
	// A look that left o and q behind hides one of the two signs of a created client: they are taken away again.
	const drop = isCreated ? [open(key), ...numbered(1, attempts, (n) => entry('q', n, key))] : [];
	const reply = (verdict?: Verdict, ...facts: string[]): Plan => ({ verdict, state, facts, drop });
	const grant = () => reply('granted', ...base(key), ...numbered(2, attempts + 1, (n) => claimed(n, key)));
	switch (operation.kind) {
		case 'look':
			return reply();
		case 'take':
			if (isCreated) return reply('duplicate');
			if (isUnsettled && !isQuiet(state, operation.silent)) return reply('unsettled');
			return { ...reply('duplicate', started(key), entry('m', Math.max(attempts, 1), key)), drop: [open(key)] };
		case 'claim':
			if (isCreated) return reply(operation.resend?.created ? 'granted' : 'duplicate');
			if (!isUnsettled) return grant();
			if (!isQuiet(state, operation.silent)) return reply('unsettled');
			if (operation.resend?.unknown) return grant();
			return isOver ? reply('unsettled') : reply('unsettled', entry('v', attempts, key));
	}
}

/** Whether the last attempt at a key is over, or was silent for long. */
const isQuiet = ({ isOver, attempts }: State, silent: number | undefined) =>
	silent === undefined ? isOver : attempts === silent;

/** What says that an attempt has ended. */
export function factsOfEnd(key: string, attempt: number, ending: Ending): string[] {
	const kind = ending === 'created' ? 'm' : ending === 'unknown' ? 'v' : 'r';
	return [
		...(ending === 'created' ? [started(key)] : base(key)),
		...(attempt > 1 ? [claimed(attempt, key)] : []),
		entry(kind, attempt, key),
	];
}

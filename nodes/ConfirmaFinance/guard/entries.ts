import type { Store } from './lock';
import { isUnchanged, type Attempt, type Entry } from './records';

/*
 * How keys are written to n8n's deduplication store, which only adds values, says which of them are new, and removes them.
 *
 * `sent` stays for as long as a key must not be sent again, `open` until its outcome is known. Both are written before the
 * request leaves. So whatever dies afterwards leaves the key open, and not forgotten.
 *
 * From the second attempt on, each has an entry of its own that stays: an older attempt that ends afterwards finds it, and
 * knows that what stands there isn't its own to take back. `over` says that an attempt has ended without a known outcome.
 * A key that was taken back after several attempts keeps `open`, without `sent`, so that they go on being counted.
 *
 * What is added just to look is removed again. A process that dies before that leaves a key open, which errs to the safe side.
 */
const sentKey = (key: string) => `sent:${key}`;
const openKey = (key: string) => `open:${key}`;
const attemptKey = (key: string, attempt: number) => `attempt:${attempt}:${key}`;
const overKey = (key: string, attempt: number) => `over:${attempt}:${key}`;

const entries = { mode: 'entries' } as const;

/** Adds values. @returns those that were there before */
async function add(store: Store, values: string[]): Promise<Set<string>> {
	if (values.length === 0) return new Set();
	// A value that stands twice in one call would be new twice.
	const { new: added } = await store.checkProcessedAndRecord([...new Set(values)], 'node', entries);
	const isNew = new Set(added);
	return new Set(values.filter((value) => !isNew.has(value)));
}

async function remove(store: Store, values: string[]): Promise<void> {
	if (values.length > 0) await store.removeProcessed(values, 'node', entries);
}

/** Of an ended attempt, or of a key that a person says was created. */
export type End =
	| { readonly kind: 'close'; readonly key: string; readonly attempt?: Attempt }
	| { readonly kind: 'leaveOpen' | 'takeBack'; readonly key: string; readonly attempt: Attempt };

// No other process takes an attempt for dead that hasn't lasted as long (in milliseconds).
const lateAfter = 5000;

/** Writes how attempts ended. To be called under the lock. */
export async function writeEnds(store: Store, ends: readonly End[]): Promise<void> {
	// What counts is when an end is written, not when the attempt ended: the database may have been away in between.
	const now = performance.now();
	const late = new Set(ends.filter(({ attempt }) => attempt !== undefined && now - attempt.startedAt > lateAfter));
	const found = await add(
		store,
		ends.flatMap((end) => valuesToAdd(end, late.has(end))),
	);
	const forgotten = ends.filter((end) => end.kind === 'leaveOpen' && late.has(end) && !found.has(sentKey(end.key)));
	await add(
		store,
		forgotten.map(({ key }) => openKey(key)),
	);
	await remove(
		store,
		ends.flatMap((end) => valuesToRemove(end, found)),
	);
}

const numberOf = ({ before }: Attempt) => before.attempts + 1;

function valuesToAdd({ kind, key, attempt }: End, isLate: boolean): string[] {
	const sent = isLate ? [sentKey(key)] : [];
	// Where a person says it, an attempt that was refused in between may have taken it away.
	if (kind === 'close') return attempt ? sent : [sentKey(key)];
	if (kind === 'leaveOpen') return [...sent, overKey(key, numberOf(attempt))];
	return [openKey(key), attemptKey(key, numberOf(attempt) + 1)];
}

/** @param found which of the added values were there before */
function valuesToRemove({ kind, key, attempt }: End, found: ReadonlySet<string>): string[] {
	if (kind === 'close') return [openKey(key)];
	if (kind === 'leaveOpen') return [];
	const laterKey = attemptKey(key, numberOf(attempt) + 1);
	const isClosed = !found.has(openKey(key));
	if (found.has(laterKey)) return isClosed ? [openKey(key)] : [];
	if (isClosed || attempt.before.standing === 'done') return [openKey(key), laterKey];
	return attempt.before.attempts === 0 ? [sentKey(key), openKey(key), laterKey] : [sentKey(key), laterKey];
}

/** What is asked of the records: to enter a key if it stands as expected, or how keys stand whose outcome is open. */
export interface Questions {
	readonly enter: ReadonlyMap<string, Entry>;
	readonly find: ReadonlySet<string>;
}

export interface Answers {
	/** How the keys to be entered stood before. */
	readonly before: Map<string, Entry>;
	/** Those of the keys to be found that are open. */
	readonly open: Map<string, Entry>;
}

/** Enters and finds keys. To be called under the lock; what is entered counts only if the lock was held to the end. */
export async function ask(store: Store, { enter, find }: Questions): Promise<Answers> {
	const entering = [...enter.keys()];
	const finding = [...find].filter((key) => !enter.has(key));
	const found = await add(store, [...entering.map(sentKey), ...entering.map(openKey), ...finding.map(openKey)]);

	const isDone = (key: string) => found.has(sentKey(key)) && !found.has(openKey(key));
	const mayBeSentAgain = (key: string) => isDone(key) && enter.get(key)!.standing === 'done';
	const { counts, added } = await countAttempts(
		store,
		[...entering, ...finding].filter((key) => found.has(openKey(key)) || mayBeSentAgain(key)),
	);
	const entryOf = (key: string): Entry => {
		const count = counts.get(key) ?? { attempts: 0, isOver: false };
		const isUnknown = enter.has(key) && !found.has(sentKey(key));
		return { standing: isUnknown ? 'none' : isDone(key) ? 'done' : 'unsettled', ...count };
	};
	const before = new Map(entering.map((key) => [key, entryOf(key)]));
	const isOpen = (key: string) => found.has(openKey(key)) && entryOf(key).standing === 'unsettled';
	const open = new Map([...find].filter(isOpen).map((key) => [key, entryOf(key)]));

	const entered = new Set(
		entering.filter((key) => before.get(key)!.standing === 'none' || isUnchanged(enter.get(key)!, before.get(key)!)),
	);
	const attemptsEntered = new Set([...entered].map((key) => attemptKey(key, before.get(key)!.attempts + 1)));
	const onlyLookedUp = [
		...entering.filter((key) => isDone(key) && !entered.has(key)).map(openKey),
		...finding.filter((key) => !open.has(key)).map(openKey),
		...added.filter((value) => !attemptsEntered.has(value)),
	];
	await remove(store, onlyLookedUp);
	return { before, open };
}

interface Count {
	readonly attempts: number;
	readonly isOver: boolean;
}

/** Counts the attempts at keys that have at least one. @returns also what it added to the store by looking */
async function countAttempts(store: Store, keys: readonly string[]): Promise<{ counts: Map<string, Count>; added: string[] }> {
	const counts = new Map<string, Count>();
	const added: string[] = [];
	for (let attempts = 1, counting = keys; counting.length > 0; attempts++) {
		const values = counting.flatMap((key) => [attemptKey(key, attempts + 1), overKey(key, attempts)]);
		const found = await add(store, values);
		added.push(...values.filter((value) => !found.has(value)));
		const isLast = (key: string) => !found.has(attemptKey(key, attempts + 1));
		for (const key of counting.filter(isLast)) counts.set(key, { attempts, isOver: found.has(overKey(key, attempts)) });
		counting = counting.filter((key) => !isLast(key));
	}
	return { counts, added };
}

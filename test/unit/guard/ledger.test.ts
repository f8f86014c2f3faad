import { Batch } from '../../../nodes/ConfirmaFinance/guard/batch';
import { factsOfEnd, started, stateOf, type Operation, type Plan } from '../../../nodes/ConfirmaFinance/guard/ledger';
import { Lease } from '../../../nodes/ConfirmaFinance/guard/lock';
import { OwnFacts } from '../../../nodes/ConfirmaFinance/guard/ownFacts';
import { memoryStore, type Store } from '../../../nodes/ConfirmaFinance/n8n/deduplication';

const entries = { mode: 'entries' } as const;
const hold = { created: false, unknown: false };
const key = 'K';

const operations = {
	look: { kind: 'look' },
	claim: { kind: 'claim', resend: hold },
	sendAgain: { kind: 'claim', resend: { ...hold, unknown: true } },
	sendAnyway: { kind: 'claim', resend: { ...hold, created: true } },
	take: { kind: 'take' },
} satisfies Record<string, Operation>;

/** Entries of a key without its name: `s t2` stands for `s:K t2:K`. */
const named = (short: string) => short.split(' ').flatMap((entry) => (entry ? [`${entry}:${key}`] : []));
const inWords = (values: Iterable<string>) =>
	[...values]
		.map((value) => value.split(':')[0]!)
		.sort()
		.join(' ');

/** What becomes of a row of n8n's when something is asked of the key. */
async function ask(before: string, operation: Operation) {
	const left = new Set(named(before));
	const taken: string[] = [];
	const memory = memoryStore();
	const store: Store = {
		...memory,
		removeProcessed: async (values, ...rest) => {
			taken.push(inWords(values as string[]));
			await memory.removeProcessed(values, ...rest);
		},
	};
	await store.checkProcessedAndRecord([...left], 'node', entries);
	let plan: Plan | undefined;
	const question = { key, operation, resolve: (answer: Plan) => (plan = answer) };
	await new Batch(store, new Lease(), new OwnFacts(), new Set([question])).write();
	const all = [1, 2, 3, 4, 5, 6].flatMap((n) => ['s', ...[...'tmcrvqp'].map((kind) => `${kind}${n}`)]);
	const { processed } = await store.checkProcessedAndRecord(named([...new Set(all)].join(' ')), 'node', entries);
	return { ...plan!, row: inWords(processed as string[]), taken };
}

/** By what is in the row: the state; what a claim, Send Again, Send Anyway and Take as Created come to, and add. */
const table: Array<[string, string, ...string[]]> = [
	['', 'none 0', 'granted s', 'granted s', 'granted s', 'duplicate s m1 c1'],
	['s m1 c1', 'created 1', 'duplicate', 'duplicate', 'granted', 'duplicate'],
	['s m1', 'created 1', 'duplicate', 'duplicate', 'granted', 'duplicate'],
	['s r1 t2 m2 c2', 'created 2', 'duplicate', 'duplicate', 'granted', 'duplicate'],
	// A process died that looked: the second sign is asked for.
	['s m1 c1 q1 r1 v1 t2', 'created 1', 'duplicate', 'duplicate', 'granted', 'duplicate'],
	// What looks have left proves nothing, neither that it was created nor that it was refused.
	['s m1 q1 r1 v1', 'unsettled 2', 'unsettled', 'unsettled', 'unsettled', 'unsettled'],
	['s m1 c1 q1 p1 r1 v1', 'unsettled 2', 'unsettled', 'unsettled', 'unsettled', 'unsettled'],
	['s', 'unsettled 1', 'unsettled', 'unsettled', 'unsettled', 'unsettled'],
	['s v1', 'unsettled 1 over', 'unsettled', 'granted t2', 'unsettled', 'duplicate m1 c1'],
	['s r1', 'free 1', 'granted t2', 'granted t2', 'granted t2', 'duplicate m1 c1'],
	// It was given up before it was refused.
	['s r1 v1', 'free 1', 'granted t2', 'granted t2', 'granted t2', 'duplicate m1 c1'],
	['s r1 r2 t2', 'free 2', 'granted t3', 'granted t3', 'granted t3', 'duplicate m2 c2'],
	['s r1 t2', 'unsettled 2', 'unsettled', 'unsettled', 'unsettled', 'unsettled'],
	// That a later attempt was refused proves nothing about the one before.
	['s r2 t2 v1', 'unsettled 2 over', 'unsettled', 'granted t3', 'unsettled', 'duplicate m2 c2'],
];
const cases = table.flatMap(([row, state, ...answers]) =>
	(['claim', 'sendAgain', 'sendAnyway', 'take', 'look'] as const).map((operation, index) => ({
		row,
		state,
		operation,
		answer: answers[index] ?? '',
	})),
);

it.each(cases)('a key with the entries "$row" is $state, and $operation comes to "$answer"', async (one) => {
	const { verdict = '', state, row } = await ask(one.row, operations[one.operation]);
	expect(`${state.is} ${state.attempts}`).toBe(one.state.replace(' over', ''));
	expect(state.isOver).toBe(state.is !== 'unsettled' || one.state.endsWith(' over'));
	const [answer, ...added] = one.answer.split(' ');
	expect(verdict).toBe(answer);
	expect(row).toBe(inWords([...named(one.row), ...added]));
});

const again = { ...hold, unknown: true };
it.each([
	['is given up by who holds back', 's r1 t2', { kind: 'claim', resend: hold, silent: 2 }, 'unsettled: r1 s t2 v2'],
	['is sent again by who may', 's r1 t2', { kind: 'claim', resend: again, silent: 2 }, 'granted: r1 s t2 t3'],
	['is created by who says so', 's r1 t2', { kind: 'take', silent: 2 }, 'duplicate: c2 m2 r1 s t2'],
	['is left alone by who waited for another one', 's r1 t2', { kind: 'claim', resend: again, silent: 1 }, 'unsettled: r1 s t2'],
	[
		'is no matter when all were refused since',
		's r1 t2 r2',
		{ kind: 'claim', resend: hold, silent: 1 },
		'granted: r1 r2 s t2 t3',
	],
] as const)('an attempt that nothing was heard of for long %s', async (_, before, operation, after) => {
	const { verdict, row } = await ask(before, operation);
	expect(`${verdict}: ${row}`).toBe(after);
});

it('a key of which nothing was asked yet is in no state', () => {
	expect(stateOf(key, () => undefined)).toEqual([started(key)]);
});

it('what a look has added is taken away again, its marks in a call after all others', async () => {
	const { taken } = await ask('s m1 q1 r1 v1', operations.look);
	expect(taken).toEqual([expect.stringMatching(/^([^qp]\d ?)+$/), expect.stringMatching(/^([qp]\d ?)+$/)]);
});

it.each([
	['created', 1, 'c1 m1 s'],
	['nothing', 1, 'r1 s'],
	['unknown', 1, 's v1'],
	['created', 3, 'c3 m3 s t3'],
	['nothing', 3, 'r3 s t3'],
] as const)('attempt that ended as %s, number %i, is written as "%s"', (ending, attempt, facts) => {
	expect(inWords(factsOfEnd(key, attempt, ending))).toBe(facts);
});

import { Batch } from '../../../nodes/ConfirmaFinance/guard/batch';
import { factsOfEnd, type Operation, type Plan } from '../../../nodes/ConfirmaFinance/guard/ledger';
import { Lease } from '../../../nodes/ConfirmaFinance/guard/lock';
import { OwnFacts } from '../../../nodes/ConfirmaFinance/guard/ownFacts';
import { memoryStore } from '../../../nodes/ConfirmaFinance/n8n/deduplication';

const entries = { mode: 'entries' } as const;
const hold = { created: false, unknown: false };
const key = 'K';

const operations = {
	look: { kind: 'look' },
	hold: { kind: 'claim', resend: hold },
	sendAgain: { kind: 'claim', resend: { ...hold, unknown: true } },
	sendAnyway: { kind: 'claim', resend: { ...hold, created: true } },
	take: { kind: 'take' },
} satisfies Record<string, Operation>;

/** Entries of a key without its name: `s o` stands for `s:K o:K`. */
const named = (short: string) => short.split(' ').flatMap((entry) => (entry ? [`${entry}:${key}`] : []));
const inWords = (values: Iterable<string>) =>
	[...values]
		.map((value) => value.split(':')[0]!)
		.sort()
		.join(' ');

/** What becomes of a row of n8n's when something is asked of the key. */
async function ask(before: string, operation: Operation) {
	const left = new Set(named(before));
	const store = memoryStore();
	await store.checkProcessedAndRecord([...left], 'node', entries);
	let plan: Plan | undefined;
	const question = { key, operation, resolve: (answer: Plan) => (plan = answer) };
	await new Batch(store, new Lease(), new OwnFacts(), new Set([question])).write();
	const all = [1, 2, 3, 4, 5, 6].flatMap((n) => ['s', 'o', `t${n}`, `m${n}`, `r${n}`, `v${n}`, `q${n}`]);
	const { processed } = await store.checkProcessedAndRecord(named([...new Set(all)].join(' ')), 'node', entries);
	return { ...plan!, row: inWords(processed as string[]) };
}

/** By what is in the row: the state, and for each operation the verdict and what is in the row then. */
const table: Array<[string, string, Record<keyof typeof operations, string>]> = [
	[
		'',
		'none 0',
		{ look: '', hold: 'granted: o s', sendAgain: 'granted: o s', sendAnyway: 'granted: o s', take: 'duplicate: m1 s' },
	],
	[
		'm1 s',
		'created 1',
		{ look: 'm1 s', hold: 'duplicate: m1 s', sendAgain: 'duplicate: m1 s', sendAnyway: 'granted: m1 s', take: 'duplicate: m1 s' },
	],
	[
		's',
		'created 1',
		{ look: 's', hold: 'duplicate: s', sendAgain: 'duplicate: s', sendAnyway: 'granted: s', take: 'duplicate: s' },
	],
	// A process died that looked, or overwrote: one of two signs is left, and the other one is put right.
	[
		'm1 o s',
		'created 1',
		{ look: 'm1 s', hold: 'duplicate: m1 s', sendAgain: 'duplicate: m1 s', sendAnyway: 'granted: m1 s', take: 'duplicate: m1 s' },
	],
	// What a look has left proves nothing, neither that it was created nor that it was refused.
	[
		'm1 o q1 r1 s v1',
		'unsettled 2',
		{
			look: 'm1 o q1 r1 s v1',
			hold: 'unsettled: m1 o q1 r1 s v1',
			sendAgain: 'unsettled: m1 o q1 r1 s v1',
			sendAnyway: 'unsettled: m1 o q1 r1 s v1',
			take: 'unsettled: m1 o q1 r1 s v1',
		},
	],
	[
		'o',
		'unsettled 1',
		{ look: 'o', hold: 'unsettled: o', sendAgain: 'unsettled: o', sendAnyway: 'unsettled: o', take: 'unsettled: o' },
	],
	[
		'o s',
		'unsettled 1',
		{ look: 'o s', hold: 'unsettled: o s', sendAgain: 'unsettled: o s', sendAnyway: 'unsettled: o s', take: 'unsettled: o s' },
	],
	[
		'o s v1',
		'unsettled 1 over',
		{
			look: 'o s v1',
			hold: 'unsettled: o s v1',
			sendAgain: 'granted: o s t2 v1',
			sendAnyway: 'unsettled: o s v1',
			take: 'duplicate: m1 s v1',
		},
	],
	[
		'o r1 s',
		'free 1',
		{
			look: 'o r1 s',
			hold: 'granted: o r1 s t2',
			sendAgain: 'granted: o r1 s t2',
			sendAnyway: 'granted: o r1 s t2',
			take: 'duplicate: m1 r1 s',
		},
	],
	[
		'o r1 r2 s t2',
		'free 2',
		{
			look: 'o r1 r2 s t2',
			hold: 'granted: o r1 r2 s t2 t3',
			sendAgain: 'granted: o r1 r2 s t2 t3',
			sendAnyway: 'granted: o r1 r2 s t2 t3',
			take: 'duplicate: m2 r1 r2 s t2',
		},
	],
	[
		'o r1 s t2',
		'unsettled 2',
		{
			look: 'o r1 s t2',
			hold: 'unsettled: o r1 s t2',
			sendAgain: 'unsettled: o r1 s t2',
			sendAnyway: 'unsettled: o r1 s t2',
			take: 'unsettled: o r1 s t2',
		},
	],
	// That a later attempt was refused proves nothing about the one before.
	[
		'o r2 s t2 v1',
		'unsettled 2 over',
		{
			look: 'o r2 s t2 v1',
			hold: 'unsettled: o r2 s t2 v1',
			sendAgain: 'granted: o r2 s t2 t3 v1',
			sendAnyway: 'unsettled: o r2 s t2 v1',
			take: 'duplicate: m2 r2 s t2 v1',
		},
	],
];

const cases = table.flatMap(([row, state, expected]) =>
	Object.entries(expected).map(([operation, after]) => ({ row, state, operation: operation as keyof typeof operations, after })),
);

it.each(cases)(
	'a key with the entries "$row" is $state, and $operation makes of it "$after"',
	async ({ row, state, operation, after }) => {
		const {
			verdict,
			state: { is, attempts, isOver },
			row: left,
		} = await ask(row, operations[operation]);
		const isOverInWords = is === 'unsettled' && isOver ? ' over' : '';
		expect(`${is} ${attempts}${isOverInWords}`).toBe(state);
		expect(verdict ? `${verdict}: ${left}` : left).toBe(after);
	},
);

it.each([
	['is given up by who holds back', { kind: 'claim', resend: hold, silent: 2 }, 'unsettled: o r1 s t2 v2'],
	['is sent again by who may', { kind: 'claim', resend: { ...hold, unknown: true }, silent: 2 }, 'granted: o r1 s t2 t3'],
	['is created by who says so', { kind: 'take', silent: 2 }, 'duplicate: m2 r1 s t2'],
	[
		'is left alone by who waited for another one',
		{ kind: 'claim', resend: { ...hold, unknown: true }, silent: 1 },
		'unsettled: o r1 s t2',
	],
] as const)('an attempt that nothing was heard of for long %s', async (_, operation, after) => {
	const { verdict, row } = await ask('o r1 s t2', operation);
	expect(`${verdict}: ${row}`).toBe(after);
});

it.each([
	['created', 1, 'm1 s'],
	['nothing', 1, 'o r1 s'],
	['unknown', 1, 'o s v1'],
	['created', 3, 'm3 s t3'],
	['nothing', 3, 'o r3 s t3'],
] as const)('attempt that ended as %s, number %i, is written as "%s"', (ending, attempt, facts) => {
	expect(inWords(factsOfEnd(key, attempt, ending))).toBe(facts);
});

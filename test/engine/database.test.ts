import { DeduplicationStore } from '../support/engine';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore } from '../support/engine/interceptedStore';
import { deal, other, scenario, until, wait } from '../support/engine/scenario';

useFastClock();

/** A scenario whose database can be taken away. */
async function withDatabase({ isAway = false } = {}) {
	const database = { isAway };
	const beforeAccess = async () => {
		if (database.isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
	};
	return { ...(await scenario({ beforeAccess })), database };
}

const sqliteHasNoRow = 'SQLITE_CONSTRAINT: FOREIGN KEY constraint failed';
const postgresHasNoRow =
	'insert or update on table "processed_data" violates foreign key constraint "FK_06a69a7032c97a763c2c7599464"';

it('A delivery of a client that nobody knows takes six calls to the database', async () => {
	const { run, rows } = await scenario();
	const calls: string[] = [];
	const store = interceptedStore(rows, async ({ scope, method }, make) => {
		calls.push(`${scope}: ${method}`);
		return await make();
	});
	expect((await run([deal], { store })).outcomes).toEqual(['created']);
	// The lock is taken, facts are written, and the lock is let go: for the claim and for the end.
	expect(calls).toHaveLength(6);
});

it('A database that is away for a moment is waited for', async () => {
	const { run, posts, database } = await withDatabase({ isAway: true });
	const running = run([deal]);
	await wait(100);
	expect(posts()).toEqual([]);
	database.isAway = false;
	expect((await running).outcomes).toEqual(['created']);
});

it('A database that is away when an outcome is to be written gets it later', async () => {
	const { run, elsewhere, posts, sandbox, database } = await withDatabase();
	sandbox.inject({ kind: 'delay', ms: 100 });
	const running = run([deal]);
	await until(() => posts().length === 1);
	database.isAway = true;
	await wait(250);
	database.isAway = false;
	expect((await running).outcomes).toEqual(['created']);
	expect((await elsewhere([deal])).outcomes).toEqual(['duplicate']);
});

it('A database that stays away lets nothing out', async () => {
	const { run, posts } = await withDatabase({ isAway: true });
	expect((await run([deal])).output).toMatchObject([
		{ outcome: 'notSent', error: "The client could not be recorded in n8n's database, so nothing was sent" },
	]);
	expect(posts()).toEqual([]);
});

it.each([
	['at once', []],
	['after a limit of the API', [{ kind: 'status', status: 429, headers: { 'retry-after': '6' } }] as const],
])('A client whose turn comes %s while the database is away is not sent, and told so', async (_, faults) => {
	const { run, posts, sandbox, database } = await withDatabase();
	sandbox.inject({ kind: 'delay', ms: 1000, match: { businessCode: other.id } });
	for (const fault of faults) sandbox.inject({ ...fault, match: { businessCode: deal.id } });
	const running = run([other, deal], { options: { maxConcurrency: 1 } });
	await until(() => posts().length === 1 + faults.length);
	database.isAway = true;
	expect((await running).output.at(-1)).toMatchObject({
		outcome: 'notSent',
		error: expect.stringContaining('could not be recorded') as string,
	});
	expect(sandbox.created).toHaveLength(1);
});

it('A Remove Duplicates node that uses the row of the lock leaves this process guarded, and a hint says so', async () => {
	const { run, rows, workflowId } = await scenario();
	const workflow = { id: workflowId } as never;
	const remember = async () =>
		await new DeduplicationStore({ rows }).checkProcessedAndRecord(['x'], 'workflow', { workflow }, { mode: 'entries' });
	await remember();
	const { outcomes, hints } = await run([deal]);
	expect(outcomes).toEqual(['created']);
	expect(hints).toEqual([expect.stringContaining('Remove Duplicates')]);
	expect((await run([deal])).outcomes).toEqual(['duplicate']);
	expect((await remember()).processed).toEqual(['x']);
});

it.each([sqliteHasNoRow, postgresHasNoRow])(
	'A workflow that was never saved still lets one request out for each client, and a hint says so (%s)',
	async (message) => {
		const { run } = await scenario({ beforeAccess: async () => await Promise.reject(new Error(message)) });
		const { outcomes, hints } = await run([deal, deal]);
		expect(outcomes).toEqual(['created', 'duplicate']);
		expect(hints).toEqual([expect.stringContaining('Save the workflow')]);
	},
);

it('A workflow that is deleted in the middle of a run lets out what was claimed before, and no more', async () => {
	const { run, posts, sandbox, rows } = await scenario();
	sandbox.inject({ kind: 'delay', ms: seconds(1), match: { businessCode: deal.id } });
	// The first window of two is claimed, and the workflow is deleted before the next one is.
	const running = run([deal, ...deals(4, 10)], { options: { maxConcurrency: 1 } });
	await until(() => posts().length === 1);
	rows.insert = () => {
		throw new Error(sqliteHasNoRow);
	};
	expect((await running).outcomes).toEqual(['created', 'created', 'notSent', 'notSent', 'notSent']);
	expect(posts()).toHaveLength(2);
});

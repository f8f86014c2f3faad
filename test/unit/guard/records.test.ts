import { noEntry, RecordsInMemory, type Attempt, type Entry, type Records } from '../../../nodes/ConfirmaFinance/guard/records';
import { RecordsInStore } from '../../../nodes/ConfirmaFinance/guard/storeRecords';
import { MemoryRows, storeOfProcess } from '../../support/engine';

const key = 'client';
/** An attempt that began so many milliseconds ago. */
const attempt = (before: Entry, ago = 0): Attempt => ({ before, startedAt: performance.now() - ago });
const first = () => attempt(noEntry);
const late = () => attempt(noEntry, 5500);

/** The records as one of the n8n processes on a database sees them. */
function recordsOn(rows: MemoryRows): Records {
	const records = new RecordsInStore();
	records.attach(storeOfProcess(rows));
	return records;
}

/** Waits until something is written, without gathering anything else first. */
async function written(records: Records, writing: Promise<void>): Promise<void> {
	records.flush();
	await writing;
}

/** How a key stands, without entering it. */
async function standingOf(records: Records): Promise<Entry> {
	const before = await records.enter(key, noEntry);
	if (before.standing === 'none') await written(records, records.takeBack(key, attempt(before)));
	return before;
}

const none = expect.objectContaining({ standing: 'none' }) as Entry;
const done = expect.objectContaining({ standing: 'done' }) as Entry;
const underWay = (attempts: number): Entry => ({ standing: 'unsettled', attempts, isOver: false });
const unknown = (attempts: number): Entry => ({ standing: 'unsettled', attempts, isOver: true });

describe.each<[string, () => Records]>([
	['in memory', () => new RecordsInMemory()],
	["in n8n's store", () => recordsOn(new MemoryRows())],
])('Records %s', (_where, create) => {
	let records: Records;
	beforeEach(() => (records = create()));

	it('enter a key that nothing is known of, and say how it stands to the next one', async () => {
		expect(await records.enter(key, noEntry)).toEqual(none);
		expect(await records.enter(key, noEntry)).toEqual(underWay(1));
		expect(await standingOf(records)).toEqual(underWay(1));
	});

	it('enter a key again only as it is expected to stand', async () => {
		await records.enter(key, noEntry);
		await written(records, records.leaveOpen(key, first()));
		expect(await records.enter(key, underWay(7))).toEqual(unknown(1));
		expect(await standingOf(records)).toEqual(unknown(1));
		expect(await records.enter(key, unknown(1))).toEqual(unknown(1));
		expect(await standingOf(records)).toEqual(underWay(2));
	});

	it('keep a key that was created, and what is sent again of it stays created when it is refused', async () => {
		await records.enter(key, noEntry);
		await written(records, records.close(key, first()));
		expect(await standingOf(records)).toEqual(done);
		const before = await records.enter(key, { ...noEntry, standing: 'done' });
		expect(await standingOf(records)).toMatchObject({ standing: 'unsettled' });
		await written(records, records.takeBack(key, attempt(before)));
		expect(await standingOf(records)).toEqual(done);
	});

	it('forget a key whose only attempt was refused', async () => {
		await records.enter(key, noEntry);
		await written(records, records.takeBack(key, first()));
		expect(await standingOf(records)).toEqual(none);
	});

	it('forget a key that was sent again and refused, but not how often it was sent', async () => {
		await records.enter(key, noEntry);
		await written(records, records.leaveOpen(key, first()));
		const before = await records.enter(key, unknown(1));
		await written(records, records.takeBack(key, attempt(before)));
		expect(await standingOf(records)).toEqual(none);
		const again = await records.enter(key, noEntry);
		expect(again).toEqual(none);
		await written(records, records.leaveOpen(key, attempt(again)));
		expect((await standingOf(records)).attempts).toBeGreaterThan(2);
	});

	it('find those of several keys whose outcome is open', async () => {
		for (const each of ['created', 'open', 'over']) await records.enter(each, noEntry);
		await written(records, records.close('created', first()));
		await written(records, records.leaveOpen('over', first()));
		expect([...(await records.findOpen(['never sent', 'created', 'open', 'over']))]).toEqual([
			['open', underWay(1)],
			['over', unknown(1)],
		]);
		expect(await records.enter('never sent', noEntry)).toEqual(none);
	});

	it('take a key as created whatever was known of it', async () => {
		await records.enter(key, noEntry);
		await written(records, records.leaveOpen(key, first()));
		await written(records, records.close(key));
		expect(await standingOf(records)).toEqual(done);
	});
});

/** An attempt in one process that takes long, and one with Send Again in another that begins meanwhile. */
describe('Of two attempts in two processes', () => {
	let [older, newer]: Records[] = [];
	const again = () => attempt(underWay(1));

	beforeEach(async () => {
		const rows = new MemoryRows();
		[older, newer] = [recordsOn(rows), recordsOn(rows)];
		await older.enter(key, noEntry);
		expect(await newer.enter(key, underWay(1))).toEqual(underWay(1));
	});

	it.each([
		['is under way', async () => {}, underWay(2)],
		['ended without a known outcome', async () => await written(newer!, newer!.leaveOpen(key, again())), unknown(2)],
		['created the client', async () => await written(newer!, newer!.close(key, again())), done],
	])('the older is refused while the newer %s, and changes nothing', async (_how, end, standing) => {
		await end();
		await written(older!, older!.takeBack(key, first()));
		expect(await standingOf(newer!)).toEqual(standing);
	});

	it('the older creates the client after the newer was refused: it counts as created', async () => {
		await written(newer!, newer!.takeBack(key, again()));
		expect(await standingOf(newer!)).toEqual(none);
		await written(older!, older!.close(key, late()));
		expect(await standingOf(newer!)).toEqual(done);
	});

	it('both are refused while a person says that the client exists: it counts as created', async () => {
		await written(newer!, newer!.takeBack(key, again()));
		await written(older!, older!.takeBack(key, first()));
		await written(newer!, newer!.close(key));
		expect(await standingOf(newer!)).toEqual(done);
	});

	it('the older created the client in time, and that is written only after the newer was refused: it counts as created', async () => {
		// Written after a second, together with what else was gathered.
		const recorded = older!.close(key, attempt(noEntry, 4500));
		await written(newer!, newer!.takeBack(key, again()));
		await recorded;
		expect(await standingOf(newer!)).toEqual(done);
	});

	it('the older ends without a known outcome after the newer was refused: its outcome is open again', async () => {
		await written(newer!, newer!.takeBack(key, again()));
		await written(older!, older!.leaveOpen(key, late()));
		expect(await standingOf(newer!)).toMatchObject({ standing: 'unsettled' });
	});
});

it.each([
	['created the client', 'close', done],
	['ended without a known outcome', 'leaveOpen', expect.objectContaining({ standing: 'unsettled' }) as Entry],
] as const)(
	'An attempt outlasts the records, which were deleted meanwhile, and %s: that is recorded anew',
	async (_how, end, standing) => {
		const rows = new MemoryRows();
		const records = recordsOn(rows);
		await records.enter(key, noEntry);
		await storeOfProcess(rows).clearAllProcessedItems('node', { mode: 'entries' });
		await written(records, records[end](key, late()));
		expect(await standingOf(records)).toEqual(standing);
	},
);

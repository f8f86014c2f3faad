import { Batches, type Job } from '../../../nodes/ConfirmaFinance/guard/batches';

interface Named extends Job {
	readonly name: string;
}

let batches: Batches<Named>;
/** The names of the jobs of each batch, and when it was written, in milliseconds. */
let written: Array<[at: number, names: string[]]>;

beforeEach(() => {
	jest.useFakeTimers();
	const start = performance.now();
	written = [];
	batches = new Batches<Named>(async (jobs) => {
		written.push([performance.now() - start, jobs.map(({ name }) => name)]);
		await Promise.resolve();
	});
});

afterEach(() => jest.useRealTimers());

const add = (name: string, key = name) => batches.add({ name, keys: [key] });
const gather = (name: string, key = name) => batches.gather({ name, keys: [key] });
const pass = async (ms: number) => await jest.advanceTimersByTimeAsync(ms);

it('writes the urgent jobs of one moment together, at once', async () => {
	add('a');
	add('b');
	await pass(0);
	expect(written).toEqual([[0, ['a', 'b']]]);
});

it('gathers the others for a second, while urgent ones pass by', async () => {
	gather('slow');
	await pass(300);
	add('a');
	await pass(300);
	gather('slower');
	add('b');
	await pass(300);
	expect(written.map(([, names]) => names)).toEqual([['a'], ['b']]);
	await pass(150);
	expect(written.at(-1)).toEqual([expect.any(Number), ['slow', 'slower']]);
	expect(written.at(-1)![0]).toBeGreaterThanOrEqual(1000);
	await pass(5000);
	expect(written).toHaveLength(3);
});

it('writes those that came before about the same key along with an urgent one, before it', async () => {
	gather('created x', 'x');
	gather('created y', 'y');
	await pass(100);
	add('enter x', 'x');
	await pass(0);
	expect(written).toEqual([[100, ['created x', 'created y', 'enter x']]]);
});

it('writes everything at once when it is flushed, and gathers again afterwards', async () => {
	gather('a');
	await pass(10);
	batches.flush();
	await pass(0);
	expect(written).toEqual([[10, ['a']]]);
	gather('b');
	await pass(900);
	expect(written).toHaveLength(1);
	await pass(200);
	expect(written).toHaveLength(2);
});

it('gathers what comes after a flush for which nothing was waiting', async () => {
	batches.flush();
	gather('a');
	await pass(900);
	expect(written).toEqual([]);
	await pass(101);
	expect(written).toEqual([[expect.any(Number), ['a']]]);
});

it('leaves a pause between two batches, in which other processes get their turn', async () => {
	add('a');
	await pass(0);
	add('b');
	await pass(10);
	add('c');
	await pass(50);
	add('d');
	await pass(0);
	expect(written).toEqual([
		[0, ['a']],
		[25, ['b', 'c']],
		[60, ['d']],
	]);
});

it('is held up by nobody who sets the clock', async () => {
	add('a');
	await pass(0);
	jest.setSystemTime(Date.now() - 3_600_000);
	add('b');
	gather('c');
	await pass(30);
	expect(written).toHaveLength(2);
	jest.setSystemTime(Date.now() - 3_600_000);
	await pass(1100);
	expect(written).toHaveLength(3);
});

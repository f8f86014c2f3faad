import { Batches, type Job } from '../../../nodes/ConfirmaFinance/createClient/guard/batches';

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

const urgent = (name: string, key = name): Named => ({ name, keys: [key], isUrgent: true });
const unhurried = (name: string, key = name): Named => ({ name, keys: [key], isUrgent: false });
const pass = async (ms: number) => await jest.advanceTimersByTimeAsync(ms);

it('writes the urgent jobs of one moment together, at once', async () => {
	batches.add(urgent('a'));
	batches.add(urgent('b'));
	await pass(0);
	expect(written).toEqual([[0, ['a', 'b']]]);
});

it('gathers the others for a second, while urgent ones pass by', async () => {
	batches.add(unhurried('slow'));
	await pass(300);
	batches.add(urgent('a'));
	await pass(300);
	batches.add(unhurried('slower'));
	batches.add(urgent('b'));
	await pass(300);
	expect(written.map(([, names]) => names)).toEqual([['a'], ['b']]);
	await pass(150);
	expect(written.at(-1)).toEqual([expect.any(Number), ['slow', 'slower']]);
	expect(written.at(-1)![0]).toBeGreaterThanOrEqual(1000);
	await pass(5000);
	expect(written).toHaveLength(3);
});

it('writes those that came before about the same key along with an urgent one, before it', async () => {
	batches.add(unhurried('created x', 'x'));
	batches.add(unhurried('created y', 'y'));
	await pass(100);
	batches.add(urgent('enter x', 'x'));
	await pass(0);
	expect(written).toEqual([[100, ['created x', 'created y', 'enter x']]]);
});

it('writes everything at once when it is flushed, and gathers again afterwards', async () => {
	batches.add(unhurried('a'));
	await pass(10);
	batches.flush();
	await pass(0);
	expect(written).toEqual([[10, ['a']]]);
	batches.add(unhurried('b'));
	await pass(900);
	expect(written).toHaveLength(1);
	await pass(200);
	expect(written).toHaveLength(2);
});

it('gathers what comes after a flush for which nothing was waiting', async () => {
	batches.flush();
	batches.add(unhurried('a'));
	await pass(900);
	expect(written).toEqual([]);
	await pass(101);
	expect(written).toEqual([[expect.any(Number), ['a']]]);
});

it('leaves a pause between two batches, in which other processes get their turn', async () => {
	batches.add(urgent('a'));
	await pass(0);
	batches.add(urgent('b'));
	await pass(10);
	batches.add(urgent('c'));
	await pass(50);
	batches.add(urgent('d'));
	await pass(0);
	expect(written).toEqual([
		[0, ['a']],
		[25, ['b', 'c']],
		[60, ['d']],
	]);
});

it('is held up by nobody who sets the clock', async () => {
	batches.add(urgent('a'));
	await pass(0);
	jest.setSystemTime(Date.now() - 3_600_000);
	batches.add(urgent('b'));
	batches.add(unhurried('c'));
	await pass(30);
	expect(written).toHaveLength(2);
	jest.setSystemTime(Date.now() - 3_600_000);
	await pass(1100);
	expect(written).toHaveLength(3);
});

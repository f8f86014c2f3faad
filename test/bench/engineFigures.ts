import { rm } from 'node:fs/promises';
import { withEngine, type Job, type Measured } from './engineRuns';
import { type Figure, Group, ratioOf } from './figures';
import { buildWithoutGuard } from './packages';
import { interleaved } from './rounds';

const milliseconds = (measured: Measured[]) => measured.map((each) => each.milliseconds);
const cpu = (measured: Measured[]) => measured.map(({ cpuMilliseconds }) => cpuMilliseconds);
const megabytes = (measured: Measured[]) => measured.map(({ growth }) => growth / 1e6);
const held = (measured: Measured[]) => measured.map((each) => each.held / 1e6);

/** This node beside a bare loop over n8n's helper, and what part of the difference is the guard. */
export async function overhead(rounds: number): Promise<Figure[]> {
	const group = new Group('overhead, 1,000 items');
	const guardOff = await buildWithoutGuard();
	await withEngine(['node', 'guardOff', 'readingLoop', 'bareLoop'], guardOff, async (engine) => {
		const run = (subject: Job['subject']) => () => engine.run({ subject, items: 1_000 });
		const { node, reading, off, bare } = await interleaved(4 * rounds, {
			node: run('node'),
			bare: run('bareLoop'),
			reading: run('readingLoop'),
			off: run('guardOff'),
		});
		const [loop, readingLoop] = ['bare loop over the helper', 'loop that reads the same parameters'];
		group.compare('time', 'ms', milliseconds(node), loop, milliseconds(bare), ratioOf(1.05));
		group.compare('time, beside a loop that reads', 'ms', milliseconds(node), readingLoop, milliseconds(reading), ratioOf(1.05));
		group.compare('time, guard off', 'ms', milliseconds(off), readingLoop, milliseconds(reading));
		group.compare('processor time', 'ms', cpu(node), loop, cpu(bare));
		group.compare('processor time, beside a loop that reads', 'ms', cpu(node), readingLoop, cpu(reading));
	});
	await rm(guardOff, { recursive: true });
	return group.figures;
}

const earlier = [0, 1_000, 10_000, 50_000];
const count = new Intl.NumberFormat('en');

/** The guard with more and more clients that it knows, on a store in memory that does what n8n's does. */
export async function guardOnEngine(rounds: number): Promise<Figure[]> {
	const group = new Group('guard on the engine, 1,000 items');
	const guardOff = await buildWithoutGuard();
	await withEngine(['node', 'guardOff'], guardOff, async (engine) => {
		for (const records of earlier) {
			const { on, off } = await interleaved(2 * rounds, {
				on: () => engine.run({ subject: 'node', items: 1_000, first: 1_000, records }),
				off: () => engine.run({ subject: 'guardOff', items: 1_000 }),
			});
			group.compare(`${count.format(records)} earlier records`, 'ms', milliseconds(on), 'guard off', milliseconds(off));
		}
	});
	await rm(guardOff, { recursive: true });
	return group.figures;
}

/** Time and memory for ten times as many items, each run in a process that has only warmed up. */
export async function growth(rounds: number): Promise<Figure[]> {
	const group = new Group('growth');
	const run = (items: number) => async () =>
		await withEngine(['node'], undefined, async (engine) => await engine.run({ subject: 'node', items }));
	const measured = await interleaved(rounds, { hundred: run(100), thousand: run(1_000), tenThousand: run(10_000) });
	const { hundred, thousand, tenThousand } = measured;
	group.compare('time of 1,000 items', 'ms', milliseconds(thousand), '100 items', milliseconds(hundred));
	group.compare('time of 10,000 items', 'ms', milliseconds(tenThousand), '1,000 items', milliseconds(thousand), ratioOf(10.5));
	group.compare('memory at the peak, 10,000 items', 'MB', megabytes(tenThousand), '1,000 items', megabytes(thousand));
	group.compare('memory held at the end, 1,000 items', 'MB', held(thousand), '100 items', held(hundred), ratioOf(10.5));
	group.compare('memory held at the end, 10,000 items', 'MB', held(tenThousand), '1,000 items', held(thousand), ratioOf(10.5));
	return group.figures;
}

import { rm } from 'node:fs/promises';
import { withEngine, type Job, type Measured } from './engineRuns';
import { type Figure, Group, ratioOf } from './figures';
import { buildWithoutGuard } from './packages';
import { interleaved } from './rounds';

const milliseconds = (measured: Measured[]) => measured.map((each) => each.milliseconds);
const cpu = (measured: Measured[]) => measured.map(({ cpuMilliseconds }) => cpuMilliseconds);

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

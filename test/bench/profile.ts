import { realpathSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { relative } from 'node:path';
import { repository } from '../n8n/installPackage';
import { withEngine, type Job } from './engineRuns';
import { type Figure, Group } from './figures';
import { interleaved } from './rounds';

const idle = '(idle)';

/** The part of the program that a function belongs to: a package, Node.js, or what V8 calls by a name in brackets. */
function placeOf({ functionName, url }: Profiler.ProfileNode['callFrame']): string {
	if (functionName.startsWith('(') && url === '') return functionName === '(program)' ? 'system calls and native code' : functionName;
	if (url === '' || url.startsWith('node:')) return 'Node.js';
	const path = relative(realpathSync(repository), url.replace('file://', ''));
	const packages = path.split('node_modules/').slice(1);
	if (packages.length > 0) return /^(?:@[^/]+\/)?[^/]+/.exec(packages.at(-1)!)![0];
	return path.startsWith('dist/') ? 'this package' : 'the harness';
}

/** Microseconds of processor time by place, for each place's own code. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
	const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
	const times = new Map<string, number>();
	samples.forEach((id, index) => {
		const place = places.get(id)!;
		times.set(place, (times.get(place) ?? 0) + timeDeltas[index]!);
	});
	times.delete(idle);
	return times;
}

/** Where the processor time of an item goes: by package, beside the bare loop over n8n's helper. */
export async function profile(rounds: number): Promise<Figure[]> {
	const items = 1_000;
	const group = new Group('profile, for each item');
	await withEngine(['node', 'bareLoop'], undefined, async (engine) => {
		const take = (subject: Job['subject']) => async () => {
			const { profile: taken } = await engine.run({ subject, items, profiled: true });
			return selfTimes(taken!);
		};
		const { node, bareLoop } = await interleaved(rounds, { node: take('node'), bareLoop: take('bareLoop') });
		const total = (place: string) => node.reduce((sum, times) => sum + (times.get(place) ?? 0), 0);
		const places = [...new Set([...node, ...bareLoop].flatMap((times) => [...times.keys()]))].sort((left, right) => total(right) - total(left));
		const of = (times: Map<string, number>[], place: string) => times.map((each) => (each.get(place) ?? 0) / items);
		for (const place of places.slice(0, 12)) group.compare(place, 'µs', of(node, place), 'bare loop', of(bareLoop, place));
	});
	return group.figures;
}

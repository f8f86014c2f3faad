import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender } from './benchServer';
import { type Figure, Group } from './figures';

/** A span of time, in microseconds of the clock that V8's profiler has too. */
interface Span {
	start: number;
	end: number;
}

/** The part of the program that a function belongs to: a package, Node.js, or what V8 calls by a name in brackets. */
function placeOf({ functionName, url }: Profiler.ProfileNode['callFrame']): string {
	const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
	if (inPackage) return inPackage === 'n8n-nodes-confirma-finance' ? 'this package' : inPackage;
	if (functionName === '(program)') return 'system calls and native code';
	return functionName.startsWith('(') && url === '' ? functionName : 'Node.js';
}

/** Microseconds of processor time by place, for each place's own code, within a span of a profile. */
function selfTimes(
	{ nodes, startTime, samples = [], timeDeltas = [] }: Profiler.Profile,
	{ start, end }: Span,
): Map<string, number> {
	const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
	const times = new Map<string, number>();
	let now = startTime;
	samples.forEach((id, index) => {
		now += timeDeltas[index]!;
		const place = places.get(id)!;
		if (now >= start && now <= end && place !== '(idle)') times.set(place, (times.get(place) ?? 0) + timeDeltas[index]!);
	});
	return times;
}

const microseconds = () => Number(process.hrtime.bigint() / 1000n);

const items = 1_000;

/** Where n8n's processor time for an item goes, by package: in a workflow with this node, beside one with HTTP Request and one JSON text. */
export async function profile(): Promise<Figure[]> {
	const group = new Group('profile, for each item');
	const folder = await mkdtemp(join(tmpdir(), 'profiles-'));
	const sandbox = await startSandbox({ latency: 20 });
	const server = await BenchServer.create(sandbox, { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` });
	const take = async (sender: Sender): Promise<Map<string, number>> => {
		await server.start();
		const { pid } = server;
		await server.deliver(await server.deploy(sender), 300);
		const deployed = await server.deploy(sender);
		const start = microseconds();
		const { milliseconds } = await server.deliver(deployed, items);
		await server.stop();
		const file = (await readdir(folder)).find((name) => name.split('.').includes(String(pid)))!;
		return selfTimes(JSON.parse(await readFile(join(folder, file), 'utf8')) as Profiler.Profile, {
			start,
			end: start + milliseconds * 1000,
		});
	};
	try {
		await server.stop();
		const [node, httpRequest] = [await take('node'), await take('httpRequestText')];
		const times = (place: string) => (node.get(place) ?? 0) + (httpRequest.get(place) ?? 0);
		const places = [...new Set([...node.keys(), ...httpRequest.keys()])]
			.sort((left, right) => times(right) - times(left))
			.slice(0, 15);
		for (const place of places)
			group.compare(place, 'µs', [(node.get(place) ?? 0) / items], 'HTTP Request, one JSON text', [
				(httpRequest.get(place) ?? 0) / items,
			]);
		return group.figures;
	} finally {
		await server.dispose();
		await sandbox.stop();
		await rm(folder, { recursive: true });
	}
}

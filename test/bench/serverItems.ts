import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender, type ServerRun } from './benchServer';
import type { Mapping } from './bodies';
import { type Figure, Group, ratioOf, valueOf } from './figures';
import { interleaved } from './rounds';

const latency = 20;
const count = new Intl.NumberFormat('en');

/** How a peer is called in the figures. */
const names: Record<Exclude<Sender, 'node' | 'guardOff'>, string> = {
	httpRequestText: 'HTTP Request, one JSON text',
	httpRequest: 'HTTP Request, a field each',
	httpRequestReady: 'HTTP Request, bodies ready-made',
	declarative: 'declarative',
	earlier: 'earlier',
};

type Peer = keyof typeof names;

interface Measure {
	readonly items: number;
	readonly mapping: Mapping;
	readonly peers: readonly Peer[];
	/** How often each process takes the items. */
	readonly repetitions: number;
	readonly setting?: string;
}

const thousand = { items: 1_000, repetitions: 3 };
// n8n runs the others out of memory, or for minutes.
const tenThousand = { items: 10_000, repetitions: 1, mapping: 'all', peers: ['httpRequestText', 'httpRequestReady'] } as const;

/**
 * 1,000 items in a real n8n, with all fields mapped: this node and n8n's HTTP Request node in three ways. Each process takes them
 * three times; memory is that of the first time, which earlier ones would have made grow.
 */
export async function thousandItems(rounds: number): Promise<Figure[]> {
	const peers = ['httpRequestText', 'httpRequest', 'httpRequestReady'] as const;
	return await withServer(async (server) => await measure(server, rounds, { ...thousand, mapping: 'all', peers }));
}

/** The same with six fields mapped, and with the declarative version of this node. */
export async function thousandItemsOfSixFields(rounds: number): Promise<Figure[]> {
	const peers = ['httpRequestText', 'httpRequest', 'httpRequestReady', 'declarative'] as const;
	return await withServer(async (server) => await measure(server, rounds, { ...thousand, mapping: 'six', peers }));
}

/** 10,000 items with all fields mapped, once for each process. */
export async function tenThousandItems(rounds: number): Promise<Figure[]> {
	return await withServer(async (server) => await measure(server, rounds, tenThousand));
}

/**
 * The same in an n8n whose heap is limited as Node.js does by itself on a machine with 2 GB: how much memory is needed, and not
 * only taken because it's there.
 */
export async function tenThousandItemsInSmallHeap(rounds: number): Promise<Figure[]> {
	const env = { NODE_OPTIONS: '--max-old-space-size=1024' };
	return await withServer(async (server) => await measure(server, rounds, { ...tenThousand, setting: 'heap of 1 GB' }), env);
}

/** The same where n8n resolves expressions by N8N_EXPRESSION_ENGINE=legacy, without a virtual machine. */
export async function tenThousandItemsWithLegacyExpressions(rounds: number): Promise<Figure[]> {
	const env = { N8N_EXPRESSION_ENGINE: 'legacy' };
	return await withServer(
		async (server) => await measure(server, rounds, { ...tenThousand, setting: 'legacy expressions' }),
		env,
	);
}

/**
 * This node beside itself at an earlier commit, in one n8n: 1,000 items in different mappings, and single ones.
 * @throws where no commit is given
 */
export async function besideEarlier(rounds: number, commit?: string): Promise<Figure[]> {
	if (commit === undefined) throw new Error('--earlier has to name the commit to compare with');
	const group = new Group(`beside ${commit}, ${latency} ms`);
	const work = async (server: BenchServer) => {
		await server.start();
		const compare = async (name: string, mapping: Mapping, items: number, times: number, most: number) => {
			const [now, before] = [await server.deploy('node', mapping), await server.deploy('earlier', mapping)];
			const deliver = (deployed: typeof now, number: number) => async () => (await server.deliver(deployed, number)).milliseconds;
			const warmUp = Math.max(10, items / 5);
			for (const deployed of [now, before]) await deliver(deployed, warmUp)();
			const measured = await interleaved(times, { now: deliver(now, items), before: deliver(before, items) });
			group.compare(name, 'ms', measured.now, names.earlier, measured.before, ratioOf(most));
		};
		await compare('one item, all fields mapped', 'all', 1, 30 * rounds, 1);
		await compare('one item, six fields mapped', 'six', 1, 30 * rounds, 1);
		await compare('1,000 items, all fields mapped', 'all', 1_000, rounds, 1);
		await compare('1,000 items, ten fields missing in each', 'missing', 1_000, rounds, 1.1);
		await compare('1,000 items, all fields to be evaluated one by one', 'alone', 1_000, rounds, 1.1);
		await server.stop();
		return group.figures;
	};
	return await withServer(work, {}, commit);
}

/** Gives `work` a server that doesn't run. */
async function withServer(
	work: (server: BenchServer) => Promise<Figure[]>,
	env: Record<string, string> = {},
	earlier?: string,
): Promise<Figure[]> {
	const sandbox = await startSandbox({ latency });
	try {
		const server = await BenchServer.create(sandbox, env, earlier);
		try {
			await server.stop();
			return await work(server);
		} finally {
			await server.dispose();
		}
	} finally {
		await sandbox.stop();
	}
}

async function measure(
	server: BenchServer,
	rounds: number,
	{ items, mapping, peers, repetitions, setting = `${latency} ms` }: Measure,
): Promise<Figure[]> {
	const group = new Group(`n8n, ${count.format(items)} items, ${mapping} fields mapped, ${setting}`);
	const run = (sender: Sender) => async () => {
		await server.start();
		try {
			await server.deliver(await server.deploy(sender, mapping), 100);
			const runs: ServerRun[] = [];
			for (let done = 0; done < repetitions; done++) {
				runs.push(await server.deliver(await server.deploy(sender, mapping), items));
			}
			return runs;
		} finally {
			await server.stop();
		}
	};
	const senders = ['node', ...peers] as const;
	const measured = await interleaved(
		rounds,
		Object.fromEntries(senders.map((sender) => [sender, run(sender)])) as Record<Sender, () => Promise<ServerRun[]>>,
	);
	const times = (runs: ServerRun[][]) => runs.flat().map(({ milliseconds }) => milliseconds);
	const processing = (runs: ServerRun[][]) => runs.flat().map(({ processorTime }) => processorTime);
	const memory = (runs: ServerRun[][]) => runs.map(([first]) => first!.growth / 1e6);
	const { node } = measured;
	for (const peer of peers) {
		const isMain = peer === 'httpRequestText' && mapping === 'all';
		const [name, runs] = [names[peer], measured[peer]];
		group.compare('time', 'ms', times(node), name, times(runs), isMain ? ratioOf(0.8) : undefined);
		group.compare('processor time', 'ms', processing(node), name, processing(runs), isMain ? ratioOf(0.8) : undefined);
		group.compare('memory', 'MB', memory(node), name, memory(runs), isMain && items === 10_000 ? ratioOf(1.5) : undefined);
		const compare = (what: string, unit: string, value: (run: ServerRun) => number, goal?: Figure['goal']) =>
			group.compare(what, unit, node.flat().map(value), name, runs.flat().map(value), goal);
		compare('in flight', 'requests', ({ peakInFlight }) => peakInFlight, isMain ? valueOf(50) : undefined);
		compare('connections', 'opened', ({ connectionsOpened }) => connectionsOpened);
		compare('executions that failed', '%', ({ milliseconds }) => (Number.isNaN(milliseconds) ? 100 : 0));
		compare('clients created by failed executions', 'clients', ({ lost }) => lost);
	}
	return group.figures;
}

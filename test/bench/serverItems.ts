import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender, type ServerRun } from './benchServer';
import { type Figure, Group, ratioOf, valueOf } from './figures';
import { interleaved } from './rounds';

const latency = 20;
const count = new Intl.NumberFormat('en');

/** How a peer is called in the figures. */
const names: Record<Exclude<Sender, 'node' | 'guardOff' | 'otherVersion'>, string> = {
	httpRequestText: 'HTTP Request, one JSON text',
	httpRequest: 'HTTP Request, a field each',
	httpRequestReady: 'HTTP Request, bodies ready-made',
};

type Peer = keyof typeof names;

interface Measure {
	readonly items: number;
	readonly peers: readonly Peer[];
	/** How often each process takes the items. */
	readonly repetitions: number;
	readonly setting?: string;
}

const thousand = { items: 1_000, repetitions: 3 };
// n8n runs the others out of memory, or for minutes.
const tenThousand = { items: 10_000, repetitions: 1, peers: ['httpRequestText', 'httpRequestReady'] } as const;

/**
 * 1,000 items in a real n8n, with all fields mapped: this node and n8n's HTTP Request node in three ways. Each process takes them
 * three times; memory is that of the first time, which earlier ones would have made grow.
 */
export async function thousandItems(rounds: number): Promise<Figure[]> {
	const peers = ['httpRequestText', 'httpRequest', 'httpRequestReady'] as const;
	return await withServer(async (server) => await measure(server, rounds, { ...thousand, peers }));
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

/** Gives `work` a server that doesn't run. */
async function withServer(work: (server: BenchServer) => Promise<Figure[]>, env: Record<string, string> = {}): Promise<Figure[]> {
	const sandbox = await startSandbox({ latency });
	try {
		const server = await BenchServer.create(sandbox, env);
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
	{ items, peers, repetitions, setting = `${latency} ms` }: Measure,
): Promise<Figure[]> {
	const group = new Group(`n8n, ${count.format(items)} items, all fields mapped, ${setting}`);
	const run = (sender: Sender) => async () => {
		await server.start();
		try {
			await server.deliver(await server.deploy(sender), 100);
			const runs: ServerRun[] = [];
			for (let done = 0; done < repetitions; done++) {
				runs.push(await server.deliver(await server.deploy(sender), items));
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
		const isMain = peer === 'httpRequestText';
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

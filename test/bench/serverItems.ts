import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender, type ServerRun } from './benchServer';
import { type Figure, Group, ratioOf, valueOf } from './figures';
import { interleaved } from './rounds';

const latency = 20;
const count = new Intl.NumberFormat('en');

/**
 * 1,000 items in a real n8n: this node with the guard on and off, n8n's HTTP Request node in three ways, and the declarative
 * version of this node. Each process takes them three times; memory is that of the first time, which earlier ones would have made grow.
 */
export async function thousandItems(rounds: number): Promise<Figure[]> {
	return await withServer(async (server) => await measure(1_000, 3, rounds, server));
}

/** The same with 10,000 items, once for each process. */
export async function tenThousandItems(rounds: number): Promise<Figure[]> {
	return await withServer(async (server) => await measure(10_000, 1, rounds, server));
}

/**
 * 10,000 items in an n8n whose heap is limited as Node.js does by itself on a machine with 2 GB: how much memory is needed,
 * and not only taken because it's there.
 */
export async function tenThousandItemsInSmallHeap(rounds: number): Promise<Figure[]> {
	return await withServer(async (server) => await measure(10_000, 1, rounds, server, 'heap of 1 GB'), {
		NODE_OPTIONS: '--max-old-space-size=1024',
	});
}

/** 10,000 items where n8n resolves expressions by N8N_EXPRESSION_ENGINE=legacy, without a virtual machine. */
export async function tenThousandItemsWithLegacyExpressions(rounds: number): Promise<Figure[]> {
	return await withServer(async (server) => await measure(10_000, 1, rounds, server, 'legacy expressions'), {
		N8N_EXPRESSION_ENGINE: 'legacy',
	});
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

/** @param repetitions how often each process takes the items */
async function measure(
	items: number,
	repetitions: number,
	rounds: number,
	server: BenchServer,
	setting = `${latency} ms`,
): Promise<Figure[]> {
	const group = new Group(`n8n, ${count.format(items)} items, ${setting}`);
	const run = (sender: Sender) => async () => {
		await server.start();
		try {
			await server.deliver(await server.deploy(sender), 100);
			const runs: ServerRun[] = [];
			for (let done = 0; done < repetitions; done++) runs.push(await server.deliver(await server.deploy(sender), items));
			return runs;
		} finally {
			await server.stop();
		}
	};
	const measured = await interleaved(rounds, {
		node: run('node'),
		httpRequest: run('httpRequest'),
		text: run('httpRequestText'),
		ready: run('httpRequestReady'),
		guardOff: run('guardOff'),
		declarative: run('declarative'),
	});
	const { node, guardOff } = measured;
	const times = (runs: ServerRun[][]) => runs.flat().map(({ milliseconds }) => milliseconds);
	const memory = (runs: ServerRun[][]) => runs.map(([first]) => first!.growth / 1e6);
	const [isThousand, isTenThousand] = [items === 1_000, items === 10_000];
	const peers = [
		['HTTP Request', measured.httpRequest],
		['HTTP Request, one JSON text', measured.text],
		['HTTP Request, bodies ready-made', measured.ready],
		['declarative', measured.declarative],
	] as const;
	for (const [peer, runs] of peers) {
		const isMain = peer === 'HTTP Request';
		group.compare('time', 'ms', times(node), peer, times(runs), isMain && isThousand ? ratioOf(1) : undefined);
		group.compare('time, guard off', 'ms', times(guardOff), peer, times(runs));
		group.compare('memory', 'MB', memory(node), peer, memory(runs), isMain && isTenThousand ? ratioOf(0.8) : undefined);
		group.compare('memory, guard off', 'MB', memory(guardOff), peer, memory(runs));
		const compare = (name: string, unit: string, value: (run: ServerRun) => number, goal?: Figure['goal']) =>
			group.compare(name, unit, node.flat().map(value), peer, runs.flat().map(value), goal);
		compare('in flight', 'requests', ({ peakInFlight }) => peakInFlight, isMain ? valueOf(50) : undefined);
		compare('connections', 'opened', ({ connectionsOpened }) => connectionsOpened);
		compare('executions that failed', '%', ({ milliseconds }) => (Number.isNaN(milliseconds) ? 100 : 0));
		compare('clients created by failed executions', 'clients', ({ lost }) => lost);
	}
	return group.figures;
}

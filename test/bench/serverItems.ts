import { rm } from 'node:fs/promises';
import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender, type ServerRun } from './benchServer';
import { type Figure, Group, ratioOf, valueOf } from './figures';
import { buildWithoutGuard } from './packages';
import { interleaved } from './rounds';

const latency = 20;
const count = new Intl.NumberFormat('en');

/** @param values of one run */
const each = (runs: ServerRun[], value: (run: ServerRun) => number) => runs.map(value);

/**
 * Runs of 1,000 and 10,000 items in a real n8n: this node with the guard on and off, n8n's HTTP Request node, and the
 * declarative version of this node. Each run is the first big one of a process, which earlier runs would have made grow.
 */
export async function serverItems(rounds: number): Promise<Figure[]> {
	const guardOff = await buildWithoutGuard();
	const sandbox = await startSandbox({ latency });
	const servers: BenchServer[] = [];
	try {
		for (const source of [undefined, guardOff]) {
			const server = await BenchServer.create(sandbox, { source });
			servers.push(server);
			await server.stop();
		}
		const [on, off] = servers as [BenchServer, BenchServer];
		return [...(await measure(1_000, 3, rounds, on, off)), ...(await measure(10_000, 1, rounds, on, off))];
	} finally {
		for (const server of servers) await server.dispose();
		await sandbox.stop();
		await rm(guardOff, { recursive: true });
	}
}

/** @param times how often each process takes the items; memory is that of the first time */
async function measure(items: number, times: number, rounds: number, on: BenchServer, off: BenchServer): Promise<Figure[]> {
	const group = new Group(`n8n, ${count.format(items)} items, ${latency} ms`);
	const run = (server: BenchServer, sender: Sender) => async () => {
		await server.start();
		try {
			await server.deliver(await server.deploy(sender), 100);
			const runs: ServerRun[] = [];
			for (let time = 0; time < times; time++) runs.push(await server.deliver(await server.deploy(sender), items));
			return runs;
		} finally {
			await server.stop();
		}
	};
	const measured = await interleaved(rounds, {
		node: run(on, 'node'),
		httpRequest: run(on, 'httpRequest'),
		guardOff: run(off, 'node'),
		declarative: run(on, 'declarative'),
	});
	const peers = [
		['HTTP Request', measured.httpRequest],
		['declarative', measured.declarative],
	] as const;
	const subjects = [
		['this node', measured.node],
		['guard off', measured.guardOff],
	] as const;
	for (const [peer, peerRuns] of peers) {
		for (const [subject, runs] of subjects) {
			const isMain = peer === 'HTTP Request' && subject === 'this node';
			const [time, memory] = [isMain && items === 1_000 ? ratioOf(1) : undefined, isMain && items === 10_000 ? ratioOf(0.8) : undefined];
			group.compare(`${subject}, wall`, 'ms', each(runs.flat(), ({ milliseconds }) => milliseconds), peer, each(peerRuns.flat(), ({ milliseconds }) => milliseconds), time);
			group.compare(`${subject}, memory`, 'MB', runs.map(([first]) => first!.growth / 1e6), peer, peerRuns.map(([first]) => first!.growth / 1e6), memory);
		}
		group.compare('in flight', 'requests', each(measured.node.flat(), ({ peakInFlight }) => peakInFlight), peer, each(peerRuns.flat(), ({ peakInFlight }) => peakInFlight), peer === 'HTTP Request' ? valueOf(50) : undefined);
		group.compare('connections', 'opened', each(measured.node.flat(), ({ connectionsOpened }) => connectionsOpened), peer, each(peerRuns.flat(), ({ connectionsOpened }) => connectionsOpened));
	}
	return group.figures;
}

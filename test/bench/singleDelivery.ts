import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type Sender } from './benchServer';
import { nodeParameters } from './bodies';
import { type Figure, Group, ratioOf } from './figures';
import { interleaved, median } from './rounds';

const deliveries = 20;

/**
 * Single deliveries of clients that nobody knows, in a real n8n with SQLite, beside another version of this node.
 * @param otherVersion folder of its built package
 */
export async function singleDelivery(rounds: number, otherVersion: string): Promise<Figure[]> {
	const group = new Group('single delivery, none known');
	const sandbox = await startSandbox();
	try {
		const server = await BenchServer.create(sandbox, {}, otherVersion);
		try {
			// The required fields, which no version moves: one that it doesn't know would cost it nothing.
			const required = Object.entries(nodeParameters()).filter(([, value]) => typeof value === 'string');
			const parameters = Object.fromEntries(required);
			const deliver = (sender: Sender) => async () => {
				const deployed = await server.deploy(sender, parameters);
				await server.deliver(deployed, 1);
				const times: number[] = [];
				for (let delivery = 0; delivery < deliveries; delivery++) times.push((await server.deliver(deployed, 1)).milliseconds);
				return median(times);
			};
			const measured = await interleaved(2 * rounds, { node: deliver('node'), other: deliver('otherVersion') });
			group.compare('time', 'ms', measured.node, 'other version', measured.other, ratioOf(1.05));
			return group.figures;
		} finally {
			await server.dispose();
		}
	} finally {
		await sandbox.stop();
	}
}

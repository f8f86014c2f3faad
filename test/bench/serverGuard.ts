import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '../queue/postgres';
import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type ServerRun } from './benchServer';
import { fillPostgres, fillSqlite, type Fill } from './earlierRecords';
import { type Figure, Group, ratioOf } from './figures';
import { buildWithoutGuard } from './packages';
import { interleaved } from './rounds';

const earlier = [0, 1_000, 10_000, 50_000];
const count = new Intl.NumberFormat('en');
const latency = 20;

const milliseconds = (runs: ServerRun[]) => runs.map((run) => run.milliseconds);

/** The guard in a real n8n with more and more clients that it knows, on SQLite. */
export async function guardOnSqlite(rounds: number): Promise<Figure[]> {
	return await guardFigures('SQLite', rounds, async () => ({}));
}

/** The same on PostgreSQL. */
export async function guardOnPostgres(rounds: number): Promise<Figure[]> {
	return await guardFigures('PostgreSQL', rounds, startPostgres);
}

function settingsFor({ port, name }: Postgres): Record<string, string> {
	return { DB_TYPE: 'postgresdb', DB_POSTGRESDB_HOST: '127.0.0.1', DB_POSTGRESDB_PORT: String(port), DB_POSTGRESDB_DATABASE: name, DB_POSTGRESDB_USER: name, DB_POSTGRESDB_PASSWORD: '' };
}

/** @param startDatabase gives the database of one server, or nothing for n8n's own SQLite file */
async function guardFigures(title: string, rounds: number, startDatabase: (folder: string) => Promise<Partial<Postgres>>): Promise<Figure[]> {
	const group = new Group(`guard on ${title}, 1,000 items, ${latency} ms`);
	const ending: Array<() => Promise<unknown>> = [];
	const start = async (source?: string): Promise<{ server: BenchServer; fill: Fill }> => {
		const folder = await mkdtemp(join(tmpdir(), 'bench-database-'));
		ending.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
		const database = await startDatabase(folder);
		const isPostgres = (candidate: Partial<Postgres>): candidate is Postgres => candidate.service !== undefined;
		if (isPostgres(database)) ending.push(() => database.service.stop());
		const server = await BenchServer.create(sandbox, { source, env: isPostgres(database) ? settingsFor(database) : {} });
		ending.push(() => server.dispose());
		return { server, fill: isPostgres(database) ? fillPostgres(database) : fillSqlite(server) };
	};

	const sandbox = await startSandbox({ latency });
	ending.push(() => sandbox.stop());
	try {
		const guardOff = await buildWithoutGuard();
		ending.push(() => rm(guardOff, { recursive: true }));
		const [on, off] = [await start(), await start(guardOff)];
		const [onDeployed, offDeployed] = [await on.server.deploy('node'), await off.server.deploy('node')];
		for (let warmUp = 0; warmUp < 2; warmUp++) {
			await on.server.deliver(onDeployed, 500);
			await off.server.deliver(offDeployed, 500);
		}
		for (const records of earlier) {
			const measured = await interleaved(2 * rounds, {
				on: async () => {
					await on.fill(onDeployed, records);
					return await on.server.deliver(onDeployed, 1_000);
				},
				off: async () => await off.server.deliver(offDeployed, 1_000),
			});
			group.compare(`${count.format(records)} earlier records`, 'ms', milliseconds(measured.on), 'guard off', milliseconds(measured.off), records === 10_000 ? ratioOf(1.15) : undefined);
		}
		return group.figures;
	} finally {
		for (const end of ending.reverse()) await end();
	}
}

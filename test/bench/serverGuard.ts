import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type Postgres } from '../support/n8n/postgres';
import { startSandbox } from '../sandbox/sandbox';
import { BenchServer, type ServerRun } from './benchServer';
import { fillPostgres, fillSqlite } from './earlierRecords';
import { type Figure, Group, ratioOf } from './figures';
import { interleaved } from './rounds';

const earlier = [0, 1_000, 10_000, 50_000];
/** That a client was created is recorded in so many entries. */
const entriesPerClient = 3;
const count = new Intl.NumberFormat('en');
const latency = 20;

const milliseconds = (runs: ServerRun[]) => runs.map((run) => run.milliseconds);

/** The guard in a real n8n with more and more clients that it knows, on SQLite. */
export async function guardOnSqlite(rounds: number): Promise<Figure[]> {
	return await guardFigures('SQLite', rounds, async () => undefined);
}

/** The same on PostgreSQL. */
export async function guardOnPostgres(rounds: number): Promise<Figure[]> {
	return await guardFigures('PostgreSQL', rounds, startPostgres);
}

function settingsFor({ port, name }: Postgres): Record<string, string> {
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_DATABASE: name,
		DB_POSTGRESDB_USER: name,
		DB_POSTGRESDB_PASSWORD: '',
	};
}

/** @param startDatabase starts n8n's database, or nothing for its own SQLite file */
async function guardFigures(
	title: string,
	rounds: number,
	startDatabase: (folder: string) => Promise<Postgres | undefined>,
): Promise<Figure[]> {
	const group = new Group(`guard on ${title}, 1,000 items, ${latency} ms`);
	const ending: Array<() => Promise<unknown>> = [];
	try {
		const folder = await mkdtemp(join(tmpdir(), 'bench-database-'));
		ending.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
		const postgres = await startDatabase(folder);
		if (postgres) ending.push(() => postgres.service.stop());
		const sandbox = await startSandbox({ latency });
		ending.push(() => sandbox.stop());
		const server = await BenchServer.create(sandbox, postgres && settingsFor(postgres));
		ending.push(() => server.dispose());
		const fill = postgres ? fillPostgres(postgres) : fillSqlite(server);

		// Side by side in one process: two processes differ by more than the guard costs.
		const [on, off] = [await server.deploy('node'), await server.deploy('guardOff')];
		for (let warmUp = 0; warmUp < 2; warmUp++) {
			for (const deployed of [on, off]) await server.deliver(deployed, 500);
		}
		for (const clients of earlier) {
			const measured = await interleaved(2 * rounds, {
				on: async () => {
					await fill(on, entriesPerClient * clients);
					return await server.deliver(on, 1_000);
				},
				off: async () => await server.deliver(off, 1_000),
			});
			group.compare(
				`${count.format(clients)} known clients`,
				'ms',
				milliseconds(measured.on),
				'guard off',
				milliseconds(measured.off),
				clients === 10_000 ? ratioOf(1.15) : undefined,
			);
		}
		return group.figures;
	} finally {
		for (const end of ending.reverse()) await end();
	}
}

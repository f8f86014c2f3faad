import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { psql, type Postgres } from '../support/n8n/postgres';
import type { BenchServer, Deployed } from './benchServer';

/** Makes a node's guard know as many clients as given, whatever it knew before. */
export type Fill = (deployed: Deployed, records: number) => Promise<void>;

// Started with a Node.js that has SQLite: the rest of this program may run on one that hasn't.
const sqliteProgram = `
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(process.argv[1]);
database.exec('PRAGMA busy_timeout = 10000');
database.exec(require('node:fs').readFileSync(0, 'utf8'));`;

/** In the SQLite file of a running server. */
export function fillSqlite(server: BenchServer): Fill {
	return async (deployed, records) =>
		await feed(server.nodeBinary, ['-e', sqliteProgram, server.databaseFile], statements(deployed, records));
}

/** In the PostgreSQL database of a running server. */
export function fillPostgres(postgres: Postgres): Fill {
	return async (deployed, records) => await feed(...(await psql(postgres)), statements(deployed, records));
}

/** n8n keeps MD5 hashes of what it was told to remember; those of nothing in particular weigh the same. */
function statements({ workflowId, nodeId }: Deployed, records: number): string {
	const data = Array.from({ length: records }, () => createHash('md5').update(randomUUID()).digest('base64'));
	const row = `WHERE "workflowId" = '${workflowId}' AND context = 'n:${nodeId}'`;
	const value = JSON.stringify({ mode: 'entries', data });
	const insert = `INSERT INTO processed_data ("workflowId", context, value, "createdAt", "updatedAt") VALUES ('${workflowId}', 'n:${nodeId}', '${value}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP);`;
	return `DELETE FROM processed_data ${row}; ${records > 0 ? insert : ''}`;
}

async function feed(program: string, args: string[], input: string): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const child = execFile(program, args, (error) => (error ? reject(error) : resolve()));
		child.stdin!.end(input);
	});
}

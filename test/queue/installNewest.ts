import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { findPostgres } from '../support/n8n/postgres';
import { findRedis } from '../support/n8n/redis';

/** Makes sure of everything that the suite needs before it starts, the quickest first. */
export default async function installNewest(): Promise<void> {
	await findRedis();
	await findPostgres();
	await installN8n(newestN8n);
}

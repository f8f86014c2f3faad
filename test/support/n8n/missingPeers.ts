import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, environmentFor, type InstalledN8n } from './installN8n';

const peer = 'date-fns';

/**
 * Where n8n was installed without peer dependencies, its node Extract from File can't be loaded. Installs what that node
 * misses beside n8n, and gives the settings with which n8n finds it; none where nothing is missing.
 */
export async function installMissingPeers({ folder, nodeBinary }: InstalledN8n): Promise<Record<string, string>> {
	try {
		createRequire(join(folder, 'node_modules', 'n8n-nodes-base', 'package.json')).resolve(peer);
		return {};
	} catch {
		const target = join(cacheFolder(), 'n8n-peers');
		if (!existsSync(join(target, 'node_modules', peer))) {
			await mkdir(target, { recursive: true });
			await promisify(execFile)(
				'npm',
				['install', '--prefix', target, '--no-audit', '--no-fund', '--fetch-retries', '6', `${peer}@2.30.0`],
				{ cwd: target, env: environmentFor(nodeBinary) },
			);
		}
		return { NODE_PATH: join(target, 'node_modules') };
	}
}

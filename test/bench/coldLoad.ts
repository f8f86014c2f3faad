import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { repository } from '../support/n8n/installPackage';
import { type Figure, Group, ratioOf } from './figures';
import { interleaved } from './rounds';

const run = promisify(execFile);

// Both nodes need n8n-workflow, and n8n has loaded it long before.
const program = `
require('n8n-workflow');
const started = performance.now();
const [NodeClass] = Object.values(require(process.argv[1]));
new NodeClass({});
console.log(performance.now() - started);`;

/** How long a fresh process takes to load the built node, on the Node.js of the newest n8n, beside n8n's HTTP Request node. */
export async function coldLoad(rounds: number): Promise<Figure[]> {
	const group = new Group('cold load');
	const n8n = await installN8n(newestN8n);
	const modules = join(n8n.folder, 'node_modules');
	// Away from the repository's own n8n-workflow, which is another version.
	const folder = await mkdtemp(join(tmpdir(), 'cold-load-'));
	await cp(join(repository, 'dist'), folder, { recursive: true });

	const load = async (file: string) => {
		const { stdout } = await run(n8n.nodeBinary, ['-e', program, file], {
			// What the program itself requires is looked for from here on.
			cwd: modules,
			env: { ...process.env, NODE_PATH: [modules, join(modules, 'n8n/node_modules')].join(delimiter) },
		});
		return Number(stdout);
	};
	const httpRequest = join(modules, 'n8n-nodes-base/dist/nodes/HttpRequest');
	const subjects = {
		node: () => load(join(folder, 'nodes/ConfirmaFinance/ConfirmaFinance.node.js')),
		credential: () => load(join(folder, 'credentials/ConfirmaFinanceApi.credentials.js')),
		newest: () => load(join(httpRequest, 'V3/HttpRequestV3.node.js')),
		all: () => load(join(httpRequest, 'HttpRequest.node.js')),
	};
	// The first load of each reads the disk.
	await interleaved(1, subjects);
	const { node, credential, newest, all } = await interleaved(5 * rounds, subjects);
	await rm(folder, { recursive: true });

	group.compare('node file', 'ms', node, 'HTTP Request, newest version only', newest, ratioOf(0.5));
	group.compare('node file, all versions of the peer', 'ms', node, 'HTTP Request as n8n loads it', all, ratioOf(0.5));
	group.add('credential file', 'ms', credential);
	return group.figures;
}

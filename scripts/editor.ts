import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { namedOutcomes } from '../test/sandbox/faults';
import { startSandbox } from '../test/sandbox/sandbox';
import { cacheFolder, installN8n, n8nVersions, newestN8n } from '../test/support/n8n/installN8n';
import { installPackage, packPackage, registerPackage, repository } from '../test/support/n8n/installPackage';
import { installMissingPeers } from '../test/support/n8n/missingPeers';
import { N8nClient, owner, type SavedCredential, type SavedWorkflow, type WorkflowDraft } from '../test/support/n8n/n8nClient';
import { N8nServer } from '../test/support/n8n/n8nServer';
import { choiceOf } from '../test/support/n8n/subWorkflow';

const usage = `npm run editor -- [options]
  --port NUMBER          of the editor, default 5678
  --sandbox-port NUMBER  of the sandbox, default 3380
  --n8n VERSION          ${n8nVersions.map(({ version }) => version).join(', ')}; default ${newestN8n.version}
  --reset                forget accounts, workflows and executions of earlier starts
  --help`;

const credentialName = 'Confirma Finance sandbox';

function readOptions() {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '5678' },
			'sandbox-port': { type: 'string', default: '3380' },
			n8n: { type: 'string', default: newestN8n.version },
			reset: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	const version = n8nVersions.find((n8n) => n8n.version === values.n8n);
	if (!version) throw new Error(`--n8n takes one of ${n8nVersions.map((n8n) => n8n.version).join(', ')}, not "${values.n8n}"`);
	return { ...values, version, port: port('--port', values.port), sandboxPort: port('--sandbox-port', values['sandbox-port']) };
}

function port(option: string, text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new Error(`${option} takes a port number, not "${text}"`);
	return number;
}

/** Saves the sandbox's credential, with the address of this start's sandbox. */
async function saveCredential(client: N8nClient, data: Record<string, unknown>): Promise<SavedCredential> {
	const type = 'confirmaFinanceApi';
	const saved = (await client.credentials()).find(({ name }) => name === credentialName);
	if (!saved) return await client.createCredential(credentialName, type, data);
	await client.request('PATCH', `/rest/credentials/${saved.id}`, { name: credentialName, type, data });
	return saved;
}

// The workflow that the others call, and the one to begin with.
const shared = 'create-the-client.json';
const easiest = 'deal-won-webhook.json';

/**
 * Imports the example workflows that aren't there yet, ready to run: with the sandbox's credential, and the shared workflow
 * published and chosen where another one calls it.
 *
 * @returns the address of the easiest one
 */
async function importExamples(client: N8nClient, { id, name }: SavedCredential): Promise<string> {
	const folder = join(repository, 'examples');
	const files = (await readdir(folder)).filter((file) => file.endsWith('.json') && ![shared, easiest].includes(file));
	const present = new Map((await client.workflows()).map((workflow) => [workflow.name, workflow]));
	let called: SavedWorkflow | undefined;
	let saved: SavedWorkflow | undefined;
	// The list of workflows begins with the newest.
	for (const file of [shared, ...files.sort().reverse(), easiest]) {
		const draft = JSON.parse(await readFile(join(folder, file), 'utf8')) as WorkflowDraft;
		if (file === easiest) draft.name = `1. Start here: ${draft.name}`;
		for (const node of draft.nodes) {
			if (node.type === 'n8n-nodes-confirma-finance.confirmaFinance') node.credentials = { confirmaFinanceApi: { id, name } };
			const isToBeChosen = (node.parameters.workflowId as { mode?: string } | undefined)?.mode === 'list';
			if (called && isToBeChosen) Object.assign(node.parameters, choiceOf(called));
		}
		saved = present.get(draft.name) ?? (await client.createWorkflow(draft));
		if (file !== shared) continue;
		await client.activate(saved.id);
		called = await client.workflow(saved.id);
	}
	return `${client.url}/workflow/${saved!.id}`;
}

async function main(): Promise<void> {
	const options = readOptions();
	if (options.help) {
		console.log(usage);
		return;
	}
	const n8n = await installN8n(options.version);
	const userFolder = join(cacheFolder(), `editor-${n8n.version}`);
	if (options.reset) await rm(userFolder, { recursive: true, force: true });
	const server = await N8nServer.create(n8n, {
		userFolder,
		port: options.port,
		env: { N8N_LOG_LEVEL: 'info', ...(await installMissingPeers(n8n)) },
	});
	const sandbox = await startSandbox({ port: options.sandboxPort });

	const stop = async () => {
		await Promise.all([server.stop(), sandbox.stop()]);
	};
	let stopping = false;
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => {
			if (stopping) return;
			stopping = true;
			console.log('Stopping');
			void stop().then(() => process.exit(0));
		});
	}

	try {
		console.log(`Starting n8n ${n8n.version}`);
		await installPackage(server, await packPackage());
		// On new data, the first start makes the database that the package is then entered in.
		if (!server.hasDatabase()) {
			await server.start();
			await server.stop();
		}
		await registerPackage(server);
		await server.start();
		const client = new N8nClient(server.url, n8n.version);
		await client.signIn();
		const credential = await saveCredential(client, {
			environment: 'custom',
			baseUrl: sandbox.url,
			provisioningToken: sandbox.tokens.staging,
		});
		const start = await importExamples(client, credential);
		const names = Object.entries(namedOutcomes).map(([name, { meaning }]) => `  ${name.padEnd(17)}${meaning}`);
		console.log(`
Open ${start}
  log in with      ${owner.email}
  and password     ${owner.password}
  and press        Execute workflow
Every workflow     ${server.url}/home/workflows
Who was created    ${sandbox.url}/sandbox/ledger
These business names make the sandbox fail:
${names.join('\n')}
Data and log are in ${userFolder}; --reset forgets them. Ctrl-C stops n8n and the sandbox.`);
	} catch (error) {
		await stop();
		if (!stopping) throw error;
	}
}

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../sandbox/sandbox';

// Each test starts a process of its own.
jest.setTimeout(60_000);

const root = join(__dirname, '..', '..');
const eventPath = join(root, 'examples', 'events', 'deal-won.json');

interface Output {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** What `npm start -- …args` does after the build. */
async function start(args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Output> {
	const command = ['--import', 'tsx', join(root, 'scripts', 'start.ts'), ...args];
	return await new Promise((resolve) => {
		const child = execFile(
			process.execPath,
			command,
			{ cwd: root, env: { PATH: process.env.PATH, ...env } },
			(_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
		);
	});
}

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'start-'));
	sandbox = await startSandbox();
});

afterAll(async () => {
	await sandbox.stop();
	rmSync(folder, { recursive: true });
});

beforeEach(() => sandbox.reset());

function fileWith(text: string): string {
	const path = join(folder, 'event.json');
	writeFileSync(path, text);
	return path;
}

const settings = () => ({
	CONFIRMA_ENVIRONMENT: 'custom',
	CONFIRMA_BASE_URL: sandbox.url,
	CONFIRMA_TOKEN: sandbox.tokens.staging,
});

it('the example creates one client and holds the second delivery back', async () => {
	const { code, stdout, stderr } = await start();

	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(stdout).toContain('"postalCode": "00100"');
	expect(stdout).toContain('"clientIdentifier"');
	expect(stdout).toContain('Outcome: created');
	expect(stdout).toContain('Outcome: duplicate');
	expect(stdout).toContain('Clients created at the sandbox: 1');
});

it('settings from the environment lead to one delivery there, and no token is printed', async () => {
	const { code, stdout, stderr } = await start([], settings());

	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(sandbox.created).toHaveLength(1);
	expect(stdout).toContain(`POST ${sandbox.url}/api/v1/partner/client`);
	expect(stdout).not.toContain(sandbox.tokens.staging);
	expect(stdout).not.toContain(sandbox.created[0]!.apiAccessToken);
});

it('a refused token ends with the reason and a code other than 0', async () => {
	const { code, stdout } = await start([], { ...settings(), CONFIRMA_TOKEN: sandbox.tokens.production });

	expect(code).toBe(1);
	expect(stdout).toContain('Outcome: rejected');
	expect(stdout).toContain('did not accept the provisioning token');
	expect(stdout).not.toContain(sandbox.tokens.production);
	expect(sandbox.created).toHaveLength(0);
});

it('an event without what is required ends with every field that is missing', async () => {
	const event = JSON.parse(readFileSync(eventPath, 'utf8')) as { company: object };
	const { code, stdout } = await start([fileWith(JSON.stringify({ ...event, company: {}, contact: {} }))], settings());

	expect(code).toBe(1);
	expect(stdout).toContain('Outcome: invalid');
	for (const label of ['Business Name', 'Business ID', 'Primary Contact Name', 'Primary Contact Email'])
		expect(stdout).toContain(label);
	expect(sandbox.requests).toHaveLength(0);
});

it.each([
	['a file that is not there', () => ['missing.json'], {}, 'There is no file missing.json'],
	['a file that is not JSON', () => [fileWith('{ "event": ')], {}, 'is not JSON'],
	['a list of events', () => [fileWith('[]')], {}, 'must hold one JSON object'],
	['an option that it does not have', () => ['--token'], {}, 'Usage: npm start'],
	[
		'an unknown environment',
		() => [],
		{ CONFIRMA_ENVIRONMENT: 'live', CONFIRMA_TOKEN: 'secret' },
		'CONFIRMA_ENVIRONMENT must be',
	],
	['a token without an environment', () => [], { CONFIRMA_TOKEN: 'secret' }, 'CONFIRMA_ENVIRONMENT must be'],
	['an environment without a token', () => [], { CONFIRMA_ENVIRONMENT: 'staging' }, 'CONFIRMA_TOKEN is not set'],
	[
		'no address for custom',
		() => [],
		{ CONFIRMA_ENVIRONMENT: 'custom', CONFIRMA_TOKEN: 'secret' },
		'CONFIRMA_BASE_URL belongs to',
	],
])('refuses %s in a sentence', async (_what, args, env, sentence) => {
	const { code, stdout, stderr } = await start(args(), env);

	expect(code).toBe(1);
	expect(stdout).toBe('');
	expect(stderr).toContain(sentence);
	expect(stderr).not.toContain('    at ');
	expect(stderr).not.toContain('secret');
});

it('the pinned event of the example is the example event', () => {
	const workflow = JSON.parse(readFileSync(join(root, 'examples', 'deal-won-webhook.json'), 'utf8')) as {
		pinData: Record<string, Array<{ json: { body: unknown } }>>;
	};
	expect(workflow.pinData['Deal Won']?.[0]?.json.body).toEqual(JSON.parse(readFileSync(eventPath, 'utf8')));
});

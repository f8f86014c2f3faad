import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..', '..');

it('npm start creates one client, holds the second delivery back, and prints no token', async () => {
	// Exits with a code other than 0, and so throws, unless exactly one client was created.
	const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(root, 'scripts', 'start.ts')]);

	expect(stdout).toMatch(/^\nEvent[^]*\nRequest: POST [^]*"postalCode": "00100"[^]*\nClient[^]*"clientIdentifier"/);
	expect(stdout).toContain('created before, so nothing was sent');
	expect(stdout).toContain('Clients created at the sandbox: 1');
	expect(stdout).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
}, 60_000);

it('the pinned event of the example is the example event', () => {
	const read = (file: string) => JSON.parse(readFileSync(join(root, 'examples', file), 'utf8')) as unknown;
	const { pinData } = read('deal-won-webhook.json') as { pinData: Record<string, Array<{ json: { body: unknown } }>> };
	expect(Object.values(pinData)[0]?.[0]?.json.body).toEqual(read('events/deal-won.json'));
});

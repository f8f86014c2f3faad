import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

const root = join(__dirname, '../..');
// That it lists what the bundles hold is for package.test.ts.
const { components } = JSON.parse(readFileSync(join(root, 'dist/sbom.cdx.json'), 'utf8')) as {
	components: Array<{ name: string; version: string }>;
};

/** Stands for the registry: answers with the advisories, and keeps what it was asked about. */
async function startRegistry(advisories: object): Promise<{ server: Server; url: string; asked: unknown[] }> {
	const asked: unknown[] = [];
	const server = createServer((request, response) => {
		void buffer(request).then((body) => {
			const isAdvisories = request.url === '/-/npm/v1/security/advisories/bulk';
			if (isAdvisories)
				asked.push(JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()));
			response.writeHead(isAdvisories ? 200 : 404, { 'content-type': 'application/json' });
			response.end(JSON.stringify(isAdvisories ? advisories : {}));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

async function audit(registry: string): Promise<{ code: number; output: string }> {
	return await new Promise((resolve) => {
		const env = { ...process.env, npm_config_registry: registry, npm_config_fetch_retries: '0' };
		execFile(process.execPath, ['scripts/audit.mjs'], { cwd: root, env }, (error, stdout, stderr) => {
			resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
		});
	});
}

describe('scripts/audit.mjs', () => {
	let server: Server;
	afterEach(async () => await new Promise((resolve) => server.close(resolve)));

	it('asks about every bundled package by its version, and passes when nothing is known of them', async () => {
		const registry = await startRegistry({});
		({ server } = registry);
		const { code, output } = await audit(registry.url);
		expect(output).toContain('found 0 vulnerabilities');
		expect(code).toBe(0);
		expect(registry.asked).toEqual([Object.fromEntries(components.map(({ name, version }) => [name, [version]]))]);
	});

	it('fails and names the package when something is known', async () => {
		const advisory = {
			id: 1,
			url: 'https://example.com/advisory',
			title: 'Lets anything pass',
			severity: 'high',
			vulnerable_versions: '<=99',
			cwe: [],
			cvss: { score: 0 },
		};
		const registry = await startRegistry({ validator: [advisory] });
		({ server } = registry);
		const { code, output } = await audit(registry.url);
		expect(output).toMatch(/validator[^]*Lets anything pass/);
		expect(code).toBe(1);
	});

	it('fails when the registry gives no answer', async () => {
		const registry = await startRegistry({});
		({ server } = registry);
		expect((await audit(`${registry.url}elsewhere/`)).code).toBe(1);
	});
});

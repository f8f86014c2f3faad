import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { company, nodeName } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { installPackage, packageName, packPackage, registerPackage } from '../support/n8n/installPackage';
import { complaints, type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';
import { outputs } from '../support/n8n/n8nClient';

describe.each(selectedVersions())('installed from Settings → Community Nodes on n8n $version', (version) => {
	let live: LiveN8n;

	beforeAll(async () => {
		live = await startLiveN8n(version, { registered: true, version: '0.0.1' });
	});

	afterAll(async () => {
		await live?.close();
	});

	const listed = async () =>
		(await live.client.communityPackages()).map(({ packageName: name, installedVersion, failedLoading, installedNodes }) => ({
			name,
			installedVersion,
			failed: failedLoading ?? false,
			nodes: installedNodes.map(({ name: displayName, type }) => [displayName, type]),
		}));

	it('is listed with its node, and keeps workflows, credentials and records of clients through an upgrade', async () => {
		const nodes = [['Confirma Finance', `${packageName}.confirmaFinance`]];
		expect(await listed()).toEqual([{ name: packageName, installedVersion: '0.0.1', failed: false, nodes }]);
		const { deliver } = await live.deploy({ settings: { onError: 'continueRegularOutput' } });
		const before = await deliver(company(1));
		expect(outputs(before, nodeName)[0]).toMatchObject([
			{ json: { clientIdentifier: live.sandbox.created[0]!.clientIdentifier } },
		]);

		await live.server.stop();
		await installPackage(live.server, await packPackage({ version: '0.0.2' }));
		await registerPackage(live.server);
		await live.server.start();
		await live.client.signIn();

		expect(await listed()).toEqual([{ name: packageName, installedVersion: '0.0.2', failed: false, nodes }]);
		expect(await live.client.testCredential(live.credential, live.access)).toMatchObject({ status: 'OK' });
		const after = await deliver(company(1), company(2));
		expect(outputs(after, nodeName)[0]).toMatchObject([
			{ json: { outcome: 'duplicate' } },
			{ json: { clientIdentifier: expect.any(Number) } },
		]);
		expect(live.sandbox.created).toHaveLength(2);
		expect(await complaints(live.server)).toEqual([]);
	});
});

describe.each(selectedVersions())('installed from a file with npm on n8n $version', (version) => {
	let live: LiveN8n;

	beforeAll(async () => {
		live = await startLiveN8n(version, { withNpm: true });
	});

	afterAll(async () => {
		await live?.close();
	});

	it('is all that npm installs, and creates clients', async () => {
		const installed = await readdir(join(live.server.nodesFolder, 'node_modules'));
		expect(installed.filter((name) => !name.startsWith('.'))).toEqual([packageName]);
		const { deliver } = await live.deploy();
		const execution = await deliver(company(1));
		expect(outputs(execution, nodeName)[0]).toMatchObject([
			{ json: { clientIdentifier: live.sandbox.created[0]!.clientIdentifier } },
		]);
		expect(await complaints(live.server)).toEqual([]);
	});

	it('tells what is wrong with an item in its own words', async () => {
		const { deliver } = await live.deploy({ settings: { onError: 'continueRegularOutput' } });
		const execution = await deliver(company(2, { country: 'Atlantis' }));
		expect(outputs(execution, nodeName)[0]).toMatchObject([
			{ json: { outcome: 'invalid', error: expect.stringContaining("'Country'") } },
		]);
	});
});

const fast = require('../jest.config.js');

/** A suite that runs on real n8n servers; its folder says what it has to install before. */
const suite = (folder, setup) => ({
	...fast,
	displayName: folder,
	testMatch: [`${__dirname}/${folder}/*.test.ts`],
	globalSetup: `${__dirname}/${setup}`,
});

/** @type {import('jest').Config} */
module.exports = {
	// Servers take minutes to start on a busy machine. Jest ignores this setting inside of projects.
	testTimeout: 600_000,
	projects: [
		suite('servers', 'servers/installSelected.ts'),
		suite('examples', 'servers/installSelected.ts'),
		suite('queue', 'queue/installNewest.ts'),
	],
};

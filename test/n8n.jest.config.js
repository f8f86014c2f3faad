const fast = require('../jest.config.js');

/** A suite that runs on real n8n servers; its folder says what it has to install before. */
const suite = (folder, setup, testTimeout) => ({
	...fast,
	displayName: folder,
	testMatch: [`${__dirname}/${folder}/*.test.ts`],
	globalSetup: `${__dirname}/${setup}`,
	testTimeout,
});

/** @type {import('jest').Config} */
module.exports = {
	projects: [
		suite('servers', 'servers/installSelected.ts', 240_000),
		suite('examples', 'servers/installSelected.ts', 240_000),
		suite('queue', 'queue/installNewest.ts', 600_000),
	],
};

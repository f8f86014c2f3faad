/** @type {import('jest').Config} */
module.exports = {
	...require('../../jest.config.js'),
	testMatch: [`${__dirname}/*.test.ts`],
	globalSetup: `${__dirname}/installSelected.ts`,
	testTimeout: 240_000,
};

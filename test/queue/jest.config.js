/** @type {import('jest').Config} */
module.exports = {
	...require('../../jest.config.js'),
	testMatch: [`${__dirname}/*.test.ts`],
	globalSetup: `${__dirname}/installNewest.ts`,
	testTimeout: 600_000,
};

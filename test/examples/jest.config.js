/** @type {import('jest').Config} */
module.exports = {
	...require('../servers/jest.config.js'),
	testMatch: [`${__dirname}/*.test.ts`],
};

/** @type {import('jest').Config} */
module.exports = {
	...require('../n8n/jest.config.js'),
	testMatch: [`${__dirname}/*.test.ts`],
};

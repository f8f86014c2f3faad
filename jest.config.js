/** @type {import('jest').Config} */
module.exports = {
	rootDir: __dirname,
	testEnvironment: 'node',
	// Machines that are busy with other work take their time.
	testTimeout: 30_000,
	// Most tests on the engine wait: for an answer, a clock or another process.
	maxWorkers: 3,
	testMatch: ['<rootDir>/test/{unit,engine,sandbox,package}/**/*.test.ts'],
	transform: { '^.+\\.[tj]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
	// These are published as ES modules (p-limit, its queue, country-to-currency) or used as such (stdnum).
	transformIgnorePatterns: ['/node_modules/(?!(p-limit|yocto-queue|stdnum|country-to-currency)/)'],
};

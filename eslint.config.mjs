import js from '@eslint/js';
import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The same rules as n8n's own command line tool applies to community nodes, on the tests too. The tool itself isn't used
// because its dependencies weigh over a gigabyte; package.json doesn't set `n8n.strict`, which promises the tool's own file.
const communityNodes = n8nCommunityNodesPlugin.configs.recommended;

// Imports run one way. What may be imported from `createClient`, in the order in which an item meets the folders.
const createClient = 'nodes/ConfirmaFinance/createClient';
const ground = ['text.ts', 'waiting.ts', 'clientBody.ts'];
const mayImport = {
	'text.ts': [],
	'waiting.ts': [],
	'clientBody.ts': ['text.ts'],
	'clientKey.ts': [...ground, 'prepare/nationalNumbers.ts', 'prepare/canonicalId.ts'],
	panel: ground,
	prepare: [...ground, 'clientKey.ts', 'panel'],
	request: ground,
	guard: ground,
	outcome: [...ground, 'prepare/problem.ts', 'request/reply.ts', 'request/credential.ts'],
	deliver: [...ground, 'clientKey.ts', 'prepare', 'request', 'guard', 'outcome'],
};
const oneWay = Object.entries(mayImport).map(([importer, imported]) => ({
	target: `${createClient}/${importer}`,
	from: createClient,
	except: [importer, ...imported].map((path) => `./${path}`),
	message: `${importer} may import ${imported.join(', ') || 'nothing'}.`,
}));

export default tseslint.config(
	globalIgnores(['dist', 'coverage', '**/node_modules']),
	{
		files: ['**/*.ts'],
		extends: [
			js.configs.recommended,
			tseslint.configs.recommended,
			importX.flatConfigs.recommended,
			importX.flatConfigs.typescript,
		],
		settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
		rules: {
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
			'import-x/no-cycle': 'error',
			'import-x/namespace': ['error', { allowComputed: true }],
			'import-x/no-named-as-default': 'off',
			'import-x/no-named-as-default-member': 'off',
			'import-x/no-restricted-paths': [
				'error',
				{
					zones: [
						...oneWay,
						{
							target: `${createClient}/**/!(credential).ts`,
							from: 'credentials',
							message: 'Only request/credential.ts imports from credentials.',
						},
						{ target: ['nodes', 'credentials'], from: ['test', 'scripts'], message: 'What is shipped imports no tests.' },
						{ target: 'credentials', from: 'nodes' },
					],
				},
			],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		extends: [communityNodes],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: { 'prefer-spread': 'off', 'no-console': 'error' },
	},
	{
		files: ['package.json'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		extends: [communityNodes],
		rules: { ...n8nNodesBase.configs.community.rules },
		languageOptions: {
			parser: tseslint.parser,
			parserOptions: { extraFileExtensions: ['.json'] },
		},
	},
	{
		files: ['credentials/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.credentials.rules,
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/cred-class-field-type-options-password-missing': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
			'n8n-nodes-base/node-param-type-options-max-value-present': 'off',
		},
	},
);

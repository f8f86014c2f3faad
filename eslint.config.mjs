import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

// Imports run one way. What each part of the node may import, in the order in which an item meets them.
const node = 'nodes/ConfirmaFinance';
const mayImport = {
	'text.ts': [],
	'waiting.ts': [],
	client: ['text.ts'],
	prepare: ['text.ts', 'client'],
	n8n: ['text.ts', 'waiting.ts', 'client'],
	guard: ['waiting.ts', 'n8n'],
	outcome: ['text.ts', 'client', 'n8n'],
	deliver: ['text.ts', 'waiting.ts', 'client', 'prepare', 'n8n', 'guard', 'outcome'],
};
const oneWay = Object.entries(mayImport).map(([importer, imported]) => ({
	target: `${node}/${importer}`,
	from: node,
	except: [importer, ...imported].map((path) => `./${path}`),
	message: `${importer} may import ${imported.join(', ') || 'nothing'}.`,
}));

// A permission that nothing uses would let an import in unseen.
for (const [importer, imported] of Object.entries(mayImport)) {
	const files = importer.endsWith('.ts')
		? [importer]
		: readdirSync(join(node, importer), { recursive: true }).map((file) => join(importer, file));
	const code = files
		.filter((file) => file.endsWith('.ts'))
		.map((file) => readFileSync(join(node, file), 'utf8'))
		.join('\n');
	const unused = imported.filter((part) => !code.includes(`from '../${part.replace(/\.ts$/, '')}`));
	if (unused.length > 0) throw new Error(`eslint.config.mjs lets ${importer} import ${unused.join(', ')}, which it doesn't.`);
}

export default tseslint.config(
	globalIgnores(['dist', 'coverage', '.stryker', '**/node_modules']),
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
							target: `${node}/**/!(credential).ts`,
							from: 'credentials',
							message: 'Only n8n/credential.ts imports from credentials.',
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

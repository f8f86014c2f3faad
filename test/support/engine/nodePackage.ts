import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { ICredentialType, INodeType } from 'n8n-workflow';

/** The package's node and credential, made once, as an n8n process has them. */
export interface NodePackage {
	node: INodeType;
	credential: ICredentialType;
}

interface Entry {
	ConfirmaFinance: new () => INodeType;
	ConfirmaFinanceApi: new () => ICredentialType;
}

let loaded: NodePackage | undefined;

/** A built package, through its own entry file. Throws if it isn't built. */
export function loadPackageFrom(entryFile: string): NodePackage {
	const { ConfirmaFinance, ConfirmaFinanceApi } = createRequire(__filename)(entryFile) as Entry;
	return { node: new ConfirmaFinance(), credential: new ConfirmaFinanceApi() };
}

/** This package. */
export function loadPackage(): NodePackage {
	loaded ??= loadPackageFrom('../../../index.js');
	return loaded;
}

type Load = (module: { exports: Pick<Entry, 'ConfirmaFinance'> }, require: NodeJS.Require) => void;
let loadNode: Load | undefined;

/** The package once more, with a memory of its own: another n8n process, as far as the package sees. */
export function anotherProcess(): NodePackage {
	const require = createRequire(__filename);
	const file = require.resolve('../../../dist/nodes/ConfirmaFinance/ConfirmaFinance.node.js');
	// Compiled once: to load it as a module takes half a second each time.
	loadNode ??= new Function('module', 'require', readFileSync(file, 'utf8')) as Load;
	const module = { exports: {} as Pick<Entry, 'ConfirmaFinance'> };
	loadNode(module, require);
	return { node: new module.exports.ConfirmaFinance(), credential: loadPackage().credential };
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { readmeWithTable } from '../../scripts/fieldTable';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

it('The README has the fields as the panel has them (npm run docs)', () => {
	expect(readme).toBe(readmeWithTable(readme));
});

it('The README links to files that exist', () => {
	const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, path]) => path!);
	expect(links.length).toBeGreaterThan(3);
	expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it('The commands of the README exist', () => {
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
	const commands = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
	expect(commands.filter((name) => !(name in scripts))).toEqual([]);
});

it('docs/architecture.md names every module, and no file that is not there', () => {
	const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
	const named = new Set([...architecture.matchAll(/`(?:[\w./-]+\/)?([\w.]+\.(?:ts|yaml|cjs))`/g)].map(([, file]) => file!));
	const filesIn = (folder: string) =>
		readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
	const there = new Set(['nodes', 'credentials', 'test', 'scripts'].flatMap(filesIn));
	expect([...named].filter((file) => !there.has(file))).toEqual([]);
	const modules = filesIn('nodes/ConfirmaFinance/createClient').filter((file) => file.endsWith('.ts'));
	expect(modules.filter((file) => !named.has(file))).toEqual([]);
});

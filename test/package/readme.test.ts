import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { INodePropertyOptions } from 'n8n-workflow';
import { options } from '../../nodes/ConfirmaFinance/client/options';
import { exampleTexts } from '../../scripts/examples/all';
import { readmeWithTable } from '../../scripts/fieldTable';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('What scripts/generate.ts makes is up to date:', () => {
	it('the README’s table of fields', () => {
		expect(readme).toBe(readmeWithTable(readme));
	});

	it.each(Object.entries(exampleTexts()))('examples/%s', (file, text) => {
		expect(readFileSync(join(root, 'examples', file), 'utf8')).toBe(text);
	});
});

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'examples/README.md'].concat(
	readdirSync(join(root, 'docs'), { encoding: 'utf8', recursive: true })
		.filter((file) => file.endsWith('.md'))
		.map((file) => `docs/${file}`),
);

/** A heading's anchor, as GitHub makes it. */
const anchor = (heading: string) =>
	heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N} _-]/gu, '')
		.replaceAll(' ', '-');

describe.each(pages)('%s', (page) => {
	const text = readFileSync(join(root, page), 'utf8');
	const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(
		([, link]) => link!.split('#') as [string, string?],
	);

	it('shows pictures that exist', () => {
		const pictures = [...text.matchAll(/\b(?:src|srcset)="([^"]+)"/g)].map(([, path]) => path!);
		expect(pictures.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
	});

	it('links to files that exist', () => {
		expect(links.map(([path]) => path).filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
	});

	it('links to headings that exist', () => {
		const missing = links.filter(([path, heading]) => {
			if (!heading) return false;
			const target = path ? readFileSync(join(root, dirname(page), path), 'utf8') : text;
			return ![...target.matchAll(/^#+ (.+)$/gm)].some(([, title]) => anchor(title!) === heading);
		});
		expect(missing).toEqual([]);
	});
});

it.each([
	['which n8n it needs', 'README.md#compatibility'],
	['whether it can be used today', 'docs/api.md#can-you-use-it-today'],
	['what is sent', 'README.md#operations'],
	['what happens when the CRM tells twice', 'README.md#what-exactly-once-means'],
	['what happens when no answer comes', 'README.md#when-the-outcome-is-unknown'],
	['who may see the token', 'README.md#outcomes'],
	['how to move to production', 'README.md#credentials'],
	['how to install it in Docker', 'docs/installation.md#docker'],
	['how to install it in queue mode', 'docs/installation.md#queue-mode'],
	['what is remembered, and for how long', 'docs/reliability.md#where-the-records-are'],
	['how to write identifiers back', 'examples/README.md#what-becomes-of-an-event'],
])('The README tells, or links to the page that tells, %s', (_, place) => {
	const [page, heading] = place.split('#') as [string, string];
	if (page !== 'README.md') expect(readme).toMatch(new RegExp(`\\]\\(${page}[#)]`));
	const titles = [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchor(title!));
	expect(titles).toContain(heading);
});

it('The README has every option of the panel, with its default', () => {
	for (const { property, preset = property.default } of Object.values(options)) {
		const choice = (property.options as INodePropertyOptions[] | undefined)?.find(({ value }) => value === preset);
		const shown = choice?.name ?? (typeof preset === 'boolean' ? (preset ? 'on' : 'off') : String(preset));
		expect(readme).toContain(`\n| ${property.displayName} | ${shown} | `);
	}
});

describe.each(pages)('%s, for whoever types what it says,', (page) => {
	const text = readFileSync(join(root, page), 'utf8');

	it('names commands and programs that exist', () => {
		const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
		const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
		expect(commands.filter((name) => !(name in scripts))).toEqual([]);
		const programs = [...text.matchAll(/\bscripts\/[\w.]+/g)].map(([path]) => path);
		expect(programs.filter((path) => !existsSync(join(root, path)))).toEqual([]);
	});
});

it('docs/architecture.md names no file that is not there', () => {
	const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
	const named = [...architecture.matchAll(/`(?:[\w./-]+\/)?([\w.]+\.(?:ts|yaml|cjs))`/g)].map(([, file]) => file!);
	const filesIn = (folder: string) =>
		readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
	const there = new Set(['nodes', 'credentials', 'test', 'scripts'].flatMap(filesIn));
	expect(named.filter((file) => !there.has(file))).toEqual([]);
});

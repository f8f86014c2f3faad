import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// What is small stays so: what comes in lets something else go, or says in its pull request why it can't.

const root = join(__dirname, '../..');
const filesIn = (folder: string, extension: string) =>
	readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
		.filter((file) => file.endsWith(extension))
		.map((file) => join(root, folder, file));
const total = (numbers: number[]) => numbers.reduce((sum, each) => sum + each);

it.each([
	['credentials and nodes', ['credentials', 'nodes'], 4_300],
	['the guard', ['nodes/ConfirmaFinance/guard'], 700],
	['the tests', ['test'], 20_500],
])('The code of %s has few lines', (_, folders, most) => {
	const files = folders.flatMap((folder) => filesIn(folder, '.ts'));
	expect(total(files.map((file) => readFileSync(file, 'utf8').split('\n').length - 1))).toBeLessThanOrEqual(most);
});

it.each([
	['The README', ['README.md'], 1_250],
	['What is promised', ['docs/reliability.md'], 1_200],
	['All pages but the changelog', ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md', 'docs'], 8_700],
])('%s has few words, beside the table of fields', (_, pages, most) => {
	const files = pages.flatMap((page) => (page.endsWith('.md') ? [join(root, page)] : filesIn(page, '.md')));
	const texts = files.map((file) => readFileSync(file, 'utf8').replace(/<!-- fields[^]*<!-- end of fields -->/, ''));
	expect(total(texts.map((text) => text.split(/\s+/).filter(Boolean).length))).toBeLessThanOrEqual(most);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fields, type Field } from '../nodes/ConfirmaFinance/client/fields';

const readme = join(__dirname, '../README.md');
const [begin, end] = ['<!-- fields: made by scripts/generate.ts -->', '<!-- end of fields -->'];

const section = ({ label, required }: Field) => (required ? 'Required' : label.split(' > ')[0]!);

/** README.md as it should be: a line for each section of the panel, with its fields and their keys in the API's body. */
export function readmeWithTable(text = readFileSync(readme, 'utf8')): string {
	const rows = [...new Set(fields.map(section))].map((name) => {
		const own = fields.filter((field) => section(field) === name);
		return `| ${name} | ${own.map(({ label, path }) => `${label.split(' > ').at(-1)} \`${path}\``).join(', ')} |`;
	});
	const [before, rest] = text.split(begin) as [string, string];
	return `${before}${begin}\n${['| Section | Fields |', '| --- | --- |', ...rows].join('\n')}\n${end}${rest.split(end)[1]}`;
}

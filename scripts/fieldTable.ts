// fieldTable.ts: writes the table of fields into README.md, from the fields themselves, so that it can't drift.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fields, type Field } from '../nodes/ConfirmaFinance/client/fields';

const readme = join(__dirname, '../README.md');
const [begin, end] = ['<!-- fields: made by scripts/fieldTable.ts -->', '<!-- end of fields -->'];

function row({ label, path, description, example, required }: Field): string {
	return `| ${label.replace('>', '›')}${required ? ' *' : ''} | \`${path}\` | ${description} | ${example} |`;
}

/** README.md as it should be. */
export function readmeWithTable(text = readFileSync(readme, 'utf8')): string {
	const table = ['| Field | API field | What to enter | Example |', '| --- | --- | --- | --- |', ...fields.map(row)].join('\n');
	const [before, rest] = text.split(begin) as [string, string];
	return `${before}${begin}\n${table}\n${end}${rest.split(end)[1]}`;
}

if (require.main === module) writeFileSync(readme, readmeWithTable());

// fieldTable.ts: writes the table of fields into README.md, from the panel itself, so that it can't drift.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';

import { fields, property } from '../nodes/ConfirmaFinance/client/fields';

const readme = join(__dirname, '../README.md');
const [begin, end] = ['<!-- fields: made by scripts/fieldTable.ts -->', '<!-- end of fields -->'];

function row(
	label: string,
	path: string,
	{ description, placeholder, default: preset }: INodeProperties,
	required: boolean,
): string {
	const example = placeholder?.replace(/^e\.g\. /, '') ?? String(preset);
	return `| ${label.replace('>', '›')}${required ? ' *' : ''} | \`${path}\` | ${description} | ${example} |`;
}

function table(): string {
	return [
		'| Field | API field | What to enter | Example |',
		'| --- | --- | --- | --- |',
		...fields.map(({ label, path, parameter, required }) => row(label, path, property(parameter), required)),
	].join('\n');
}

/** README.md as it should be. */
export function readmeWithTable(text = readFileSync(readme, 'utf8')): string {
	const [before, rest] = text.split(begin) as [string, string];
	return `${before}${begin}\n${table()}\n${end}${rest.split(end)[1]}`;
}

if (require.main === module) writeFileSync(readme, readmeWithTable());

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fields, type Field } from '../../nodes/ConfirmaFinance/client/fields';

/** A value as it stands in a CRM, a register or a spreadsheet, and what becomes of it. */
export interface RealWorldValue {
	country: string;
	field: Field;
	given: string;
	sent: string;
	verdict: string;
	/** Where such values come from. */
	form: string;
	/** Beside which a BIC is judged. */
	iban: string;
}

// The table has no sections. The client's own fields come first; the contacts' have the same names.
const fieldCalled = (name: string) => fields.find(({ label }) => label === name || label.endsWith(`> ${name}`))!;

/** The rows of the table of values. */
export const realWorldValues: readonly RealWorldValue[] = readFileSync(
	join(__dirname, '../unit/prepare/realWorldValues.md'),
	'utf8',
)
	.split('\n')
	.filter((line) => line.startsWith('| ') && line.includes('`'))
	.map((line) => {
		const [, country, field, given, sent, verdict, form] = line.split('|').map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));
		return {
			country: country!,
			field: fieldCalled(field!),
			given: given!,
			sent: sent === '=' ? given! : sent!,
			verdict: verdict!,
			form: form!,
			iban: /with the IBAN `(\w+)`/.exec(form!)?.[1] ?? '',
		};
	});

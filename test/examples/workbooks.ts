import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installN8n, type N8nVersion } from '../support/n8n/installN8n';

/** A cell as SheetJS has it: `s` text, `n` number, `d` date, `e` error by its code. */
export interface Cell {
	t: 's' | 'n' | 'd' | 'e';
	v: string | number | Date;
}

export interface Sheet {
	name: string;
	rows: Array<Array<string | number | Cell>>;
	isHidden?: boolean;
	/** Indexes of rows that a filter hides. */
	hiddenRows?: number[];
	/** The range that the sheet claims to have, where that isn't the one of its cells. */
	range?: string;
}

interface SheetJs {
	read(file: Buffer): { SheetNames: string[]; Sheets: Record<string, Record<string, unknown>> };
	write(workbook: object, options: object): Buffer;
	utils: {
		aoa_to_sheet(rows: unknown[][]): Record<string, unknown>;
		sheet_to_json<Row>(sheet: object, options: object): Row[];
	};
}

/** Reads and writes workbooks with the library that the given n8n has for them. */
export async function workbooks(version: N8nVersion) {
	const { folder } = await installN8n(version);
	const require = createRequire(join(folder, 'node_modules', 'n8n-nodes-base', 'package.json'));
	const load = () => {
		try {
			return require('@e965/xlsx') as SheetJs;
		} catch {
			return require('xlsx') as SheetJs;
		}
	};
	const sheetJs = load();
	return {
		write: (...sheets: Sheet[]): Buffer =>
			sheetJs.write(
				{
					SheetNames: sheets.map(({ name }) => name),
					Sheets: Object.fromEntries(
						sheets.map(({ name, rows, hiddenRows = [], range }) => {
							const sheet = sheetJs.utils.aoa_to_sheet(rows);
							const hidden: Array<{ hidden: boolean }> = [];
							for (const index of hiddenRows) hidden[index] = { hidden: true };
							return [name, { ...sheet, '!rows': hidden, ...(range && { '!ref': range }) }];
						}),
					),
					Workbook: { Sheets: sheets.map(({ name, isHidden }) => ({ name, Hidden: isHidden ? 1 : 0 })) },
				},
				{ type: 'buffer', bookType: 'xlsx', compression: true },
			),
		/** The first sheet's lines, by the names of its columns; and whether one of its cells is a formula. */
		read: (file: Buffer): { rows: Array<Record<string, string>>; hasFormula: boolean } => {
			const { Sheets, SheetNames } = sheetJs.read(file);
			const sheet = Sheets[SheetNames[0]!]!;
			return {
				rows: sheetJs.utils.sheet_to_json(sheet, { defval: '', raw: false }),
				hasFormula: Object.values(sheet).some((cell) => typeof cell === 'object' && cell !== null && 'f' in cell),
			};
		},
	};
}

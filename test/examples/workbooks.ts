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
	/** What was formatted to the sheet's end: only the very last cell, or all rows. */
	formattedToItsEnd?: 'cell' | 'rows';
}

interface SheetJs {
	CFB: {
		read(file: Buffer, options: object): object;
		find(archive: object, path: string): { content: Buffer };
		write(archive: object, options: object): Buffer;
	};
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

	/** SheetJS itself would go through all the seventeen billion cells. */
	function formatToItsEnd(file: Buffer, sheet: number, isEveryRow: boolean): Buffer {
		const rows = isEveryRow
			? Array.from({ length: 600_000 }, (_, row) => `<row r="${row + 1_000}" s="0" customFormat="1"/>`)
			: [];
		const archive = sheetJs.CFB.read(file, { type: 'buffer' });
		const part = sheetJs.CFB.find(archive, `/xl/worksheets/sheet${sheet + 1}.xml`);
		const xml = part.content
			.toString()
			.replace(/<dimension ref="[^"]*"\/>/, '<dimension ref="A1:XFD1048576"/>')
			.replace('</sheetData>', `${rows.join('')}<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>`);
		part.content = Buffer.from(xml);
		return sheetJs.CFB.write(archive, { type: 'buffer', fileType: 'zip', compression: true });
	}

	return {
		write: (...sheets: Sheet[]): Buffer => {
			const file = sheetJs.write(
				{
					SheetNames: sheets.map(({ name }) => name),
					Sheets: Object.fromEntries(
						sheets.map(({ name, rows, hiddenRows = [] }) => {
							const sheet = sheetJs.utils.aoa_to_sheet(rows);
							const hidden: Array<{ hidden: boolean }> = [];
							for (const index of hiddenRows) hidden[index] = { hidden: true };
							return [name, { ...sheet, '!rows': hidden }];
						}),
					),
					Workbook: { Sheets: sheets.map(({ name, isHidden }) => ({ name, Hidden: isHidden ? 1 : 0 })) },
				},
				{ type: 'buffer', bookType: 'xlsx', compression: true },
			);
			return sheets.reduce(
				(made, { formattedToItsEnd }, index) =>
					formattedToItsEnd ? formatToItsEnd(made, index, formattedToItsEnd === 'rows') : made,
				file,
			);
		},
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

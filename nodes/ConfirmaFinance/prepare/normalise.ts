import type { RawBody } from '../client/body';
import { bodyFrom, fields, valueAt, type Field } from '../client/fields';
import { misread } from './encoding';
import * as kinds from './kinds/kinds';
import { textOf, type Kind } from './kinds/kind';
import { longestText } from './kinds/text';

// Zero-width spaces, soft hyphens, direction marks and blanks that count as letters, which come along when text is copied from
// a web page or a PDF.
const invisible = /[\u034F\u00AD\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\u2800\u3164\uFEFF\uFFA0]/g;
// Invisible too, but some languages and emoji need them inside a text.
const joiners = /[\u200C\u200D]/g;
const dashes = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;
const arabicDigits = /[\u0660-\u0669\u06F0-\u06F9]/g;

function clean(value: string): string {
	const text = value.replace(invisible, '').normalize('NFC').replace(dashes, '-').replace(/\s+/g, ' ').trim();
	return text.replace(joiners, '').trim() === '' ? '' : text;
}

/** The text of a CRM's value; a value that has no text of its own (an object, a list, true) is returned as it is. */
function toText(value: unknown): unknown {
	if (value === null || value === undefined) return '';
	if (typeof value === 'number' || typeof value === 'bigint') return String(value);
	if (typeof value !== 'string') return value;
	// Most values are plain, and the rest of the work is for those that aren't.
	if (!/[^ -~]| {2}/.test(value)) return value.trim();
	// What is misread stays as it is: a no-break space in it is half of a letter, and a person has to see it.
	return value.length <= longestText && misread(value) ? value : clean(value);
}

/** A code or a number in ASCII's digits and letters, without what a spreadsheet adds: `'0112038-9`, `358441234567.0`. */
const asCode = (text: string) =>
	clean(text.replace(joiners, '').normalize('NFKC'))
		.replace(arabicDigits, (digit) => String(digit.charCodeAt(0) & 0xf))
		.replace(/^'(?=[\p{L}\p{N}+(])/u, '')
		.replace(/^(\d+)[.,]0$/, '$1');

/** @param country as {@link normalise} gives it */
function normalised(value: unknown, field: Field, country: string): unknown {
	const text = toText(value);
	const kind: Kind = kinds[field.kind];
	if (text === '') return kind.preset?.(country) ?? '';
	if (!kind.normalise || typeof text !== 'string' || text.length > longestText || misread(text)) return text;
	return kind.normalise(asCode(text), country, field);
}

const countryField = fields.find(({ path }) => path === 'client.countryCode')!;

/**
 * Brings CRM values into the form that the API expects: codes for names, capitals, compact numbers, lost zeros, and the country's
 * language and currency where they were left empty.
 * Pure, and changes nothing when applied again. A value it doesn't understand stays as it is, for validation to judge.
 */
export function normalise(draft: RawBody): RawBody {
	const country = textOf(normalised(draft.client.countryCode, countryField, ''));
	return bodyFrom((field) => normalised(valueAt(draft, field), field, country));
}

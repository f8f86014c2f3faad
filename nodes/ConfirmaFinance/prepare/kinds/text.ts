import { misread } from '../encoding';
import { error, warning, type Finding, type Kind } from './kind';

/** Characters of the longest text that any field takes. */
export const longestText = 1000;

const readAgain = 'Correct it, or read the file that it comes from in the encoding that it was saved in, such as UTF-8';

const missing = error('holds no real value', 'Fill it in, or check which field of your CRM is mapped to it');

// Each is looked for in one pass: no two parts that follow each other can match the same characters.
const unfit: readonly (readonly [RegExp, Finding])[] = [
	[
		/[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u,
		error('holds characters that are not text', 'Check the value in your CRM and type it again'),
	],
	[/\{\{/, error('holds an expression that n8n did not evaluate', 'Switch the field from Fixed to Expression, above its box')],
	[/\bundefined\b|\[object Object\]|^(?:-?Infinity|Invalid Date)$/, missing],
	// Between hyphens and dots, as in dev-null.example.com, and in dev/null, the words are parts of names.
	[/(?<![\p{L}\p{N}.@_-]|dev\/)(?:null|NaN)(?![\p{L}\p{N}.@_-])/u, missing],
	[/^(?:[^\p{L}\p{N}]*NULL)+[^\p{L}\p{N}]*$|^\\N$/u, missing],
	[
		// In any of its languages: #REF!, #ARVO!, #PUUTTUU!, #I/T, Err:502, ####.
		/(?<![\p{L}\p{N}&])#(?:\p{Lu}[\p{Lu}\d/_]*[!?](?![\p{L}\p{N}])|N\/A|I\/T|GETTING_DATA)|^Err:\d{3}$|^#{2,}$/u,
		error('holds what a spreadsheet shows when a formula fails', 'Correct the cell that it comes from'),
	],
];

/** What any field may hold: real text of a sane length, and not the remains of a broken expression, formula or letter. */
export function judgeText(value: string): Finding | undefined {
	if (value.length > longestText) {
		return error(`is ${value.length} characters long`, `Enter at most ${longestText} characters`);
	}
	if (misread(value) === 'lost') {
		return error('has lost letters, because it was read in the wrong encoding', readAgain);
	}
	return unfit.find(([pattern]) => pattern.test(value))?.[1];
}

/** A warning about text whose letters were swapped for others. */
export const judgeEncoding = (value: string): Finding | undefined =>
	misread(value) ? warning('has letters that look wrong, as Ã¤ for ä', readAgain) : undefined;

/** A sign as HTML writes it: `&amp;`, `&#228;`, `&ouml;`. */
const htmlEscape =
	/&(?:#\d{1,6}|#x[\da-f]{1,5}|amp|lt|gt|quot|apos|nbsp|shy|euro|[lr]aquo|[nm]dash|[lr][sd]quo|(?:ae|sz)lig|[a-z](?:uml|ring|slash|acute|grave|circ|tilde|cedil|caron));/i;
/** What a spreadsheet puts in front of a text, but not the article of ’t Zand, nor a quotation. */
const textMarker = /^'(?=[\p{Lu}\p{N}])[^']*$/u;

export const text: Kind = {
	judge(value) {
		if (htmlEscape.test(value)) {
			return error('holds HTML code, such as &amp; for &', 'Map the value as plain text, without HTML');
		}
		return textMarker.test(value)
			? warning('begins with an apostrophe, which a spreadsheet puts in front of text', 'Take the apostrophe away')
			: undefined;
	},
};

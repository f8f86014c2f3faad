import * as cvr from 'stdnum/lib/esm/dk/cvr';
import * as alv from 'stdnum/lib/esm/fi/alv';
import * as ytunnus from 'stdnum/lib/esm/fi/ytunnus';
import * as mva from 'stdnum/lib/esm/no/mva';
import * as orgnrNo from 'stdnum/lib/esm/no/orgnr';
import * as orgnrSe from 'stdnum/lib/esm/se/orgnr';
import * as vatSe from 'stdnum/lib/esm/se/vat';
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';
import isPostalCode, { locales, type PostalCodeLocale } from 'validator/lib/isPostalCode';

/** What is known of a country in which Confirma Finance works: how its numbers are written and checked. */
interface NordicCountry {
	/** As in "a Finnish business ID". */
	readonly adjective: string;
	/** How an ID, or a VAT number's digits, may be written, without spaces and dots. */
	readonly written: RegExp;
	/** The register's forms that such a text may stand for; the likeliest first. */
	readonly forms: (digits: string, separator: string) => string[];
	readonly isId: (id: string) => boolean;
	readonly idForm: string;
	/** The VAT number that holds these digits; undefined where they are too few. */
	readonly vat: (digits: string, words: readonly string[]) => string | undefined;
	readonly isVat: (vat: string) => boolean;
	readonly vatForm: string;
	/** Digits of a postal code that a number column may have shortened. Sweden's begin with no zero. */
	readonly postalDigits?: number;
	readonly postalForm: string;
}

const finnishForm = (digits: string) => `${digits.slice(0, 7)}-${digits.slice(7)}`;

/** A birth date with its century, also a coordination number's, whose day is 60 higher; or a company's 16. */
const century = /^(?:16\d\d[2-9]\d|(?:18|19|20)\d\d(?:0[1-9]|1[0-2]))(?:[0-3]|[6-9])?\d/;

function swedishForms(digits: string, separator: string): string[] {
	const hyphened = (ten: string) => `${ten.slice(0, 6)}${separator}${ten.slice(6)}`;
	if (digits.length === 10) return [hyphened(digits)];
	const forms = digits.endsWith('01') ? [hyphened(digits.slice(0, 10))] : [];
	if (!century.test(digits)) return forms;
	return [...forms, (digits.startsWith('16') ? '' : digits.slice(0, 2)) + hyphened(digits.slice(2))];
}

const nordicCountries = new Map<string, NordicCountry>(
	Object.entries({
		FI: {
			adjective: 'Finnish',
			// A number column drops the zeros in front; older IDs are in use without theirs, too.
			written: /^(?:\d{7}-?\d|[1-9]\d{4,5}-?\d)$/,
			forms: (digits: string) => [finnishForm(digits.padStart(8, '0'))],
			isId: (id: string) => ytunnus.validate(id).isValid,
			idForm: 'seven digits, a hyphen and a check digit, such as 0112038-9',
			vat: (digits: string) => (digits.length === 8 ? `FI${digits}` : undefined),
			isVat: (vat: string) => alv.validate(vat).isValid,
			vatForm: 'FI and eight digits, such as FI01120389',
			postalDigits: 5,
			postalForm: 'five digits, such as 00100',
		},
		SE: {
			adjective: 'Swedish',
			written: /^(?:\d{2})?\d{6}[-+]?\d{4}(?:-?01)?$/,
			forms: swedishForms,
			// A sole trader's business ID is a personal identity number, whose check digit doesn't cover the century.
			isId: (id: string) => orgnrSe.validate(id.slice(-'556012-5790'.length).replace('+', '-')).isValid,
			idForm: 'ten digits with a hyphen, such as 556012-5790',
			vat: (digits: string) => (/^\d{10}01$/.test(digits) ? `SE${digits}` : undefined),
			isVat: (vat: string) => vatSe.validate(vat).isValid,
			vatForm: 'SE, ten digits and 01, such as SE556012579001',
			postalForm: 'five digits, such as 111 22',
		},
		NO: {
			adjective: 'Norwegian',
			written: /^\d{3}-?\d{3}-?\d{3}$/,
			forms: (digits: string) => [digits],
			isId: (id: string) => orgnrNo.validate(id).isValid,
			idForm: 'nine digits, such as 923609016',
			vat: (digits: string, words: readonly string[]) =>
				words.includes('MVA') ? `${words.includes('NO') ? 'NO' : ''}${digits}MVA` : undefined,
			isVat: (vat: string) => mva.validate(vat).isValid,
			vatForm: 'nine digits and MVA, such as NO923609016MVA',
			postalDigits: 4,
			postalForm: 'four digits, such as 0150',
		},
		DK: {
			adjective: 'Danish',
			written: /^\d{2}-?\d{2}-?\d{2}-?\d{2}$/,
			forms: (digits: string) => [digits],
			isId: (id: string) => cvr.validate(id).isValid,
			idForm: 'eight digits, such as 24256790',
			vat: (digits: string) => `DK${digits}`,
			isVat: (vat: string) => cvr.validate(vat).isValid,
			vatForm: 'DK and eight digits, such as DK24256790',
			postalDigits: 4,
			postalForm: 'four digits, such as 1050',
		},
	}),
);

// Territories with a country code of their own whose businesses, VAT numbers and postal codes are another country's.
const registers: Record<string, string> = { AX: 'FI', SJ: 'NO' };
for (const code of ['BL', 'GF', 'GP', 'MF', 'MQ', 'PM', 'RE', 'YT']) registers[code] = 'FR';

/** The country whose registers a country's businesses are in: Finland's for Åland, which has a code of its own. */
export function registerCountry(code: string): string {
	return Object.hasOwn(registers, code) ? registers[code]! : code;
}

/** What is known of the country with this ISO 3166-1 code. */
export function nordicCountry(code: string): NordicCountry | undefined {
	return nordicCountries.get(registerCountry(code));
}

/** A text with one number in it: its digits and separators, and the words before and behind them. */
interface Labelled {
	readonly number: string;
	readonly digits: string;
	/** All words, in capitals. */
	readonly words: readonly string[];
	/** Those of them next to the number. */
	readonly neighbours: readonly (string | undefined)[];
}

const longestLabelled = 100;

/** @returns undefined where the text isn't one number, with words such as `Org.nr`, `Y-tunnus:` and `MVA` around it or not */
function labelled(text: string): Labelled | undefined {
	if (text.length > longestLabelled) return undefined;
	const [, before, number, behind] = /^(\D*)(\d[\d .+-]*)(\D*)$/.exec(text.normalize('NFKC').toUpperCase()) ?? [];
	if (number === undefined) return undefined;
	const wordsIn = (part = ''): string[] => part.match(/\p{L}+/gu) ?? [];
	const [wordsBefore, wordsBehind] = [wordsIn(before), wordsIn(behind)];
	const compact = number.replace(/[ .]/g, '').replace(/[+-]+$/, '');
	return {
		number: compact,
		digits: compact.replace(/\D/g, ''),
		words: [...wordsBefore, ...wordsBehind],
		neighbours: [wordsBefore.at(-1), wordsBehind[0]],
	};
}

// Countries' codes that are words beside a number: number, ID, a Norwegian form of company.
const wordsLikeCodes = ['NR', 'ID', 'AS'];

/** Whether another country's code is next to the number. SE is a word in Denmark, and `no` one in English: the digits tell. */
function isForeign({ digits, neighbours }: Labelled, country: string): boolean {
	return neighbours.some((word) => {
		if (word?.length !== 2 || registerCountry(word) === country || wordsLikeCodes.includes(word)) return false;
		const nordic = nordicCountries.get(word);
		return nordic ? nordic.written.test(digits) : isISO31661Alpha2(word);
	});
}

/**
 * A business ID in its register's form, where that country's register can have given it out: its check digit is right. It may be
 * written as VAT number, with spaces, dots and words around it, or without the zero in front.
 *
 * @param code ISO 3166-1
 * @returns undefined for every other text, and where the country's registers aren't known
 */
export function nordicId(text: string, code: string): string | undefined {
	const country = registerCountry(code);
	const nordic = nordicCountries.get(country);
	const found = nordic && labelled(text);
	if (!found || !nordic.written.test(found.number) || isForeign(found, country)) return undefined;
	// The libraries accept all zeros, which nobody has given out.
	return nordic.forms(found.digits, found.number.includes('+') ? '+' : '-').find((id) => /[1-9]/.test(id) && nordic.isId(id));
}

/** A VAT number as its country writes it, with right check digits or not; undefined for every other text. */
export function nordicVat(text: string, code: string): string | undefined {
	const country = registerCountry(code);
	const found = labelled(text);
	if (!found || isForeign(found, country) || ![country, 'MVA'].some((word) => found.words.includes(word))) return undefined;
	const nordic = nordicCountries.get(country);
	return nordic?.written.test(found.number) ? nordic.vat(found.digits, found.words) : undefined;
}

/** A Nordic country that alone can have given out a number. */
interface Origin {
	readonly country: string;
	/** Whether the number is written with the country's letters or, as no bare number is, with its hyphen. */
	readonly isWritten: 'with letters' | 'with a hyphen' | 'bare';
}

/** Where a business ID or VAT number was given out, if that was in another Nordic country than `code`, for certain. */
export function givenOutElsewhere(text: string, code: string): Origin | undefined {
	const { number = '', digits = '', words = [] } = labelled(text) ?? {};
	if (digits.length < 8 || nordicId(text, code) !== undefined) return undefined;
	const countries = [...nordicCountries.keys()].filter((country) => nordicId(text, country) !== undefined);
	const [country, ...others] = countries.filter(
		(one) => words.includes(one) || !countries.some((other) => words.includes(other)),
	);
	if (country === undefined || others.length > 0) return undefined;
	const isHyphened = /^(?:\d{7}-\d|\d{6}[-+]\d{4})$/.test(number);
	return { country, isWritten: words.includes(country) ? 'with letters' : isHyphened ? 'with a hyphen' : 'bare' };
}

// In the European Union VAT numbers begin with the country's code, but for Greek ones; Northern Irish ones begin with XI.
const vatCountries = 'AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK CH'.split(' ');
const otherPrefixes: Record<string, readonly string[]> = { GR: ['EL'], GB: ['GB', 'XI'] };

/** The letters that a country's VAT numbers begin with; undefined where they needn't begin with any. */
export function vatPrefixes(country: string): readonly string[] | undefined {
	const register = registerCountry(country);
	if (!vatCountries.includes(register)) return undefined;
	return otherPrefixes[register] ?? [register];
}

/** Whether a text is a postal code of the country; undefined where the form of its postal codes isn't known. */
export function isPostalCodeIn(text: string, country: string): boolean | undefined {
	if (country === 'GB' && /^BFPO ?\d{1,4}$/i.test(text)) return true;
	return (locales as string[]).includes(country) ? isPostalCode(text, country as PostalCodeLocale) : undefined;
}

import * as cvr from 'stdnum/lib/esm/dk/cvr';
import * as ytunnus from 'stdnum/lib/esm/fi/ytunnus';
import * as orgnrNo from 'stdnum/lib/esm/no/orgnr';
import * as orgnrSe from 'stdnum/lib/esm/se/orgnr';

/** How the numbers of a country in which Confirma Finance works are written and checked. */
interface NordicCountry {
	/** How an ID, or a VAT number's digits, may be written, without spaces and dots. */
	readonly written: RegExp;
	/** The register's forms that such digits may stand for, the likeliest first, where they aren't just the digits. */
	readonly forms?: (digits: string, separator: string) => string[];
	readonly hasCheckDigit: (id: string) => boolean;
	readonly idForm: string;
	readonly vat: RegExp;
	readonly vatForm: string;
	/** Digits of a postal code that a number column may have shortened. Sweden's begin with no zero. */
	readonly postalDigits?: number;
	readonly postalForm: string;
}

/** A birth date's century, also of a coordination number, whose day is 60 higher; or a company's 16. */
const century = /^(?:16|(?:18|19|20)\d\d[01]\d)/;

function swedishForms(digits: string, separator: string): string[] {
	const hyphened = (ten: string) => `${ten.slice(0, 6)}${separator}${ten.slice(6)}`;
	if (digits.length === 10) return [hyphened(digits)];
	const forms = digits.endsWith('01') ? [hyphened(digits.slice(0, 10))] : [];
	return century.test(digits) ? [...forms, digits.slice(0, 2).replace('16', '') + hyphened(digits.slice(2))] : forms;
}

const nordicCountries = new Map<string, NordicCountry>(
	Object.entries({
		FI: {
			// A number column drops the zeros in front; older IDs are in use without theirs, too.
			written: /^(?:\d{7}-?\d|[1-9]\d{4,5}-?\d)$/,
			forms: (digits) => [ytunnus.format(digits.padStart(8, '0'))],
			hasCheckDigit: (id) => ytunnus.validate(id).isValid,
			idForm: 'seven digits, a hyphen and a check digit, such as 0112038-9',
			vat: /^FI\d{8}$/,
			vatForm: 'FI and eight digits, such as FI01120389',
			postalDigits: 5,
			postalForm: 'five digits, such as 00100',
		},
		SE: {
			written: /^(?:\d{2})?\d{6}[-+]?\d{4}(?:-?01)?$/,
			forms: swedishForms,
			// A sole trader's business ID is a personal identity number, whose check digit doesn't cover the century.
			hasCheckDigit: (id) => orgnrSe.validate(id.slice(-'556012-5790'.length).replace('+', '-')).isValid,
			idForm: 'ten digits with a hyphen, such as 556012-5790',
			vat: /^SE\d{10}01$/,
			vatForm: 'SE, ten digits and 01, such as SE556012579001',
			postalForm: 'five digits, such as 111 22',
		},
		NO: {
			written: /^\d{3}-?\d{3}-?\d{3}$/,
			hasCheckDigit: (id) => orgnrNo.validate(id).isValid,
			idForm: 'nine digits, such as 923609016',
			vat: /^(?:NO)?\d{9}MVA$/,
			vatForm: 'nine digits and MVA, such as NO923609016MVA',
			postalDigits: 4,
			postalForm: 'four digits, such as 0150',
		},
		DK: {
			written: /^\d{2}-?\d{2}-?\d{2}-?\d{2}$/,
			hasCheckDigit: (id) => cvr.validate(id).isValid,
			idForm: 'eight digits, such as 24256790',
			vat: /^DK\d{8}$/,
			vatForm: 'DK and eight digits, such as DK24256790',
			postalDigits: 4,
			postalForm: 'four digits, such as 1050',
		},
	}),
);

/** The country whose registers a country's businesses are in: Åland and Svalbard have codes of their own, but no registers. */
export function registerCountry(code: string): string {
	if (code === 'AX') return 'FI';
	return code === 'SJ' ? 'NO' : code;
}

/** What is known of the country with this ISO 3166-1 code. */
export function nordicCountry(code: string): NordicCountry | undefined {
	return nordicCountries.get(registerCountry(code));
}

// In the European Union VAT numbers begin with the country's code, but for Greek ones; Northern Irish ones begin with XI.
const vatCountries = 'AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK CH'.split(' ');

/** The letters that a country's VAT numbers begin with; none where they needn't begin with any. */
export function vatPrefixes(code: string): readonly string[] {
	const country = registerCountry(code);
	if (country === 'GR') return ['EL'];
	if (country === 'GB') return ['GB', 'XI'];
	return vatCountries.includes(country) ? [country] : [];
}

const longestLabelled = 100;

/** A text's one number, without spaces and dots, and the words next to it in capitals; undefined where it isn't one number. */
function labelled(text: string) {
	if (text.length > longestLabelled) return undefined;
	const [, before = '', number, behind = ''] = /^(\D*)(\d(?:[ .+-]*\d)*)(\D*)$/.exec(text.normalize('NFKC').toUpperCase()) ?? [];
	const neighbours = [before.match(/\p{L}+/gu)?.at(-1), behind.match(/\p{L}+/u)?.[0]];
	// A single letter is no word, but part of another country's number: 54362315K, B-58378431.
	if (number === undefined || /(?<!\p{L})\p{L}-?$/u.test(before) || neighbours[1]?.length === 1) return undefined;
	return { number: number.replace(/[ .]/g, ''), digits: number.replace(/\D/g, ''), neighbours };
}

/**
 * A business ID in its register's form, where that country's register can have given it out: its check digit is right. It may be
 * written as VAT number, with spaces, dots and words around it, or without the zero in front.
 *
 * @param code ISO 3166-1
 * @returns undefined for every other text, and where the country's registers aren't known
 */
export function nordicId(text: string, code: string): string | undefined {
	const [nordic, found] = [nordicCountry(code), labelled(text)];
	if (!nordic || !found?.number.match(nordic.written)) return undefined;
	const { number, digits, neighbours } = found;
	// SE is a word in Denmark, and `no` one in English: there the digits tell.
	const isForeign = neighbours.some(
		(word = '') => word !== registerCountry(code) && (nordicCountry(word)?.written.test(digits) ?? vatCountries.includes(word)),
	);
	if (isForeign) return undefined;
	const forms = nordic.forms?.(digits, number.includes('+') ? '+' : '-') ?? [digits];
	// The libraries accept all zeros, which nobody has given out.
	return forms.find((id) => /[1-9]/.test(id) && nordic.hasCheckDigit(id));
}

/**
 * The Nordic country that a business ID or VAT number comes from, if it can only be another one than `code`: it is written with the
 * other country's letters, or neither as a number of `code` is written nor, by its hyphen, as one of most countries is.
 */
export function givenOutElsewhere(text: string, code: string): string | undefined {
	const found = labelled(text);
	if (!found || found.digits.length < 8 || nordicId(text, code) !== undefined) return undefined;
	const [country, ...others] = [...nordicCountries.keys()].filter((one) => nordicId(text, one) !== undefined);
	if (country === undefined || others.length > 0) return undefined;
	const own = nordicCountry(code);
	// Iceland's IDs have the form of Swedish ones.
	const cannotBeOwn = own ? !own.written.test(found.number) : code !== 'IS' && /^(?:\d{7}-\d|\d{6}[-+]\d{4})$/.test(found.number);
	return found.neighbours.includes(country) || cannotBeOwn ? country : undefined;
}

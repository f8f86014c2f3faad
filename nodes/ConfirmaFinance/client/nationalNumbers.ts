import * as cvr from 'stdnum/lib/esm/dk/cvr';
import * as ytunnus from 'stdnum/lib/esm/fi/ytunnus';
import * as orgnrNo from 'stdnum/lib/esm/no/orgnr';
import * as orgnrSe from 'stdnum/lib/esm/se/orgnr';

/** How the numbers of a country in which Confirma Finance works are written and checked. */
interface NordicCountry {
	/** How an ID, or a VAT number's digits, may be written, without spaces and dots. */
	readonly written: RegExp;
	readonly vat: RegExp;
	readonly register: { validate(id: string): { isValid: boolean } };
	/** Digits of a postal code that a number column may have shortened. Sweden's begin with no zero. */
	readonly postalDigits?: number;
	readonly examples: { readonly id: string; readonly vat: string; readonly postalCode: string };
}

const nordicCountries = new Map<string, NordicCountry>(
	Object.entries({
		FI: {
			// A number column drops the zeros in front; older IDs are in use without theirs, too.
			written: /^(?:\d{7}-?\d|[1-9]\d{4,5}-?\d)$/,
			vat: /^FI\d{8}$/,
			register: ytunnus,
			postalDigits: 5,
			examples: { id: '0112038-9', vat: 'FI01120389', postalCode: '00100' },
		},
		SE: {
			written: /^(?:(?:\d{2})?\d{6}[-+]?\d{4}|\d{6}-?\d{4}-?01)$/,
			vat: /^SE\d{10}01$/,
			register: orgnrSe,
			examples: { id: '556012-5790', vat: 'SE556012579001', postalCode: '111 22' },
		},
		NO: {
			written: /^\d{3}-?\d{3}-?\d{3}$/,
			vat: /^(?:NO)?\d{9}MVA$/,
			register: orgnrNo,
			postalDigits: 4,
			examples: { id: '923609016', vat: 'NO923609016MVA', postalCode: '0150' },
		},
		DK: {
			written: /^\d{2}-?\d{2}-?\d{2}-?\d{2}$/,
			vat: /^DK\d{8}$/,
			register: cvr,
			postalDigits: 4,
			examples: { id: '24256790', vat: 'DK24256790', postalCode: '1050' },
		},
	}),
);

/** A birth date's century, also of a coordination number, whose day is 60 higher; or a company's 16. */
const century = /^(?:16|(?:18|19|20)\d\d(?:0[1-9]|1[012]))/;

/** The IDs that digits may stand for, the likeliest first. Only Swedish ones have twelve digits; 19… …01 can be right both ways. */
function readingsOf(digits: string, isVat: boolean): string[] {
	if (digits.length < 9) return [digits.padStart(8, '0')];
	if (digits.length < 12) return [digits];
	const person = century.test(digits) ? digits.replace(/^16/, '') : '';
	const vat = digits.endsWith('01') ? digits.slice(0, 10) : '';
	return isVat ? [vat, person] : [person, vat];
}

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

/** A text's one number, without spaces and dots, and the words next to it in capitals; undefined where it isn't one number. */
function labelled(text: string) {
	if (text.length > 100) return undefined;
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
	// The libraries accept all zeros, which nobody has given out. The check digit of a sole trader, whose ID is a personal identity
	// number, doesn't cover the century.
	const readings = readingsOf(digits, neighbours[0] === 'SE');
	const id = readings.find((one) => /[1-9]/.test(one) && nordic.register.validate(one.slice(-10)).isValid);
	const behindHyphen = nordic.examples.id.split('-')[1]?.length;
	return id && behindHyphen ? `${id.slice(0, -behindHyphen)}${number.includes('+') ? '+' : '-'}${id.slice(-behindHyphen)}` : id;
}

// Iceland's IDs have the form of Swedish ones, those of the others that of Finnish ones.
const writtenAlike = 'IS CL GT IL NZ PY'.split(' ');

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
	const isWrittenSo = /^(?:\d{7}-\d|\d{6}[-+]\d{4})$/.test(found.number);
	const cannotBeOwn = own ? !own.written.test(found.number) : isWrittenSo && !writtenAlike.includes(code);
	return found.neighbours.includes(country) || cannotBeOwn ? country : undefined;
}

import { nordicCountry, registerCountry } from './nationalNumbers';

/** A business ID as its register has it, however it is written. */
export interface CanonicalId {
	/** The ISO 3166-1 code of the country whose register it is. */
	readonly country: string;
	/** Capitals and digits only. */
	readonly number: string;
	/**
	 * Only for a number that isn't unique in its country: the court or province that gave it out, empty where the ID
	 * doesn't name one.
	 */
	readonly place?: string;
}

/** How a register writes a number: the groups of `form` are the number, whose digits may have lost zeros in front. */
interface RegisterForm {
	readonly form: RegExp;
	/** The whole length of the last group. */
	readonly digits?: number;
}

/**
 * The forms of numbers that are unique in their country, for texts without separators: each with or without the country's
 * letters, and as a VAT number where that is made of the same digits. Other countries' IDs stay as they are written, but for
 * the country's letters in front of a digit, which needs no form.
 */
const uniqueForms = new Map<string, readonly RegisterForm[]>(
	Object.entries({
		AT: [{ form: /^(?:AT)?(U\d{8})$/ }, { form: /^(?:AT)?(?:FN)?(\d{1,6}[A-Z])$/ }],
		// Numbers from before 2005 have nine digits.
		BE: [{ form: /^(?:BE)?([01]?\d{9})$/, digits: 10 }],
		CH: [{ form: /^(?:CHE?)?(\d{9})(?:MWST|TVA|IVA|HR)?$/ }],
		CZ: [{ form: /^(?:CZ)?(\d{7,8})$/, digits: 8 }],
		DE: [{ form: /^(?:DE)?(\d{9})$/ }],
		DK: [{ form: /^(?:DK)?(\d{8})$/ }],
		ES: [{ form: /^(?:ES)?([A-Z]\d{7}[0-9A-Z]|\d{8}[A-Z])$/ }],
		FI: [{ form: /^(?:FI|YTUNNUS)?(0\d{7}|[1-9]\d{5,7})$/, digits: 8 }],
		// A SIREN, also within a VAT number or a SIRET, which names one of the company's establishments.
		FR: [{ form: /^(?:FR|FR[0-9A-Z]{2}|\d{2})?(\d{9})$/ }, { form: /^(?:FR)?(\d{9})\d{5}$/ }],
		GB: [
			{ form: /^(?:GB|XI)?(\d{9}|\d{12})$/ },
			{ form: /^(?:GB)?(\d{5,8})$/, digits: 8 },
			// Companies House puts two letters in front for Scotland, Northern Ireland, and kinds of companies.
			{ form: /^(?:GB)?((?!GB|XI)[A-Z]{2})(\d{3,6})$/, digits: 6 },
		],
		GR: [{ form: /^(?:EL|GR)?(\d{8,9})$/, digits: 9 }],
		// A domestic tax number begins with the digits of the VAT number.
		HU: [{ form: /^(?:HU)?(\d{8})(?:[1-5]\d{2})?$/ }],
		// A qualified invoice issuer's number has a T in front.
		JP: [{ form: /^(?:JP|T)?(\d{13})$/ }],
		NL: [
			{ form: /^(?:NL|KVK)?(\d{7,8})$/, digits: 8 },
			{ form: /^(?:NL)?(\d{7,9}B\d{2})$/, digits: '004495445B01'.length },
		],
		NO: [{ form: /^(?:NO)?(\d{9})(?:MVA)?$/ }],
		// With a company's 16 or a person's century in front, or with the 01 of a VAT number behind.
		SE: [{ form: /^(?:SE)?(?:16|18|19|20)?(\d{10})$/ }, { form: /^(?:SE)?(\d{10})01$/ }],
		US: [{ form: /^(?:US)?(\d{9})$/ }],
	}),
);

/** A text's letters and digits, in capitals. */
export function compact(text: string): string {
	return text
		.normalize('NFKC')
		.toUpperCase()
		.replace(/[^\p{L}\p{N}]/gu, '');
}

function uniqueNumber(text: string, country: string): string | undefined {
	for (const { form, digits = 0 } of uniqueForms.get(country) ?? []) {
		const [, ...parts] = form.exec(text) ?? [];
		const last = parts.pop();
		if (last !== undefined) return [...parts, last.padStart(digits, '0')].join('');
	}
	return undefined;
}

type LocalNumber = Required<Pick<CanonicalId, 'number' | 'place'>>;

const germanNumber =
	/(?<!\p{L})(HR ?[AB]|GNR|GSR|PR|VR)(?:[ .:-]*(?:NR|NUMMER))?[ .:-]*0*(\d{1,7})(?:[ -]?(?!AG)([A-Z]{1,2})(?!\p{L}))?/u;
// What stands beside it without telling which court it is.
const courtWords = /(?<!\p{L})(?:AMTSGERICHT|AG|REGISTERGERICHT|HANDELSREGISTER|BEIM?|DES|DE|NR)(?!\p{L})/gu;

/** Forms of numbers that are given out more than once in their country. The text has capitals only. */
const localForms = new Map<string, (text: string) => LocalNumber | undefined>(
	Object.entries({
		// Each court counts from 1 in each of its registers. A few digits alone are such a number, too.
		DE(text: string) {
			const [whole, register = '', number = '', letters = ''] =
				germanNumber.exec(text) ?? /^(?:DE)?()(\d{1,6}) ?([A-Z]{0,2})$/.exec(text) ?? [];
			if (whole === undefined) return undefined;
			return { number: compact(register + number + letters), place: compact(text.replace(whole, ' ').replace(courtWords, '')) };
		},
		// A REA number is unique in its province, whose two letters go in front.
		IT(text: string) {
			const [, place = '', number] = /^(?:IT)?(?:N?REA)?(?!IT)([A-Z]{2})?0{0,2}(\d{4,7})$/.exec(compact(text)) ?? [];
			return number === undefined ? undefined : { number: `REA${number}`, place };
		},
		// Section and number, as C 12345, are unique at their court.
		CZ(text: string) {
			const [, section, number, place = ''] = /^(?!CZ)([A-Z]{1,3})0*(\d{1,6})(\p{L}.*)?$/u.exec(compact(text)) ?? [];
			return section === undefined ? undefined : { number: `${section}${number}`, place };
		},
		// The states register companies; only the EIN is the country's.
		US: (text: string) => ({ number: compact(text), place: '' }),
	}),
);

const withoutLetters = (text: string, country: string) => {
	const rest = text.startsWith(country) ? text.slice(country.length) : text;
	return /^\d/.test(rest) ? rest : text;
};

/**
 * Whether an ID with El Salvador's code is a Swedish one: many take `SV`, the code of the Swedish language, for Sweden's. No
 * number of El Salvador's has ten digits.
 */
function isSwedish(text: string): boolean {
	const number = uniqueNumber(text, 'SE');
	return number !== undefined && nordicCountry('SE')!.isId(number);
}

/**
 * A business ID in the one form that its register has: `0112038-9`, `FI01120389` and `Y-tunnus: 112038-9` are one number.
 *
 * @param countryCode ISO 3166-1
 */
export function canonicalId(id: string, countryCode: string): CanonicalId {
	const text = compact(id);
	const country = countryCode === 'SV' && isSwedish(text) ? 'SE' : registerCountry(countryCode);
	// Behind words, such as Org.nr or RCS Paris B, a number counts only in full: fewer digits may be any number. Two letters may be
	// the code of another country.
	const number = uniqueNumber(text, country) ?? uniqueNumber(text.replace(/^\p{L}{3,}(?=\d{8})/u, ''), country);
	if (number !== undefined) return { country, number };
	const local = localForms.get(country)?.(id.normalize('NFKC').toUpperCase().trim());
	return { country, number: withoutLetters(text, country), ...local };
}

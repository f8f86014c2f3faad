import { bodyFrom, valueAt, type FieldKind } from '../panel/fields';
import { countryCode, languageCode } from './names';
import { idParts, isPostalCodeIn, nordicCountry, registerCountry } from './nationalNumbers';
import type { RawBody } from '../clientBody';

type Normaliser = (text: string, country: string) => string;

/** Whether there is a slash between two phone numbers, and not behind an area code, which has 6 digits at the most. */
function holdsTwoNumbers(text: string): boolean {
	const [first = '', second = ''] = text
		.replace(/^\(?(?:\+|00)\d{1,3}\)?/, '')
		.split('/')
		.map((part) => part.replace(/\D/g, ''));
	return first.length > 6 && second.length > 3;
}

/** The letters of cars that people put in front of postal codes, where they aren't the country's code. */
const carLetters = new Map(
	Object.entries({ A: 'AT', B: 'BE', D: 'DE', E: 'ES', F: 'FR', I: 'IT', L: 'LU', N: 'NO', P: 'PT', S: 'SE' }),
);

/** Each turns a form it recognises into the one the API expects and leaves every other text alone. */
const normalisers: Record<FieldKind, Normaliser> = {
	text: (text) => text,
	email: (text) => text,
	website: (text) => text,
	country: (text) => countryCode(text) ?? text,
	language: (text) => languageCode(text) ?? text,
	currency: (text) => (text === '€' ? 'EUR' : /^[a-z]{3}$/i.test(text) ? text.toUpperCase() : text),
	businessCode(text, country) {
		const compact = text.replaceAll(' ', '');
		// A number column drops leading zeros; where IDs have a fixed length, it tells how many.
		const { idDigits } = nordicCountry(country) ?? {};
		const whole = idDigits && /^[1-9]\d{5,6}$/.test(compact) ? compact.padStart(idDigits, '0') : compact;
		return idParts(whole, country)?.join('-') ?? (/^[\d-]+$/.test(compact) ? compact : text);
	},
	vatNumber(text) {
		const compact = text.replace(/[ .-]/g, '').toUpperCase();
		return /^[A-Z]{2}(?=.*\d)[0-9A-Z]{2,13}$/.test(compact) ? compact : text;
	},
	postalCode(text, country) {
		// Some countries' codes begin with these letters by right, such as LV-1010; then the rest alone is no code.
		const [, letters = '', rest = text] = /^([a-z]{1,2})[ -]?(\d.*)$/i.exec(text) ?? [];
		const prefix = carLetters.get(letters.toUpperCase()) ?? letters.toUpperCase();
		const code = registerCountry(prefix) === registerCountry(country) ? rest : text;
		const length = nordicCountry(country)?.postalDigits;
		if (!length) {
			// Written without what the country puts in between: LV-1010, 00-950 in Poland, D02 X285 in Ireland.
			const forms = [code, `${country}-${code}`, code.replace(/^../, '$&-'), code.replace(/^.../, '$& ')];
			return forms.find((form) => isPostalCodeIn(form, country)) ?? text;
		}
		const digits = code.replaceAll(' ', '');
		if (/^\d+$/.test(digits) && digits.length === length) return digits;
		// A single digit is more likely a slip than a code that lost its zeros, and one that begins with a zero lost none.
		return /^[1-9]\d+$/.test(digits) ? digits.padStart(length, '0') : text;
	},
	phone(text) {
		const compact = text.replace(/[ ./-]/g, '').replace(/^\(\+(\d+)\)/, '+$1');
		if (!/^\+?[\d()]+$/.test(compact)) return text;
		// Two numbers in one, such as 12 34 56 / 57 and 1234567-9, or both in full.
		if (/\/ ?\d{1,3}$|-\d$/.test(text) || holdsTwoNumbers(text)) return text;
		const international = /^(\+|00)/.test(compact);
		// The (0) of +358 (0)44 is for callers inside the country.
		const digits = (international ? compact.replace('(0)', '') : compact).replace(/[()]/g, '');
		const number = digits.replace(/^00/, '+');
		return /\d{3}/.test(number) ? number : text;
	},
	iban(text) {
		const compact = text.replace(/[ :-]/g, '').replace(/^IBAN/i, '');
		return /^[a-z]{2}\d{2}[a-z0-9]+$/i.test(compact) ? compact.toUpperCase() : text;
	},
	bic(text) {
		const compact = text.replaceAll(' ', '');
		return /^[a-z0-9]+$/i.test(compact) ? compact.toUpperCase() : text;
	},
	giro(text) {
		const compact = text.replaceAll(' ', '');
		return /^[\d-]+$/.test(compact) ? compact : text;
	},
};

// Zero-width spaces, soft hyphens, direction marks and blanks that count as letters, which come along when text is copied from
// a web page or a PDF.
const invisible = /[\u034F\u00AD\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\u2800\u3164\uFEFF\uFFA0]/g;
// Invisible too, but some languages and emoji need them inside a text.
const joiners = /[\u200C\u200D]/g;
const dashes = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;

/** The text of a CRM's value; a value that has no text of its own (an object, a list, true) is returned as it is. */
function toText(value: unknown): unknown {
	if (value === null || value === undefined) return '';
	if (typeof value === 'number' || typeof value === 'bigint') return String(value);
	if (typeof value !== 'string') return value;
	// Most values are plain, and the rest of the work is for those that aren't.
	if (!/[^ -~]| {2}/.test(value)) return value.trim();
	const text = value.replace(invisible, '').normalize('NFC').replace(dashes, '-').replace(/\s+/g, ' ').trim();
	return text.replace(joiners, '').trim() === '' ? '' : text;
}

/**
 * Brings CRM values into the form that the API expects: codes for names, capitals, compact numbers, lost zeros.
 * Pure, and changes nothing when applied again. What isn't understood is passed through for validation to judge,
 * never dropped.
 */
export function normalise(draft: RawBody): RawBody {
	const country = toText(draft.client.countryCode);
	const code = typeof country === 'string' ? normalisers.country(country, '') : '';
	return bodyFrom((field) => {
		const text = toText(valueAt(draft, field));
		if (typeof text !== 'string' || text === '') return text;
		return field.kind === 'text' ? text : normalisers[field.kind](text.replace(joiners, ''), code);
	});
}

import { bodyFrom, valueAt, type FieldKind } from './fields';
import { countryCode, languageCode } from './names';
import { idParts, nordicCountries } from './nordicCountries';
import { isPostalCodeIn } from './postalCode';
import type { RawBody } from './schema';

type Normaliser = (text: string, country: string) => string;

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
		// A number column drops leading zeros; the length of a Finnish business ID tells how many.
		const whole = country === 'FI' && /^[1-9]\d{5,6}$/.test(compact) ? compact.padStart(8, '0') : compact;
		return idParts(whole, country)?.join('-') ?? (/^[\d-]+$/.test(compact) ? compact : text);
	},
	vatNumber(text) {
		const compact = text.replace(/[ .-]/g, '').toUpperCase();
		return /^[A-Z]{2}(?=.*\d)[0-9A-Z]{2,13}$/.test(compact) ? compact : text;
	},
	postalCode(text, country) {
		// Some countries' codes begin with these letters by right, such as LV-1010; then the rest alone is no code.
		const [, prefix, rest = text] = /^([a-z]{2})[ -]?(\d.*)$/i.exec(text) ?? [];
		const code = prefix?.toUpperCase() === country ? rest : text;
		const length = nordicCountries.get(country)?.postalDigits;
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
		const compact = text.replace(/[ ./-]/g, '');
		if (!/^\+?[\d()]+$/.test(compact)) return text;
		// Two numbers in one, such as 12 34 56 / 57 and 1234567-9.
		if (/\/ ?\d{1,3}$|-\d$/.test(text)) return text;
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

// Zero-width spaces, soft hyphens and direction marks that come along when text is copied from a web page or a PDF.
const invisible = /[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;
const dashes = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;

/** The text of a CRM's value; a value that has no text of its own (an object, a list, true) is returned as it is. */
function toText(value: unknown): unknown {
	if (value === null || value === undefined) return '';
	if (typeof value === 'number' || typeof value === 'bigint') return String(value);
	if (typeof value !== 'string') return value;
	// Most values are plain, and the rest of the work is for those that aren't.
	if (!/[^ -~]| {2}/.test(value)) return value.trim();
	return value.replace(invisible, '').normalize('NFC').replace(dashes, '-').replace(/\s+/g, ' ').trim();
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
		return typeof text === 'string' && text !== '' ? normalisers[field.kind](text, code) : text;
	});
}

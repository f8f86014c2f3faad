import { bodyFrom, valueAt, type FieldKind } from '../client/fields';
import { countryCode, languageCode } from './names';
import { idParts, isPostalCodeIn, nordicCountry, registerCountry } from '../client/nationalNumbers';
import type { RawBody } from '../client/body';

/** Characters of the longest text that any field takes. */
export const longestText = 1000;

type Normaliser = (text: string, country: string) => string;

/** A number as a spreadsheet writes it that takes it for a fraction: `358441234567.0`. */
const withoutFraction = (text: string) => text.replace(/^(\d+)[.,]0$/, '$1');

/** An ID with the zeros in front that a number column drops, where IDs have a fixed length that tells how many. */
function withZeros(id: string, country: string): string {
	const nordic = nordicCountry(country);
	if (!nordic?.idDigits) return id;
	if (/^[1-9]\d{5,6}$/.test(id)) return id.padStart(nordic.idDigits, '0');
	// Older IDs are in use without their zero, too, but with a hyphen a digit may as well be missing elsewhere.
	const padded = id.padStart(nordic.idDigits + 1, '0');
	return /^[1-9]\d{4,5}-\d$/.test(id) && nordic.isId(padded) ? padded : id;
}

function businessCode(text: string, country: string): string {
	const compact = withoutFraction(text.replaceAll(' ', ''));
	return idParts(withZeros(compact, country), country)?.join('-') ?? (/^[\d-]+$/.test(compact) ? compact : text);
}

function vatNumber(text: string): string {
	const compact = text.replace(/[ .-]/g, '').toUpperCase();
	// Norwegian ones have letters at their end, and need none in front.
	return /^(?:[A-Z]{2}(?=.*\d)[0-9A-Z]{2,14}|\d{9}MVA)$/.test(compact) ? compact : text;
}

/** The letters of cars that people put in front of postal codes, where they aren't the country's code. */
const carLetters = new Map(
	Object.entries({ A: 'AT', B: 'BE', D: 'DE', E: 'ES', F: 'FR', I: 'IT', L: 'LU', N: 'NO', P: 'PT', S: 'SE' }),
);

/** Some countries' codes begin with letters by right, such as LV-1010: then the rest alone is no code of theirs. */
function withoutCountry(postalCode: string, country: string): string {
	const [, letters = '', rest = ''] = /^([a-z]{1,2})[ -]?(\d.*)$/i.exec(postalCode) ?? [];
	const prefix = carLetters.get(letters.toUpperCase()) ?? letters.toUpperCase();
	return rest !== '' && registerCountry(prefix) === registerCountry(country) ? rest : postalCode;
}

/** Ways to write a code as its country does: 111 22, 00-950 in Poland, D02 X285 in Ireland, 90210-1234, LV-1010. */
function* writtenForms(code: string, country: string): Generator<string> {
	yield code;
	const compact = code.replace(/[ -]/g, '');
	if (compact.length > 10) return;
	yield `${country}-${compact}`;
	for (let index = 2; index < compact.length; index++) {
		for (const separator of '- ') yield compact.slice(0, index) + separator + compact.slice(index);
	}
	yield compact;
}

function postalCode(text: string, country: string): string {
	const code = withoutCountry(withoutFraction(text), country);
	const length = nordicCountry(country)?.postalDigits;
	if (length === undefined) {
		for (const form of writtenForms(code, registerCountry(country))) {
			if (isPostalCodeIn(form, registerCountry(country))) return form;
		}
		return text;
	}
	const digits = code.replace(/[ -]/g, '');
	if (/^\d+$/.test(digits) && digits.length === length) return digits;
	// A single digit is more likely a slip than a code that lost its zeros, and one that begins with a zero lost none.
	return /^[1-9]\d+$/.test(digits) ? digits.padStart(length, '0') : text;
}

/** Whether there is a slash between two phone numbers, and not behind an area code, which has 6 digits at the most. */
function hasSlashBetweenNumbers(text: string): boolean {
	const [first = '', second = ''] = text
		.replace(/^\(?(?:\+|00)\d{1,3}\)?/, '')
		.split('/')
		.map((part) => part.replace(/\D/g, ''));
	return first.length > 6 && second.length > 3;
}

/** In Germany and Austria a hyphen goes in front of an extension, which is dialled as part of the number (DIN 5008). */
function mayHaveExtension(text: string, country: string): boolean {
	return /^\(?(?:\+|00)/.test(text) ? /^\(?(?:\+|00)4[39]/.test(text) : country === 'DE' || country === 'AT';
}

const hasOneSeparator = (text: string) => new Set(text.match(/[ ./-]+/g)).size === 1;

/** Whether a text looks like two numbers or a range: 12 34 56 / 57, 1234567-9, 22334455-66, 040-123 4567 - 8. */
function holdsSeveralNumbers(text: string, country: string): boolean {
	if (/\/ ?\d{1,3}$/.test(text) || hasSlashBetweenNumbers(text) || /\d{6,} \d{6,}/.test(text)) return true;
	if (mayHaveExtension(text, country)) return false;
	if (/-\d$|\d{5}-\d{2,3}$/.test(text)) return true;
	return / -\s*\d{1,3}$|- \d{1,3}$/.test(text) && !hasOneSeparator(text);
}

// Calling codes of countries where a 0 goes in front of domestic numbers and is left out from abroad (ITU-T E.164, E.123).
const trunkZero = /^(\+(?:31|32|33|353|355|358|359|380|381|385|386|387|389|40|41|421|43|44|46|49|61|64|81|90)\(?)0(?=[1-9])/;

/**
 * A number in international form without the 0 that is for callers inside the country: `+358 (0)44`, `+358 (09)`. Undefined
 * where it isn't certain what a 0 in brackets stands for.
 */
function withoutTrunkZero(number: string): string | undefined {
	// Italian numbers keep their 0.
	if (number.startsWith('+39')) return number;
	const dialled = number.replace('(0)', '').replace(trunkZero, '$1');
	return dialled.includes('(0') ? undefined : dialled;
}

function phone(text: string, country: string): string {
	const given = withoutFraction(text);
	const compact = given
		.replace(/[ ./-]/g, '')
		.replace(/^\((?:\+|00)(\d+)\)/, '+$1')
		.replace(/^00/, '+');
	// An area code may be in brackets, or a 0.
	if (!/^\+?\d{0,5}(?:\(\d{1,5}\))?\d+$/.test(compact) || holdsSeveralNumbers(given, country)) return text;
	const number = compact.startsWith('+') ? withoutTrunkZero(compact) : compact;
	const digits = number?.replace(/[()]/g, '') ?? '';
	return /^(?!00)\+?\d{3,15}$/.test(digits) ? digits : text;
}

function iban(text: string): string {
	const compact = text.replace(/[ :-]/g, '').replace(/^IBAN/i, '');
	return /^[a-z]{2}\d{2}[a-z0-9]+$/i.test(compact) ? compact.toUpperCase() : text;
}

function bic(text: string): string {
	const compact = text.replaceAll(' ', '');
	return /^[a-z0-9]+$/i.test(compact) ? compact.toUpperCase() : text;
}

function giro(text: string): string {
	const compact = withoutFraction(text.replaceAll(' ', ''));
	return /^[\d-]+$/.test(compact) ? compact : text;
}

function currency(text: string): string {
	if (text === '€') return 'EUR';
	return /^[a-z]{3}$/i.test(text) ? text.toUpperCase() : text;
}

const asGiven: Normaliser = (text) => text;

/** Each turns a form it recognises into the one the API expects and leaves every other text alone. */
const normalisers: Record<FieldKind, Normaliser> = {
	text: asGiven,
	email: asGiven,
	website: asGiven,
	country: (text) => countryCode(text) ?? text,
	language: (text) => languageCode(text) ?? text,
	currency,
	businessCode,
	vatNumber,
	postalCode,
	phone,
	iban,
	bic,
	giro,
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
 * Pure, and changes nothing when applied again. A value it doesn't understand stays as it is, for validation to judge.
 */
export function normalise(draft: RawBody): RawBody {
	const country = toText(draft.client.countryCode);
	const code = typeof country === 'string' ? (countryCode(country) ?? country) : '';
	return bodyFrom((field) => {
		const text = toText(valueAt(draft, field));
		if (typeof text !== 'string' || text === '' || text.length > longestText) return text;
		return field.kind === 'text' ? text : normalisers[field.kind](text.replace(joiners, ''), code);
	});
}

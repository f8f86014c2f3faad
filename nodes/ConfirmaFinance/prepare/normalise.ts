import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { CountryCode } from 'libphonenumber-js/min';
import { isValidIBAN } from 'ibantools';

import { bodyFrom, valueAt, type Field, type FieldKind } from '../client/fields';
import { misread } from './encoding';
import { countryCode, languageCode } from './names';
import { isPostalCodeIn, nordicCountry, nordicId, nordicVat, registerCountry } from '../client/nationalNumbers';
import type { RawBody } from '../client/body';

/** Characters of the longest text that any field takes. */
export const longestText = 1000;

/** Turns a form that it recognises into the one the API expects, and leaves every other text alone. */
type Normaliser = (text: string, country: string, field: Field) => string;

/** A number as a spreadsheet writes it that takes it for a fraction, or for a text: `358441234567.0`, `'0112038-9`. */
const fromSpreadsheet = (text: string) => text.replace(/^'(?=[\p{L}\p{N}+(])/u, '').replace(/^(\d+)[.,]0$/, '$1');

function businessCode(text: string, country: string): string {
	const given = fromSpreadsheet(text);
	const compact = given.replaceAll(' ', '');
	return nordicId(given, country) ?? (/^[\d-]+$/.test(compact) ? compact : given);
}

function vatNumber(text: string, country: string): string {
	const given = fromSpreadsheet(text);
	const compact = given.replace(/[ .-]/g, '').toUpperCase();
	// Norwegian ones have letters at their end, and need none in front.
	return nordicVat(given, country) ?? (/^(?:[A-Z]{2}(?=.*\d)[0-9A-Z]{2,14}|\d{9}MVA)$/.test(compact) ? compact : given);
}

/** The letters of cars that people put in front of postal codes, where they aren't the country's code. */
const carLetters = new Map(
	Object.entries({ A: 'AT', B: 'BE', D: 'DE', E: 'ES', F: 'FR', I: 'IT', L: 'LU', N: 'NO', P: 'PT', S: 'SE' }),
);

/** Some countries' codes begin with letters by right, such as LV-1010: then the rest alone is no code of theirs. */
function withoutCountry(postalCode: string, country: string): string {
	const [, letters = '', rest = ''] = /^([a-z]{1,3})[ -]?(\d.*)$/i.exec(postalCode) ?? [];
	const prefix = carLetters.get(letters.toUpperCase()) ?? (letters && countryCode(letters)) ?? '';
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
	const code = withoutCountry(fromSpreadsheet(text), country);
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

// Behind these stands a second number, or an extension, that a parser takes for the end of the first.
const moreNumbers = /\d ?\/ ?\d{1,3}$|\d{5,}-\d{1,3}$|\d{6,} ?[ /] ?\+?\d{6,}|\(\d\)$/;

/** Whether a text looks like two numbers or a range: 12 34 56 / 57, 1234567-9, 040-123 4567 - 8, but not 070 - 123 - 45 - 67. */
function holdsSeveralNumbers(text: string): boolean {
	const hasOneSeparator = new Set(text.match(/[ ./-]+/g)).size === 1;
	return moreNumbers.test(text) || (/\d (?:-|- )\d{1,3}$/.test(text) && !hasOneSeparator);
}

// In Germany and Austria a hyphen goes in front of an extension, which is dialled as part of the number (DIN 5008).
const dialledExtension = /^\+4[39]/;

const longestPhone = 100;

/**
 * A phone number as +358441234567.
 *
 * @returns undefined where no number of so many digits is possible in its country, and for an extension or several numbers
 */
export function phoneNumber(text: string, country: string): string | undefined {
	// No calling code begins with a zero, but the parser takes the zero away.
	if (text.length > longestPhone || /^\D*(?:\+|00)\D*0/.test(text)) return undefined;
	const number = parsePhoneNumberFromString(text.replace(/^\((\+|00)(\d{1,3})\)/, '$1$2'), {
		defaultCountry: country as CountryCode,
		extract: false,
	});
	if (!number?.isPossible() || number.ext) return undefined;
	return holdsSeveralNumbers(text) && !dialledExtension.test(number.number) ? undefined : number.number;
}

/** A word in front, as in `Tel. 040 123 4567` or `tel:+358…`. */
const phoneLabel = /^\p{L}+[.:]*\s*(?=[+(\d])/u;

const phone: Normaliser = (text, country) => phoneNumber(fromSpreadsheet(text).replace(phoneLabel, ''), country) ?? text;

function iban(text: string): string {
	const compact = text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
	const [, label = '', account] = /^(IBAN|[A-Z]*)([A-Z]{2}\d{2}[A-Z0-9]+)$/.exec(compact) ?? [];
	return account && (label === '' || label === 'IBAN' || isValidIBAN(account)) ? account : text;
}

function bic(text: string): string {
	const compact = text
		.toUpperCase()
		.replace(/^(?:(?:BIC|SWIFT)(?:[- ]?(?:CODE|KODE?|KOODI|NR|NO|ADDRESS|ADRESSE?))?[\s:./-]+)+/, '')
		.replace(/[ .-]/g, '');
	return /^[A-Z0-9]+$/.test(compact) ? compact : text;
}

const giroLabels: Partial<Record<Field['path'], RegExp>> = {
	'client.bankgiro': /^(?:bg|bankgiro)[a-z]*(?:[ .-]*n[ro])?[ .:]*(?=\d)/i,
	'client.plusgiro': /^(?:pg|plusgiro|postgiro)[a-z]*(?:[ .-]*n[ro])?[ .:]*(?=\d)/i,
};

function giro(text: string, _country: string, { path }: Field): string {
	const given = fromSpreadsheet(text);
	const compact = given.replace(giroLabels[path] ?? '', '').replace(/[ .]/g, '');
	return /^[\d-]+$/.test(compact) ? compact : given;
}

function currency(text: string): string {
	if (text === '€') return 'EUR';
	return /^[a-z]{3}$/i.test(text) ? text.toUpperCase() : text;
}

// Zero-width spaces, soft hyphens, direction marks and blanks that count as letters, which come along when text is copied from
// a web page or a PDF.
const invisible = /[\u034F\u00AD\u115F\u1160\u180E\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\u2800\u3164\uFEFF\uFFA0]/g;
const arabicDigits = /[\u0660-\u0669\u06F0-\u06F9]/g;
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
	// What is misread stays as it is: a no-break space in it is half of a letter, and a person has to see it.
	if (value.length <= longestText && misread(value)) return value;
	const text = value.replace(invisible, '').normalize('NFC').replace(dashes, '-').replace(/\s+/g, ' ').trim();
	return text.replace(joiners, '').trim() === '' ? '' : text;
}

/** A code or a number in the digits and letters of ASCII, where it was written in wide or Arabic ones. */
const inPlainDigits = (text: string) =>
	text.normalize('NFKC').replace(arabicDigits, (digit) => String(digit.charCodeAt(0) & 0xf));

/** Of a code or a number: first its wide and Arabic digits and letters become those of ASCII. */
const ofCode =
	(normaliser: Normaliser): Normaliser =>
	(text, country, field) =>
		normaliser(inPlainDigits(text), country, field);

const asGiven: Normaliser = (text) => text;

const normalisers: Record<FieldKind, Normaliser> = {
	text: asGiven,
	email: asGiven,
	website: asGiven,
	country: (text) => countryCode(text) ?? text,
	language: (text) => languageCode(text) ?? text,
	currency,
	businessCode: ofCode(businessCode),
	vatNumber: ofCode(vatNumber),
	postalCode: ofCode(postalCode),
	phone: ofCode(phone),
	iban: ofCode(iban),
	bic: ofCode(bic),
	giro: ofCode(giro),
};

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
		if (field.kind === 'text' || misread(text)) return text;
		return normalisers[field.kind](text.replace(joiners, ''), code, field);
	});
}

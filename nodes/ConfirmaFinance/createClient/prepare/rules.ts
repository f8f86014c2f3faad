import { isValidBIC, isValidIBAN } from 'ibantools';
import isEmail from 'validator/lib/isEmail';
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';
import isISO4217 from 'validator/lib/isISO4217';
import isISO6391 from 'validator/lib/isISO6391';
import isLuhnNumber from 'validator/lib/isLuhnNumber';
import isURL from 'validator/lib/isURL';

import type { Field, FieldKind } from '../panel/fields';
import { countryLabel } from './names';
import { idParts, isPostalCodeIn, nordicCountry, registerCountry } from './nationalNumbers';
import type { RawBody } from '../clientBody';

/** What a rule found: `wrong` continues a sentence that starts with the field's label; `right` says what to do. */
export interface Finding {
	readonly severity: 'error' | 'warning';
	readonly wrong: string;
	readonly right: string;
}

/** Judges a non-empty text; other fields of the same body may be looked up. Undefined means it passes. */
type Rule = (value: string, body: RawBody, field: Field) => Finding | undefined;

const error = (wrong: string, right: string): Finding => ({ severity: 'error', wrong, right });
const warning = (wrong: string, right: string): Finding => ({ severity: 'warning', wrong, right });

// The libraries accept all zeros, which nobody has given out.
const notAllZeros = (number: string) => /[1-9]/.test(number);

/** The country's code, or nothing where its field doesn't hold text. */
const countryOf = ({ client: { countryCode } }: RawBody) => (typeof countryCode === 'string' ? countryCode : '');

const longestText = 1000;

/** What any field may hold: real text of a sane length, and not the remains of a broken expression. */
const text: Rule = (value) => {
	if (value.length > longestText) {
		return error(`is ${value.length} characters long`, `Enter at most ${longestText} characters`);
	}
	if (/[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u.test(value)) {
		return error('holds characters that are not text', 'Look at the value in your CRM and type it again');
	}
	if (/\{\{.*\}\}/.test(value)) {
		return error('holds an expression that n8n did not evaluate', 'Switch the field from Fixed to Expression, above its box');
	}
	// Between hyphens and dots, as in dev-null.example.com, the words are parts of names.
	if (
		/\bundefined\b|\[object Object\]|(?<![\p{L}\p{N}.@_-])(?:null|NaN)(?![\p{L}\p{N}.@_-])|^(?:-?Infinity|Invalid Date)$/u.test(
			value,
		)
	) {
		return error(
			'holds what an expression gives when it finds nothing',
			'Check the expression: the item may lack the field, or it may be named differently',
		);
	}
	return undefined;
};

// The API follows HTML's rule for addresses, which knows neither quotes nor letters beyond ASCII.
const email: Rule = (value) =>
	isEmail(value) && /^[!#-~]+$/.test(value)
		? undefined
		: error('is not an email address', 'Enter a single address such as matti@example.com');

const website: Rule = (value) =>
	isURL(value, { protocols: ['http', 'https'], disallow_auth: true })
		? undefined
		: error('is not a web address', 'Enter an address such as https://www.example.com');

const country: Rule = (value) =>
	isISO31661Alpha2(value)
		? undefined
		: error('is not a country', 'Enter a two-letter code such as FI, or a name such as Finland or Suomi');

/** Codes of countries that are codes of other languages. */
const mixedUpLanguages = new Map([
	['EE', { means: 'Ewe', meant: 'Estonian, enter ET' }],
	['SE', { means: 'Northern Sámi', meant: 'Swedish, enter SV' }],
	['UK', { means: 'Ukrainian', meant: 'English, enter EN' }],
]);

const language: Rule = (value) => {
	// DK is what the API's own documentation uses for Danish.
	if (value !== 'DK' && !isISO6391(value.toLowerCase())) {
		return error('is not a language', 'Enter FI, SV, NO, DK, EN or another two-letter language code');
	}
	const mixedUp = mixedUpLanguages.get(value);
	return mixedUp && warning(`means ${mixedUp.means}`, `If you mean ${mixedUp.meant}`);
};

const currency: Rule = (value) =>
	isISO4217(value) ? undefined : error('is not a currency', 'Enter a three-letter code such as EUR, SEK, NOK or DKK');

const postalCode: Rule = (value, body) => {
	const country = countryOf(body);
	const isCode = isPostalCodeIn(value, registerCountry(country));
	return isCode === undefined || (isCode && !/^0+$/.test(value))
		? undefined
		: error(
				`is not a postal code in ${countryLabel(country)}`,
				`Enter ${nordicCountry(country)?.postalForm ?? 'it as it is written on letters'}, or correct the country`,
			);
};

const iban: Rule = (value) =>
	isValidIBAN(value)
		? undefined
		: error(
				'is not a valid IBAN: its length or its check digits are wrong',
				'Copy it from the bank once more, such as FI21 1234 5600 0007 85',
			);

const bic: Rule = (value, { client: { ibanAccount } }) => {
	if (!isValidBIC(value)) {
		return error('is not a BIC', 'Enter 8 or 11 characters, such as NDEAFIHH');
	}
	if (typeof ibanAccount === 'string' && isValidIBAN(ibanAccount)) {
		const [bank, account] = [value.slice(4, 6), ibanAccount.slice(0, 2)];
		if (bank !== account) {
			return warning(`belongs to a bank in ${bank}, but the IBAN to an account in ${account}`, 'Check both with the client');
		}
	}
	return undefined;
};

const giroForms: Record<string, { digits: RegExp; form: string }> = {
	'client.bankgiro': { digits: /^\d{3,4}-?\d{4}$/, form: '7 or 8 digits, such as 991-2346' },
	'client.plusgiro': { digits: /^\d{1,7}-?\d$/, form: '2 to 8 digits, such as 28 65 43-4' },
};

const giro: Rule = (value, _body, field) => {
	const { digits, form } = giroForms[field.path]!;
	if (!digits.test(value)) return error('is not a giro number', `Enter ${form}`);
	const number = value.replace('-', '');
	return isLuhnNumber(number) && !/^0+$/.test(number)
		? undefined
		: error('has a wrong check digit', `Compare the number with the client's invoice; it has ${form}`);
};

const phone: Rule = (value) =>
	/^\+?\d{3,15}$/.test(value)
		? undefined
		: warning('does not look like a phone number', 'Enter one number, such as +358 44 123 4567');

// Warnings and not errors: the API's own example has a business id and a VAT number that are one digit short.
const businessCode: Rule = (value, body) => {
	// What stands in for a missing id is the same for many companies, and the guard would take them for one.
	if (!notAllZeros(value)) return error('is not a business ID', 'Enter the one from the register, such as 0112038-9');
	if (/^\d+([.,]\d+)?E\+?\d+$/i.test(value)) {
		return error('is a number that a spreadsheet has rounded', 'Make the column a text column and enter the ID again');
	}
	const code = countryOf(body);
	const country = nordicCountry(code);
	return !country || (idParts(value, code) && country.isId(value))
		? undefined
		: warning(
				`is not a business ID in ${countryLabel(code)}: its length or its check digit is wrong`,
				`Compare it with the register; it has ${country.idForm}`,
			);
};

// Greek VAT numbers begin with EL, Northern Irish ones with XI, Åland's with FI.
const vatPrefixes = new Map([
	['GR', ['EL']],
	['GB', ['GB', 'XI']],
	['AX', ['FI']],
]);

const vatNumber: Rule = (value, body) => {
	const { countryCode: code, businessCode: id } = body.client;
	if (typeof code !== 'string' || !isISO31661Alpha2(code)) return undefined;
	const prefixes = vatPrefixes.get(code) ?? [code];
	if (!prefixes.some((prefix) => value.startsWith(prefix))) {
		return warning(
			`does not begin with ${prefixes.join(' or ')}, although the country is ${countryLabel(code)}`,
			'Correct the VAT number or the country',
		);
	}
	const country = nordicCountry(code);
	if (!country) return undefined;
	const digits = idParts(value, code)?.join('');
	if (!digits || !notAllZeros(digits) || !country.isVat(value)) {
		return warning(
			'is not a VAT number: its length or its check digit is wrong',
			`Compare it with the register; it has ${country.vatForm}`,
		);
	}
	if (typeof id === 'string' && id !== '' && digits !== id.replace(/\D/g, '')) {
		return warning('belongs to another business than the business ID', 'Correct the one that is wrong');
	}
	return undefined;
};

const byKind: Record<FieldKind, Rule | undefined> = {
	text: undefined,
	businessCode,
	vatNumber,
	postalCode,
	country,
	language,
	currency,
	phone,
	email,
	website,
	iban,
	bic,
	giro,
};

/**
 * The first thing that is wrong, or looks odd, about a field's text.
 *
 * Rules: the types that the API announces (docs/api.md), check digits, and what a broken expression leaves behind.
 */
export function judge(value: string, body: RawBody, field: Field): Finding | undefined {
	if (value === '') {
		return field.required ? error('is empty', 'Fill it in, or map a field of your CRM to it') : undefined;
	}
	return text(value, body, field) ?? byKind[field.kind]?.(value, body, field);
}

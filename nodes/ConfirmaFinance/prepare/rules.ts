import currencies from 'country-to-currency';
import { isValidBIC, isValidIBAN } from 'ibantools';
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';
import isISO4217 from 'validator/lib/isISO4217';
import isISO6391 from 'validator/lib/isISO6391';
import isLuhnNumber from 'validator/lib/isLuhnNumber';
import isURL from 'validator/lib/isURL';

import type { Field, FieldKind } from '../client/fields';
import { countryCodes, countryLabel } from './names';
import { idParts, isPostalCodeIn, nordicCountry, registerCountry, vatPrefixes } from '../client/nationalNumbers';
import { longestText } from './normalise';
import { canonicalId } from '../client/canonicalId';
import type { RawBody } from '../client/body';

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

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

// The libraries accept all zeros, which nobody has given out.
const isNumber = (text: string) => /[1-9]/.test(text);

/** What is left of an expression that found nothing, or no text. */
const brokenExpressions = {
	undefinedValue: /\bundefined\b/,
	// Between hyphens and dots, as in dev-null.example.com, the words are parts of names.
	nullOrNaN: /(?<![\p{L}\p{N}.@_-])(?:null|NaN)(?![\p{L}\p{N}.@_-])/u,
	object: /\[object Object\]/,
	noNumberOrDate: /^(?:-?Infinity|Invalid Date)$/,
};

/** What any field may hold: real text of a sane length, and not the remains of a broken expression or of a lost letter. */
export function judgeText(value: string): Finding | undefined {
	if (value.length > longestText) {
		return error(`is ${value.length} characters long`, `Enter at most ${longestText} characters`);
	}
	if (/[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u.test(value)) {
		return error('holds characters that are not text', 'Check the value in your CRM and type it again');
	}
	if (value.includes('\uFFFD')) {
		return error(
			'holds �, which stands for letters that were lost: the file was read in the wrong encoding',
			'Read the file again in the encoding it was saved in (UTF-8 or Windows-1252)',
		);
	}
	if (/\{\{.*\}\}/.test(value)) {
		return error('holds an expression that n8n did not evaluate', 'Switch the field from Fixed to Expression, above its box');
	}
	if (Object.values(brokenExpressions).some((pattern) => pattern.test(value))) {
		return error(
			'holds what an expression gives when it finds nothing',
			'Check the expression: the item may lack the field, or it may be named differently',
		);
	}
	return undefined;
}

// UTF-8 that was read as Windows-1252: the two bytes of ä, ö, å, é … each became a letter or a sign of its own.
const misread = /[ÂÃÄÅ][¡-¿€ƒ†‡…‰]|Ã[„˜œŸŒŠŽˆ‹™›\-žš]|â€/;

const encoding: Rule = (value) =>
	misread.test(value)
		? warning('looks as if it was read in the wrong encoding, as Ã¤ for ä', 'Read the file or the answer as UTF-8')
		: undefined;

// The rule of HTML's <input type=email>, which the API announces.
const domainLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const htmlEmail = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${domainLabel}(?:\\.${domainLabel})*$`, 'i');

const email: Rule = (value) => {
	if (!htmlEmail.test(value)) {
		return error('is not an email address', 'Enter a single address such as matti@example.com');
	}
	return /\.[^@.]+$/.test(value.slice(value.indexOf('@')))
		? undefined
		: warning('has no domain that mail can be sent to', 'Enter an address such as matti@example.com');
};

const website: Rule = (value) =>
	isURL(value, { protocols: ['http', 'https'], disallow_auth: true, allow_underscores: true })
		? undefined
		: error('is not a web address', 'Enter an address such as https://www.example.com');

/** Codes of countries that are codes of languages, too. */
const mixedUpCountries = new Map([
	['ET', { means: 'Ethiopia', meant: 'Estonia, enter EE' }],
	['SV', { means: 'El Salvador', meant: 'Sweden, enter SE' }],
]);

const country: Rule = (value) => {
	if (value === 'XK') {
		return warning('means Kosovo, but is not in ISO 3166-1', 'Ask Confirma Finance which code to use');
	}
	if (!isISO31661Alpha2(value)) {
		const meant = countryCodes(value);
		if (meant.length > 1) {
			return error(
				'is the name of several countries',
				`Enter the code of the one you mean: ${meant.map(countryLabel).join(' or ')}`,
			);
		}
		return error(
			'is not a country code or name that this node knows',
			'Enter a two-letter code such as FI, or a name such as Finland or Suomi',
		);
	}
	const mixedUp = mixedUpCountries.get(value);
	return mixedUp && warning(`means ${mixedUp.means}`, `If you mean ${mixedUp.meant}`);
};

/** Codes of countries that are codes of other languages. */
const mixedUpLanguages = new Map([
	['EE', { means: 'Ewe', meant: 'Estonian, enter ET' }],
	['SE', { means: 'Northern Sámi', meant: 'Swedish, enter SV' }],
	['UK', { means: 'Ukrainian', meant: 'English, enter EN' }],
]);

const language: Rule = (value) => {
	// DK is what the API's own documentation uses for Danish.
	if (value !== 'DK' && !isISO6391(value.toLowerCase())) {
		return error(
			'is not a language code or name that this node knows',
			'Enter FI, SV, NO, DK, EN or another two-letter language code',
		);
	}
	const mixedUp = mixedUpLanguages.get(value);
	return mixedUp && warning(`means ${mixedUp.means}`, `If you mean ${mixedUp.meant}`);
};

// validator doesn't know the newest: XCG of Curaçao and Sint Maarten, ZWG of Zimbabwe.
const legalTenders = new Set<string>(Object.values(currencies));

const currency: Rule = (value) =>
	isISO4217(value) || legalTenders.has(value)
		? undefined
		: error('is not a currency code', 'Enter a three-letter code such as EUR, SEK, NOK or DKK');

const postalCode: Rule = (value, { client }) => {
	const code = textOf(client.countryCode);
	const isCode = isPostalCodeIn(value, registerCountry(code));
	return isCode === undefined || (isCode && isNumber(value))
		? undefined
		: error(
				`is not a postal code in ${countryLabel(code)}`,
				`Enter ${nordicCountry(code)?.postalForm ?? 'it as it is written on letters'}, or correct the country`,
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
			return warning(`belongs to a bank in ${bank}, but the IBAN is of an account in ${account}`, 'Check both with the client');
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
	return isLuhnNumber(value.replace('-', '')) && isNumber(value)
		? undefined
		: error('has a wrong check digit', `Compare the number with the client's invoice; it has ${form}`);
};

const phone: Rule = (value) =>
	/^\+?\d{3,15}$/.test(value)
		? undefined
		: warning('does not look like a phone number', 'Enter one number, such as +358 44 123 4567');

/** Words that say that there is no ID yet. */
const missingId =
	/(?<!\p{L})(?:n\/a|tbd|tba|todo|unknown|pending|missing|none|puuttuu|tulossa|saknas|okänd|mangler|ukjent|ukendt)(?!\p{L})/iu;
/** Words in IDs that somebody made up for a try. */
const triedId = /(?<!\p{L})(?:x{2,}|test|testi|demo|dummy|example)(?!\p{L})/iu;

/** One digit repeated, whatever the check digit. */
const isRepeated = (digits: string) => /^(\d)\1{4,}\d?$/.test(digits);

/** Digits that count up or down, but for the check digit. */
function isCounting(digits: string): boolean {
	const counted = digits.slice(0, -1);
	return counted.length >= 5 && ['01234567890123456789', '98765432109876543210'].some((run) => run.includes(counted));
}

// A stand-in is the same for many companies, and the guard would take them for one.
const standIn = warning(
	'looks like a placeholder: the next client with it would be taken for this one',
	"Enter the company's own ID from the register",
);

/** By country, what to say of a number that others may have as well: nothing but the name tells such clients apart. */
const sharedNumbers = new Map(
	Object.entries({
		CZ: warning('is unique at its court only', 'Fill in the VAT number, or add the court, such as C 12345 Praha'),
		DE: warning('is unique at its court only', 'Fill in the VAT number, or add the court, such as HRB 12345 Amtsgericht Köln'),
		IT: warning('is unique in its province only', 'Fill in the VAT number, or put the province in front, such as MI-1234567'),
		US: warning('is unique in its state only', 'Enter the EIN, which has nine digits'),
	}),
);

// Warnings and not errors: the API's own example has a business ID and a VAT number that are one digit short.
const businessCode: Rule = (value, { client }) => {
	if (!isNumber(value) || missingId.test(value)) {
		return error('is not a business ID', 'Enter the one from the register, such as 0112038-9');
	}
	if (/^\d+([.,]\d+)?E\+?\d+$/i.test(value)) {
		return error('is a number that a spreadsheet has rounded', 'Make the column a text column and enter the ID again');
	}
	const code = textOf(client.countryCode);
	const country = nordicCountry(code);
	const isValid = country && idParts(value, code) !== undefined && country.isId(value);
	const digits = (value.startsWith(code) ? value.slice(code.length) : value).replace(/[ -]/g, '');
	if (triedId.test(value) || isRepeated(digits) || (!isValid && isCounting(digits))) return standIn;
	if (country && !isValid) {
		return warning(
			`is not a valid ${country.adjective} business ID: its length or its check digit is wrong`,
			`Compare it with the register; it has ${country.idForm}`,
		);
	}
	const isAmbiguous = canonicalId(value, code).place === '' && !isNumber(textOf(client.vatRegNbr));
	return isAmbiguous ? sharedNumbers.get(code) : undefined;
};

const vatNumber: Rule = (value, { client }) => {
	const code = textOf(client.countryCode);
	const prefixes = vatPrefixes(code);
	if (prefixes && !prefixes.some((prefix) => value.startsWith(prefix))) {
		return warning(
			`does not begin with ${prefixes.join(' or ')}, although the country is ${countryLabel(code)}`,
			'Correct the VAT number or the country',
		);
	}
	const country = nordicCountry(code);
	if (!country) return undefined;
	const parts = idParts(value, code);
	if (!parts || !isNumber(parts.join('')) || !country.isVat(value)) {
		return warning(
			`is not a valid ${country.adjective} VAT number: its length or its check digit is wrong`,
			`Compare it with the register; it has ${country.vatForm}`,
		);
	}
	const id = textOf(client.businessCode);
	return id === '' || canonicalId(value, code).number === canonicalId(id, code).number
		? undefined
		: warning('belongs to another business than the business ID', 'Correct the one that is wrong');
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

/** What looks odd about an optional field that is empty. */
function judgeEmpty({ service, client }: RawBody, field: Field): Finding | undefined {
	const hasAccount = [client.ibanAccount, client.bankgiro, client.plusgiro].some(textOf);
	if (field.path === 'client.ibanAccount' && service.type === 'INTERMEDIATION' && !hasAccount) {
		return warning(
			"is empty, as are both giro numbers, but with Intermediation payments go to the client's own account",
			'Fill in the IBAN or a giro number',
		);
	}
	return undefined;
}

/**
 * The first thing that is wrong, or looks odd, about a field's text. Whether it has to be filled in is not judged here.
 *
 * Rules: the types that the API announces (docs/api.md), check digits, and what a broken expression leaves behind.
 */
export function judge(value: string, body: RawBody, field: Field): Finding | undefined {
	if (value === '') return judgeEmpty(body, field);
	return judgeText(value) ?? byKind[field.kind]?.(value, body, field) ?? encoding(value, body, field);
}

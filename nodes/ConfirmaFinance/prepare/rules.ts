import currencies from 'country-to-currency';
import { isValidBIC, isValidIBAN } from 'ibantools';
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';
import isISO4217 from 'validator/lib/isISO4217';
import isISO6391 from 'validator/lib/isISO6391';
import isLuhnNumber from 'validator/lib/isLuhnNumber';
import isURL from 'validator/lib/isURL';

import type { Field, FieldKind } from '../client/fields';
import { misread } from './encoding';
import { countryCodes, countryLabel, languageLabel, mainLanguage } from './names';
import {
	givenOutElsewhere,
	isPostalCodeIn,
	nordicCountry,
	nordicId,
	registerCountry,
	vatPrefixes,
} from '../client/nationalNumbers';
import { longestText, phoneNumber } from './normalise';
import type { RawBody } from '../client/body';

/** What a rule found: `wrong` continues a sentence that starts with the field's label; `right` says what to do. */
export interface Finding {
	readonly severity: 'error' | 'warning';
	readonly wrong: string;
	readonly right: string;
}

/** Judges a text; other fields of the same body may be looked up. Undefined means it passes. */
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
	nullOrNaN: /(?<![\p{L}\p{N}.@_-]|dev\/)(?:null|NaN)(?![\p{L}\p{N}.@_-])/u,
	onlyNull: /^(?:[^\p{L}\p{N}]*NULL)+[^\p{L}\p{N}]*$|^\\N$/u,
	object: /\[object Object\]/,
	noNumberOrDate: /^(?:-?Infinity|Invalid Date)$/,
};

/** An error that a spreadsheet shows in a cell, in any of its languages: `#REF!`, `#ARVO!`, `#PUUTTUU!`, `#I/T`, `Err:502`, `####`. */
const spreadsheetError =
	/(?<![\p{L}\p{N}&])#(?:\p{Lu}[\p{Lu}\d/_]*[!?](?![\p{L}\p{N}])|N\/A|I\/T|GETTING_DATA)|^Err:\d{3}$|^#{2,}$/u;

/** What any field may hold: real text of a sane length, and not the remains of a broken expression, formula or letter. */
export function judgeText(value: string): Finding | undefined {
	if (value.length > longestText) {
		return error(`is ${value.length} characters long`, `Enter at most ${longestText} characters`);
	}
	if (misread(value) === 'lost') {
		return error(
			'has lost letters: the file or answer that it comes from was read in the wrong encoding',
			'Read it again in the encoding that it was saved in (UTF-8 or Windows-1252)',
		);
	}
	if (/[\p{Surrogate}\p{Control}\p{Noncharacter_Code_Point}]/u.test(value)) {
		return error('holds characters that are not text', 'Check the value in your CRM and type it again');
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
	if (spreadsheetError.test(value)) {
		return error('holds what a spreadsheet shows when a formula fails', 'Correct the cell that it comes from');
	}
	return undefined;
}

/** A sign as HTML writes it: `&amp;`, `&#228;`, `&ouml;`. */
const htmlEscape =
	/&(?:#\d{1,6}|#x[\da-f]{1,5}|amp|lt|gt|quot|apos|nbsp|shy|euro|[lr]aquo|[nm]dash|[lr][sd]quo|(?:ae|sz)lig|[a-z](?:uml|ring|slash|acute|grave|circ|tilde|cedil|caron));/i;
/** What a spreadsheet puts in front of a text, but not the article of ’t Zand, nor a quotation. */
const textMarker = /^'(?=[\p{Lu}\p{N}])[^']*$/u;

const text: Rule = (value) => {
	if (htmlEscape.test(value))
		return error('holds an HTML escape, such as &amp; for &', 'Map the value as plain text, without HTML');
	return textMarker.test(value)
		? warning('begins with an apostrophe, which a spreadsheet puts in front of text', 'Take the apostrophe away')
		: undefined;
};

const encoding: Rule = (value) =>
	misread(value)
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

// The API's documentation calls Danish DK, and what Confirma Finance's countries speak is never in doubt.
const nordicLanguages = ['FI', 'SV', 'NO', 'NB', 'NN', 'DK', 'DA', 'EN'];

/** The country whose code a language's code is, too, where that may be what was meant: BE is Belarusian, and Belgium. */
function countryMeant(language: string, clientCountry: string): string | undefined {
	const country = language === 'UK' ? 'GB' : language;
	if (nordicLanguages.includes(language) || !isISO31661Alpha2(country)) return undefined;
	const [code, { region: home = '' }] = [language.toLowerCase(), new Intl.Locale(language).maximize()];
	const isAtHome = home === clientCountry && !nordicCountry(home);
	if (isAtHome || [country, clientCountry].some((one) => mainLanguage(one) === code)) return undefined;
	if (country === clientCountry || vatPrefixes(country)) return country;
	// Far from the client, a country is meant less likely than a language that some country speaks: ET is Ethiopia's code.
	return mainLanguage(home) === code ? undefined : country;
}

const language: Rule = (value, { client }) => {
	if (!nordicLanguages.includes(value) && value !== 'IN' && !isISO6391(value.toLowerCase())) {
		return error(
			'is not a language code or name that this node knows',
			'Enter FI, SV, NO, DK, EN or another two-letter language code',
		);
	}
	const meant = countryMeant(value, textOf(client.countryCode));
	if (meant === undefined) return undefined;
	return warning(
		`means ${languageLabel(value)}, and is the code of a country, too: ${countryLabel(meant)}`,
		`If you mean what is spoken there, enter the language's code, such as ${mainLanguage(meant).toUpperCase()}`,
	);
};

// No money: gold and other metals, units of account, tests, and no currency at all.
const noMoney = /^X(?!AF|CD|CG|OF|PF)/;

// validator doesn't know the newest: XCG of Curaçao and Sint Maarten, ZWG of Zimbabwe.
const legalTenders = new Set<string>(Object.values(currencies));

const currency: Rule = (value) =>
	(isISO4217(value) || legalTenders.has(value)) && !noMoney.test(value)
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

/** Territories whose banks' BICs have a country code of their own, beside the country whose IBANs they use (IBAN registry). */
const ibanCountries: Record<string, string> = { GG: 'GB', IM: 'GB', JE: 'GB', FO: 'DK', GL: 'DK' };
for (const code of ['NC', 'PF', 'TF', 'WF']) ibanCountries[code] = 'FR';
const ibanCountry = (code: string) => ibanCountries[code] ?? registerCountry(code);

const bic: Rule = (value, { client: { ibanAccount } }) => {
	if (!isValidBIC(value)) {
		return error('is not a BIC', 'Enter 8 or 11 characters, such as NDEAFIHH');
	}
	if (typeof ibanAccount === 'string' && isValidIBAN(ibanAccount)) {
		const [bank, account] = [value.slice(4, 6), ibanAccount.slice(0, 2)] as [string, string];
		if (ibanCountry(bank) !== ibanCountry(account)) {
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

const phone: Rule = (value, { client }) =>
	phoneNumber(value, textOf(client.countryCode)) === value
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

const standIn = warning('looks like a placeholder', "Enter the company's own ID from the register");

/** Says of a number that another Nordic country alone can have given out that the country may be wrong. */
function wrongCountry(value: string, code: string): Finding | undefined {
	const origin = isISO31661Alpha2(code) ? givenOutElsewhere(value, code) : undefined;
	if (!origin) return undefined;
	const name = countryLabel(origin.country);
	const right = 'Correct the country or the number';
	const isCertain =
		nordicCountry(code) !== undefined || origin.isWritten === 'with letters' || (code === 'SV' && origin.country === 'SE');
	if (isCertain) return error(`is a number from ${name}, but the country is ${countryLabel(code)}: is the country right?`, right);
	// Iceland's have the form of Swedish ones.
	return origin.isWritten === 'with a hyphen' && code !== 'IS'
		? warning(`looks like a number from ${name}, but the country is ${countryLabel(code)}: is the country right?`, right)
		: undefined;
}

/** A number as a spreadsheet rounds it, and no code with an E between its digits: 5.56013E+09, 1E9. */
const rounded = /^\d(?:[.,]\d+)?E\+?\d{1,3}$/i;

// Warnings and not errors: the API's own example has a business ID and a VAT number that are one digit short.
const businessCode: Rule = (value, { client }) => {
	if (!/[^\P{N}0]/u.test(value) || missingId.test(value)) {
		return error('is not a business ID', 'Enter the one from the register, such as 0112038-9');
	}
	if (rounded.test(value)) {
		return error('is a number that a spreadsheet has rounded', 'Make the column a text column and enter the ID again');
	}
	const code = textOf(client.countryCode);
	const elsewhere = wrongCountry(value, code);
	if (elsewhere) return elsewhere;
	const country = nordicCountry(code);
	const isValid = nordicId(value, code) !== undefined;
	const digits = (value.startsWith(code) ? value.slice(code.length) : value).replace(/[ -]/g, '');
	if (triedId.test(value) || isRepeated(digits) || (!isValid && isCounting(digits))) return standIn;
	return country && !isValid
		? warning(
				`is not a valid ${country.adjective} business ID: its length or its check digit is wrong`,
				`Compare it with the register; it has ${country.idForm}`,
			)
		: undefined;
};

const vatNumber: Rule = (value, { client }) => {
	const code = textOf(client.countryCode);
	const elsewhere = wrongCountry(value, code);
	if (elsewhere) return elsewhere;
	const prefixes = vatPrefixes(code);
	if (prefixes && !prefixes.some((prefix) => value.startsWith(prefix))) {
		return warning(
			`does not begin with ${prefixes.join(' or ')}, although the country is ${countryLabel(code)}`,
			'Correct the VAT number or the country',
		);
	}
	const country = nordicCountry(code);
	if (!country) return undefined;
	const id = nordicId(value, code);
	if (id === undefined || !country.isVat(value)) {
		return warning(
			`is not a valid ${country.adjective} VAT number: its length or its check digit is wrong`,
			`Compare it with the register; it has ${country.vatForm}`,
		);
	}
	const own = nordicId(textOf(client.businessCode), code);
	return own === undefined || own.slice(-id.length) === id
		? undefined
		: warning('belongs to another business than the business ID', 'Correct the one that is wrong');
};

const byKind: Record<FieldKind, Rule> = {
	text,
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

const empty: Rule = (_value, { service, client }, field) => {
	if (field.required) return error('is empty', 'Fill it in, or map a field of your CRM to it');
	const hasAccount = [client.ibanAccount, client.bankgiro, client.plusgiro].some(textOf);
	if (field.path === 'client.ibanAccount' && service.type === 'INTERMEDIATION' && !hasAccount) {
		return warning(
			"is empty, as are both giro numbers, but with Intermediation payments go to the client's own account",
			'Fill in the IBAN or a giro number',
		);
	}
	return undefined;
};

/**
 * The first thing that is wrong, or looks odd, about a field's text.
 *
 * Rules: the types that the API announces (docs/api.md), check digits, and what a broken expression leaves behind.
 */
export const judge: Rule = (value, body, field) =>
	value === ''
		? empty(value, body, field)
		: (judgeText(value) ?? byKind[field.kind](value, body, field) ?? encoding(value, body, field));

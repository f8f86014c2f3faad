import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import isPostalCode, { locales, type PostalCodeLocale } from 'validator/lib/isPostalCode';
import isURL from 'validator/lib/isURL';

import { nordicCountry, registerCountry } from '../../client/nationalNumbers';
import { countryCode, countryLabel } from '../names';
import { error, isNumber, textOf, warning, type Kind } from './kind';

// The rule of HTML's <input type=email>, which the API announces.
const domainLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const htmlEmail = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${domainLabel}(?:\\.${domainLabel})*$`, 'i');

export const email: Kind = {
	judge: (value) =>
		htmlEmail.test(value) ? undefined : error('is not an email address', 'Enter a single address such as matti@example.com'),
};

export const website: Kind = {
	judge: (value) =>
		isURL(value, { protocols: ['http', 'https'], disallow_auth: true, allow_underscores: true })
			? undefined
			: error('is not a web address', 'Enter an address such as https://www.example.com'),
};

// A phone number with a second one, or an extension, that a parser would take for its end: 12 34 56 / 57, 1234567-9, 123 456 (7).
const severalNumbers = /(?:\d[^\d/]*){7}\/|\d{5}-\d{1,3}$|\d(?: -|- ) ?\d{1,3}$|\(\d\)$/;
// In Germany and Austria a hyphen goes in front of an extension, which is dialled as part of the number (DIN 5008).
const hasDialledExtension = (number: string) => /^\+4[39]/.test(number);

/** A phone number as +358441234567; undefined where no number of so many digits is possible in its country. */
function phoneNumber(text: string, country: string): string | undefined {
	// No calling code begins with a zero, but the parser takes the zero away. What follows a semicolon it reads every other time only.
	if (/^\D*(?:\+|00)\D*0|;/.test(text)) return undefined;
	const parsed = parsePhoneNumberFromString(text.replace(/^\((\+|00)(\d{1,3})\)/, '$1$2'), {
		defaultCountry: country as CountryCode,
		extract: false,
	});
	if (!parsed?.isPossible() || parsed.ext) return undefined;
	// A 0 in front of a calling code, as in 0 358 40 …, is read as that of an area code.
	if (!parsed.isValid() && parsePhoneNumberFromString(`+${parsed.nationalNumber}`)?.isValid()) return undefined;
	return severalNumbers.test(text) && !hasDialledExtension(parsed.number) ? undefined : parsed.number;
}

/** A word or two in front, as in `Tel. 040 123 4567`, `Tlf. nr. 12 34 56 78` or `tel:+358…`. */
const phoneLabel = /^(?:\p{L}{1,20}[.:]*\s*){1,2}(?=[+(\d])/u;

export const phone: Kind = {
	normalise: (text, country) => phoneNumber(text.replace(phoneLabel, ''), country) ?? text,
	judge: (value, { client }) =>
		phoneNumber(value, textOf(client.countryCode)) === value
			? undefined
			: warning('does not look like a phone number', 'Enter one number, such as +358 44 123 4567'),
};

/** Whether a text is a postal code of the country; undefined where the form of its postal codes isn't known. */
function isPostalCodeIn(text: string, country: string): boolean | undefined {
	if (country === 'GB' && /^BFPO ?(?:c\/o ?)?\d{1,4}$/i.test(text)) return true;
	return (locales as string[]).includes(country) ? isPostalCode(text, country as PostalCodeLocale) : undefined;
}

/** Letters on cars that stand in front of postal codes, where they aren't a code of the country: D-10115. */
const carLetters = 'A-AT B-BE D-DE E-ES F-FR FL-LI H-HU I-IT L-LU N-NO P-PT S-SE'.split(' ');

/** A code without the letters of its own country in front. */
function withoutCountry(code: string, country: string): string {
	const [, letters = '', rest] = /^([a-z]{1,3})(?:[ -]?(?=\d)|[ -])(.*\d.*)$/i.exec(code.toUpperCase()) ?? [];
	const isOwn = carLetters.includes(`${letters}-${country}`) || registerCountry(countryCode(letters) ?? '') === country;
	return isOwn && rest ? rest : code;
}

/** A code as its country writes it: 00-950 in Poland, D02 X285 in Ireland, 90210-1234, LV-1010. */
function inWrittenForm(code: string, country: string): string | undefined {
	const compact = code.replace(/[ -]/g, '');
	if (compact.length > 10) return undefined;
	const separated = [...compact.slice(2)].flatMap((_, index) =>
		[...'- '].map((separator) => compact.slice(0, index + 2) + separator + compact.slice(index + 2)),
	);
	const forms = [code, `${country}-${compact}`, ...separated, compact];
	return forms.find((form) => isPostalCodeIn(form, country));
}

export const postalCode: Kind = {
	normalise(text, given) {
		const country = registerCountry(given);
		const code = withoutCountry(text, country);
		const length = nordicCountry(country)?.postalDigits;
		if (length === undefined) return inWrittenForm(code, country) ?? text;
		const digits = code.replace(/[ -]/g, '');
		// A single digit is more likely a slip than a code that lost its zeros, and one that begins with a zero lost none.
		const isCode = digits.length === length || !digits.startsWith('0');
		return isCode && /^\d{2,}$/.test(digits) ? digits.padStart(length, '0') : text;
	},
	judge(value, { client }) {
		const code = textOf(client.countryCode);
		const isCode = isPostalCodeIn(value, registerCountry(code));
		const example = nordicCountry(code)?.examples.postalCode;
		return isCode === undefined || (isCode && isNumber(value))
			? undefined
			: error(
					`is not a postal code in ${countryLabel(code)}`,
					`Enter it as it is written on letters, ${example ? `such as ${example}, ` : ''}or correct the country`,
				);
	},
};

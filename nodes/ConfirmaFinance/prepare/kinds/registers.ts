import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';

import { givenOutElsewhere, nordicCountry, nordicId, vatPrefixes } from '../../client/nationalNumbers';
import { countryLabel } from '../names';
import { error, isNumber, textOf, warning, type Finding, type Kind } from './kind';

/** Says of a number that another Nordic country alone can have given out that the country may be wrong. */
function wrongCountry(value: string, code: string, finding: typeof error): Finding | undefined {
	const origin = isISO31661Alpha2(code) ? givenOutElsewhere(value, code) : undefined;
	if (!origin) return undefined;
	return finding(
		`is a number from ${countryLabel(origin)}, but the country is ${countryLabel(code)}: is the country right?`,
		'Correct the one that is wrong',
	);
}

const invalid = (what: string, code: string, example: string) =>
	warning(
		`is not a valid ${what} in ${countryLabel(code)}: its length or its check digit is wrong`,
		`Compare it with the register; it looks like ${example}`,
	);

/** A number as a spreadsheet rounds it, and no code with an E between its digits: 5.56013E+09, 1E9. */
const rounded = /^\d(?:\d{0,2}[.,]\d+)?E\+?\d{1,3}$/i;

// Warnings and not errors: the API's own example has a business ID and a VAT number that are one digit short.
export const businessCode: Kind = {
	normalise(text, country) {
		const compact = text.replaceAll(' ', '');
		return nordicId(text, country) ?? (/^[\d-]+$/.test(compact) ? compact : text);
	},
	judge(value, { client }) {
		if (!isNumber(value)) return error('is not a business ID', 'Enter the one from the register, such as 0112038-9');
		if (rounded.test(value)) {
			return error('is a number that a spreadsheet has rounded', 'Make the column a text column and enter the ID again');
		}
		const code = textOf(client.countryCode);
		const elsewhere = wrongCountry(value, code, error);
		if (elsewhere) return elsewhere;
		const country = nordicCountry(code);
		return country && nordicId(value, code) === undefined ? invalid('business ID', code, country.examples.id) : undefined;
	},
};

const digitsOf = (text: string) => text.replace(/\D/g, '');

const vatForm = /^(?:[A-Z]{2}(?!NR)[A-Z\d]{0,2}\d{2,}[A-Z\d]{0,4}|\d{9}MVA)$/;

export const vatNumber: Kind = {
	normalise(text, country) {
		const capitals = text.toUpperCase();
		// Words may stand in front, as in `VAT no. SE556012579001`.
		const starts = vatPrefixes(country).map((prefix) =>
			capitals.search(new RegExp(`(?<!\\p{L})${prefix}[\\p{L} .-]{0,4}\\d`, 'u')),
		);
		const compact = capitals.slice(Math.max(0, ...starts)).replace(/[ .-]/g, '');
		// Norwegian ones have letters at their end, and need none in front.
		const number = /(?:NO)?(?<!\d)\d{9}MVA/.exec(compact)?.[0] ?? compact;
		// Other digits than the number's are no words to leave out.
		return vatForm.test(number) && digitsOf(number) === digitsOf(text) ? number : text;
	},
	judge(value, { client }) {
		const code = textOf(client.countryCode);
		const country = nordicCountry(code);
		// Companies from elsewhere may be registered for VAT in a Nordic country, too.
		const elsewhere = wrongCountry(value, code, country ? error : warning);
		if (elsewhere) return elsewhere;
		const prefixes = vatPrefixes(code);
		if (prefixes.length > 0 && !prefixes.some((prefix) => value.startsWith(prefix))) {
			return warning(
				`does not begin with ${prefixes.join(' or ')}, although the country is ${countryLabel(code)}`,
				'Correct the VAT number or the country',
			);
		}
		if (!country) return undefined;
		const id = nordicId(value, code);
		if (id === undefined || !country.vat.test(value)) return invalid('VAT number', code, country.examples.vat);
		const own = nordicId(textOf(client.businessCode), code);
		return own === undefined || own.slice(-id.length) === id
			? undefined
			: warning('belongs to another business than the business ID', 'Correct the one that is wrong');
	},
};

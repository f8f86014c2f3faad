import * as cvr from 'stdnum/lib/esm/dk/cvr';
import * as alv from 'stdnum/lib/esm/fi/alv';
import * as ytunnus from 'stdnum/lib/esm/fi/ytunnus';
import * as mva from 'stdnum/lib/esm/no/mva';
import * as orgnrNo from 'stdnum/lib/esm/no/orgnr';
import * as orgnrSe from 'stdnum/lib/esm/se/orgnr';
import * as vatSe from 'stdnum/lib/esm/se/vat';
import isPostalCode, { locales, type PostalCodeLocale } from 'validator/lib/isPostalCode';

/** What is known of a country in which Confirma Finance works: how its numbers are written and checked. */
interface NordicCountry {
	/** As in "a Finnish business ID". */
	readonly adjective: string;
	/** A business ID or VAT number without spaces; the groups are the ID's digits, in the parts that a hyphen separates. */
	readonly idParts: RegExp;
	/** Whether an ID as the register writes it has right check digits. */
	readonly isId: (id: string) => boolean;
	readonly idForm: string;
	/** Digits of an ID that a number column may have shortened, where that is certain. */
	readonly idDigits?: number;
	/** Whether a VAT number, with the country's letters and without separators, has right check digits. */
	readonly isVat: (vat: string) => boolean;
	readonly vatForm: string;
	/** Digits of a postal code that a number column may have shortened. Sweden's begin with no zero. */
	readonly postalDigits?: number;
	readonly postalForm: string;
}

const nordicCountries = new Map<string, NordicCountry>(
	Object.entries({
		FI: {
			adjective: 'Finnish',
			idParts: /^(?:FI)?(\d{7})-?(\d)$/i,
			isId: (id) => ytunnus.validate(id).isValid,
			idForm: 'seven digits, a hyphen and a check digit, such as 0112038-9',
			idDigits: 8,
			isVat: (vat) => alv.validate(vat).isValid,
			vatForm: 'FI and eight digits, such as FI01120389',
			postalDigits: 5,
			postalForm: 'five digits, such as 00100',
		},
		SE: {
			adjective: 'Swedish',
			// With a company's 16 in front, or a sole trader's century, or with the 01 of a VAT number behind.
			idParts: /^(?:SE(\d{6})-?(\d{4})01|(?:16)?(\d{6})-?(\d{4})|((?:18|19|20)\d{6})-?(\d{4}))$/i,
			// A sole trader's business ID is a personal identity number, whose check digit doesn't cover the century.
			isId: (id) => orgnrSe.validate(id.slice(-'556012-5790'.length)).isValid,
			idForm: 'ten digits with a hyphen, such as 556012-5790',
			isVat: (vat) => vatSe.validate(vat).isValid,
			vatForm: 'SE, ten digits and 01, such as SE556012579001',
			postalForm: 'five digits, such as 111 22',
		},
		NO: {
			adjective: 'Norwegian',
			idParts: /^(?:NO)?(\d{9})(?:MVA)?$/i,
			isId: (id) => orgnrNo.validate(id).isValid,
			idForm: 'nine digits, such as 923609016',
			isVat: (vat) => mva.validate(vat).isValid,
			vatForm: 'nine digits and MVA, such as NO923609016MVA',
			postalDigits: 4,
			postalForm: 'four digits, such as 0150',
		},
		DK: {
			adjective: 'Danish',
			idParts: /^(?:DK)?(\d{8})$/i,
			isId: (id) => cvr.validate(id).isValid,
			idForm: 'eight digits, such as 24256790',
			isVat: (vat) => cvr.validate(vat).isValid,
			vatForm: 'DK and eight digits, such as DK24256790',
			postalDigits: 4,
			postalForm: 'four digits, such as 1050',
		},
	}),
);

// Territories with a country code of their own whose businesses, VAT numbers and postal codes are another country's.
const registers: Record<string, string> = { AX: 'FI', SJ: 'NO', GF: 'FR', GP: 'FR', MQ: 'FR', RE: 'FR', YT: 'FR' };

/** The country whose registers a country's businesses are in: Finland's for Åland, which has a code of its own. */
export function registerCountry(code: string): string {
	return Object.hasOwn(registers, code) ? registers[code]! : code;
}

/** What is known of the country with this ISO 3166-1 code. */
export function nordicCountry(code: string): NordicCountry | undefined {
	return nordicCountries.get(registerCountry(code));
}

/**
 * A business ID in the parts that a hyphen separates, also of one written as VAT number or without the hyphen.
 *
 * @param text without spaces
 * @returns undefined where the country's form isn't known, or isn't met
 */
export function idParts(text: string, country: string): string[] | undefined {
	return nordicCountry(country)?.idParts.exec(text)?.slice(1).filter(Boolean);
}

// In the European Union VAT numbers begin with the country's code, but for Greek ones; Northern Irish ones begin with XI.
const vatCountries = 'AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK CH'.split(' ');
const otherPrefixes: Record<string, readonly string[]> = { GR: ['EL'], GB: ['GB', 'XI'] };

/** The letters that a country's VAT numbers begin with; undefined where they needn't begin with any. */
export function vatPrefixes(country: string): readonly string[] | undefined {
	const register = registerCountry(country);
	if (!vatCountries.includes(register)) return undefined;
	return otherPrefixes[register] ?? [register];
}

/** Whether a text is a postal code of the country; undefined where the form of its postal codes isn't known. */
export function isPostalCodeIn(text: string, country: string): boolean | undefined {
	return (locales as string[]).includes(country) ? isPostalCode(text, country as PostalCodeLocale) : undefined;
}

import isPostalCode, { locales, type PostalCodeLocale } from 'validator/lib/isPostalCode';

/** Whether a text is a postal code of the country; undefined where the form of its postal codes isn't known. */
export function isPostalCodeIn(text: string, country: string): boolean | undefined {
	return (locales as string[]).includes(country) ? isPostalCode(text, country as PostalCodeLocale) : undefined;
}

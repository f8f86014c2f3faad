import isoCodes from 'i18n-iso-countries/codes.json';
import { CountryCodes } from 'validator/lib/isISO31661Alpha2';
import isISO6391 from 'validator/lib/isISO6391';

import { countryCode, countryCodes, countryLabel, languageCode } from '../../../nodes/ConfirmaFinance/prepare/names';

const languages = ['en', 'fi', 'sv', 'nb', 'da'];
const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];
const languageCodes = alphabet.flatMap((a) => alphabet.map((b) => a + b)).filter((code) => isISO6391(code));

it.each(languages)('every country is found by its name in %s, in any casing', (language) => {
	const names = new Intl.DisplayNames([language], { type: 'region' });
	const notFound = [...CountryCodes].filter(
		(code) => countryCode(names.of(code)!) !== code || countryCode(names.of(code)!.toUpperCase()) !== code,
	);
	// CLDR's Norwegian name for the Democratic Republic of the Congo is ambiguous.
	expect(notFound).toEqual(language === 'nb' ? ['CD'] : []);
});

it.each(languages)('every language is found by its name in %s, but for names that two languages share', (language) => {
	const names = new Intl.DisplayNames([language], { type: 'language', fallback: 'none' });
	const shared = ['AK', 'TW'];
	const notFound = languageCodes.filter((code) => {
		const name = names.of(code);
		// The API's page calls Danish DK.
		return name !== undefined && languageCode(name) !== (code === 'da' ? 'DK' : code.toUpperCase());
	});
	expect(notFound.map((code) => code.toUpperCase()).filter((code) => !shared.includes(code))).toEqual([]);
});

it('a name that stands for two languages stands for none', () => {
	expect(languageCode('Akan')).toBeUndefined();
	expect(languageCode('ak')).toBe('AK');
});

it('every three-letter code is its country', () => {
	expect(isoCodes.length).toBeGreaterThan(240);
	const notFound = isoCodes.filter(([code, alpha3]) =>
		[alpha3!, alpha3!.toLowerCase()].some((given) => countryCode(given) !== code),
	);
	expect(notFound).toEqual([]);
});

it.each(['Congo', 'Kongo', 'Korea', 'Virgin Islands'])('%s is the name of two countries, and stands for neither', (name) => {
	expect(countryCode(name)).toBeUndefined();
	expect(countryCodes(name)).toHaveLength(2);
});

it.each(['und', 'mul', 'zxx', 'smn', 'usa', 'English (US) (UK)', 'x'.repeat(10_000)])(
	'%p is no language with a two-letter code',
	(name) => {
		expect(languageCode(name)).toBeUndefined();
	},
);

it.each(['', ' ', 'Atlantis', 'XX', 'DD', 'ZZ', 'EU', '__proto__', 'constructor', 'toString', '12', '\uD800'])(
	'%p is no country and no language',
	(given) => {
		expect(countryCode(given)).toBeUndefined();
		if (!isISO6391(given.toLowerCase())) expect(languageCode(given)).toBeUndefined();
	},
);

it('a country is shown with its English name and its code', () => {
	expect(countryLabel('FI')).toBe('Finland (FI)');
});

import isoCodes from 'i18n-iso-countries/codes.json';
import danish from 'i18n-iso-countries/langs/da.json';
import english from 'i18n-iso-countries/langs/en.json';
import finnish from 'i18n-iso-countries/langs/fi.json';
import norwegian from 'i18n-iso-countries/langs/nb.json';
import swedish from 'i18n-iso-countries/langs/sv.json';
import isISO31661Alpha2, { CountryCodes } from 'validator/lib/isISO31661Alpha2';
import isISO6391 from 'validator/lib/isISO6391';

// English and the languages of the countries Confirma Finance works in.
const languages = ['en', 'fi', 'sv', 'nb', 'da'];

// What people write that neither of the lists of names knows. EL and UK are in daily use but aren't ISO codes.
const countryAliases: Record<string, string> = {
	uk: 'GB',
	england: 'GB',
	scotland: 'GB',
	wales: 'GB',
	'northern ireland': 'GB',
	englanti: 'GB',
	holland: 'NL',
	hollanti: 'NL',
	america: 'US',
	'slovak republic': 'SK',
	'republic of ireland': 'IE',
	noreg: 'NO',
	eesti: 'EE',
	latvija: 'LV',
	lietuva: 'LT',
	deutschland: 'DE',
	polska: 'PL',
	osterreich: 'AT',
	schweiz: 'CH',
	italia: 'IT',
	espana: 'ES',
	el: 'GR',
};

const languageAliases: Record<string, string> = { bokmal: 'NB', nynorsk: 'NN', flemish: 'NL' };

/** What the API's documentation uses for Danish, which ISO 639-1 calls DA. */
const danishCode = 'DK';

const longestName = 100;

/**
 * Lower case, without accents and punctuation, so that `ÅLAND ISLANDS` finds `Åland Islands` and `U.S.A.` `USA`. Empty for a
 * text that is too long to be a name: folding a megabyte would hold up everything else in n8n.
 */
function folded(name: string): string {
	if (name.length > longestName) return '';
	return name
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replaceAll('.', '')
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();
}

type Named = readonly [code: string, name: string];

/** What Intl calls the codes in all the languages, in full and in short (`UK`, `Hong Kong`). */
function* intlNames(type: 'region' | 'language', codes: readonly string[]): Generator<Named> {
	for (const language of languages) {
		for (const style of ['long', 'short'] as const) {
			const names = new Intl.DisplayNames([language], { type, style, fallback: 'none' });
			for (const code of codes) yield [code, names.of(code) ?? ''];
		}
	}
}

/** Three-letter codes, and the names that Intl doesn't know, such as `United States of America` or `Yhdistynyt kuningaskunta`. */
function* isoNames(): Generator<Named> {
	for (const [code, alpha3] of isoCodes) yield [code!, alpha3!];
	for (const { countries } of [english, finnish, swedish, norwegian, danish]) {
		for (const [code, names] of Object.entries(countries)) {
			for (const name of [names].flat()) yield [code, name];
		}
	}
}

/** Codes by folded name; a name that stands for two codes is left out, since picking one of them would be a guess. */
function indexOf(names: Iterable<Named>, aliases: Record<string, string>): Map<string, string> {
	const index = new Map<string, string>();
	const ambiguous = new Set(['']);
	for (const [code, name] of names) {
		const key = folded(name);
		if ((index.get(key) ?? code) !== code) ambiguous.add(key);
		index.set(key, code);
	}
	for (const name of ambiguous) index.delete(name);
	return new Map([...index, ...Object.entries(aliases)]);
}

// Built at the first name that has to be looked up: it costs some milliseconds, and most items carry codes.
let countries: Map<string, string> | undefined;
let languagesByName: Map<string, string> | undefined;

/** ISO 3166-1 alpha-2 code for a country's code, three-letter code or name; undefined when it isn't understood. */
export function countryCode(country: string): string | undefined {
	const code = country.toUpperCase();
	if (isISO31661Alpha2(code)) return code;
	// Only current codes: Intl.DisplayNames over all letter pairs also finds obsolete ones, such as DD for Germany.
	countries ??= indexOf([...intlNames('region', [...CountryCodes]), ...isoNames()], countryAliases);
	return countries.get(folded(country));
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const languageCodes = letters
	.flatMap((first) => letters.map((second) => first + second))
	.filter((pair) => isISO6391(pair.toLowerCase()));

const asApiWrites = (code: string | undefined) => (code === 'DA' ? danishCode : code);

/** The two-letter code of a locale (`zh-Hans-CN`) or of a three-letter code (`fin`; `ger` and `deu`). */
function codeOfLocale(locale: string): string | undefined {
	if (!/^[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*$/i.test(locale) || locale.length > longestName) return undefined;
	try {
		const { language } = new Intl.Locale(locale.replaceAll('_', '-'));
		return isISO6391(language) ? language.toUpperCase() : undefined;
	} catch {
		return undefined;
	}
}

/**
 * Two-letter language code in capitals for a code, a locale such as `sv-SE`, a three-letter code, or a language's name, with a
 * country behind it or not; undefined when it isn't understood. Two letters stay as they are given: `DA` and `DK`, which
 * the API uses for Danish, are both in use. Danish by any other name becomes `DK`.
 */
export function languageCode(language: string): string | undefined {
	const code = /^([a-z]{2})(?:[-_][a-z]{2})?$/i.exec(language)?.[1]?.toUpperCase();
	if (code && (isISO6391(code.toLowerCase()) || code === danishCode)) return code;
	languagesByName ??= indexOf(intlNames('language', languageCodes), languageAliases);
	const withoutCountry = language.slice(0, longestName).replace(/\([^)]*\)$/, '');
	return asApiWrites(
		codeOfLocale(language) ?? languagesByName.get(folded(language)) ?? languagesByName.get(folded(withoutCountry)),
	);
}

let englishNames: Intl.DisplayNames | undefined;

/** A country's English name with its code, as `Finland (FI)`. */
export function countryLabel(code: string): string {
	englishNames ??= new Intl.DisplayNames(['en'], { type: 'region' });
	return `${englishNames.of(code)} (${code})`;
}

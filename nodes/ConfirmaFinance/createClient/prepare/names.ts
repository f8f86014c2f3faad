import isISO31661Alpha2, { CountryCodes } from 'validator/lib/isISO31661Alpha2';
import isISO6391 from 'validator/lib/isISO6391';

// English and the languages of the countries Confirma Finance works in.
const languages = ['en', 'fi', 'sv', 'nb', 'da'];

// What people write that Intl.DisplayNames doesn't know. EL and UK are in daily use but aren't ISO codes.
const countryAliases: Record<string, string> = {
	uk: 'GB',
	'great britain': 'GB',
	england: 'GB',
	scotland: 'GB',
	wales: 'GB',
	englanti: 'GB',
	holland: 'NL',
	hollanti: 'NL',
	'the netherlands': 'NL',
	usa: 'US',
	america: 'US',
	turkey: 'TR',
	'czech republic': 'CZ',
	'republic of ireland': 'IE',
	noreg: 'NO',
	eesti: 'EE',
	latvija: 'LV',
	lietuva: 'LT',
	deutschland: 'DE',
	polska: 'PL',
	el: 'GR',
	fin: 'FI',
	swe: 'SE',
	nor: 'NO',
	dnk: 'DK',
	est: 'EE',
	lva: 'LV',
	ltu: 'LT',
	deu: 'DE',
	nld: 'NL',
	gbr: 'GB',
	isl: 'IS',
	pol: 'PL',
};

const languageAliases: Record<string, string> = { bokmal: 'NB', nynorsk: 'NN', flemish: 'NL' };

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

/**
 * Codes by folded name, in all the languages; a name that stands for two codes is left out, since picking one of them
 * would be a guess.
 */
function nameIndex(type: 'region' | 'language', codes: readonly string[], aliases: Record<string, string>): Map<string, string> {
	const index = new Map<string, string>();
	const ambiguous = new Set<string>();
	for (const language of languages) {
		for (const style of ['long', 'short'] as const) {
			const names = new Intl.DisplayNames([language], { type, style, fallback: 'none' });
			for (const code of codes) {
				const name = folded(names.of(code) ?? '');
				if ((index.get(name) ?? code) !== code) ambiguous.add(name);
				index.set(name, code);
			}
		}
	}
	for (const name of ['', ...ambiguous]) index.delete(name);
	return new Map([...index, ...Object.entries(aliases)]);
}

// Built at the first name that has to be looked up: it costs some milliseconds, and most items carry codes.
let countries: Map<string, string> | undefined;
let languagesByName: Map<string, string> | undefined;

/** ISO 3166-1 alpha-2 code for a country's code or name; undefined when it isn't understood. */
export function countryCode(country: string): string | undefined {
	const code = country.toUpperCase();
	if (isISO31661Alpha2(code)) return code;
	// Only current codes: Intl.DisplayNames over all letter pairs also finds obsolete ones, such as DD for Germany.
	countries ??= nameIndex('region', [...CountryCodes], countryAliases);
	return countries.get(folded(country));
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const languageCodes = letters
	.flatMap((first) => letters.map((second) => first + second))
	.filter((pair) => isISO6391(pair.toLowerCase()));

/**
 * Two-letter language code in capitals for a code, a locale such as `sv-SE`, or a language's name; undefined when it
 * isn't understood. `DK`, which the API uses for Danish, stays as it is.
 */
export function languageCode(language: string): string | undefined {
	const code = /^([a-z]{2})(?:[-_][a-z]{2})?$/i.exec(language)?.[1];
	if (code && (isISO6391(code.toLowerCase()) || code.toUpperCase() === 'DK')) {
		return code.toUpperCase();
	}
	languagesByName ??= nameIndex('language', languageCodes, languageAliases);
	return languagesByName.get(folded(language));
}

let englishNames: Intl.DisplayNames | undefined;

/** A country's English name with its code, as `Finland (FI)`. */
export function countryLabel(code: string): string {
	englishNames ??= new Intl.DisplayNames(['en'], { type: 'region' });
	return `${englishNames.of(code)} (${code})`;
}

import isoCodes from 'i18n-iso-countries/codes.json';
import danish from 'i18n-iso-countries/langs/da.json';
import english from 'i18n-iso-countries/langs/en.json';
import finnish from 'i18n-iso-countries/langs/fi.json';
import norwegian from 'i18n-iso-countries/langs/nb.json';
import swedish from 'i18n-iso-countries/langs/sv.json';
import isISO31661Alpha2, { CountryCodes } from 'validator/lib/isISO31661Alpha2';
import isISO6391 from 'validator/lib/isISO6391';

type Names = Readonly<Record<string, string | string[]>>;

/** What the UN, CRMs and people write beside the names of the libraries. EL is in daily use but isn't an ISO code. */
const otherCountryNames: Names = {
	AR: 'Argentine Republic',
	BN: 'Brunei, Abode of Peace',
	BY: 'Vitryssland',
	CD: ['Kongo', 'DR Congo', 'DRC', 'Den demokratiske republikken Kongo'],
	CG: ['Kongo', 'Republiken Kongo', 'Republikken Kongo'],
	CH: ['Swiss Confederation', 'Schweiziska edsförbundet', 'Det sveitsiske edsforbund', 'Det schweiziske forbund'],
	FR: 'French Republic',
	GA: 'Gabonese Republic',
	GB: [
		...['Great Britain and Northern Ireland', 'Iso-Britannian ja Pohjois-Irlannin'],
		...['Storbritannien och Nordirland', 'Storbritannia og Nord-Irland'],
		...['England', 'Scotland', 'Wales', 'Northern Ireland', 'Englanti'],
	],
	GR: ['EL', 'Hellenic Republic', 'Helleenien tasavalta'],
	HK: 'Hong Kong, China',
	KG: 'Kyrgyz Republic',
	KP: [
		'Korea',
		"Democratic People's Republic of Korea",
		'Demokratiska folkrepubliken Korea',
		'Demokratiske folkerepublikken Korea',
	],
	KR: ['Korea', 'Republiken Korea', 'Republikken Korea'],
	LB: 'Lebanese Republic',
	MK: ['Macedonia', 'FYROM', 'Macedonia, the former Yugoslav Republic of'],
	MO: 'Macao, China',
	MX: ['United Mexican States', 'Mexikos förenta stater'],
	NL: 'Hollanti',
	PT: 'Portuguese Republic',
	RU: ['Ryska federationen', 'Den russiske føderasjon', 'Den russiske føderation'],
	RW: 'Rwandese Republic',
	SH: 'Saint Helena, Ascension and Tristan da Cunha',
	SJ: 'Svalbard and Jan Mayen Islands',
	SK: 'Slovak Republic',
	SY: ['Syriska arabiska republiken', 'Den syriske arabiske republik'],
	SZ: 'Swaziland',
	TG: 'Togolese Republic',
	TW: ['Republic of China', 'Chinese Taipei', 'Kiinan tasavalta', 'Republiken Kina', 'Republikken Kina'],
	US: ['America', 'Amerikas', 'Amerikan'],
	VA: ['Holy See', 'Vatican', 'Pyhä istuin', 'Heliga stolen', 'Hellige stol'],
	VG: ['Virgin Islands', 'Neitsytsaaret', 'Jungfruöarna', 'Jomfruøyene', 'Jomfruøerne'],
	VI: ['Virgin Islands', 'Neitsytsaaret', 'Jungfruöarna', 'Jomfruøyene', 'Jomfruøerne', 'United States Virgin Islands'],
	WF: 'Wallis and Futuna Islands',
};

const unspoken = new Set(['', 'the', 'of', 'and', 'och', 'og', 'ja', 'den', 'det']);

/** The words of a name without accents, punctuation and case, in alphabetical order: `Korea, Republic of` is `Republic of Korea`. */
function wordsOf(name: string): string[] {
	const letters = name
		.toLowerCase()
		.normalize('NFD')
		.replace(/[\p{M}.'’]/gu, '');
	return letters
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => !unspoken.has(word))
		.sort();
}

/** What a state calls itself beside its name, in the five languages: `Kingdom of`, `Republiken`, `liittotasavalta`. */
const stateWord = new RegExp(
	[
		'republi[ck]|kingdom|ri[kg]et$|^kongeri|d[oø]mm?et$|principality|grand|duchy|^stat|federa|fødera|forbund|foren|united|^union|sultanat',
		'commonwealth|samv[aæ]lde|^(?:territory|collectivity|bailiwick|country|nation|department|special|administrative|region|sar$)|demo[ck]rati|^people|so[cs]iali[sz]t',
		'^islam|plurina|mangnationel|^co$|operati|bolivar|oriental|independent|sovereign|oberoende|sjalvstandig|uavhengige',
		'^arab(?:ic|isk[ae])?$|has?[hc]?[ei]mit|tasavalta|kunta$|valtio|liitto|inen$|yhdistynyt|yhdysvallat',
	].join('|'),
	'u',
);

/** Finnish names as they end before `tasavalta`: Suomen, Itävallan, Islannin, Kreikan, Kyproksen, Filippiinien. */
function genitives(name: string): string[] {
	const weak = name.replace(/([ln])t(?=.$)/, '$1$1').replace(/kk(?=.$)/, 'k');
	return [`${name}n`, `${weak}n`, `${name}in`, name.replace(/i$/, 'en').replace(/s$/, 'ksen').replace(/it$/, 'ien')];
}

/** Codes by the words of the names that they have. */
type Index = ReadonlyMap<string, ReadonlySet<string>>;

function indexOf(named: ReadonlyArray<readonly [code: string, names: string | string[]]>): Index {
	const index = new Map<string, Set<string>>();
	// Most lists have the same names.
	const pairs = new Set(named.flatMap(([code, names]) => [names].flat().map((name) => code + name)));
	for (const pair of pairs) {
		const key = wordsOf(pair.slice(2)).join(' ');
		index.set(key, (index.get(key) ?? new Set()).add(pair.slice(0, 2)));
	}
	index.delete('');
	return index;
}

/** What Intl calls the codes in a language, in full and in short: `UK`, `Hong Kong`. */
function intlNames(type: 'region' | 'language', codes: readonly string[], language: string): Array<[string, string]> {
	const styles = (['long', 'short'] as const).map(
		(style) => new Intl.DisplayNames([language], { type, style, fallback: 'none' }),
	);
	return codes.flatMap((code) => styles.map((names): [string, string] => [code, names.of(code) ?? '']));
}

const ourLanguages = ['en', 'fi', 'sv', 'nb', 'da'];
// Only current codes: Intl.DisplayNames over all letter pairs also finds obsolete ones, such as DD for Germany.
const regions = [...CountryCodes];
const alpha3Codes = new Map(isoCodes.map(([alpha2, alpha3]) => [alpha3!, alpha2!]));

// Made when a name is first looked up: it takes a tenth of a second.
let countries: Index | undefined;

function countriesCalled(text: string): readonly string[] {
	const name = text.trim().toUpperCase();
	const code = isISO31661Alpha2(name) ? name : alpha3Codes.get(name);
	if (code) return [code];
	countries ??= indexOf([
		...Object.entries(otherCountryNames),
		...[english, finnish, swedish, norwegian, danish].flatMap((list) => Object.entries((list as { countries: Names }).countries)),
		...ourLanguages.flatMap((language) => intlNames('region', regions, language)),
		...Object.entries(finnish.countries).map(([code, names]) => [code, [names].flat().flatMap(genitives)] as const),
		// Österreich, Deutschland, Eesti
		...regions.flatMap((code) => intlNames('region', [code], mainLanguage(code))),
	]);
	const words = wordsOf(name);
	const own = words.filter((word) => !stateWord.test(word));
	return [...(countries.get(words.join(' ')) ?? countries.get(own.join(' ')) ?? [])];
}

/**
 * ISO 3166-1 alpha-2 codes for a country's code, three-letter code or name: one where it is understood, several where it is the
 * name of several countries, such as Congo, and otherwise none. Names and codes may stand side by side, as in `Sweden (SE)`
 * and `Suomi/Finland`, when all of them mean the same country.
 */
export function countryCodes(country: string): readonly string[] {
	// To look for words in a megabyte would hold up everything else in n8n.
	if (country.length > 100) return [];
	const codes = countriesCalled(country);
	if (codes.length > 0) return codes;
	const [first, ...others] = country
		.split(/[()[\]/|,;:]| - |^([A-Za-z]{2,3})\b|\b([A-Za-z]{2,3})$/)
		.filter((part) => part && /\p{L}/u.test(part))
		.map(countriesCalled);
	return others.length > 0 ? first!.filter((code) => others.every((meant) => meant.includes(code))) : [];
}

/** The one country that a code or name stands for; undefined when it isn't understood, or stands for several. */
export function countryCode(country: string): string | undefined {
	const [code, ...others] = countryCodes(country);
	return others.length === 0 ? code : undefined;
}

const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const languageCodes = alphabet
	.flatMap((first) => alphabet.map((second) => first + second))
	.filter((pair) => isISO6391(pair.toLowerCase()));
let languages: Index | undefined;

function languageCalled(name: string): string | undefined {
	languages ??= indexOf([
		// As Norwegians call them; the libraries have `norsk` in front.
		...Object.entries({ NB: 'bokmål', NN: 'nynorsk' }),
		...ourLanguages.flatMap((language) => intlNames('language', languageCodes, language)),
	]);
	const [code, ...others] = languages.get(wordsOf(name).join(' ')) ?? [];
	return others.length === 0 ? code : undefined;
}

/**
 * Two-letter language code in capitals for a code, a locale such as `sv-SE`, a three-letter code, or a language's name, with a
 * country behind it or not; undefined when it isn't understood. Two letters stay as they are given: `DA` and `DK`, which
 * the API uses for Danish, are both in use. Danish by any other name becomes `DK`.
 */
export function languageCode(language: string): string | undefined {
	const subtag = /^([a-z]{2,3})(?:[-_][a-z\d]{2,8})*$/i.exec(language)?.[1]?.toLowerCase() ?? '';
	// IN was Indonesian once, and is India's code: a person has to say what is meant.
	if (isISO6391(subtag) || ['dk', 'in'].includes(subtag)) return subtag.toUpperCase();
	const code = subtag && new Intl.Locale(subtag).baseName;
	const found = isISO6391(code)
		? code.toUpperCase()
		: (languageCalled(language) ?? languageCalled(language.replace(/\([^)]*\)$/, '')));
	return found === 'DA' ? 'DK' : found;
}

/** The language that most people of a country speak, as ISO 639 has it; empty where the country isn't known. */
export function mainLanguage(country: string): string {
	return isISO31661Alpha2(country) ? new Intl.Locale(`und-${country}`).maximize().language : '';
}

/** A language's English name. */
export function languageLabel(code: string): string {
	return new Intl.DisplayNames(['en'], { type: 'language' }).of(code.toLowerCase()) ?? code;
}

/** A country's English name with its code, as `Finland (FI)`. */
export function countryLabel(code: string): string {
	return `${new Intl.DisplayNames(['en'], { type: 'region' }).of(code)} (${code})`;
}

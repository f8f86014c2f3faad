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

/** What CRMs, the UN and people write beside the names of CLDR and ISO 3166-1. EL and UK are in daily use but aren't ISO codes. */
const otherNames: Record<string, string> = {
	AR: 'Argentine Republic',
	AT: 'Österreich',
	BN: 'Nation of Brunei, Abode of Peace',
	BY: 'Vitryssland; Hviderusland; Hviterussland',
	CD: 'Congo; Kongo; DR Congo; DRC; Zaire; Congo (Kinshasa)',
	CG: 'Congo; Kongo; Congo (Brazzaville)',
	CH: 'Schweiz; Swiss Confederation; Schweiziska edsförbundet; Det sveitsiske edsforbund; Det schweiziske forbund',
	CV: 'Cabo Verde',
	DE: 'Deutschland',
	EE: 'Eesti',
	ES: 'España',
	FR: 'French Republic',
	GA: 'Gabonese Republic',
	GB: 'UK; United Kingdom of Great Britain and Northern Ireland; England; Scotland; Wales; Northern Ireland; Englanti',
	GR: 'EL; Hellenic Republic; Helleenien tasavalta',
	GS: 'South Georgia',
	IT: 'Italia; Italian Republic',
	KG: 'Kyrgyz Republic',
	KN: 'Saint Christopher and Nevis',
	KP: 'Korea; DPRK; Democratic People’s Republic of Korea; Demokratiska folkrepubliken Korea; Demokratiske folkerepublikken Korea',
	KR: 'Korea',
	LB: 'Lebanese Republic',
	LT: 'Lietuva',
	LV: 'Latvija',
	MK: 'Macedonia (FYROM)',
	MX: 'United Mexican States',
	NL: 'Holland; Hollanti',
	NO: 'Noreg',
	PL: 'Polska',
	PT: 'Portuguese Republic',
	RU: 'Ryska federationen',
	RW: 'Rwandese Republic',
	SH: 'Saint Helena, Ascension and Tristan da Cunha',
	SK: 'Slovak Republic',
	SY: 'Syriska arabiska republiken',
	SZ: 'Swaziland; Swazimaa',
	TF: 'French Southern and Antarctic Lands',
	TG: 'Togolese Republic',
	TN: 'Tunisian Republic',
	TW: 'Republic of China; Chinese Taipei; Kiinan tasavalta; Republiken Kina; Republikken Kina',
	US: 'America; Amerikas förenta stater; Amerikas forente stater; Amerikas forenede stater; Amerikan yhdysvallat',
	VA: 'Holy See; Vatikanstaten; Pyhä istuin; Heliga stolen; Hellige stol',
	VG: 'Virgin Islands; Neitsytsaaret; Jungfruöarna; Jomfruøyene; Jomfruøerne',
	VI: 'Virgin Islands; Neitsytsaaret; Jungfruöarna; Jomfruøyene; Jomfruøerne; Virgin Islands of the United States; United States Virgin Islands',
	VN: 'Viet Nam',
};

const languageAliases: Record<string, string> = { NB: 'bokmål', NN: 'nynorsk', NL: 'Flemish' };

/** What the API's documentation uses for Danish, which ISO 639-1 calls DA. */
const danishCode = 'DK';

const longestName = 100;

const unaccented: Record<string, string> = { ø: 'o', æ: 'ae', ß: 'ss', ł: 'l', đ: 'd', ı: 'i' };
const unspoken = new Set(['the', 'of', 'and', 'och', 'og', 'ja', 'den', 'det']);
const inFull: Record<string, string> = { st: 'saint', dem: 'democratic', rep: 'republic', is: 'islands' };

/**
 * The words of a name without accents, punctuation, case and order, so that `Korea, Republic of` is `REPUBLIC OF KOREA`. None
 * for a text that is too long to be a name: folding a megabyte would hold up everything else in n8n.
 */
function wordsOf(name: string): string[] {
	if (name.length > longestName) return [];
	return name
		.toLowerCase()
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.replace(/[øæßłđı]/g, (letter) => unaccented[letter]!)
		.replace(/[.'’]/g, '')
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== '' && !unspoken.has(word))
		.map((word) => (Object.hasOwn(inFull, word) ? inFull[word]! : word))
		.sort();
}

/** What a state calls itself beside its name, in the five languages: `Kingdom of`, `Republiken`, `liittotasavalta`. */
const stateWords = new RegExp(
	`^(?:${[
		'\\p{L}*republi[ck]\\p{L}*|kingdom|(?:ko?nunga|kunga|konge)ri[kg]et|ko?n?ungadomet|f[uy]rsten?dom\\p{L}*|principality',
		'grand|duchy|storhert\\p{L}*|states?|staten|f[eo]dera\\p{L}*|forbund\\p{L}*|statsforbund\\p{L}*|foren[et]\\p{L}*|forenade|united',
		'commonwealth|samv[ae]+ldet|union(?:en)?|sultanate?t?|emirate?t?|territory|collectivity|bailiwick|country|department',
		'special|administrative|region|sar|city|province|nation|demo[ck]rati\\p{L}*|peoples|so[cs]iali[sz]ti?\\p{L}*|islami[cs]\\p{L}*',
		'plurination?al\\p{L}*|mangnationella|[ck]o\\p{L}*operativ\\p{L}*|co|operative|bolivarian\\p{L}*|independent|sovereign|oberoende',
		'sjalvstandiga|u?a[vf]h[ae]+ngige|selvst[ae]+ndige|uavhengige|arab\\p{L}{0,4}|ha[sc]?h[ei]mi\\p{L}*|eastern|oriental',
		'\\p{L}*tasavalta|\\p{L}+kunta|\\p{L}*valtio|\\p{L}*liitto|federaatio|\\p{L}+inen|yhdistynyt',
	].join('|')})$`,
	'u',
);

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

/** The names that Intl doesn't know, such as `United States of America` or `Yhdistynyt kuningaskunta`. */
function* isoNames(): Generator<Named> {
	for (const { countries } of [english, finnish, swedish, norwegian, danish]) {
		for (const [code, names] of Object.entries(countries)) {
			for (const name of [names].flat()) yield [code, name];
		}
	}
}

function* ownNames(names: Record<string, string>): Generator<Named> {
	for (const [code, list] of Object.entries(names)) for (const name of list.split('; ')) yield [code, name];
}

const add = (index: Map<string, Set<string>>, words: readonly string[], code: string) => {
	const key = words.join(' ');
	if (key !== '') index.set(key, (index.get(key) ?? new Set()).add(code));
};

/** Finnish names as they end before `tasavalta`: Suomen, Itävallan, Islannin, Kreikan, Kyproksen, Filippiinien. */
function* finnishGenitives(): Generator<Named> {
	for (const [code, names] of Object.entries(finnish.countries)) {
		for (const name of [names].flat()) {
			const weak = name
				.replace(/lt(?=.$)/, 'll')
				.replace(/nt(?=.$)/, 'nn')
				.replace(/kk(?=.$)/, 'k');
			for (const form of [`${name}n`, `${weak}n`, `${name}in`]) yield [code, form];
			yield [code, name.replace(/i$/, 'en').replace(/s$/, 'ksen').replace(/it$/, 'ien')];
		}
	}
}

const withoutStateWords = (words: readonly string[]) => words.filter((word) => !stateWords.test(word));

function countryIndex() {
	const [byName, byBareName] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
	const addAll = (names: Iterable<Named>) => {
		for (const [code, name] of names) {
			const words = wordsOf(name);
			add(byName, words, code);
			add(byBareName, withoutStateWords(words), code);
		}
	};
	// Only current codes: Intl.DisplayNames over all letter pairs also finds obsolete ones, such as DD for Germany.
	addAll(intlNames('region', [...CountryCodes]));
	addAll(isoNames());
	for (const [code, name] of ownNames(otherNames)) {
		add(byName, wordsOf(name), code);
		// The Republic of China is not China.
		if (!wordsOf(name).some((word) => stateWords.test(word))) add(byBareName, wordsOf(name), code);
	}
	for (const [code, name] of finnishGenitives()) add(byBareName, wordsOf(name), code);
	return { byName, byBareName };
}

// Built at the first name that has to be looked up: it costs some milliseconds, and most items carry codes.
let countries: ReturnType<typeof countryIndex> | undefined;

const alpha3Codes = new Map(isoCodes.map(([alpha2, alpha3]) => [alpha3!, alpha2!]));

function countriesCalled(text: string): readonly string[] {
	const name = text.trim();
	const code = isISO31661Alpha2(name.toUpperCase()) ? name.toUpperCase() : alpha3Codes.get(name.toUpperCase());
	if (code) return [code];
	countries ??= countryIndex();
	const words = wordsOf(name);
	const found = countries.byName.get(words.join(' ')) ?? countries.byBareName.get(withoutStateWords(words).join(' '));
	return [...(found ?? [])];
}

/**
 * ISO 3166-1 alpha-2 codes for a country's code, three-letter code or name: one where it is understood, several where it is the
 * name of several countries, such as Congo, and otherwise none. Names and codes may stand side by side, as in `Sweden (SE)`
 * and `Suomi/Finland`, when all of them mean the same country.
 */
export function countryCodes(country: string): readonly string[] {
	const codes = countriesCalled(country);
	if (codes.length > 0 || country.length > longestName) return codes;
	const parts = country
		.split(/[()[\]/|,;:]| - |^([A-Za-z]{2,3})\b|\b([A-Za-z]{2,3})$/)
		.filter((part) => part && /\p{L}/u.test(part));
	if (parts.length < 2) return [];
	const meant = parts.map(countriesCalled);
	return meant[0]!.filter((one) => meant.every((others) => others.includes(one)));
}

/** The one country that a code or name stands for; undefined when it isn't understood, or stands for several. */
export function countryCode(country: string): string | undefined {
	const codes = countryCodes(country);
	return codes.length === 1 ? codes[0] : undefined;
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const languageCodes = letters
	.flatMap((first) => letters.map((second) => first + second))
	.filter((pair) => isISO6391(pair.toLowerCase()));

/** The two-letter code of a locale (`zh-Hans-CN`) or of a three-letter code (`fin`; `ger` and `deu`). */
function codeOfLocale(locale: string): string | undefined {
	if (!/^(?:[a-z]{3}|[a-z]{2,3}(?:[-_][a-z0-9]{2,8})+)$/i.test(locale) || locale.length > longestName) return undefined;
	try {
		const { language } = new Intl.Locale(locale.replaceAll('_', '-'));
		return isISO6391(language) ? language.toUpperCase() : undefined;
	} catch {
		return undefined;
	}
}

let languagesByName: Map<string, Set<string>> | undefined;

function languageCalled(name: string): string | undefined {
	if (!languagesByName) {
		languagesByName = new Map();
		for (const [code, own] of [...intlNames('language', languageCodes), ...ownNames(languageAliases)])
			add(languagesByName, wordsOf(own), code);
	}
	const codes = [...(languagesByName.get(wordsOf(name).join(' ')) ?? [])];
	return codes.length === 1 ? codes[0] : undefined;
}

/**
 * Two-letter language code in capitals for a code, a locale such as `sv-SE`, a three-letter code, or a language's name, with a
 * country behind it or not; undefined when it isn't understood. Two letters stay as they are given: `DA` and `DK`, which
 * the API uses for Danish, are both in use. Danish by any other name becomes `DK`.
 */
export function languageCode(language: string): string | undefined {
	const code = /^([a-z]{2})(?:[-_][a-z]{2})?$/i.exec(language)?.[1]?.toUpperCase();
	// IN was Indonesian once, and is India's code: a person has to say what is meant.
	if (code && (isISO6391(code.toLowerCase()) || code === danishCode || code === 'IN')) return code;
	const withoutCountry = language.slice(0, longestName).replace(/\([^)]*\)$/, '');
	const found = codeOfLocale(language) ?? languageCalled(language) ?? languageCalled(withoutCountry);
	return found === 'DA' ? danishCode : found;
}

/** The language that most people of a country speak, as ISO 639 has it; empty where the country isn't known. */
export function mainLanguage(country: string): string {
	return isISO31661Alpha2(country) ? new Intl.Locale(`und-${country}`).maximize().language : '';
}

/** A language's English name. */
export function languageLabel(code: string): string {
	return new Intl.DisplayNames(['en'], { type: 'language' }).of(code.toLowerCase()) ?? code;
}

let englishNames: Intl.DisplayNames | undefined;

/** A country's English name with its code, as `Finland (FI)`. */
export function countryLabel(code: string): string {
	englishNames ??= new Intl.DisplayNames(['en'], { type: 'region' });
	return `${englishNames.of(code)} (${code})`;
}

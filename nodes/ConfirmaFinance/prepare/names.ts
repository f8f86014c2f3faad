import isoCodes from 'i18n-iso-countries/codes.json';
import danish from 'i18n-iso-countries/langs/da.json';
import english from 'i18n-iso-countries/langs/en.json';
import finnish from 'i18n-iso-countries/langs/fi.json';
import norwegian from 'i18n-iso-countries/langs/nb.json';
import swedish from 'i18n-iso-countries/langs/sv.json';
import isISO31661Alpha2, { CountryCodes } from 'validator/lib/isISO31661Alpha2';
import isISO6391 from 'validator/lib/isISO6391';

/** What CRMs, the UN and people write beside the names of CLDR and ISO 3166-1. EL is in daily use but isn't an ISO code. */
const otherNames: Record<string, string> = {
	AR: 'Argentine Republic',
	BN: 'Nation of Brunei, Abode of Peace',
	BY: 'Vitryssland',
	CD: 'Congo; Kongo; DR Congo; DRC; Zaire',
	CG: 'Congo; Kongo',
	CH: 'Swiss Confederation; Schweiziska edsförbundet; Det sveitsiske edsforbund; Det schweiziske forbund',
	CV: 'Cabo Verde',
	FR: 'French Republic',
	GA: 'Gabonese Republic',
	GB: 'United Kingdom of Great Britain and Northern Ireland; England; Scotland; Wales; Northern Ireland; Englanti',
	GR: 'EL; Hellenic Republic; Helleenien tasavalta',
	KG: 'Kyrgyz Republic',
	KP: 'Korea; DPRK; Democratic People’s Republic of Korea; Demokratiska folkrepubliken Korea; Demokratiske folkerepublikken Korea',
	KR: 'Korea',
	LB: 'Lebanese Republic',
	MK: 'Macedonia (FYROM)',
	MX: 'United Mexican States',
	NL: 'Hollanti',
	PT: 'Portuguese Republic',
	RU: 'Ryska federationen',
	RW: 'Rwandese Republic',
	SH: 'Saint Helena, Ascension and Tristan da Cunha',
	SK: 'Slovak Republic',
	SY: 'Syriska arabiska republiken',
	SZ: 'Swaziland',
	TG: 'Togolese Republic',
	TW: 'Republic of China; Chinese Taipei; Kiinan tasavalta; Republiken Kina; Republikken Kina',
	US: 'America; Amerikas; Amerikan',
	VA: 'Holy See; Vatican; Pyhä istuin; Heliga stolen; Hellige stol',
	VG: 'Virgin Islands',
	VI: 'Virgin Islands; United States Virgin Islands; Virgin Islands of the United States',
	VN: 'Viet Nam',
};

const languageAliases: Record<string, string> = { NB: 'bokmål', NN: 'nynorsk', NL: 'Flemish' };

const longestName = 100;

const unspoken = new Set(['', 'the', 'of', 'and', 'och', 'og', 'ja', 'den', 'det']);

/**
 * The words of a name without accents, punctuation, case and order, so that `Korea, Republic of` is `REPUBLIC OF KOREA`. None
 * for a text that is too long to be a name: folding a megabyte would hold up everything else in n8n.
 */
function wordsOf(name: string): string[] {
	if (name.length > longestName) return [];
	const letters = name
		.toLowerCase()
		.normalize('NFD')
		.replace(/[\p{M}.'’]/gu, '');
	return letters.split(/[^\p{L}\p{N}]+/u).filter((word) => !unspoken.has(word));
}

/** What a state calls itself beside its name, in the five languages: `Kingdom of`, `Republiken`, `liittotasavalta`. */
const stateWord = new RegExp(
	[
		'republi[ck]|kingdom|ri[kg]et$|d[oø]mm?et$|principality|grand|duchy|^stat|federa|fødera|forbund|foren|united|^union',
		'commonwealth|samv[aæ]lde|sultanat|emirat|^(?:territory|collectivity|bailiwick|country|special|administrative|region|sar)$',
		'^(?:city|province|nation)$|demo[ck]rati|^people|so[cs]iali[sz]t|^islam|plurina|mangnationel|[ck]o.?operati|bolivar|oriental|^(?:co|operative)$',
		'independent|sovereign|oberoende|sjalvstandig|havengige|uavhengige|selvstendige|^arab(?:ic|iska|iske)?$|has?[hc]?[ei]mit',
		'tasavalta|kunta$|valtio|liitto|inen$|yhdistynyt|yhdysvallat|department',
	].join('|'),
	'u',
);

type Named = readonly [code: string, name: string];

/** What Intl calls the codes in a language, in full and in short (`UK`, `Hong Kong`). */
function intlNames(type: 'region' | 'language', codes: readonly string[], language: string): Named[] {
	const styles = (['long', 'short'] as const).map(
		(style) => new Intl.DisplayNames([language], { type, style, fallback: 'none' }),
	);
	return codes.flatMap((code) => styles.map((names): Named => [code, names.of(code) ?? '']));
}

const ownNames = (names: Record<string, string>): Named[] =>
	Object.entries(names).flatMap(([code, list]) => list.split('; ').map((name): Named => [code, name]));

interface CountryNames {
	readonly countries: Record<string, string | string[]>;
}

/** Names that Intl doesn't know, such as `United States of America` or `Yhdistynyt kuningaskunta`. */
const isoNames = ({ countries }: CountryNames): Named[] =>
	Object.entries(countries).flatMap(([code, names]) => [names].flat().map((name): Named => [code, name]));

/** Finnish names as they end before `tasavalta`: Suomen, Itävallan, Islannin, Kreikan, Kyproksen, Filippiinien. */
function genitives(name: string): string[] {
	const weak = name
		.replace(/lt(?=.$)/, 'll')
		.replace(/nt(?=.$)/, 'nn')
		.replace(/kk(?=.$)/, 'k');
	return [`${name}n`, `${weak}n`, `${name}in`, name.replace(/i$/, 'en').replace(/s$/, 'ksen').replace(/it$/, 'ien')];
}

/**
 * Finds codes by the words of a name. The lists are asked in turn, and each becomes an index when those before it don't know a
 * name: English ones suffice for most workflows, and to index them all takes a tenth of a second.
 */
function codesIn(lists: readonly (() => readonly Named[])[]): (words: readonly string[]) => readonly string[] {
	const indices: Map<string, Set<string>>[] = [];
	const keyOf = (words: readonly string[]) => words.toSorted().join(' ');
	const indexOf = (names: readonly Named[]) => {
		const index = new Map<string, Set<string>>();
		for (const [code, name] of names) {
			const key = keyOf(wordsOf(name));
			index.set(key, (index.get(key) ?? new Set()).add(code));
		}
		return index;
	};
	return (words) => {
		const key = keyOf(words);
		if (key === '') return [];
		for (const [index, list] of lists.entries()) {
			const codes = (indices[index] ??= indexOf(list())).get(key);
			if (codes) return [...codes];
		}
		return [];
	};
}

// Only current codes: Intl.DisplayNames over all letter pairs also finds obsolete ones, such as DD for Germany.
const regions = [...CountryCodes];
const countriesNamed = codesIn([
	() => ownNames(otherNames),
	...Object.entries({ en: english, fi: finnish, sv: swedish, nb: norwegian, da: danish }).map(([language, names]) => () => [
		...intlNames('region', regions, language),
		...isoNames(names),
	]),
	() => isoNames(finnish).flatMap(([code, name]) => genitives(name).map((form): Named => [code, form])),
	// Österreich, Deutschland, Eesti
	() => regions.flatMap((code) => intlNames('region', [code], mainLanguage(code))),
]);

const alpha3Codes = new Map(isoCodes.map(([alpha2, alpha3]) => [alpha3!, alpha2!]));

function countriesCalled(text: string): readonly string[] {
	const name = text.trim().toUpperCase();
	const code = isISO31661Alpha2(name) ? name : alpha3Codes.get(name);
	if (code) return [code];
	const words = wordsOf(name);
	const found = countriesNamed(words);
	return found.length > 0 ? found : countriesNamed(words.filter((word) => !stateWord.test(word)));
}

/**
 * ISO 3166-1 alpha-2 codes for a country's code, three-letter code or name: one where it is understood, several where it is the
 * name of several countries, such as Congo, and otherwise none. Names and codes may stand side by side, as in `Sweden (SE)`
 * and `Suomi/Finland`, when all of them mean the same country.
 */
export function countryCodes(country: string): readonly string[] {
	if (country.length > longestName) return [];
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
const languagesNamed = codesIn([
	() => ownNames(languageAliases),
	...['en', 'fi', 'sv', 'nb', 'da'].map((language) => () => intlNames('language', languageCodes, language)),
]);

function languageCalled(name: string): string | undefined {
	const [code, ...others] = languagesNamed(wordsOf(name));
	return others.length === 0 ? code : undefined;
}

/**
 * Two-letter language code in capitals for a code, a locale such as `sv-SE`, a three-letter code, or a language's name, with a
 * country behind it or not; undefined when it isn't understood. Two letters stay as they are given: `DA` and `DK`, which
 * the API uses for Danish, are both in use. Danish by any other name becomes `DK`.
 */
export function languageCode(language: string): string | undefined {
	if (language.length > longestName) return undefined;
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

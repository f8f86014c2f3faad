import currencies from 'country-to-currency';
import isISO31661Alpha2 from 'validator/lib/isISO31661Alpha2';
import isISO4217 from 'validator/lib/isISO4217';
import isISO6391 from 'validator/lib/isISO6391';

import { nordicCountry, vatPrefixes } from '../../client/nationalNumbers';
import { countryCode, countryCodes, countryLabel, languageCode, languageLabel, mainLanguage } from '../names';
import { error, textOf, warning, type Kind } from './kind';

export const country: Kind = {
	normalise: (text) => countryCode(text) ?? text,
	judge(value) {
		if (value === 'XK') return warning('means Kosovo, which has no official code', 'Ask Confirma Finance which code to use');
		if (isISO31661Alpha2(value)) return undefined;
		const meant = countryCodes(value).map(countryLabel);
		return meant.length > 1
			? error('is the name of several countries', `Enter the code of the one you mean: ${meant.join(' or ')}`)
			: error(
					'is not a country code or name that this node knows',
					'Enter a two-letter code such as FI, or a name such as Finland or Suomi',
				);
	},
};

// The API's documentation calls Danish DK, and what Confirma Finance's countries speak is never in doubt.
const nordicLanguages = ['FI', 'SV', 'NO', 'NB', 'NN', 'DK', 'DA', 'EN'];

/** The country whose code a language's code is, too, where that may be what was meant: BE is Belarusian, and Belgium. */
function countryMeant(language: string, clientCountry: string): string | undefined {
	const meant = language === 'UK' ? 'GB' : language;
	if (nordicLanguages.includes(language) || !isISO31661Alpha2(meant)) return undefined;
	const [code, { region: home = '' }] = [language.toLowerCase(), new Intl.Locale(language).maximize()];
	const isAtHome = home === clientCountry && !nordicCountry(home);
	if (isAtHome || [meant, clientCountry].some((one) => mainLanguage(one) === code)) return undefined;
	// Far from the client, a country is meant less likely than a language that some country speaks: ET is Ethiopia's code.
	const isLikely = meant === clientCountry || vatPrefixes(meant).length > 0 || mainLanguage(home) !== code;
	return isLikely ? meant : undefined;
}

// Those that the node knows, Kosovo among them, which is in no ISO standard.
const legalTenders = new Map<string, string>(Object.entries(currencies));

// As the API writes languages. Åland is part of Finland, and speaks Swedish.
const languages = new Map(Object.entries({ FI: 'FI', AX: 'SV', SE: 'SV', NO: 'NO', DK: 'DK' }));

export const language: Kind = {
	preset: (country) => languages.get(country) ?? (legalTenders.has(country) ? 'EN' : undefined),
	normalise: (text) => languageCode(text) ?? text,
	judge(value, { client }) {
		// IN was Indonesian once, and is India's code: it asks, as other countries' codes do.
		if (!nordicLanguages.includes(value) && value !== 'IN' && !isISO6391(value.toLowerCase())) {
			return error(
				'is not a language code or name that this node knows',
				'Enter FI, SV, NO, DK, EN or another two-letter language code',
			);
		}
		const meant = countryMeant(value, textOf(client.countryCode));
		return meant === undefined
			? undefined
			: warning(
					`means ${languageLabel(value)}, and is the code of a country, too: ${countryLabel(meant)}`,
					`If you mean what is spoken there, enter the language's code, such as ${mainLanguage(meant).toUpperCase()}`,
				);
	},
};

// No money: gold and other metals, units of account, tests, and no currency at all.
const noMoney = /^X(?!AF|CD|CG|OF|PF)/;
// validator doesn't know the newest: XCG of Curaçao and Sint Maarten, ZWG of Zimbabwe.
const isCurrency = (code: string) => isISO4217(code) || [...legalTenders.values()].includes(code);

export const currency: Kind = {
	preset: (country) => legalTenders.get(country),
	normalise: (text) => (/^[a-z]{3}$/i.test(text) ? text.toUpperCase() : text),
	judge: (value) =>
		isCurrency(value) && !noMoney.test(value)
			? undefined
			: error('is not a currency code', 'Enter a three-letter code such as EUR, SEK, NOK or DKK'),
};

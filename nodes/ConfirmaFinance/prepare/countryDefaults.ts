import currencies from 'country-to-currency';

import type { RawBody } from '../client/body';

// As the API writes languages. Åland is part of Finland, and speaks Swedish.
const languages = new Map([
	['FI', 'FI'],
	['AX', 'SV'],
	['SE', 'SV'],
	['NO', 'NO'],
	['DK', 'DK'],
]);

const isCountry = (code: unknown): code is keyof typeof currencies => typeof code === 'string' && Object.hasOwn(currencies, code);

/**
 * Fills in the language and the currency that were left empty: those of the client's country, and English where
 * Confirma Finance doesn't work in the country's language. Stays as it is where the country isn't known.
 *
 * @param body normalised
 */
export function withCountryDefaults(body: RawBody): RawBody {
	const { countryCode, languageCode, currencyCode } = body.client;
	if (!isCountry(countryCode)) return body;
	return {
		...body,
		client: {
			...body.client,
			languageCode: languageCode === '' ? (languages.get(countryCode) ?? 'EN') : languageCode,
			currencyCode: currencyCode === '' ? currencies[countryCode] : currencyCode,
		},
	};
}

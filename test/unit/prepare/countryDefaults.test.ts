import isISO31661Alpha2, { CountryCodes } from 'validator/lib/isISO31661Alpha2';

import { normalise } from '../../../nodes/ConfirmaFinance/prepare/normalise';
import { bodyWith, prepared, parametersFor } from '../../support/bodies';
import { apiExample } from '../../sandbox/clientBodies';

const empty = { 'client.languageCode': '', 'client.currencyCode': '' };

/** Language and currency of a client in a country, both left empty. */
function filledIn(countryCode: unknown): unknown[] {
	const { languageCode, currencyCode } = normalise(bodyWith({ ...empty, 'client.countryCode': countryCode })).client;
	return [languageCode, currencyCode];
}

it.each([
	['FI', 'FI', 'EUR'],
	['AX', 'SV', 'EUR'],
	['SE', 'SV', 'SEK'],
	['NO', 'NO', 'NOK'],
	['DK', 'DK', 'DKK'],
	['EE', 'EN', 'EUR'],
	['DE', 'EN', 'EUR'],
	['BG', 'EN', 'EUR'],
	['PL', 'EN', 'PLN'],
	['GB', 'EN', 'GBP'],
	['IS', 'EN', 'ISK'],
	['US', 'EN', 'USD'],
	['CH', 'EN', 'CHF'],
	['Kosovo', 'EN', 'EUR'],
])('a client in %s has the language %s and the currency %s', (country, language, currency) => {
	expect(filledIn(country)).toEqual([language, currency]);
});

it('what was given stays', () => {
	const body = bodyWith({ 'client.countryCode': 'SE', 'client.languageCode': 'EN', 'client.currencyCode': 'EUR' });
	expect(normalise(body)).toEqual(body);
});

it.each(['', 'Narnia', 'toString', '__proto__', 7, null, ['FI']])('nothing is guessed for the country %p', (country) => {
	expect(filledIn(country)).toEqual(['', '']);
});

it('every country of the world has a currency and a language that validation accepts', () => {
	expect(CountryCodes.size).toBeGreaterThan(240);
	for (const countryCode of CountryCodes) {
		expect(isISO31661Alpha2(countryCode)).toBe(true);
		const { body, problems } = prepared({
			...parametersFor(bodyWith({ ...empty, 'client.countryCode': countryCode, 'client.postalCode': '' }, apiExample)),
		});
		expect([countryCode, problems.filter(({ severity }) => severity === 'error')]).toEqual([countryCode, []]);
		expect(body!.client.currencyCode).toMatch(/^[A-Z]{3}$/);
		expect(body!.client.languageCode).toMatch(/^(FI|SV|NO|DK|EN)$/);
	}
});

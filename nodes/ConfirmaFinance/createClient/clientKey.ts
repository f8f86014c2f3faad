import { idParts, nordicCountry, registerCountry } from './prepare/nationalNumbers';
import type { ClientBody } from './clientBody';

/** What a key is made of: what tells a client apart from others. A whole body is one. */
export interface ClientIdentity {
	readonly service: Pick<ClientBody['service'], 'partnerCode'>;
	readonly client: Pick<ClientBody['client'], 'name' | 'businessCode' | 'vatRegNbr' | 'postalCode' | 'countryCode'>;
}

/** Digits without a person's century or a VAT number's 01 in Sweden, and with a lost leading zero in Finland. */
function completed(digits: string, country: string): string {
	if (digits.length + 1 === nordicCountry(country)?.idDigits) return `0${digits}`;
	return country === 'SE' && digits.length === 12 ? digits.replace(/^(?:16|18|19|20)|01$/, '') : digits;
}

/** A business ID without what people write around its digits, where the country's form is known. */
function businessId(code: string, country: string): string {
	const compact = code
		.normalize('NFKC')
		.toUpperCase()
		.replace(/[^\p{L}\p{N}]/gu, '');
	const digits = compact.replace(/\D/g, '');
	const parts = idParts(compact, country) ?? idParts(completed(digits, country), country);
	if (parts) return parts.join('');
	const withoutCountry = compact.startsWith(country) ? compact.slice(country.length) : compact;
	return /^\d/.test(withoutCountry) ? withoutCountry : compact;
}

/**
 * By what the guard tells clients apart: base URL, partner code, country and business id, however the id is written
 * (`0112038-9`, `FI01120389` and `Y-tunnus 112038-9` are one business). An id without a digit other than 0, which only
 * validation "off" lets through, identifies nobody: then the name, the VAT number and the postal code do.
 */
export function clientKey(baseUrl: string, { service, client }: ClientIdentity): string {
	const country = registerCountry(client.countryCode);
	const id = businessId(client.businessCode, country);
	const { name, vatRegNbr, postalCode } = client;
	const identifies = /[1-9]/.test(id) ? id : [id, name, vatRegNbr, postalCode];
	return JSON.stringify([baseUrl, service.partnerCode.toUpperCase(), country, identifies]);
}

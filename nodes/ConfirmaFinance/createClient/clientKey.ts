import type { ClientBody } from './schema';

/** The digits of a business id without what people write around them, where the country's form is known. */
const idFromDigits: Record<string, (digits: string, isVat: boolean) => string | undefined> = {
	FI: (digits) => /^\d{7,8}$/.exec(digits)?.[0].padStart(8, '0'),
	// With the century in front (16 for a company), or with the 01 of a VAT number behind.
	SE: (digits, isVat) =>
		/^\d{10}$/.exec(digits)?.[0] ??
		(isVat ? undefined : /^(?:16|18|19|20)(\d{10})$/.exec(digits)?.[1]) ??
		/^(\d{10})01$/.exec(digits)?.[1],
	NO: (digits) => /^\d{9}$/.exec(digits)?.[0],
	DK: (digits) => /^\d{8}$/.exec(digits)?.[0],
};

function businessId(code: string, country: string): string {
	const compact = code.normalize('NFKC').toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
	const isVat = compact.startsWith(country);
	const known = Object.hasOwn(idFromDigits, country) ? idFromDigits[country]!(compact.replace(/\D/g, ''), isVat) : undefined;
	return known ?? (isVat && /^\d/.test(compact.slice(country.length)) ? compact.slice(country.length) : compact);
}

/**
 * By what the guard tells clients apart: base URL, partner code, country and business id, however the id is written
 * (`0112038-9`, `FI01120389` and `Y-tunnus 112038-9` are one business). An id without a digit other than 0, which only
 * validation "off" lets through, identifies nobody: then only the same body is the same client.
 */
export function clientKey(baseUrl: string, body: ClientBody): string {
	const { countryCode, businessCode } = body.client;
	const id = businessId(businessCode, countryCode);
	return JSON.stringify([baseUrl, body.service.partnerCode.toUpperCase(), countryCode, /[1-9]/.test(id) ? id : body]);
}

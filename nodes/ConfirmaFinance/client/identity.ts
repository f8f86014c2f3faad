import type { ClientIdentity } from './body';
import { compact, canonicalId } from './canonicalId';

const isNumber = (text: string) => /[1-9]/.test(text);

/**
 * What tells a client from all others of its country.
 *
 * - A number that is unique in its country does so alone.
 * - Beside one that isn't, the court or province that gave it out, else the VAT number, else the name.
 * - Without a number (only validation "off" lets that through), the name, the VAT number and the postal code.
 */
function distinction(client: ClientIdentity['client'], { number, place }: { number: string; place?: string }) {
	const [name, vat] = [compact(client.name), compact(client.vatRegNbr)];
	if (!isNumber(number)) return [number, name, vat, client.postalCode];
	if (place === undefined) return number;
	return [number, place || (isNumber(vat) ? vat : name)];
}

/**
 * By what the guard tells clients apart: base URL, partner code, country and business ID, however the ID is written. What
 * makes an ID that isn't unique in its country unique comes with it.
 */
export function clientKey(baseUrl: string, { service, client }: ClientIdentity): string {
	const { country, ...id } = canonicalId(client.businessCode, client.countryCode);
	return JSON.stringify([baseUrl, service.partnerCode.toUpperCase(), country, distinction(client, id)]);
}

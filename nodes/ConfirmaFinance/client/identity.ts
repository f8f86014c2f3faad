import type { ClientName } from './body';
import { nordicId, registerCountry, vatPrefixes } from './nationalNumbers';

/** A text's letters and digits, in capitals. */
function folded(text: string): string {
	return text
		.normalize('NFKC')
		.toUpperCase()
		.replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * By what the guard tells clients apart: base URL, partner code, country, and who the client is. An ID that a Nordic register can
 * have given out says that alone, however it is written. Any other ID says it together with the name: it may be a placeholder,
 * or a number that two courts have given out.
 */
export function clientKey(baseUrl: string, client: ClientName): string {
	const country = registerCountry(client.countryCode);
	// A person's Swedish ID is in use with the century and without it.
	const nordic = nordicId(client.businessCode, country)?.replace(/\D/g, '').slice(-10);
	const id = folded(client.businessCode);
	const letters = [country, ...vatPrefixes(country)].find((prefix) => id.startsWith(prefix)) ?? '';
	const identity = nordic ?? [id.slice(letters.length), folded(client.name)];
	return JSON.stringify([baseUrl, client.partnerCode.toUpperCase(), country, identity]);
}

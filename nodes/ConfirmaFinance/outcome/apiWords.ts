import { quote } from '../text';
import { parsed } from './json';

// Where APIs put words for people. Nothing else of a refusal is shown.
const wordy = /^(message|error|errors|title|detail|details|description|reason|error_description|field)$/i;
// Below these, APIs often name the fields of the request: { errors: { "client.email": ["is not valid"] } }.
const listing = /^(errors|details)$/i;
const secretive = /token|key|secret|password/i;

/**
 * The words of an answer that are meant for people, ready to be shown: without secrets, not HTML, and cut to a sane length.
 *
 * @param provisioningToken what must not be shown, should the API repeat it
 */
export function apiWords(text: string, provisioningToken: string): string {
	const body = parsed(text);
	const words = body === undefined ? (isPlain(text) ? [text] : []) : [...wordsOf(body)];
	// Far more than is shown, so that a secret at the cut can't come into sight.
	const shown = [...new Set(words)].join('; ').slice(0, 20_000);
	return quote(withoutSecrets(shown, provisioningToken).trim(), 300);
}

/** Of markup and of JSON that broke nothing is shown: a token in it could look like anything. */
const isPlain = (text: string) => !/^\s*[<{[]/.test(text) && !/token|secret|password/i.test(text);

function* wordsOf(value: unknown, namesFields = false, depth = 0): Generator<string> {
	if (typeof value === 'string') {
		yield value;
	} else if (Array.isArray(value) && depth < 4) {
		for (const one of value.slice(0, 20)) yield* wordsOf(one, namesFields, depth + 1);
	} else if (typeof value === 'object' && value !== null && depth < 4) {
		for (const [key, inner] of Object.entries(value).slice(0, 50)) {
			if (wordy.test(key)) {
				yield* wordsOf(inner, listing.test(key), depth + 1);
			} else if (namesFields && !secretive.test(key)) {
				for (const words of wordsOf(inner, false, depth + 1)) yield `${key}: ${words}`;
			}
		}
	}
}

// A UUID, with or without hyphens, and with line breaks or the like in it.
const clientToken = String.raw`[0-9a-f](?:[\p{C}\s-]*[0-9a-f]){31}`;
// A text in which every character is escaped, as percent, JSON or HTML escapes, says nothing to people and may hide anything.
const escapes = String.raw`(?:%(?:25)*[0-9a-f]{2}|\\u[0-9a-f]{4}|&#x?[0-9a-f]{1,6};){4,}`;

/** The provisioning token, clients' tokens (UUIDs) and what may hide one masked, in whatever way they are written. */
function withoutSecrets(words: string, provisioningToken: string): string {
	const token = provisioningToken.trim();
	const secrets = [clientToken, escapes];
	if (token.length > 3) secrets.unshift(spellings(token));
	if (token.length > 15) {
		// Cut short, as some APIs show a token.
		const half = Math.floor(token.length / 2);
		secrets.push(`${spellings(token.slice(0, half))}\\S*`, `\\S*${spellings(token.slice(half))}`);
	}
	return words.replace(new RegExp(secrets.join('|'), 'giu'), '***');
}

/** A pattern for a token with line breaks, zero-width characters or UTF-16's nulls in it, and its signs escaped. */
const spellings = (token: string) =>
	[...token].map((char) => (/[a-z\d]/i.test(char) ? char : String.raw`\S{1,8}?`)).join(String.raw`[\p{C}\s]*`);

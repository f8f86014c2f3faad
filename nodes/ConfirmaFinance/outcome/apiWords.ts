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
	const words = body === undefined ? (/^\s*</.test(text) ? [] : [text]) : [...wordsOf(body)];
	// Far more than is shown, so that a secret at the cut can't come into sight.
	const shown = [...new Set(words)].join('; ').slice(0, 20_000);
	return quote(withoutSecrets(shown, provisioningToken).trim(), 300);
}

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

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The provisioning token and clients' tokens (UUIDs) masked, in whatever way they are written. */
function withoutSecrets(words: string, provisioningToken: string): string {
	const token = provisioningToken.trim();
	const secrets = ['[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}'];
	if (token.length > 3) {
		const encoded = (['base64', 'base64url'] as const).map((encoding) =>
			Buffer.from(token).toString(encoding).replace(/=+$/, ''),
		);
		secrets.unshift(...[token, unescaped(token), ...encoded].map(literal));
	}
	// Cut short, as some APIs show a token.
	if (token.length > 15) secrets.push(`${literal(token.slice(0, token.length / 2))}\\S*`);
	return unescaped(words).replace(new RegExp(secrets.join('|'), 'giu'), '***');
}

const namedEntities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Text with URL, JSON and HTML escapes resolved, so that they can't hide anything; escapes may hold escapes. */
function unescaped(text: string, depth = 0): string {
	const plain = text
		.replace(/(?:%[0-9a-f]{2})+/gi, (escape) => {
			try {
				return decodeURIComponent(escape);
			} catch {
				return escape;
			}
		})
		.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
		.replace(/&#x([0-9a-f]{1,4});/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
		.replace(/&#(\d{1,5});/g, (_, decimal: string) => String.fromCharCode(Number(decimal)))
		.replace(/&(amp|lt|gt|quot);/gi, (_, name: string) => namedEntities[name.toLowerCase()]!)
		.replace(/\\([\\/"])/g, '$1');
	return plain === text || depth === 3 ? plain : unescaped(plain, depth + 1);
}

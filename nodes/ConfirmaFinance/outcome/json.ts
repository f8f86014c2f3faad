const stringsAndNumbers = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The value of a JSON text; undefined when it is none. Whole numbers that JavaScript would round (beyond 2^53) come out as
 * text: they are identifiers.
 */
export function parsed(json: string): unknown {
	try {
		JSON.parse(json);
		return JSON.parse(json.replace(stringsAndNumbers, (token) => (isRounded(token) ? `"${token}"` : token))) as unknown;
	} catch {
		return undefined;
	}
}

const isRounded = (token: string) => /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token));

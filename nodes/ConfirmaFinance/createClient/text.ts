/**
 * Text that comes from outside (a CRM's value, the API's words), made fit for a message: on one line, cut to `most`
 * characters, and without meaning as HTML, since n8n renders descriptions and hints as HTML.
 */
export function quote(text: string, most = 80): string {
	// Cutting can halve a character of two units; \p{C} takes away the half that is left.
	const line = text.slice(0, most).replace(/[\p{C}\s]+/gu, ' ');
	const cut = text.length > most ? `${line}…` : line;
	// An ampersand that begins no entity stays, so that “Söner & Co” can be read where nothing is rendered, too.
	return cut
		.replace(/&(?=[a-z#])/gi, '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;');
}

/** What a value is called that isn't text. */
export function kindOf(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'boolean') return 'true or false';
	return 'an object with fields of its own';
}

/** A value of any type, as a message shows it: in quotes, or by its kind where it has no text of its own. */
export function shown(value: unknown): string {
	return typeof value === 'object' && value !== null ? kindOf(value) : `“${quote(String(value))}”`;
}

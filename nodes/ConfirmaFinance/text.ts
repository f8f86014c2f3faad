/**
 * Text that comes from outside (a CRM's value, the API's words), made fit for a message: on one line, and cut to
 * `maxLength` characters. It stays plain text: see {@link escapeHtml}.
 */
export function quote(text: string, maxLength = 80): string {
	// Cutting can halve a character of two units; \p{C} takes away the half that is left.
	const line = text.slice(0, maxLength).replace(/[\p{C}\s]+/gu, ' ');
	return text.length > maxLength ? `${line}…` : line;
}

/**
 * Text without meaning as HTML, for the two places where n8n renders HTML: the description of an error, and hints. Nowhere
 * else: an item's JSON goes on to mail and chat, where `R&amp;D` would be read as it stands.
 */
export function escapeHtml(text: string): string {
	// What means nothing by itself stays, so that “Söner & Co” and 'Client Details > Email' can be read in a log, too.
	return text.replace(/&(?=[a-z#])/gi, '&amp;').replaceAll('<', '&lt;');
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

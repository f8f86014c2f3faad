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

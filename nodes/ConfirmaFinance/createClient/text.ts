/**
 * Text that comes from outside (a CRM's value, the API's words), made fit for a message: on one line, cut to `most`
 * characters, and without meaning as HTML, since n8n renders descriptions and hints as HTML.
 */
export function quote(text: string, most = 80): string {
	const line = text.slice(0, most + 1).replace(/[\p{C}\s]+/gu, ' ');
	const cut = line.length > most ? `${line.slice(0, most).toWellFormed()}…` : line.toWellFormed();
	return cut.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

// Characters of the bytes from 128 on. Node.js decodes windows-1252 as Latin-1 in many versions, and has no macintosh in some.
const latin1 = String.fromCharCode(...Array(256).keys());
const charsets = [
	`€${latin1[0x81]}‚ƒ„…†‡ˆ‰Š‹Œ${latin1[0x8d]}Ž${latin1[0x8f]}${latin1[0x90]}‘’“”•–—˜™š›œ${latin1[0x9d]}žŸ${latin1.slice(0xa0)}`,
	'ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00A0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uF8FFÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ',
];

// What a name may hold beyond ASCII: letters of Europe's Latin alphabets, signs, quotation marks and dashes.
const likely = /^[\u00A0-\u017F\u0218-\u021B\u2010-\u203A\u20AC\u2122\uFEFF\uFFFD]+$/;

// Letters of two bytes; signs, quotation marks and dashes of three; the mark of a lost letter, and of a file's beginning.
const utf8 = /^(?:[\xC2-\xDF][\x80-\xBF]|\xE2[\x80-\x84][\x80-\xBF]|\xEF\xBF\xBD|\xEF\xBB\xBF)+$/;

/** The text behind characters beyond ASCII that stand side by side, if they are UTF-8 that was read as the charset. */
function readBack(run: string, charset: string): string | undefined {
	const bytes = Array.from(run, (character) => String.fromCharCode(charset.indexOf(character) + 128)).join('');
	if (!utf8.test(bytes)) return undefined;
	const text = Buffer.from(bytes, 'latin1').toString('utf8');
	return likely.test(text) ? text : undefined;
}

/**
 * Whether a text was read in the wrong encoding: its letters are `swapped` when reading it back gives them, and `lost` when
 * nothing does. To be asked of a text as it was given: half of a letter may be a no-break space or a soft hyphen.
 */
export function misread(text: string): 'swapped' | 'lost' | undefined {
	if (text.includes('\uFFFD')) return 'lost';
	let found: 'swapped' | undefined;
	for (const [run] of text.matchAll(/[^\0-\x7F]+/g)) {
		const original = charsets.map((charset) => readBack(run, charset)).find((one) => one !== undefined);
		if (original === undefined) continue;
		if (original.includes('\uFFFD') || /[\x80-\x9F]/.test(run)) return 'lost';
		found = 'swapped';
	}
	return found;
}

import { quote } from '../text';
import { warningsOf, type Preview, type Result } from './outcome';

const maxChanges = 3;

/** What matters about an item that is only previewed: whether it would be sent, and what to look at. */
export function previewMessage(preview: Preview, result: Result): string {
	const { changes } = result;
	const warnings = warningsOf(result).length;
	const differences = changes
		.slice(0, maxChanges)
		.map(({ field, given, sent }) => `${field} ${given ? `${quote(given, 40)} → ` : 'is '}${quote(sent, 40) || 'nothing'}`);
	if (changes.length > maxChanges) differences.push(`and ${changes.length - maxChanges} more`);
	const sentences = [standing(preview, result)];
	if (warnings > 0) sentences.push(`Please check ${warnings === 1 ? '1 warning' : `${warnings} warnings`}`);
	const values = changes.length === 1 ? '1 value is' : `${changes.length} values are`;
	if (changes.length > 0) sentences.push(`${values} sent differently: ${differences.join(', ')}`);
	return sentences.join('. ');
}

/** Whether the client would be sent, by how it stands in the guard's records. */
function standing({ standing }: Preview, { options }: Result): string {
	if (standing === 'created') {
		return options.duplicateHandling === 'send'
			? 'Created before, and would be sent again'
			: 'Created before, so it would not be sent';
	}
	if (options.unknownHandling === 'created') return 'Would be taken as created, so it would not be sent';
	if (standing === 'none' || standing === 'free') return 'Ready to send';
	if (standing === undefined) return "Ready to send, but n8n's database could not tell whether this client was created before";
	return options.unknownHandling === 'send'
		? 'Sent before with an unknown outcome, and would be sent again'
		: 'Sent before with an unknown outcome, so it would not be sent';
}

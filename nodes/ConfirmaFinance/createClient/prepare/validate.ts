import { fields, valueAt, type Field } from '../panel/fields';
import type { Problem } from './problem';
import { judge } from './rules';
import { clientBody, type ClientBody, type RawBody } from '../clientBody';
import { kindOf, quote } from '../text';

export type ValidationLevel = 'standard' | 'strict' | 'off';

export type Validated =
	| { readonly body: ClientBody; readonly problems: readonly Problem[] }
	| { readonly body: undefined; readonly problems: readonly Problem[] };

function given(value: string): string {
	return value === '' ? '' : ` (given: “${quote(value)}”)`;
}

/**
 * Judges the whole body at once and reports every problem together, in the order of the fields.
 *
 * `standard` finds errors and warnings, `strict` makes errors of the warnings, `off` only makes sure that the body
 * has its shape. The body is handed on only when there is no error.
 */
export function validate(draft: RawBody, level: ValidationLevel, labelOf: (field: Field) => string): Validated {
	const shape = clientBody.safeParse(draft);
	const problems = fields.flatMap((field): Problem[] => {
		const value = valueAt(draft, field);
		if (typeof value !== 'string') {
			const label = labelOf(field);
			const text = `'${label}' must be text, but ${kindOf(value)} was given. Map a single value to it.`;
			return [{ severity: 'error', label, text }];
		}
		const finding = level === 'off' ? undefined : judge(value, draft, field);
		if (!finding) return [];
		const label = labelOf(field);
		return [
			{
				severity: level === 'strict' ? 'error' : finding.severity,
				label,
				text: `'${label}' ${finding.wrong}${given(value)}. ${finding.right}.`,
			},
		];
	});
	const valid = shape.success && !problems.some(({ severity }) => severity === 'error');
	return { body: valid ? shape.data : undefined, problems };
}

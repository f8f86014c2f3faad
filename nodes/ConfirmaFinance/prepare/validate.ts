import { fields, valueAt, type Field } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { foundNothing, problem, type Problem } from '../client/problem';
import { judge } from './rules';
import { clientBody, type ClientBody, type RawBody } from '../client/body';
import { kindOf, quote } from '../text';

export type ValidationLevel = ItemOptions['validation'];

export interface Validated {
	/** Missing where there is an error. */
	readonly body: ClientBody | undefined;
	readonly problems: readonly Problem[];
}

/** How the user filled in a field. */
export interface Filled {
	readonly label: string;
	/** What stands in the parameter, if it is an expression. */
	readonly expression?: string;
}

function given(value: string): string {
	return value === '' ? '' : ` (given: “${quote(value)}”)`;
}

function required({ label, expression }: Filled): Problem {
	const text = expression
		? `is empty: ${foundNothing(expression)}. Correct the expression, or fill in the field in your CRM.`
		: 'is empty. Fill it in, or map a field of your CRM to it.';
	return problem('error', label, text);
}

function judgeField(
	field: Field,
	draft: RawBody,
	level: ValidationLevel,
	filledIn: (field: Field) => Filled,
): Problem | undefined {
	const value = valueAt(draft, field);
	if (typeof value !== 'string') {
		return problem('error', filledIn(field).label, `must be text, but ${kindOf(value)} was given. Map a single value to it.`);
	}
	if (level === 'off') return undefined;
	if (value === '' && field.required) return required(filledIn(field));
	const finding = judge(value, draft, field);
	if (!finding) return undefined;
	const severity = level === 'strict' ? 'error' : finding.severity;
	return problem(severity, filledIn(field).label, `${finding.wrong}${given(value)}. ${finding.right}.`);
}

/**
 * Judges the whole body at once and reports every problem together, in the order of the fields.
 *
 * `standard` finds errors and warnings, `strict` makes errors of the warnings, `off` only makes sure that the body
 * has its shape. The body is handed on only when there is no error.
 */
export function validate(draft: RawBody, level: ValidationLevel, filledIn: (field: Field) => Filled): Validated {
	const shape = clientBody.safeParse(draft);
	const problems = fields.flatMap((field) => judgeField(field, draft, level, filledIn) ?? []);
	const isValid = shape.success && !problems.some(({ severity }) => severity === 'error');
	return { body: isValid ? shape.data : undefined, problems };
}

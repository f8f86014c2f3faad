import * as z from 'zod/v4-mini';

import { fields, valueAt, type Field } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { foundNothing, problem, type Named, type Problem } from '../client/problem';
import { error as wrong, type Finding, type Kind } from './kinds/kind';
import * as kinds from './kinds/kinds';
import { judgeEncoding, judgeText } from './kinds/text';
import { clientBody, type ClientBody, type RawBody } from '../client/body';
import { kindOf, quote } from '../text';

const empty = wrong('is empty', 'Fill it in, or map a field of your CRM to it');

/**
 * The first thing that is wrong, or looks odd, about a field's text: what a broken expression leaves behind, the types that the
 * API announces (docs/api.md), check digits.
 */
const judge: Kind['judge'] = (value, body, field) => {
	if (value === '') return field.required ? empty : undefined;
	return judgeText(value) ?? kinds[field.kind].judge(value, body, field) ?? judgeEncoding(value);
};

/** The rules of all fields, as a check of zod's: an issue for each field that something is wrong with, or odd about. */
const rules = z.check<ClientBody>(({ value: body, issues }) => {
	for (const field of fields) {
		const value = valueAt(body, field);
		const finding = typeof value === 'string' ? judge(value, body, field) : undefined;
		if (finding)
			issues.push({ code: 'custom', path: [...field.keys], input: value, message: finding.wrong, params: { finding } });
	}
});
// zod skips such a check where the shape is wrong, but all problems of an item are reported together.
rules._zod.when = () => true;

const ruledBody = clientBody.check(rules);

function textOf(finding: Finding | undefined, value: unknown, expression: string | undefined): string {
	if (!finding) return `must be text, but ${kindOf(value)} was given. Map a single value to it.`;
	if (finding !== empty) return `${finding.wrong} (given: “${quote(String(value))}”). ${finding.right}.`;
	if (!expression) return `${finding.wrong}. ${finding.right}.`;
	return `is empty: ${foundNothing(expression)}. Correct the expression, or fill in the field in your CRM.`;
}

/**
 * Validates the whole body at once and reports every problem together, in the order of the fields.
 *
 * `standard` finds errors and warnings, `strict` makes errors of the warnings, `off` only makes sure that the body
 * has its shape. The body is handed on, as zod gave it, only when there is no error.
 *
 * @param filledIn the parameter that fills a field, and what stands in it if that is an expression
 */
export function validate(
	draft: RawBody,
	level: ItemOptions['validation'],
	filledIn: (field: Field) => Named & { readonly expression?: string },
): { body: ClientBody | undefined; problems: Problem[] } {
	const { data, error } = (level === 'off' ? clientBody : ruledBody).safeParse(draft);
	const issues = new Map(error?.issues.map((issue) => [issue.path.join('.'), issue]));
	const problems = fields.flatMap((field) => {
		const issue = issues.get(field.path);
		if (!issue) return [];
		const finding = issue.code === 'custom' ? (issue.params?.finding as Finding) : undefined;
		const filled = filledIn(field);
		const severity = level === 'strict' ? 'error' : (finding?.severity ?? 'error');
		return problem(severity, filled, textOf(finding, valueAt(draft, field), filled.expression));
	});
	const isFit = problems.every(({ severity }) => severity === 'warning');
	// zod gives no body beside an issue, not even beside one that only warns.
	return { body: isFit ? (data ?? clientBody.parse(draft)) : undefined, problems };
}

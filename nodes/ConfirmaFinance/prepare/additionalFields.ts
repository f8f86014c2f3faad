import * as z from 'zod/v4-mini';

import { bodyParts, fields, type FurtherValue } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { problem, type Problem } from '../client/problem';
import { named } from '../client/properties';
import { quote, shown } from '../text';
import { judgeText } from './kinds/text';

const own = named('additionalFields');

const anything = z.optional(z.unknown());

/** What n8n gives for the collection: `field` is missing where it was never opened. */
const collectionSchema = z.object({
	field: z._default(z.array(z.object({ section: anything, name: anything, value: anything })), []),
});

/** The names that every object has already, such as `__proto__`, are no names of fields. */
const isName = (name: unknown): name is string => typeof name === 'string' && /^[a-z_][\w-]{0,99}$/i.test(name) && !(name in {});

/** What is wrong with a value. */
function unfit(value: unknown, validation: ItemOptions['validation']): string | undefined {
	if (typeof value === 'string') {
		const finding = validation === 'off' ? undefined : judgeText(value);
		return finding && `${finding.wrong} (given: “${quote(value)}”). ${finding.right}.`;
	}
	if (typeof value === 'boolean' || Number.isFinite(value)) return undefined;
	return `must be text, a number, or true or false, but ${shown(value)} was given. Map a single value to it.`;
}

/**
 * Reads the additional fields of an item.
 *
 * Text is sent as it was given; a number, true and false, which only an expression can give, as such. Nothing is sent as an
 * empty text, as in every other field.
 */
export function readAdditionalFields(
	given: unknown,
	validation: ItemOptions['validation'],
): { fields: FurtherValue[]; problems: Problem[] } {
	const additional: FurtherValue[] = [];
	// What is wrong with several is said once: n8n makes an entry of every letter where an expression stands for all.
	const problems = new Map<string, Problem>();
	const report = (label: string, text: string) => problems.set(label + text, problem('error', { ...own, label }, text));

	const { data } = collectionSchema.safeParse(given || {});
	if (!data) report(own.label, 'must hold its fields one by one, each with a section, a name and a value.');
	// Without regard to capitals: the API may read the names of its keys that way.
	const fillers = new Map(fields.map(({ path, label }) => [path.toLowerCase(), label]));
	for (const { section, name, value: givenValue } of data?.field ?? []) {
		if (!bodyParts.includes(section as string)) {
			const sections = `The sections are ${bodyParts.join(', ')}.`;
			report(own.label, `has a field in a section that does not exist: ${shown(section ?? '')} was given. ${sections}`);
		} else if (!isName(name)) {
			const rule = 'A name begins with a letter and has only letters, digits, hyphens and underscores.';
			report(own.label, `has a field named ${shown(name ?? '')}. ${rule}`);
		} else {
			const [path, label, value] = [`${section as string}.${name}`, `${own.label} > ${name}`, givenValue ?? ''];
			const filler = fillers.get(path.toLowerCase());
			const wrong = filler ? `is a field which '${filler}' fills. Enter the value there instead.` : unfit(value, validation);
			if (wrong) report(label, wrong);
			else additional.push({ keys: path.split('.'), value });
			fillers.set(path.toLowerCase(), label);
		}
	}
	return { fields: additional, problems: [...problems.values()] };
}

import * as z from 'zod/v4-mini';

import { bodyParts, fields, type FurtherValue } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { foundNothing, problem, type Problem } from '../client/problem';
import { named } from '../client/properties';
import { quote, shown } from '../text';
import { judgeText } from './kinds/text';

/** A field of the request body that the panel doesn't have. */
export type AdditionalField = FurtherValue<string | number | boolean>;

const own = named('additionalFields');

const anything = z.optional(z.unknown());
const entrySchema = z.object({ section: anything, name: anything, value: anything });

/** What n8n gives for the collection: `field` is missing where it was never opened. */
const collectionSchema = z.object({ field: z._default(z.array(entrySchema), []) });

/** One entry of the collection; values may be of any type. */
type Entry = z.infer<typeof entrySchema>;

/** Where an entry is to stand, without regard to capitals: the API may read the names of its keys that way. */
const placeOf = ({ section, name }: Entry) => `${String(section)}.${String(name)}`.toLowerCase();

const panelLabels = fields.map(({ path, label }) => [path.toLowerCase(), label] as const);

/** The names that every object has already, such as `__proto__`, are no names of fields. */
const isName = (name: string) => /^[a-z_][\w-]{0,99}$/i.test(name) && !(name in {});

/**
 * What is wrong with where an entry is to stand in the body.
 *
 * @param taken what fills a place already, by its label
 * @param expression what stands in the entry's name, if that is one
 */
function misplaced(entry: Entry, taken: ReadonlyMap<string, string>, expression: string | undefined): string | undefined {
	const { section, name } = entry;
	if (!bodyParts.includes(section as string)) {
		return `has a field in a section that does not exist: ${shown(section ?? '')} was given. The sections are ${bodyParts.join(', ')}.`;
	}
	if (name === undefined || name === null || name === '') {
		const why = expression ? `: ${foundNothing(expression)}` : '';
		return `has a field without a name${why}. Enter the name that Confirma Finance uses.`;
	}
	if (typeof name !== 'string' || !isName(name)) {
		return `has a field named ${shown(name)}. A name begins with a letter and has only letters, digits, hyphens and underscores.`;
	}
	const filler = taken.get(placeOf(entry));
	return filler && `has the field “${name}”, which '${filler}' fills. Enter the value there instead.`;
}

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
 *
 * @param given the collection as n8n gives it; of any type
 * @param expressionOf what stands in a parameter if it is an expression
 */
export function readAdditionalFields(
	given: unknown,
	validation: ItemOptions['validation'],
	expressionOf: (name: string) => string | undefined,
): { fields: AdditionalField[]; problems: Problem[] } {
	const { data: collection } = collectionSchema.safeParse(given || {});
	if (!collection) {
		const text = 'must hold its fields one by one, each with a section, a name and a value.';
		return { fields: [], problems: [problem('error', own, text)] };
	}
	const taken = new Map(panelLabels);
	const additional: AdditionalField[] = [];
	// What is wrong with several is said once: n8n makes an entry of every letter where an expression stands for all.
	const problems = new Map<string, Problem>();
	for (const [index, entry] of collection.field.entries()) {
		const [name, value] = [entry.name as string, entry.value ?? ''];
		const wrongPlace = misplaced(entry, taken, expressionOf(`${own.parameter}.field.${index}.name`));
		const wrong = wrongPlace ?? unfit(value, validation);
		const label = wrongPlace ? own.label : `${own.label} > ${name}`;
		if (wrong) problems.set(label + wrong, problem('error', { ...own, label }, wrong));
		else additional.push({ keys: `${entry.section as string}.${name}`.split('.'), value: value as AdditionalField['value'] });
		if (!wrongPlace) taken.set(placeOf(entry), label);
	}
	return { fields: additional, problems: [...problems.values()] };
}

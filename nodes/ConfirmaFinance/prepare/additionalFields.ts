import { sections } from '../client/additionalFields';
import { fields, label } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { foundNothing, problem, type Problem } from '../client/problem';
import { judgeText } from './rules';
import type { ClientBody } from '../client/body';
import { quote, shown } from '../text';

/** A field of the request body that the panel doesn't have. */
export interface AdditionalField {
	/** Where it stands in the body, as `client.invoiceFormat`. */
	readonly path: string;
	readonly value: string | number | boolean;
}

const parameter = 'additionalFields';
const ownLabel = label(parameter);

// Without regard to capitals: the API may read the names of its keys that way.
const panelLabels = new Map(fields.map(({ path, label: inPanel }) => [path.toLowerCase(), inPanel]));

/** One entry of the collection; values may be of any type. */
type Entry = Partial<Record<'section' | 'name' | 'value', unknown>>;

const isEntry = (entry: unknown): entry is Entry => typeof entry === 'object' && entry !== null && !Array.isArray(entry);

/** What n8n gives for the collection: `{ field: [entry, …] }`, or something without `field` where it was never opened. */
function entriesOf(collection: unknown): Entry[] | undefined {
	if (collection === undefined || collection === null || collection === '') return [];
	if (!isEntry(collection)) return undefined;
	const entries: unknown = Object.hasOwn(collection, 'field') ? (collection as { field: unknown }).field : [];
	return Array.isArray(entries) && entries.every(isEntry) ? entries : undefined;
}

/** The names that every object has already, such as `__proto__`, are no names of fields. */
const isName = (name: string) => /^[a-z_][\w-]{0,99}$/i.test(name) && !(name in {});

/** What is wrong with where an entry is to stand in the body. @param nameExpression what stands in its name, if that is an expression */
function misplaced({ section, name }: Entry, nameExpression: string | undefined): string | undefined {
	if (!sections.includes(section as string)) {
		return `has a field in a section that does not exist: ${shown(section ?? '')} was given. The sections are ${sections.join(', ')}.`;
	}
	if (name === undefined || name === null || name === '') {
		const why = nameExpression ? `: ${foundNothing(nameExpression)}` : '';
		return `has a field without a name${why}. Enter the name that Confirma Finance uses.`;
	}
	if (typeof name !== 'string' || !isName(name)) {
		return `has a field named ${shown(name)}. A name begins with a letter and has only letters, digits, hyphens and underscores.`;
	}
	const inPanel = panelLabels.get(`${section as string}.${name}`.toLowerCase());
	return inPanel && `has the field “${name}”, which '${inPanel}' fills. Enter the value there instead.`;
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
 * @param collection as n8n gives it; of any type
 * @param expressionOf what stands in a parameter if it is an expression
 */
export function readAdditionalFields(
	collection: unknown,
	validation: ItemOptions['validation'],
	expressionOf: (name: string) => string | undefined,
): { additional: AdditionalField[]; problems: Problem[] } {
	const entries = entriesOf(collection);
	if (!entries) {
		const text = 'must hold its fields one by one, each with a section, a name and a value.';
		return { additional: [], problems: [problem('error', ownLabel, text)] };
	}
	const additional: AdditionalField[] = [];
	const problems = new Map<string, Problem>();
	// What is wrong with several in the same way is said once: n8n makes an entry of every letter where an expression stands for all.
	const report = (found: Problem) => problems.set(found.text, found);
	const taken = new Set<string>();
	for (const [index, entry] of entries.entries()) {
		const wrongPlace = misplaced(entry, expressionOf(`${parameter}.field.${index}.name`));
		if (wrongPlace) {
			report(problem('error', ownLabel, wrongPlace));
			continue;
		}
		const { section, name, value: given } = entry as { section: string; name: string; value: unknown };
		const path = `${section}.${name}`;
		if (taken.has(path.toLowerCase())) {
			report(problem('error', ownLabel, `has the field “${name}” twice in the same section. Remove one of them.`));
			continue;
		}
		taken.add(path.toLowerCase());
		const value = given ?? '';
		const wrongValue = unfit(value, validation);
		if (wrongValue) report(problem('error', `${ownLabel} > ${name}`, wrongValue));
		else additional.push({ path, value: value as AdditionalField['value'] });
	}
	return { additional, problems: [...problems.values()] };
}

/** The body with the additional fields, each in its section, behind the section's own. */
export function withAdditionalFields(body: ClientBody, additional: readonly AdditionalField[]): ClientBody {
	const whole = structuredClone(body);
	for (const { path, value } of additional) {
		const keys = path.split('.');
		let section = whole as unknown as Record<string, unknown>;
		for (const key of keys.slice(0, -1)) section = section[key] as Record<string, unknown>;
		section[keys.at(-1)!] = value;
	}
	return whole;
}

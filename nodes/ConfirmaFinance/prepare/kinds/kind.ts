import type { RawBody } from '../../client/body';
import type { Field } from '../../client/fields';

/** What a rule found: `wrong` continues a sentence that starts with the field's label; `right` says what to do. */
export interface Finding {
	readonly severity: 'error' | 'warning';
	readonly wrong: string;
	readonly right: string;
}

/** What is done to the values of one kind of field. */
export interface Kind {
	/**
	 * Turns a form that it recognises into the one the API expects, and leaves every other text alone. Kinds without it are text.
	 *
	 * @param country ISO 3166-1, or what was given where it isn't understood
	 */
	readonly normalise?: (text: string, country: string, field: Field) => string;
	/** What an empty field gets in a country; none where the country isn't known. */
	readonly preset?: (country: string) => string | undefined;
	/** Judges a text that isn't empty; other fields of the same body may be looked up. Undefined means it passes. */
	readonly judge: (text: string, body: RawBody, field: Field) => Finding | undefined;
}

export const error = (wrong: string, right: string): Finding => ({ severity: 'error', wrong, right });
export const warning = (wrong: string, right: string): Finding => ({ severity: 'warning', wrong, right });

export const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** Whether a number has a digit other than zero. The libraries accept all zeros, which nobody has given out. */
export const isNumber = (text: string) => /[^\P{N}0]/u.test(text);

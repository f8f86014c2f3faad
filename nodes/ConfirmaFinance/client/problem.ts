import { quote } from '../text';

/** A parameter by its name, and as the panel shows it. */
export interface Named {
	readonly parameter: string;
	readonly label: string;
}

/** Something about an item that a person has to know: an error keeps it from being sent, a warning doesn't. */
export interface Problem extends Named {
	readonly severity: 'error' | 'warning';
	/** A sentence or two for the user: the label, what is wrong, what was given, and what would be right. */
	readonly text: string;
}

/** @param text goes on after the label */
export function problem(severity: Problem['severity'], { parameter, label }: Named, text: string): Problem {
	return { severity, parameter, label, text: `'${label}' ${text}` };
}

/** Says of a parameter that is mapped and yet empty which expression it was. */
export function foundNothing(expression: string): string {
	return `the expression ${quote(expression)} found no value`;
}

/** Something about an item that a person has to know: an error keeps it from being sent, a warning doesn't. */
export interface Problem {
	readonly severity: 'error' | 'warning';
	/** The parameter's label as the panel shows it. */
	readonly label: string;
	/** A sentence or two for the user: the label, what is wrong, what was given, and what would be right. */
	readonly text: string;
}

/** What a value that isn't text is called. */
export function kindOf(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'boolean') return 'true or false';
	return 'an object with fields of its own';
}

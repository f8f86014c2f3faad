/** Something about an item that a person has to know: an error keeps it from being sent, a warning doesn't. */
export interface Problem {
	readonly severity: 'error' | 'warning';
	/** The parameter's label as the panel shows it. */
	readonly label: string;
	/** A sentence or two for the user: the label, what is wrong, what was given, and what would be right. */
	readonly text: string;
}

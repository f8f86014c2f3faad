/**
 * Calls the subjects in turn, round after round, so that whatever slows the machine down for a while slows all of them.
 *
 * @returns what each gave, by its name, in the order of the rounds
 */
export async function interleaved<K extends string, T>(
	rounds: number,
	subjects: Record<K, () => T | Promise<T>>,
): Promise<Record<K, T[]>> {
	const names = Object.keys(subjects) as K[];
	const given = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>;
	for (let round = 0; round < rounds; round++) {
		for (const name of names) given[name].push(await subjects[name]());
	}
	return given;
}

/** The middle of the values, or the mean of the two in the middle. NaN values don't count; NaN if there are no others. */
export function median(values: readonly number[]): number {
	const sorted = values.filter((value) => !Number.isNaN(value)).sort((left, right) => left - right);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

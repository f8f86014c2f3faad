/** After how long without a change an attempt that is under way elsewhere is given up. What has to outlast it follows it. */
const silence = 10_000;

/** Every duration of the guard, in milliseconds of a monotonic clock. test/unit/guard/timing.test.ts holds how they relate. */
export const timing = {
	/** How long a process may use the lock, counted from before it asked for it. Others wait longer until they take it over. */
	lease: 6_000,
	/** After how long a holder of which no sign was seen is presumed dead: different for each wait, so that not all take over at once. */
	patience: { min: 8_000, max: 12_000 },
	/** Between two tries to take the lock. */
	betweenTries: { min: 5, max: 20 },
	/** Between two batches of one process: longer than others wait between their tries, so that they get their turn. */
	betweenBatches: 25,
	/** Before a call that failed is made again, under the same lock. */
	beforeRepeat: 50,
	/** How long the end of an attempt may wait for others to be written with it. */
	gather: 300,
	/** A claim that is older when its turn comes is renewed first, so that others count its silence from then on. */
	renewAfter: 2_500,
	/** A request that is answered sooner is never taken for a dead one's. */
	answerWithin: 5_000,
	/** How often a client that may be under way elsewhere is looked at. */
	lookEvery: 500,
	/** What a look that comes late counts for at the most: whoever stood still since the last one couldn't hear anything. */
	lookCounts: 4_000,
	silence,
	/** How long a process writes what it wrote again, how often at the most, and when one more batch follows the last end. */
	rewrite: 3 * silence,
	rewriteEvery: 1_000,
	lateBatch: 1.5 * silence,
} as const;

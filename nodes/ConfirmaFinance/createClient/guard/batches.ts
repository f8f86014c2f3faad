import { sleep } from 'n8n-workflow';

import { deferred } from '../waiting';

// What isn't urgent is gathered for a while (in milliseconds): a batch costs one call to the database instead of many.
const gatherFor = 1000;

// Between two batches: other processes ask for the lock every 20 ms at the least, and one that never gets it would take it for
// a dead one's.
const pause = 25;

/** What is to be written, and to which keys. */
export interface Job {
	readonly keys: readonly string[];
	/** Whether somebody waits for it: it is written as soon as the batch before is. */
	readonly isUrgent: boolean;
}

/**
 * Brings jobs together and has them written a batch at a time. Urgent ones don't bring the others along, which would make each
 * batch cost more, unless they are about the same keys: those are written in the order in which they came.
 */
export class Batches<J extends Job> {
	private waiting: J[] = [];
	/** When the first one came of those that are gathered, by a clock that nobody sets. */
	private gatheringSince = 0;
	private isFlushed = false;
	private isWriting = false;
	private writtenAt = -Infinity;
	private wake: () => void = () => {};

	/** @param write writes a batch and tells each job how it ended; never rejects */
	constructor(private readonly write: (jobs: J[]) => Promise<void>) {}

	add(job: J): void {
		if (this.gathered.length === 0) this.gatheringSince = performance.now();
		this.waiting.push(job);
		if (job.isUrgent) this.wake();
		if (!this.isWriting) void this.writeAll();
	}

	/** Has all that waits written as soon as the batch before is. */
	flush(): void {
		this.isFlushed = this.waiting.length > 0;
		this.wake();
	}

	private get urgent(): J[] {
		return this.waiting.filter(({ isUrgent }) => isUrgent);
	}

	private get gathered(): J[] {
		return this.waiting.filter(({ isUrgent }) => !isUrgent);
	}

	/** Milliseconds until what was gathered is to be written. */
	private get timeLeft(): number {
		return this.isFlushed ? 0 : this.gatheringSince + gatherFor - performance.now();
	}

	private async writeAll(): Promise<void> {
		this.isWriting = true;
		while (this.waiting.length > 0) {
			await this.due();
			// Even where no pause is left, it lets the jobs of the same moment come along.
			await sleep(Math.max(0, this.writtenAt + pause - performance.now()));
			await this.write(this.take());
			this.writtenAt = performance.now();
		}
		this.isWriting = false;
	}

	/** Resolves when there is something that has waited long enough. */
	private async due(): Promise<void> {
		while (this.urgent.length === 0 && this.timeLeft > 0) {
			const woken = deferred();
			this.wake = woken.resolve;
			await Promise.race([sleep(this.timeLeft), woken.promise]);
		}
	}

	private take(): J[] {
		const [jobs, { urgent, gathered }] = [this.waiting, this];
		const awaited = new Set(urgent.flatMap(({ keys }) => keys));
		const mayWait = this.timeLeft > 0 && !gathered.some(({ keys }) => keys.some((key) => awaited.has(key)));
		this.waiting = mayWait ? gathered : [];
		this.isFlushed = false;
		return mayWait ? urgent : jobs;
	}
}

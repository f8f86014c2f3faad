import { sleep } from 'n8n-workflow';

import { deferred } from '../waiting';

// What isn't urgent is gathered for a while (in milliseconds): a batch costs one call to the database instead of many.
const gatherFor = 1000;

/**
 * Brings jobs together and has them written a batch at a time, in the order in which they came: those of the same moment,
 * and before them those that were in no hurry.
 */
export class Batches<Job> {
	private waiting: Job[] = [];
	private isUrgent = false;
	private isWriting = false;
	private endGathering: () => void = () => {};

	/** @param write writes a batch and tells each job how it ended; never rejects */
	constructor(private readonly write: (jobs: Job[]) => Promise<void>) {}

	/** Adds a job that can wait until others come along, or until `flush` is called. */
	add(job: Job): void {
		this.waiting.push(job);
		if (!this.isWriting) void this.writeAll();
	}

	/** Has everything written as soon as the batch before is. */
	flush(): void {
		this.isUrgent = true;
		this.endGathering();
	}

	private async writeAll(): Promise<void> {
		this.isWriting = true;
		// Other processes ask for the lock every 20 ms at the least, and one that never gets it would take it for a dead one's.
		for (let pause = 0; this.waiting.length > 0; pause = 25) {
			await this.gathered();
			// Lets the jobs of the same moment come along.
			await sleep(pause);
			const jobs = this.waiting;
			this.waiting = [];
			this.isUrgent = false;
			await this.write(jobs);
		}
		this.isWriting = false;
	}

	/** Resolves when jobs have been gathered long enough, at once when one of them is urgent. */
	private async gathered(): Promise<void> {
		if (this.isUrgent) return;
		const flushed = deferred();
		this.endGathering = flushed.resolve;
		await Promise.race([sleep(gatherFor), flushed.promise]);
	}
}

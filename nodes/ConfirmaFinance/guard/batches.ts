import { sleep } from 'n8n-workflow';

import { deferred } from '../waiting';

// What nobody waits for is gathered for a while (in milliseconds): a batch costs one call to the database instead of many.
const gatherFor = 1000;

// Between two batches: other processes ask for the lock every 20 ms at the least, and one that never gets it would take it for
// a dead one's.
const pause = 25;

/** What is to be written, and about which keys. */
export interface Job {
	readonly keys: readonly string[];
}

/**
 * Brings jobs together and has them written a batch at a time. What somebody waits for doesn't bring along what was gathered,
 * which would make each batch cost more, unless both are about the same key: what was gathered comes first then.
 */
export class Batches<J extends Job> {
	private urgent: J[] = [];
	private gathered: J[] = [];
	/** When what was gathered is to be written, by a clock that nobody sets. */
	private dueAt = Infinity;
	private isWriting = false;
	private writtenAt = -Infinity;
	private wake: () => void = () => {};

	/** @param write writes a batch and tells each job how it ended; never rejects */
	constructor(private readonly write: (jobs: J[]) => Promise<void>) {}

	/** Has a job written as soon as the batch before is. */
	add(job: J): void {
		this.urgent.push(job);
		this.begin();
	}

	/** Has a job written with others, within a second. */
	gather(job: J): void {
		this.gathered.push(job);
		this.dueAt = Math.min(this.dueAt, performance.now() + gatherFor);
		this.begin();
	}

	/** Has all that was gathered written as soon as the batch before is. */
	flush(): void {
		if (this.gathered.length > 0) this.dueAt = -Infinity;
		this.wake();
	}

	private begin(): void {
		this.wake();
		if (!this.isWriting) void this.writeAll();
	}

	private async writeAll(): Promise<void> {
		this.isWriting = true;
		while (this.urgent.length + this.gathered.length > 0) {
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
		while (this.urgent.length === 0 && this.dueAt > performance.now()) {
			const woken = deferred();
			this.wake = woken.resolve;
			await Promise.race([sleep(this.dueAt - performance.now()), woken.promise]);
		}
	}

	private take(): J[] {
		const { urgent, gathered } = this;
		this.urgent = [];
		const awaited = new Set(urgent.flatMap(({ keys }) => keys));
		const isAwaited = gathered.some(({ keys }) => keys.some((key) => awaited.has(key)));
		if (this.dueAt > performance.now() && !isAwaited) return urgent;
		this.gathered = [];
		this.dueAt = Infinity;
		return [...gathered, ...urgent];
	}
}

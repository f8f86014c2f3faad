import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process in bytes: now, and at its peak since the last `resetPeak`. Linux only. */
export function memoryOf(pid: number): { now: number; peak: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) * 1024;
	return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** Lets the peak of a process start again from what it uses now. */
export function resetPeak(pid: number): void {
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

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

/** Processor time that a process has used so far, all its threads, in milliseconds. Linux only. */
export function processorTimeOf(pid: number): number {
	// In hundredths of a second, from the 14th field on; the second one may hold spaces.
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

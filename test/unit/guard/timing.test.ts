import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { timing } from '../../../nodes/ConfirmaFinance/guard/timing';

it('a lock is taken over only when its lease has ended for a while, so that a call that began in time has landed', () => {
	expect(timing.patience.min - timing.lease).toBeGreaterThanOrEqual(2_000);
});

it('others that wait for the lock get their turn between two batches of a process', () => {
	expect(timing.betweenBatches).toBeGreaterThan(timing.betweenTries.max);
});

it('a claim that was renewed just in time, answered in time and written with two slow calls ends before it counts as silent', () => {
	const slowCalls = 2 * 1_000;
	expect(timing.renewAfter + timing.answerWithin + timing.gather + slowCalls).toBeLessThan(timing.silence);
});

it('a claim that is answered in time is not silent because the machine stood still once', () => {
	expect(timing.answerWithin + timing.gather + timing.lookCounts).toBeLessThan(timing.silence);
	expect(timing.lookCounts).toBeGreaterThan(timing.lookEvery);
});

it('what was written is written again for longer than the longest lease and wait for a lock, and by the late batch', () => {
	expect(timing.rewrite).toBeGreaterThan(timing.lateBatch + timing.patience.max);
	expect(timing.lateBatch).toBeGreaterThan(timing.patience.max);
});

it('the late batch comes after an attempt was waited for in vain, and what it writes outlasts another such wait', () => {
	expect(timing.lateBatch).toBeGreaterThanOrEqual(timing.silence + timing.rewriteEvery);
	expect(timing.rewrite).toBeGreaterThan(timing.lateBatch + timing.silence);
});

it('docs/reliability.md tells the times as they are', () => {
	const page = readFileSync(join(__dirname, '../../../docs/reliability.md'), 'utf8').replace(/\s+/g, ' ');
	const { lease, patience, answerWithin, silence, lookCounts, rewrite, lateBatch } = timing;
	const told = [
		[patience.min, 'stalls for more than {} seconds inside a write'],
		[rewrite, 'in the last {} seconds again'],
		[lateBatch, 'once more {} seconds after their last outcome'],
		[rewrite, 'a stall of more than {} seconds erases'],
		[lateBatch, 'without another batch, after {} seconds already'],
		[silence, 'nothing was heard of the older attempt for {} seconds'],
		[answerWithin, 'answered within {} seconds'],
		[silence, 'silent for {} seconds is given up'],
		[lookCounts, 'no more than {} seconds of that count'],
		[lease, 'may use it for {} seconds'],
	].map(([time, text]) => String(text).replace('{}', String(Number(time) / 1000)));
	expect(told.filter((text) => !page.includes(text))).toEqual([]);
});

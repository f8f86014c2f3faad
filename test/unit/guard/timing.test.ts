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

it('what was written is written again for longer than the longest lease and wait for a lock, and by the late batch', () => {
	expect(timing.rewrite).toBeGreaterThan(timing.lateBatch + timing.patience.max);
	expect(timing.lateBatch).toBeGreaterThan(Math.max(timing.patience.max, timing.rewriteEvery));
});

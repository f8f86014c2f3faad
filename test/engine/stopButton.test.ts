import { deals } from '../support/engine/deals';
import { continuing, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('The stop button', () => {
	it('ends the run at once: what is in flight is unknown, the rest is not sent', async () => {
		sandbox.inject({ kind: 'hang', times: 2 });
		const stop = new AbortController();
		const running = run(deals(10), { options: { maxConcurrency: 2 }, settings: continuing, signal: stop.signal });
		while (posts().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
		stop.abort();
		const result = await running;

		expect(result.status).toBe('canceled');
		expect(posts()).toHaveLength(2);
		const again = await run(deals(2), { settings: continuing });
		expect(output(again).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
		expect(posts()).toHaveLength(2);
	});
});

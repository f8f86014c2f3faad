import { timing } from '../../nodes/ConfirmaFinance/guard/timing';
import { anotherProcess, type NodePackage } from '../support/engine';
import { deals } from '../support/engine/deals';
import { seconds, useFastClock } from '../support/engine/fastClock';
import { interceptedStore } from '../support/engine/interceptedStore';
import { deal, scenario, until, wait } from '../support/engine/scenario';

// Slower than elsewhere: what the calls to the database take by themselves counts here.
const speed = 2;
useFastClock(speed);

/** The answer comes just in time, and each call to the database takes so long afterwards, in real milliseconds. */
const answered = seconds(timing.answerWithin / 1000 - 0.2, speed);
const slow = seconds(2.2, speed);
/** How long the client waits for its turn. */
const turn = seconds(3.7, speed);

it('Send Again waits for a client whose turn came late, and whose end is written by slow calls', async () => {
	const { run, posts, rows, sandbox } = await scenario();
	const hasPosted = async ({ id }: { id: string }) => await until(() => JSON.stringify(posts()).includes(id));
	const play = async (moment: number, nodePackage: NodePackage) => {
		const workflowId = `begun in moment ${moment}`;
		const [before, client] = deals(2, 10 + 2 * moment) as [typeof deal, typeof deal];
		let isSlow = false;
		const store = interceptedStore(rows, async (_call, make) => {
			if (isSlow) await wait(slow);
			return await make();
		});
		sandbox.inject({ kind: 'delay', ms: turn, match: { businessCode: before.id } });
		sandbox.inject({ kind: 'delay', ms: answered, match: { businessCode: client.id } });
		await wait((moment / moments) * seconds(timing.lookEvery / 1000, speed));
		const first = run([before, client], { workflowId, store, options: { maxConcurrency: 1 } });
		await hasPosted(before);
		const again = run([client], { options: { unknownHandling: 'send' }, workflowId, nodePackage });
		await hasPosted(client);
		void wait(answered).then(() => (isSlow = true));
		return [...(await again).outcomes, ...(await first).outcomes];
	};
	// Others look all at once, now and then: it depends on the moment how much of the silence is left.
	const moments = 3;
	const others = Array.from({ length: moments }, anotherProcess);
	const outcomes = await Promise.all(others.map(async (nodePackage, moment) => await play(moment, nodePackage)));
	expect(outcomes).toEqual(others.map(() => ['duplicate', 'created', 'created']));
	expect(posts()).toHaveLength(2 * moments);
});

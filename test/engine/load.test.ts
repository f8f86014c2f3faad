import { DeduplicationStore, seededLatency, anotherProcess } from '../support/engine';
import { deals } from '../support/engine/deals';
import { deal, scenario } from '../support/engine/scenario';

// Many deliveries at once take a small machine a while.
jest.setTimeout(60_000);

it('50 deliveries of one deal at once make one request', async () => {
	const { run, posts } = await scenario({ beforeAccess: seededLatency(7, 3) });
	const results = await Promise.all(Array.from({ length: 50 }, async () => await run([deal])));
	expect(posts()).toHaveLength(1);
	expect(results.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['created', ...Array<string>(49).fill('duplicate')]);
});

it('200 deals at once, then all of them again, make 200 requests', async () => {
	const { run, posts } = await scenario({ beforeAccess: seededLatency(7, 3) });
	const all = deals(200);
	const deliverAll = async () =>
		(await Promise.all(all.map(async (one) => await run([one])))).flatMap(({ outcomes }) => outcomes);
	expect(await deliverAll()).toEqual(all.map(() => 'created'));
	expect(await deliverAll()).toEqual(all.map(() => 'duplicate'));
	expect(posts()).toHaveLength(200);
});

it('three processes with the same deals at once make one request for each', async () => {
	const { run, posts, rows } = await scenario();
	const processes = [1, 2, 3].map((seed) => ({
		nodePackage: anotherProcess(),
		store: new DeduplicationStore({ rows, beforeAccess: seededLatency(seed, 4) }),
	}));
	const all = deals(20);
	const results = await Promise.all(processes.flatMap((process) => all.map(async (one) => await run([one], process))));
	expect(posts()).toHaveLength(20);
	const outcomes = results.flatMap((result) => result.outcomes);
	expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(20);
	expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(40);
});

it('a run of 500 items in windows loses none', async () => {
	const { run, posts } = await scenario();
	expect((await run(deals(500), { options: { maxConcurrency: 20 } })).outcomes).toEqual(Array(500).fill('created'));
	expect((await run(deals(500))).outcomes).toEqual(Array(500).fill('duplicate'));
	expect(posts()).toHaveLength(500);
});

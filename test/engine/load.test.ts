import { deals } from '../support/engine/deals';
import { DeduplicationStore, seededLatency, useDeduplicationStore } from '../support/engine';
import { anotherProcess, deal, deliver, outcomes, posts, rows, useDeliveries } from '../support/engine/deliveries';

useDeliveries();

describe('Many deliveries at once', () => {
	const slowStore = () => new DeduplicationStore({ rows, beforeAccess: seededLatency(7, 3) });

	it('50 deliveries of one deal at once make one request', async () => {
		useDeduplicationStore(slowStore());
		const results = await Promise.all(Array.from({ length: 50 }, async () => await deliver([deal])));
		expect(posts()).toBe(1);
		expect(results.flatMap(outcomes).sort()).toEqual(['created', ...Array<string>(49).fill('duplicate')]);
	});

	it('200 deals at once, then all of them again, make 200 requests', async () => {
		useDeduplicationStore(slowStore());
		const all = deals(200);
		const first = await Promise.all(all.map(async (one) => await deliver([one])));
		expect(first.flatMap(outcomes)).toEqual(all.map(() => 'created'));
		const again = await Promise.all(all.map(async (one) => await deliver([one])));
		expect(again.flatMap(outcomes)).toEqual(all.map(() => 'duplicate'));
		expect(posts()).toBe(200);
	});

	it('three processes with the same deals at once make one request for each', async () => {
		const processes = [1, 2, 3].map((seed) => ({
			nodePackage: anotherProcess(),
			store: new DeduplicationStore({ rows, beforeAccess: seededLatency(seed, 4) }),
		}));
		const all = deals(20);
		const results = await Promise.all(processes.flatMap((process) => all.map(async (one) => await deliver([one], process))));
		expect(posts()).toBe(20);
		expect(results.flatMap(outcomes).filter((outcome) => outcome === 'created')).toHaveLength(20);
		expect(results.flatMap(outcomes).filter((outcome) => outcome === 'duplicate')).toHaveLength(40);
	});

	it('a run of 500 items in windows loses none', async () => {
		const result = await deliver(deals(500), { options: { maxConcurrency: 20 } });
		expect(outcomes(result)).toEqual(Array(500).fill('created'));
		expect(outcomes(await deliver(deals(500)))).toEqual(Array(500).fill('duplicate'));
		expect(posts()).toBe(500);
	});
});

import { play, type Choose, type Fault, type Step } from './model';

jest.mock('n8n-workflow', () => ({
	...jest.requireActual<object>('n8n-workflow'),
	// Nothing in the model takes time.
	sleep: async () => {},
}));

const schedules = Number(process.env.MODEL_SCHEDULES ?? 500);

const claim = (endings: string[], more: object = {}): Step => ({ kind: 'claim', keys: ['K'], endings, ...more }) as Step;
const hold = claim(['created', 'nothing', 'unknown']);
const again = claim(['created', 'nothing'], { again: true });
const anyway = claim(['created', 'nothing'], { anyway: true });
const both = claim(['created', 'nothing'], { keys: ['K', 'L'] });
const preview: Step = { kind: 'preview', keys: ['K'] };
const take: Step = { kind: 'take', keys: ['K'] };
const late: Step = { kind: 'late' };

const programs: Record<string, Step[][]> = {
	'two deliveries': [
		[hold, late],
		[hold, late],
	],
	'three deliveries of two clients': [
		[both, late],
		[both, late],
		[hold, late],
	],
	'a delivery and Send Again': [
		[hold, late],
		[again, late],
	],
	'a refused delivery, one that waits for it, and Send Again': [
		[claim(['nothing']), late],
		[claim(['created']), late],
		[claim(['unknown'], { again: true }), late],
	],
	'Send Anyway after a delivery, and another one': [
		[claim(['created']), anyway, late],
		[hold, late],
	],
	'Take as Created beside a delivery': [
		[hold, late],
		[take, hold, late],
	],
	'previews beside a delivery': [
		[claim(['created']), late],
		[preview, preview],
	],
	'a refused client, sent again, and a preview': [[claim(['nothing']), claim(['created']), late], [preview]],
};

/** The same numbers for the same seed. */
function random(seed: number): Choose {
	let state = seed >>> 0;
	const next = () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
	return (branches, what) => (what === 'fault' && next() < 0.8 ? 0 : Math.floor(next() * branches));
}

async function playMany(steps: Step[][], most: number, kinds: readonly Fault[]) {
	const found = new Map<string, { times: number; trace: string[] }>();
	const verdicts: Record<string, number> = {};
	for (let seed = 1; seed <= schedules; seed++) {
		const played = await play(steps, { most, kinds }, random(seed));
		for (const [verdict, times] of Object.entries(played.verdicts)) verdicts[verdict] = (verdicts[verdict] ?? 0) + times;
		for (const finding of played.findings) {
			const before = found.get(finding);
			found.set(finding, { times: (before?.times ?? 0) + 1, trace: before?.trace ?? played.trace });
		}
	}
	return { found: Object.fromEntries(found), verdicts };
}

const everything = ['failsBefore', 'failsAfter', 'dies', 'stalls', 'landsLate', 'overwrites'] as const;

describe.each(Object.entries(programs))('With %s', (_, steps) => {
	it('nothing is sent twice, called created or forgotten while nothing goes wrong', async () => {
		const { found, verdicts } = await playMany(steps, 0, []);
		expect(found).toEqual({});
		expect(verdicts.granted).toBeGreaterThan(0);
	});

	it('nor when one thing does, but for what a call that stalled inside writes over others', async () => {
		const { found } = await playMany(steps, 1, everything);
		const serious = Object.entries(found).filter(([finding]) => !finding.endsWith('after an overwrite'));
		expect(Object.fromEntries(serious)).toEqual({});
	});
});

describe('What a call that stalled inside wrote over', () => {
	const deliveries = (...last: Step[]) => [
		[claim(['created']), ...last],
		[hold, ...last],
	];
	const forgotten = async (steps: Step[][]) => {
		const { found } = await playMany(steps, 1, ['overwrites']);
		return Object.keys(found).filter((finding) => finding.startsWith('recorded as created'));
	};

	it('is written again by the late batch', async () => {
		expect(await forgotten(deliveries(late))).toEqual([]);
	});

	it('would be lost without it', async () => {
		expect(await forgotten(deliveries())).not.toEqual([]);
	});
});

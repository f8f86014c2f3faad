import { OwnFacts } from '../../../nodes/ConfirmaFinance/guard/ownFacts';
import { timing } from '../../../nodes/ConfirmaFinance/guard/timing';

let clock = 1_000_000;
let own: OwnFacts;
const pass = (milliseconds: number) => (clock += milliseconds);
const batch = () => {
	const facts = own.due();
	own.wereWritten(facts);
	return facts;
};

beforeEach(() => {
	jest.spyOn(performance, 'now').mockImplementation(() => clock);
	own = new OwnFacts();
});
afterEach(() => jest.restoreAllMocks());

it('a fact is due until a batch has written it, however long that takes', () => {
	own.add(['a']);
	pass(2 * timing.rewrite);
	expect(own.due()).toEqual(['a']);
	expect(batch()).toEqual(['a']);
	expect(batch()).toEqual([]);
});

it('a fact is written again with a batch that comes a second after it was written, and not with one before', () => {
	own.add(['a']);
	batch();
	pass(timing.rewriteEvery / 2);
	own.add(['b']);
	expect(batch()).toEqual(['b']);
	pass(timing.rewriteEvery / 2);
	expect(batch()).toEqual(['a']);
	expect(batch()).toEqual([]);
});

it('a rewriting whose batch failed is due with the next one', () => {
	own.add(['a']);
	batch();
	pass(timing.rewriteEvery);
	expect(own.due()).toEqual(['a']);
	expect(batch()).toEqual(['a']);
});

it('a fact is known and written again for a while', () => {
	own.add(['a']);
	batch();
	pass(timing.rewrite - 1);
	expect(batch()).toEqual(['a']);
	expect(own.has('a')).toBe(true);
	pass(1);
	expect(batch()).toEqual([]);
	expect(own.has('a')).toBe(false);
});

import { ShortMemory } from '../../../nodes/ConfirmaFinance/deliver/shortMemory';

afterEach(() => jest.restoreAllMocks());

it('What is kept is dropped after ten minutes, without any later call', () => {
	const timer = new AbortController();
	const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timer.signal);
	const memory = new ShortMemory<string>(10);
	memory.keep('a', 'one');
	expect(timeout).toHaveBeenCalledWith(600_000);
	expect(memory.get('a')).toBe('one');
	timer.abort();
	expect(memory.get('a')).toBeUndefined();
});

it('What is kept anew outlives the time of what was kept before', () => {
	const timers: AbortController[] = [];
	jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
		timers.push(new AbortController());
		return timers.at(-1)!.signal;
	});
	const memory = new ShortMemory<string>(10);
	memory.keep('a', 'one');
	memory.keep('a', 'two');
	timers[0]!.abort();
	expect(memory.get('a')).toBe('two');
	timers[1]!.abort();
	expect(memory.get('a')).toBeUndefined();
});

it('What is taken is kept no longer', () => {
	const memory = new ShortMemory<string>(10);
	memory.keep('a', 'one');
	expect(memory.take('a')).toBe('one');
	expect(memory.take('a')).toBeUndefined();
});

it('The oldest goes when there are too many', () => {
	const memory = new ShortMemory<number>(3);
	for (const [index, key] of ['a', 'b', 'c', 'a', 'd'].entries()) memory.keep(key, index);
	expect(['a', 'b', 'c', 'd'].map((key) => memory.get(key))).toEqual([3, undefined, 2, 4]);
});

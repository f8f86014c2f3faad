import { parsed } from '../../../nodes/ConfirmaFinance/outcome/json';

it('a whole number beyond 2^53 comes out as text, unrounded', () => {
	expect(parsed('{"id": 9007199254740993, "list": [-12345678901234567890]}')).toEqual({
		id: '9007199254740993',
		list: ['-12345678901234567890'],
	});
});

it.each(['9007199254740991', '0.12345678901234567890', '12345678901234567890.5', '1e30', '[1.5,-2]', '"12345678901234567890"'])(
	'%s comes out as JavaScript has it',
	(json) => {
		expect(parsed(json)).toEqual(JSON.parse(json));
	},
);

it('digits in text stay text, also after quotation marks', () => {
	const text = 'say \\ "12345678901234567890" 12345678901234567890';
	expect(parsed(JSON.stringify({ text }))).toEqual({ text });
});

it.each(['', '{', 'undefined', '{"a": 12345678901234567890', '<html>'])('%s is no JSON', (text) => {
	expect(parsed(text)).toBeUndefined();
});

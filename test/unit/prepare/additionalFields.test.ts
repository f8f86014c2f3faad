import { bodyParts, fields } from '../../../nodes/ConfirmaFinance/client/fields';
import { apiExample } from '../../sandbox/clientBodies';
import { parametersFor, prepared } from '../../support/bodies';

type Entry = Record<string, unknown>;

/** The API page's example with additional fields. */
function withFields(entries: unknown[], options = {}) {
	return prepared({ ...parametersFor(apiExample), additionalFields: { field: entries }, options });
}

const entry = (name: unknown, value: unknown = 'x', section: unknown = 'client'): Entry => ({ section, name, value });

const errors = (entries: unknown[], options = {}) =>
	withFields(entries, options)
		.problems.filter(({ severity }) => severity === 'error')
		.map(({ text }) => text);

describe('Additional fields', () => {
	it('are sent in their section, behind its own keys', () => {
		const entries = bodyParts.map((section) => entry('extra', `for ${section}`, section));
		const { body } = withFields(entries);
		const { service, client, contacts } = apiExample;
		expect(JSON.stringify(body)).toBe(
			JSON.stringify({
				service: { ...service, extra: 'for service' },
				client: { ...client, extra: 'for client' },
				contacts: {
					primary: { ...contacts.primary, extra: 'for contacts.primary' },
					technical: { ...contacts.technical, extra: 'for contacts.technical' },
					accountant: { ...contacts.accountant, extra: 'for contacts.accountant' },
				},
			}),
		);
	});

	it.each([
		['text', ' PDF '],
		['a number', 7],
		['zero', 0],
		['true', true],
		['false', false],
	])('may be %s, sent as it was given', (_, value) => {
		expect(withFields([entry('extra', value)]).body!.client).toEqual({ ...apiExample.client, extra: value });
	});

	it.each([[undefined], [null], ['']])('that give nothing (%p) are sent as an empty text', (nothing) => {
		expect(withFields([{ section: 'client', name: 'extra', value: nothing }]).body!.client).toEqual({
			...apiExample.client,
			extra: '',
		});
	});

	it.each([undefined, null, '', {}, { field: [] }])('that were never added (%p) leave the body alone', (additionalFields) => {
		expect(prepared({ ...parametersFor(apiExample), additionalFields }).body).toEqual(apiExample);
	});

	it('leave what tells the client apart, and what is told of changes, alone', () => {
		const [plain, extended] = [withFields([]), withFields([entry('extra', 7)])];
		expect(extended.identity).toEqual(plain.identity);
		expect(extended.changes).toEqual(plain.changes);
	});
});

describe('An additional field is refused', () => {
	it.each(fields.map(({ path, label }) => [path, label]))('as %s, which the panel has, however it is written', (path, label) => {
		const [section, name] = [path.slice(0, path.lastIndexOf('.')), path.slice(path.lastIndexOf('.') + 1)];
		for (const written of [name, name.toUpperCase()]) {
			expect(errors([entry(written, 'x', section)])).toEqual([
				`'Additional Fields > ${written}' is a field which '${label}' fills. Enter the value there instead.`,
			]);
		}
	});

	it('when its name is given twice in one section, however it is written', () => {
		const twice = [
			"'Additional Fields > EXTRA' is a field which 'Additional Fields > extra' fills. Enter the value there instead.",
		];
		expect(errors([entry('extra'), entry('EXTRA')])).toEqual(twice);
		expect(errors([entry('extra'), entry('extra', 'x', 'service')])).toEqual([]);
	});

	it('once, when many are wrong in the same way', () => {
		expect(errors([...Array(50)].map(() => entry('')))).toHaveLength(1);
	});

	it.each([
		'__proto__',
		'constructor',
		'toString',
		'a b',
		' extra',
		'a.b',
		'1a',
		'<b>',
		'x'.repeat(101),
		'',
		null,
		undefined,
		7,
		['a'],
		{},
	])('when its name is %p', (name) => {
		const [text, ...others] = errors([entry(name)]);
		expect(others).toEqual([]);
		expect(text).toContain("'Additional Fields' has a field named ");
		expect(({} as Entry).x).toBeUndefined();
	});

	it.each([['clients'], ['contacts'], ['__proto__'], [undefined], [''], [['client']]])('when its section is %p', (section) => {
		expect(errors([{ section, name: 'extra', value: 'x' }])).toEqual([
			expect.stringMatching(
				/^'Additional Fields' has a field in a section that does not exist: .+ was given\. The sections are .*client/,
			),
		]);
	});

	it.each<[string, unknown, string]>([
		['a list', ['a'], 'must be text, a number, or true or false, but a list was given. Map a single value to it.'],
		['an object', { a: 1 }, 'must be text, a number, or true or false, but an object with fields of its own was given'],
		['no number', NaN, 'must be text, a number, or true or false, but “NaN” was given'],
		['endless', Infinity, 'must be text, a number, or true or false, but “Infinity” was given'],
		['of a type that JSON lacks', 7n, 'must be text, a number, or true or false, but “7” was given'],
		['left over from an expression', 'undefined', 'holds no real value'],
		['an object made text', '[object Object]', 'holds no real value'],
		['an expression in a fixed field', '{{ $json.x }}', 'holds an expression that n8n did not evaluate'],
		['too long', 'x'.repeat(1001), 'is 1001 characters long'],
	])('when its value is %s', (_, value, expected) => {
		expect(errors([entry('extra', value)])).toEqual([expect.stringContaining(`'Additional Fields > extra' ${expected}`)]);
	});

	it('for its value only where values are validated', () => {
		expect(withFields([entry('extra', 'undefined')], { validation: 'off' }).body!.client).toHaveProperty('extra', 'undefined');
		expect(errors([entry('name', 'x')], { validation: 'off' })).toHaveLength(1);
		expect(errors([entry('extra', ['x'])], { validation: 'off' })).toHaveLength(1);
	});

	it.each([['text'], [['a']], [{ field: 'text' }], [{ field: ['text'] }], [{ field: [null] }]])(
		'when the collection is %p',
		(additionalFields) => {
			const { body, problems } = prepared({ ...parametersFor(apiExample), additionalFields });
			expect(body).toBeUndefined();
			expect(problems.map(({ text }) => text)).toContain(
				"'Additional Fields' must hold its fields one by one, each with a section, a name and a value.",
			);
		},
	);
});

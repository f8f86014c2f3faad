import { fields } from '../../../nodes/ConfirmaFinance/client/fields';
import { parametersOf } from '../../../nodes/ConfirmaFinance/prepare/parameters';
import { options, type OptionName } from '../../../nodes/ConfirmaFinance/client/options';
import { read } from '../../../nodes/ConfirmaFinance/prepare/read';
import { apiExample, swedishExample } from '../../sandbox/clientBodies';
import { bodyWith, contextOf, parametersFor, prepared as preparedItem } from '../../support/bodies';

const parameters = parametersFor(apiExample);
const prepared = (changes: Record<string, unknown>, raw?: Record<string, unknown>) =>
	preparedItem({ ...parameters, ...changes }, raw);
const problemTexts = (changes: Record<string, unknown>) =>
	prepared(changes)
		.problems.filter(({ severity }) => severity === 'error')
		.map(({ text }) => text);
const broken = (message: string) => () => {
	throw new Error(message);
};

it('the fields make up the API page’s example, key for key', () => {
	expect(JSON.stringify(prepared({}).body)).toBe(JSON.stringify(apiExample));
});

it('every field of the Swedish example arrives where it belongs', () => {
	const { body } = preparedItem(parametersFor(swedishExample));
	expect(body).toEqual(bodyWith({ 'client.plusgiro': '286543-4' }, swedishExample));
});

it.each([undefined, null, '', {}])('a collection that was never opened (%p) leaves empty texts', (nothing) => {
	const { body } = prepared({ clientDetails: nothing, bankDetails: nothing, contactDetails: nothing });
	expect(body!.client).toMatchObject({ vatRegNbr: '', postalCode: '', ibanAccount: '' });
	expect(body!.contacts.technical).toEqual({ name: '', email: '' });
});

describe('The service type', () => {
	it('is the code that the user enters when it is custom', () => {
		expect(prepared({ serviceType: 'custom', serviceTypeCode: 'SPECIAL' }).body!.service.type).toBe('SPECIAL');
	});

	it.each(['COOP', 'Another'])('%s, by an expression, is that code as it stands', (code) => {
		expect(prepared({ serviceType: code, serviceTypeCode: 'lifecycle' }).body!.service.type).toBe(code);
	});

	it('is asked for under the label of the code when it is custom', () => {
		expect(problemTexts({ serviceType: 'custom', serviceTypeCode: '' })).toEqual([
			"'Service Type Code' is empty. Fill it in, or map a field of your CRM to it.",
		]);
	});

	it('is one problem when its expression is broken', () => {
		expect(problemTexts({ serviceType: broken('no node “CRM”') })).toEqual([
			"'Service Type' has an expression that n8n cannot resolve (no node “CRM”). Open the expression and correct it.",
		]);
	});
});

it('a broken expression is named by its field, escaped, once, and beside other problems', () => {
	expect(problemTexts({ name: broken('<b>x</b>'), countryCode: 'Atlantis' })).toEqual([
		"'Business Name' has an expression that n8n cannot resolve (<b>x</b>). Open the expression and correct it.",
		expect.stringContaining("'Country' is not a country"),
	]);
});

describe('A collection', () => {
	it.each([
		['some text', '“some text”'],
		['<i>', '“<i>”'],
		[['a'], 'a list'],
		[true, '“true”'],
		[7, '“7”'],
	])('that is %p is a problem that names its fields', (value, given) => {
		expect(problemTexts({ bankDetails: value })).toEqual([
			`'Bank Details' must hold its fields one by one, but ${given} was given. Map bankgiro, bic, ibanAccount, plusgiro instead.`,
		]);
	});

	it.each(['iban', '__proto__', 'constructor', '<b>'])('with the unknown field %p is a problem', (key) => {
		const [text, ...others] = problemTexts({ bankDetails: JSON.parse(`{"${key}": "x"}`) as unknown });
		expect(others).toEqual([]);
		expect(text).toContain(`'Bank Details' has no field “${key}”`);
	});

	it('with very many unknown fields is one short problem', () => {
		const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index]));
		const problems = problemTexts({ clientDetails: many });
		expect(problems).toHaveLength(1);
		expect(problems[0]!.length).toBeLessThan(300);
	});

	it('cannot reach into objects’ prototypes', () => {
		const attack = JSON.parse(
			'{"__proto__": {"polluted": "yes", "bic": "NDEAFIHH"}, "constructor": {"prototype": {"polluted": "yes"}}}',
		) as unknown;
		const { draft } = read(
			parametersOf(contextOf({ ...parameters, bankDetails: attack, options: attack, clientDetails: attack })),
			0,
		);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
		expect(draft.client.bic).toBeUndefined();
	});
});

describe('Options', () => {
	it('have the documented defaults', () => {
		expect(prepared({}).options).toEqual({
			duplicateHandling: 'error',
			maxConcurrency: 5,
			previewOnly: false,
			returnAccessToken: undefined,
			timeout: 60_000,
			unknownHandling: 'hold',
			validation: 'standard',
		});
	});

	const names = Object.keys(options) as OptionName[];
	const mapped = names.filter((name) => !options[name].property.noDataExpression);

	it.each(mapped.flatMap((name) => [undefined, null, '', ' '].map((nothing) => [name, nothing] as const)))(
		'%s has no default when its expression gives %p',
		(name, nothing) => {
			const raw = { options: { [name]: '={{ $json.none }}' } };
			const { body, problems } = prepared({ options: { [name]: nothing } }, raw);
			expect(body).toBeUndefined();
			expect(problems.filter(({ severity }) => severity === 'error')).toEqual([
				{
					severity: 'error',
					parameter: `options.${name}`,
					label: `Options > ${options[name].property.displayName}`,
					text: `'Options > ${options[name].property.displayName}' must be ${options[name].expected}, but the expression {{ $json.none }} found no value.`,
				},
			]);
		},
	);

	it.each<[string, Record<string, unknown>]>([
		['alone', { options: { maxConcurrency: '={{ $json.many }}' } }],
		['with all options', { options: '={{ $json.options }}' }],
	])('maxConcurrency takes no expression, %s', (_, raw) => {
		expect(prepared({ options: { maxConcurrency: 7 } }, raw).problems).toContainEqual({
			severity: 'error',
			parameter: 'options.maxConcurrency',
			label: 'Options > Requests at the Same Time',
			text: "'Options > Requests at the Same Time' holds for all items of a run, so it takes no expression. Enter a whole number from 1 to 50.",
		});
	});

	it('may be texts, as expressions give them', () => {
		const options = { maxConcurrency: '7', previewOnly: 'true', returnAccessToken: 'false', timeout: ' 1000 ' };
		expect(prepared({ options })).toMatchObject({
			options: { maxConcurrency: 7, previewOnly: true, returnAccessToken: false, timeout: 1000 },
			body: apiExample,
		});
	});

	it.each<[string, unknown]>([
		['duplicateHandling', 'ask'],
		['maxConcurrency', 0],
		['maxConcurrency', 51],
		['maxConcurrency', 2.5],
		['maxConcurrency', ''],
		['maxConcurrency', 'many'],
		['maxConcurrency', NaN],
		['previewOnly', 'maybe'],
		['returnAccessToken', 1],
		['timeout', 0],
		['timeout', -1],
		['timeout', Infinity],
		['timeout', null],
		['validation', 'Strict'],
		['validation', { toString: 1 }],
		['timeout', Object.create(null)],
		['duplicateHandling', ['error']],
		['maxConcurrency', 5n],
	])('%s cannot be %p', (name, value) => {
		const { body, problems } = prepared({ options: { [name]: value } });
		expect(body).toBeUndefined();
		expect(problems.filter(({ severity }) => severity === 'error')).toEqual([
			expect.objectContaining({ text: expect.stringMatching(/^'Options > .+' must be .+ was given\.$/) as string }),
		]);
	});

	it('validate as they say: "off" lets a broken client through, "strict" stops the API page’s example', () => {
		expect(prepared({ countryCode: 'Atlantis', options: { validation: 'off' } }).body!.client.countryCode).toBe('Atlantis');
		expect(prepared({ options: { validation: 'strict' } }).body).toBeUndefined();
	});
});

describe('A required field whose expression finds nothing', () => {
	it('names the expression', () => {
		const raw = { ...parameters, name: '={{ $json.properties.nmae }}' };
		expect(prepared({ name: undefined }, raw).problems[0]).toEqual({
			severity: 'error',
			parameter: 'name',
			label: 'Business Name',
			text: "'Business Name' is empty: the expression {{ $json.properties.nmae }} found no value. Correct the expression, or fill in the field in your CRM.",
		});
	});

	it('names the expression of the service type code', () => {
		const raw = { serviceType: '={{ $json.type }}', serviceTypeCode: '={{ $json.code }}' };
		expect(prepared({ serviceType: 'custom', serviceTypeCode: null }, raw).problems[0]!.text).toBe(
			"'Service Type Code' is empty: the expression {{ $json.code }} found no value. Correct the expression, or fill in the field in your CRM.",
		);
	});

	it.each([[''], ['  '], ['='], ['=text']])('names none where the field holds %p', (raw) => {
		expect(prepared({ name: '' }, { ...parameters, name: raw }).problems[0]!.text).toBe(
			"'Business Name' is empty. Fill it in, or map a field of your CRM to it.",
		);
	});
});

describe('In a preview, values that are sent other than given', () => {
	const options = { previewOnly: true };

	it('are told, each with both forms, under the title that it has in the panel', () => {
		const { changes, body } = prepared({
			options,
			name: ' Test  Customer Oy ',
			businessCode: 1120389,
			countryCode: 'Suomi',
			clientDetails: { languageCode: undefined, currencyCode: '', postalCode: 100, vatRegNbr: 'FI01120389', postalAddress: null },
		});
		expect(body).toBeDefined();
		expect(changes).toEqual([
			{ field: 'Business Name', given: ' Test  Customer Oy ', sent: 'Test Customer Oy' },
			{ field: 'Business ID', given: '1120389', sent: '0112038-9' },
			{ field: 'Postal Code', given: '100', sent: '00100' },
			{ field: 'Country', given: 'Suomi', sent: 'FI' },
			{ field: 'Language', given: '', sent: 'FI' },
			{ field: 'Currency', given: '', sent: 'EUR' },
		]);
	});

	it('need no section in front: no two fields have the same title', () => {
		expect(new Set(fields.map(({ title }) => title)).size).toBe(fields.length);
	});

	it('are none where everything is sent as it was given', () => {
		expect(prepared({ serviceType: 'custom', serviceTypeCode: 'lifecycle', options }).changes).toEqual([]);
		expect(prepared({ name: 7, options }).changes).toEqual([]);
	});

	it('are not looked for outside previews', () => {
		expect(prepared({ countryCode: 'Suomi' }).changes).toEqual([]);
	});

	it('are none of a client that cannot be sent', () => {
		expect(prepared({ countryCode: 'Suomi', options: { ...options, validation: 'strict' } }).changes).toEqual([]);
	});
});

describe('What tells a client apart', () => {
	const identity = { name: 'Test Customer Oy', businessCode: '123456-7', countryCode: 'FI', partnerCode: 'QUICK3' };

	it('is known of a client that can be sent', () => {
		expect(prepared({}).identity).toEqual(identity);
	});

	it('is known, normalised, of a client of which nothing else is filled in', () => {
		const { body, identity: known } = preparedItem({
			partnerCode: 'QUICK3',
			businessCode: '01120389',
			countryCode: 'Suomi',
			name: broken('no node “CRM”'),
			clientDetails: { postalCode: ['00100'] },
		});
		expect(body).toBeUndefined();
		expect(known).toEqual({ name: '', businessCode: '0112038-9', countryCode: 'FI', partnerCode: 'QUICK3' });
	});

	it.each<[string, Record<string, unknown>]>([
		['the partner code is missing', { partnerCode: '' }],
		['the business ID cannot be read', { businessCode: broken('no node “CRM”') }],
		['the business ID identifies nobody', { businessCode: '0000000-0' }],
		['the name of a client without a register’s ID is empty', { name: '' }],
		['the country is none', { countryCode: 'Atlantis' }],
		['the country is no text, unvalidated', { countryCode: ['FI'], options: { validation: 'off' } }],
		['an option gives nothing', { options: { previewOnly: undefined } }],
		['the options are not read', { options: 'previewOnly' }],
	])('is not known when %s', (_, changes) => {
		expect(prepared(changes).identity).toBeUndefined();
	});
});

it('a client that cannot be sent still says who it is, as far as that is known', () => {
	const others = { businessCode: '123456-7', partnerCode: 'QUICK3' };
	expect(prepared({ countryCode: 'Atlantis' }).client).toEqual({ ...others, name: 'Test Customer Oy', countryCode: 'Atlantis' });
	expect(prepared({ name: { first: 'x' } }).client).toEqual({ ...others, name: '', countryCode: 'FI' });
});

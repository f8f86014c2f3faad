import type { IDataObject } from 'n8n-workflow';

/** Items as they come from CRMs: whole, empty, and with other kinds of values than expected. */
export const items: IDataObject[] = [
	{
		name: 'Test Customer Oy',
		nimi: 'Åbo Näring Öst',
		'a key': 'with a space',
		'first() }': 'with signs',
		quoted: `"double", 'single', \`back\`, }} and {{, \\ and \${no}`,
		zip: 100,
		amount: -0.5,
		won: true,
		lost: false,
		nothing: null,
		empty: '',
		tags: ['b', 'a', 'c'],
		company: { name: 'Exempelbolaget AB', address: { zip: '00100', city: 'HELSINKI' } },
		emails: [{ value: 'matti@example.com' }, { value: 'info@example.com' }],
		huge: 'x'.repeat(20_000),
	},
	{},
	{ name: 5, company: null, tags: 'none', emails: {}, zip: '00100', won: 'true', empty: 0, nothing: [] },
];

/** A parameter and its value in the workflow. */
export interface Case {
	readonly name: string;
	readonly raw: unknown;
	/** For how many of the items it is to be evaluated together with others. */
	readonly listed: number;
}

/** What fields hold. @param before name of the node before */
export function cases(before: string): Case[] {
	const tables: Array<[listed: number, raws: unknown[]]> = [
		// Paths, to values that are there and missing, at the top and in depth.
		[
			items.length,
			[
				'={{ $json.name }}',
				'={{$json.name}}',
				'={{\n\t$json.name\n}}',
				'={{ $json["a key"] }}',
				"={{ $json['a key'] }}",
				'={{ $json["nimi"] }}',
				'={{ $json.quoted }}',
				'={{ $json.zip }}',
				'={{ $json.amount }}',
				'={{ $json.won }}',
				'={{ $json.lost }}',
				'={{ $json.empty }}',
				'={{ $json.huge }}',
				'={{ $json.tags[0] }}',
				'={{ $json.tags.length }}',
				'={{ $json.tags[9].name }}',
				'={{ $json.tags?.[0] }}',
				'={{ $json.emails[0].value }}',
				'={{ $json["emails"][1]["value"] }}',
				'={{ $json.company.address.zip }}',
				'={{ $json.company?.address?.zip }}',
				'={{ $json.missing }}',
				'={{ $json.missing.deeper }}',
				'={{ $json.missing.deeper.still }}',
				'={{ $json.missing?.deeper.still }}',
				'={{ $input.item.json.name }}',
				`={{ $('${before}').item.json.name }}`,
				`={{ $("${before}").item.json.company.name }}`,
				{ a: '={{ $json.name }}', b: '={{ $json.missing }}', c: 'text', d: 5, e: false, f: null, g: '' },
				{ a: '={{ $json.missing.deeper }}' },
				{ field: [{ name: '={{ $json.name }}', value: '={{ $json.zip }}' }, { name: 'x' }] },
				{ a: { b: { c: ['={{ $json.zip }}', null, []] } }, 'with a dot.in': '={{ $json.zip }}' },
			],
		],
		// Paths that give a list, an object or a function for some of the items.
		[2, ['={{ $json.nothing }}', '={{ $json.tags }}', '={{ $json.company }}', '={{ $json.name.trim }}']],
		[1, ['={{ $json.emails }}']],
		// Paths to nowhere, and everything that is more than a path.
		[
			0,
			[
				'={{ $json }}',
				"={{ $('Nowhere').item.json.name }}",
				'={{ $json["first() }"] }}',
				'={{ $json.name.trim() }}',
				'={{ $json.missing ?? "none" }}',
				'={{ $json.zip + 1 }}',
				'={{ $json.zip / 2 }}',
				'={{ $json.tags.sort()[0] }}',
				'={{ $json.name = "changed" }}',
				'={{ [$json.name] }}',
				'={{ $json[$json.name] }}',
				'={{ $json.tags[-1] }}',
				'={{ `${$json.name}` }}',
				'={{ $json["a\\u0020key"] }}',
				'={{ /* the name */ $json.name }}',
				'={{ $json.name // the name }}',
				'={{ $json.name; }}',
				'={{ $json.name, $json.zip }}',
				'={{ $json.name), (() => $json.zip }}',
				'={{ $json.nimi) }}',
				'={{ $json. }}',
				'={{ $json..name }}',
				'={{ $json["name }}',
				'={{ $jsonx }}',
				'={{ $itemIndex }}',
				'={{ $now.startOf("year") }}',
				`={{ $('${before}').first().json.name }}`,
				`={{ $node["${before}"].json.name }}`,
				'={{ $json.name.isEmpty() }}',
				'={{ $parameter.value0 }}',
				'={{ $env.HOME }}',
				'={{ (() => { throw new Error("mine") })() }}',
				'={{ }}',
				'={{}}',
				'={{ $json.name',
				'={{ $json.name }',
				'={{ $json.name }} ',
				'= {{ $json.name }}',
				'={{ $json.name }} {{ $json.nimi }}',
				'=FI{{ $json.zip }}',
				'=text',
				'=',
				'text',
				'text {{ $json.name }}',
				5,
				true,
				['a', 'b'],
				{},
				{ a: 'text' },
				{ a: '={{ $json.name }}', b: '={{ $json.zip + 1 }}' },
				{ a: "={{ $('Nowhere').item.json.name }}", b: '={{ $json.zip }}' },
			],
		],
	];
	return numbered(tables.flatMap(([listed, raws]) => raws.map((raw) => ({ raw, listed }))));
}

/** Paths that n8n forbids: with one of them it takes no list. */
export const forbidden: ReadonlyArray<readonly Case[]> = [
	'={{ $json.constructor }}',
	'={{ $json.name.constructor }}',
	'={{ $json.__proto__ }}',
	'={{ $json["constructor"]["prototype"] }}',
].map((raw) =>
	numbered([
		{ raw, listed: 0 },
		{ raw: '={{ $json.name }}', listed: 0 },
	]),
);

function numbered(table: ReadonlyArray<Omit<Case, 'name'>>): Case[] {
	return table.map((one, index) => ({ name: `value${index}`, ...one }));
}

/** The probe's parameters, to read a table of cases. */
export const probing = (table: readonly Case[]): IDataObject =>
	Object.fromEntries(table.map(({ name, raw }) => [name, raw as IDataObject]));

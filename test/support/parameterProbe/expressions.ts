import type { IDataObject } from 'n8n-workflow';

/** Items as they come from CRMs: whole, empty, and with other kinds of values than expected. */
export const items: IDataObject[] = [
	{
		name: 'Test Customer Oy',
		nimi: 'Åbo Näring Öst',
		'a key': 'with a space',
		quoted: `"double", 'single', \`back\`, }} and {{, \\ and \${no}`,
		zip: 100,
		amount: -0.5,
		won: true,
		lost: false,
		nothing: null,
		empty: '',
		tags: ['b', 'a', 'c'],
		date: '2026-01-02T03:04:05.000Z',
		company: { name: 'Exempelbolaget AB', address: { zip: '00100', city: 'HELSINKI' } },
		emails: [
			{ value: 'matti@example.com', primary: false },
			{ value: 'info@example.com', primary: true },
		],
		huge: 'x'.repeat(20_000),
	},
	{},
	{ name: 5, company: null, tags: 'none', date: 'soon', emails: {}, zip: '00100', won: 'true', empty: 0, nothing: [] },
];

/** A parameter and its value in the workflow. */
export interface Case {
	readonly name: string;
	readonly raw: unknown;
	/** For how many of the items it is to be evaluated together with others. */
	readonly listed: number;
}

type Given = Omit<Case, 'name'>;

const alone = (...raws: unknown[]): Given[] => raws.map((raw) => ({ raw, listed: 0 }));
const together = (...raws: unknown[]): Given[] => raws.map((raw) => ({ raw, listed: items.length }));
const partly = (listed: number, ...raws: unknown[]): Given[] => raws.map((raw) => ({ raw, listed }));

/** Every kind of expression that a field may hold. @param before name of the node before */
export function cases(before: string): Case[] {
	return given(before).map((one, index) => ({ name: `value${index}`, ...one }));
}

/** The probe's parameters, to read a table of cases. */
export function probing(table: readonly Case[]): IDataObject {
	// One that n8n can't parse makes it refuse a list.
	const apart = table.filter(({ listed }) => listed === 0).map(({ name }) => name);
	return { apart: apart.join(' '), ...Object.fromEntries(table.map(({ name, raw }) => [name, raw as IDataObject])) };
}

function given(before: string): Given[] {
	return [
		// Values of every type.
		...together(
			'={{ $json.name }}',
			'={{$json.name}}',
			'={{\n\t$json.name\n}}',
			'={{ $json.nimi }}',
			'={{ $json["a key"] }}',
			"={{ $json['a key'] }}",
			'={{ $json.quoted }}',
			'={{ $json.zip }}',
			'={{ $json.amount }}',
			'={{ $json.won }}',
			'={{ $json.lost }}',
			'={{ $json.empty }}',
			'={{ $json.huge }}',
			'={{ $json.zip && undefined }}',
			'={{ $json.zip && null }}',
			'={{ $json.zip + "\\ud800" }}',
			'={{ $json.zip + "\\u2028" }}',
			'={{ Boolean($json.zip) }}',
			'={{ $json.zip + 1n }}',
			'={{ typeof $json.zip }}',
		),
		...partly(2, '={{ $json.nothing }}', '={{ $json.tags }}', '={{ $json.company }}'),
		...partly(1, '={{ $json.emails }}', '={{ Number($json.name) }}', '={{ $json.name }}\n{{ Number($json.name) }}'),
		...partly(
			2,
			'={{ $json.zip * -0 }}',
			'={{ $min(1, $json.zip) }}',
			'={{ DateTime.fromISO($json.date ?? "2026-01-02").year }}',
		),

		...alone(
			'={{ $json }}',
			'={{ [$json.name] }}',
			'={{ $json.zip ? Infinity : NaN }}',
			'={{ { name: $json.name } }}',
			'={{ $now.startOf("year") }}',
			'={{ DateTime.fromISO("2026-01-02T03:04:05", { zone: "utc" }) }}',
			'={{ new Date($json.zip) }}',
			'={{ $json.zip ? 5n : 6n }}',
			'={{ $json.zip ? Symbol.iterator : Symbol.iterator }}',
			'={{ /x/ }}',
			'={{ new Map([[1, $json.name]]) }}',
			'={{ JSON.parse(JSON.stringify($json)) }}',
		),

		// Missing, at the top and in depth.
		...together(
			'={{ $json.missing }}',
			'={{ $json.missing.deeper }}',
			'={{ $json.missing.deeper.still }}',
			'={{ $json.missing.toUpperCase() }}',
			'={{ $json.missing?.deeper }}',
			'={{ $json.missing?.deeper.still }}',
			'={{ $json.missing?.[0].still ?? "none" }}',
			'={{ $json.missing ?? "none" }}',
			'={{ $json.missing.deeper ?? "none" }}',
			'={{ $json.company.address.zip }}',
			'={{ $json.company?.address?.zip }}',
			'={{ $json.company.name.toUpperCase() }}',
			'={{ $json.tags[0] }}',
			'={{ $json.tags[9].name }}',
			'={{ $missing }}',
			'={{ $json.name.trim().toLowerCase() }}',
			'={{ $json.name() }}',
		),

		// Operators, calls, functions.
		...together(
			'={{ $json.name + " " + $json.company?.name }}',
			'={{ $json.won ? "yes" : "no" }}',
			'={{ $json.name || $json.company?.name || "nobody" }}',
			'={{ $json.zip >= 100 && $json.zip <= 200 }}',
			'={{ $json.zip == 100, $json.zip !== 100 }}',
			'={{ String($json.zip).padStart(5, "0") }}',
			'={{ $json.name.replace(/\\s+/g, "-") }}',
			'={{ $json.name.replace(/[)}\\]/"]/g, "") }}',
			'={{ $json.name.split(" ")[0] }}',
			'={{ $json.tags.join(", ") }}',
			'={{ $json.tags.map((tag) => tag.toUpperCase()).filter(Boolean).join() }}',
			'={{ $json.emails.find(({ primary }) => primary)?.value }}',
			'={{ $json.emails.find((email) => { return email.primary })?.value }}',
			'={{ Object.keys($json).length }}',
			'={{ JSON.stringify($json.company) }}',
			'={{ "in a text: ) ] } ( [ {" + $json.name }}',
			"={{ 'it\\'s \"quoted\"' + $json.name }}",
			'={{ { FI: "Finland" }[$json.country] ?? "other" }}',
			'={{ [$json.name, $json.nimi].filter(Boolean).join(" ") }}',
			'={{ (() => $json.name)() }}',
			'={{ $json.name in 5 }}',
			'={{ new $json.name() }}',
			'={{ "{{" + $json.name + "\\}\\}" }}',
			'={{ $json.missing.deeper.extract("year") }}',
			'={{ $json.missing.deeper.first() }}',
			'={{ [1].map(() => { throw new TypeError("mine") })[$itemIndex] }}',
		),
		...alone(
			'={{ `${$json.name} in ${$json.company.name}` }}',
			'={{ `a ${"}"} b` + $json.name }}',
			'={{ $json.zip / 2 }}',
			'={{ $json.zip /2/ 5 }}',
			'={{ (function () { return $json.name })() }}',
			'={{ $json.name // the name }}',
			'={{ // the name\n$json.name }}',
			'={{ /* the ) name */ $json.name }}',
			'={{ $json.name /* unended }}',
			'={{ $json.name; }}',
			'={{ $json.name; $json.zip }}',
			'={{ const name = $json.name; name }}',
			'={{ if ($json.won) "yes" }}',
			'={{ return $json.name }}',
			'={{ this.$json.name }}',
			'={{ x => $json.name }}',
			'={{ DateTime }}',
			'={{ function () { return $json.name } }}',
			'={{ function () { return $json.name }() }}',
			'={{ class { a = $json.name } }}',
			'={{ async () => $json.name }}',
			'={{ await $json.name }}',
			'={{ 5 in 5 }}',
			'={{ 1n + 1 }}',
		),

		// n8n's own.
		...together(
			'={{ $itemIndex }}',
			'={{ $runIndex }}',
			'={{ $input.item.json.name }}',
			'={{ $input.first().json.name }}',
			'={{ $input.all().length }}',
			'={{ $input.last().json.zip }}',
			'={{ $items().length }}',
			`={{ $items("${before}")[0].json.name }}`,
			`={{ $('${before}').item.json.name }}`,
			`={{ $('${before}').first().json.name }}`,
			`={{ $('${before}').itemMatching(0).json.company.name }}`,
			`={{ $('${before}').all().length }}`,
			`={{ $('${before}').isExecuted }}`,
			`={{ $node["${before}"].json.name }}`,
			'={{ $vars.missing }}',
			'={{ $workflow.name }}',
			'={{ $execution.mode }}',
			'={{ $prevNode.name }}',
			'={{ $nodeVersion }}',
			'={{ $now.year > 2000 }}',
			'={{ $today.toISODate().length }}',
			'={{ DateTime.fromISO($json.date).toFormat("dd.MM.yyyy") }}',
			'={{ $json.name.isEmpty() }}',
			'={{ $json.missing.isEmpty() }}',
			'={{ $json.company?.name.isEmpty() }}',
			'={{ $json.company?.name.length > 3 && $json.name.isNotEmpty() }}',
			'={{ $if($json.won, "yes", "no") }}',
			'={{ $ifEmpty($json.empty, "none") }}',
			'={{ $jmespath($json, "company.name") }}',
			'={{ $evaluateExpression("$json.name") }}',
			"={{ $fromAI('name', 'The name', 'string') }}",
		),
		...partly(
			// What is thrown is n8n's to judge.
			1,
			'={{ $json.tags.first() }}',
			'={{ $json.tags.unique().length }}',
			'={{ JSON.parse($json.name) }}',
		),
		...alone(
			"={{ $('Nowhere').item.json.name }}",
			"={{ $('Nowhere').first().json.name }}",
			'={{ $node["Nowhere"].json.name }}',
			`={{ $('${before}').item.json.name.toDateTime() }}`,
			`={{ $('${before}').itemMatching(99).json.name }}`,
			'={{ $evaluateExpression("{{ $json.name }}") }}',
			'={{ $env.HOME }}',
			'={{ $parameter.value0 }}',
			'={{ $json.constructor.name }}',
			'={{ $json.name.constructor("return 5")() }}',
			'={{ $ }}',
			'={{ (() => { throw new Error("mine") })() }}',
			'={{ [1].map(() => { throw new Error("mine") })[$itemIndex] }}',
		),

		// What would end its place in the list, or reach for the others.
		...alone(
			'={{ $json.name) + ($json.zip }}',
			'={{ $json.name), () => ("another\'s" }}',
			'={{ $json.name)].concat([() => ("another\'s" }}',
			'={{ $json.name\n), () => (\n$json.zip }}',
			'={{ $json.name) }}',
			'={{ ($json.name }}',
			'={{ [$json.name }}',
			'={{ "$json.name }}',
			"={{ $json['name }}",
			'={{ `$json.name }}',
			'={{ $json.name.replace(/\\s/, ")") + ) }}',
			'={{ $json. }}',
			'={{ $json.name $json.zip }}',
			'={{ $json..name }}',
			'={{ $json.name => 5 }}',
			'={{ ...$json.tags }}',
			'={{ a: $json.name }}',
			'={{ }}',
			'={{}}',
			'={{ }',
			'={{ $json.name',
			'={{ $json.name }',
			'={{ "\\}}" + $json.name }}',
			'={{ {a: {b: $json.name}} }}',
			'={{ read }}',
			'={{ value }}',
			'={{ error }}',
		),

		// Text with expressions in it.
		...together(
			'={{ $json.name }} {{ $json.nimi }}',
			'= {{ $json.name }}',
			'={{ $json.name }} ',
			'={{ $json.name }}{{ $json.zip }}',
			'=FI{{ $json.zip }} / {{ $json.lost }}, {{ $json.won }}, {{ $json.amount }}, {{ $json.missing }}, {{ $json.empty }}',
			'=“{{ $json.missing.deeper }}” }} åäö',
		),
		...partly(2, '=nothing: {{ $json.nothing }}', '={{ $json.name.trim }}', '={{ $json.name.repeat(-1) }}'),
		...partly(1, '={{ $json.tags }} and {{ $json.emails }}'),
		...alone(
			'=text',
			'=',
			'={{ $json.name }} {{',
			'=\\{{ $json.name }}',
			'=C:\\\\{{ $json.name }}',
			'={{ $json }} text',
			"=text {{ $('Nowhere').item }}",
			'=text {{ $json.name) }}',
			'=text {{ $now.startOf("year") }}',
		),

		// Collections, with children that are missing, undefined, fixed, or in depth.
		...together(
			{ a: '={{ $json.name }}', b: '={{ $json.missing }}', c: 'text', d: 5, e: false, f: null, g: '' },
			{ a: '={{ $json.missing.deeper }}' },
			{ field: [{ name: '={{ $json.name }}', value: '={{ $json.zip }} {{ $json.name }}' }, { name: 'x' }] },
			{ a: { b: { c: ['={{ $json.zip }}', null, []] } }, 'with a dot.in': '={{ $json.zip }}' },
		),
		...alone(
			{ a: '={{ $json.name', b: '={{ $json.zip }}' },
			{ a: "={{ $('Nowhere').item }}", b: '={{ $json.zip }}' },
			{ a: 'sibling', b: '={{ $parameter["&a"] }}' },
			{ a: '={{ $now.startOf("year") }}', b: '={{ $json.zip }}' },
			{ a: '={{ $json.name /* }}', b: '={{ */ $json.zip }}' },
			{ a: '={{ "a }}', b: '={{ b" }}' },
			{},
			{ a: 'text' },
		),
		...alone('text', 'text {{ $json.name }}', 5, true, ['a', 'b']),
	];
}

/** Parameters of which one may change the item, or what the others see, in the order in which they are read. */
export const changing: Array<Record<string, string>> = [
	{ value0: '={{ $json.tags[0] }}', value1: '={{ $json.tags.reverse()[0] }}', value2: '={{ $json.tags[0] }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ $json.tags.sort()[0] }}', value2: '={{ $json.tags.join() }}' },
	{ value0: '={{ $json.tags.length }}', value1: '={{ $json.tags?.pop?.() }}', value2: '={{ $json.tags.length }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ $json.tags["sort"]()[0] }}', value2: '={{ $json.tags[0] }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ ($json.tags["sort"])()[0] }}', value2: '={{ $json.tags[0] }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ [].sort.call($json.tags)[0] }}', value2: '={{ $json.tags[0] }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ `${$json.tags.sort()}` }}', value2: '={{ $json.tags[0] }}' },
	{ value0: '={{ $json.name }}', value1: '={{ $json.name = "changed" }}', value2: '={{ $json.name }}' },
	{ value0: '={{ $json.name }}', value1: '={{ $json.name ??= "changed" }}', value2: '={{ $json.name }}' },
	{ value0: '={{ $json.name }}', value1: '=text {{ delete $json.name }}', value2: '={{ $json.name }}' },
	{ value0: '={{ $json.zip }}', value1: '={{ $json.zip++ }}', value2: '={{ $json.zip }}' },
	{ value0: '={{ $json.zip }}', value1: '={{ $json.zip >>= 1 }}', value2: '={{ $json.zip }}' },
	{ value0: '={{ $json.name }}', value1: '={{ Object.assign($json, { name: "changed" }).zip }}', value2: '={{ $json.name }}' },
	{ value0: '={{ typeof other }}', value1: '={{ (other = $json.name) }}', value2: '={{ typeof other }}' },
	{ value0: '={{ $json.tags[0] }}', value1: '={{ $json.tags.sort() }', value2: '={{ $json.tags[0] }}' },
];

import type { INodeProperties } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

/** One option of the panel, and the values that it takes. */
export interface Option<Value> {
	/** How the panel shows it. */
	readonly property: INodeProperties;
	/** What it holds where it isn't set. */
	readonly preset: Value;
	/** Reads a value of any type, as an expression may give it. */
	readonly schema: z.ZodMiniType<Value>;
	/** What a value must be, to go on after “must be”. */
	readonly expected: string;
}

type Property<Type, Preset> = INodeProperties & { type: Type; default: Preset };
type Choice<Value> = { name: string; value: Value; description: string };

function choice<Value extends string>(
	property: Omit<Property<'options', NoInfer<Value>>, 'options'> & { options: Array<Choice<Value>> },
): Option<Value> {
	const values = property.options.map(({ value }) => value) as [Value, ...Value[]];
	return {
		property,
		preset: property.default,
		schema: z.enum(values),
		expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
	};
}

/** @param preset where it isn't what the panel shows */
function yesOrNo<Preset = boolean>(
	property: Property<'boolean', boolean>,
	{ preset }: { preset: Preset } = { preset: property.default as Preset },
): Option<boolean | Preset> {
	// A boolean made by an expression is often the text of one.
	const ofText = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
	return { property, preset, schema: z.pipe(z.transform(ofText), z.boolean()), expected: 'true or false' };
}

function wholeNumber(
	property: Property<'number', number> & { typeOptions: { minValue: number; maxValue: number } },
	unit = '',
): Option<number> {
	const { minValue, maxValue } = property.typeOptions;
	const ofText = (value: unknown) => (typeof value === 'string' ? Number(value) : value);
	return {
		property,
		preset: property.default,
		schema: z.pipe(z.transform(ofText), z.int().check(z.minimum(minValue), z.maximum(maxValue))),
		expected: `a whole number${unit} from ${minValue} to ${maxValue}`,
	};
}

/** Every option by its name, in the order in which the panel offers them. */
export const options = {
	duplicateHandling: choice({
		displayName: 'If Client Was Already Created',
		name: 'duplicateHandling',
		type: 'options',
		options: [
			{
				name: 'Report It',
				value: 'error',
				description: 'Nothing is sent, and the item fails with a message that names the client',
			},
			{
				name: 'Send Anyway',
				value: 'send',
				description: 'Confirma Finance may then have the same client twice',
			},
			{
				name: 'Skip It',
				value: 'skip',
				description: 'Nothing is sent, and the item goes on with the outcome "duplicate"',
			},
		],
		default: 'error',
		description: 'What to do when this node has created the same client before, as when a CRM delivers an event twice',
	}),
	unknownHandling: choice({
		displayName: 'If Outcome Is Unknown',
		name: 'unknownHandling',
		type: 'options',
		options: [
			{
				name: 'Hold Back',
				value: 'hold',
				description: 'Nothing is sent, and the item fails with a message that says what to ask Confirma Finance',
			},
			{
				name: 'Send Again',
				value: 'send',
				description: 'You asked, and Confirma Finance does not have the client: it is sent once more',
			},
			{
				name: 'Take as Created',
				value: 'created',
				description: 'You asked, and Confirma Finance has the client: nothing is sent, and it counts as created from now on',
			},
		],
		default: 'hold',
		description:
			'What to do when this client was sent before and no clear answer came, so that it may exist already. Ask Confirma Finance before you change this.',
	}),
	returnAccessToken: yesOrNo(
		{
			displayName: 'Include Access Token',
			name: 'returnAccessToken',
			type: 'boolean',
			default: true,
			description:
				"Whether the output holds the client's own API access token, a secret that Confirma Finance shows only once. Left out for AI agents unless this option is added.",
		},
		// For an AI agent it depends on whether the option was set.
		{ preset: undefined },
	),
	previewOnly: yesOrNo({
		displayName: 'Preview Only',
		name: 'previewOnly',
		type: 'boolean',
		default: false,
		description: 'Whether to check the data and show exactly what would be sent, without sending it',
	}),
	maxConcurrency: wholeNumber({
		displayName: 'Requests at the Same Time',
		name: 'maxConcurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
		default: 5,
		description: 'How many clients are sent side by side when there are several items, from 1 to 50',
	}),
	timeout: wholeNumber(
		{
			displayName: 'Timeout (Ms)',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3_600_000, numberPrecision: 0 },
			default: 60_000,
			description: 'How many milliseconds Confirma Finance may take to answer before the node gives up',
			hint: 'After a timeout nobody knows whether the client was created, so be generous',
		},
		' of milliseconds,',
	),
	validation: choice({
		displayName: 'Validation',
		name: 'validation',
		type: 'options',
		options: [
			{
				name: 'Off',
				value: 'off',
				description: 'Send whatever is in the fields and leave the judging to Confirma Finance',
			},
			{
				name: 'Standard',
				value: 'standard',
				description: 'Stop what is certainly wrong, and warn about what looks odd',
			},
			{
				name: 'Strict',
				value: 'strict',
				description: 'Stop what looks odd too, such as a business ID with a wrong check digit',
			},
		],
		default: 'standard',
		description: 'How closely the data is checked before anything is sent',
	}),
};

export type OptionName = keyof typeof options;

/** The options of one item. */
export type ItemOptions = {
	readonly [Name in OptionName]: (typeof options)[Name] extends Option<infer Value> ? Value : never;
};

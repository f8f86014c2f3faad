import type { INodeProperties } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

/** One option of the panel, and the values that it takes. */
export interface Option<Value> {
	/** How the panel shows it. */
	readonly property: INodeProperties;
	/** What it holds where it isn't added. */
	readonly preset: Value;
	/** Reads a value of any type, as an expression may give it. */
	readonly schema: z.ZodMiniType<Value>;
	/** What a value must be, to go on after “must be”. */
	readonly expected: string;
}

type Property<Type, Default> = INodeProperties & { type: Type; default: Default };

function choice<Value extends string>(
	property: Omit<Property<'options', NoInfer<Value>>, 'options'> & {
		options: Array<{ name: string; value: Value; description: string }>;
	},
): Option<Value> {
	const values = property.options.map(({ value }) => value) as [Value, ...Value[]];
	return {
		property,
		preset: property.default,
		schema: z.enum(values),
		expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
	};
}

function yesOrNo<Preset>(preset: Preset, property: Property<'boolean', boolean>): Option<boolean | Preset> {
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

/** Every option by its name, in the order in which the panel offers them: the one that everybody should know, then the others. */
export const options = {
	previewOnly: yesOrNo(false, {
		displayName: 'Preview Only',
		name: 'previewOnly',
		type: 'boolean',
		// Whoever adds it wants it.
		default: true,
		description: 'Whether to check the data and show exactly what would be sent, without sending anything',
	}),
	duplicateHandling: choice({
		displayName: 'If Client Was Already Created',
		name: 'duplicateHandling',
		type: 'options',
		options: [
			{
				name: 'Report It',
				value: 'error',
				description: 'Nothing is sent; the item fails with a message that names the client',
			},
			{
				name: 'Send Anyway',
				value: 'send',
				description: 'The client is sent again, and Confirma Finance may then have it twice',
			},
			{
				name: 'Skip It',
				value: 'skip',
				description: 'Nothing is sent; the item goes on with the outcome "duplicate"',
			},
		],
		default: 'error',
		description: 'What to do with a client that this node has already created, as when your CRM reports a deal twice',
	}),
	unknownHandling: choice({
		displayName: 'If Outcome Is Unknown',
		name: 'unknownHandling',
		type: 'options',
		options: [
			{
				name: 'Hold Back',
				value: 'hold',
				description: 'Nothing is sent; the item fails with a message that says what to ask Confirma Finance',
			},
			{
				name: 'Send Again',
				value: 'send',
				description: "Confirma Finance told you that it doesn't have the client: the client is sent once more",
			},
			{
				name: 'Take as Created',
				value: 'created',
				description: 'Confirma Finance told you that it has the client: nothing is sent, now or later; it counts as created',
			},
		],
		default: 'hold',
		description: 'What to do with a client that may already exist, because an earlier request got no clear answer',
	}),
	// Where it isn't added, it depends on who runs the node.
	returnAccessToken: yesOrNo(undefined, {
		displayName: 'Include Access Token',
		name: 'returnAccessToken',
		type: 'boolean',
		default: true,
		description:
			"Whether to include the client's access token, a secret that is shown only once. AI agents don't get it by default.",
	}),
	maxConcurrency: wholeNumber({
		displayName: 'Requests at the Same Time',
		name: 'maxConcurrency',
		type: 'number',
		// One value for all items of a run.
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 50, numberPrecision: 0 },
		default: 5,
		description: 'How many clients are sent at the same time when there are several items, from 1 to 50',
	}),
	timeout: wholeNumber(
		{
			displayName: 'Timeout (Ms)',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3_600_000, numberPrecision: 0 },
			default: 60_000,
			description: 'How many milliseconds a request may take, from connecting to the full answer',
			hint: 'After a timeout, nobody may know whether the client was created, so be generous',
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
				description: 'Send the fields as they are and leave the checking to Confirma Finance',
			},
			{
				name: 'Standard',
				value: 'standard',
				description: 'Stop what is certainly wrong, and warn about what looks odd',
			},
			{
				name: 'Strict',
				value: 'strict',
				description: 'Also stop what looks odd, such as a business ID with a wrong check digit',
			},
		],
		default: 'standard',
		description: 'How strictly the data is checked before anything is sent',
	}),
};

export type OptionName = keyof typeof options;

/** The options of one item. */
export type ItemOptions = {
	readonly [Name in OptionName]: (typeof options)[Name] extends Option<infer Value> ? Value : never;
};

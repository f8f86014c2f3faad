import type { INodeProperties } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

// Each function makes an option of the panel: what it holds where it isn't added (`preset`), how a value of any type is read, as
// an expression may give it (`schema`), and what a value must be, to go on after “must be” (`expected`).
type Property = Omit<INodeProperties, 'name'>;
type Texts = Pick<Property, 'displayName' | 'description' | 'hint'>;

function choice<Value extends string>(
	preset: NoInfer<Value>,
	texts: Texts,
	choices: Array<{ name: string; value: Value; description: string }>,
) {
	const values = choices.map(({ value }) => value);
	return {
		property: { ...texts, type: 'options', options: choices, default: preset } as Property,
		preset,
		schema: z.enum(values),
		expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
	};
}

/** On as soon as it is added: whoever adds it wants it. */
function yesOrNo<Preset>(preset: Preset, texts: Texts) {
	// A boolean made by an expression is often the text of one.
	const ofText = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
	return {
		property: { ...texts, type: 'boolean', default: true } as Property,
		preset,
		schema: z.pipe(z.transform(ofText), z.boolean()),
		expected: 'true or false',
	};
}

function wholeNumber(preset: number, max: number, texts: Texts & { noDataExpression?: boolean }) {
	const ofText = (value: unknown) => (typeof value === 'string' ? Number(value) : value);
	const typeOptions = { minValue: 1, maxValue: max, numberPrecision: 0 };
	return {
		property: { ...texts, type: 'number', typeOptions, default: preset } as Property,
		preset,
		schema: z.pipe(z.transform(ofText), z.int().check(z.minimum(1), z.maximum(max))),
		expected: `a whole number from 1 to ${max}`,
	};
}

/** Every option by its name, in the order in which the panel offers them: the one that everybody should know, then the others. */
export const options = {
	previewOnly: yesOrNo(false, {
		displayName: 'Preview Only',
		description: 'Whether to check the data and show exactly what would be sent, without sending anything',
	}),
	duplicateHandling: choice(
		'error',
		{
			displayName: 'If Client Was Already Created',
			description: 'What to do with a client that this node has already created, as when your CRM reports a deal twice',
		},
		[
			{ name: 'Report It', value: 'error', description: 'Nothing is sent; the item fails with a message' },
			{ name: 'Send Anyway', value: 'send', description: 'The client is sent again, so Confirma Finance may have it twice' },
			{ name: 'Skip It', value: 'skip', description: 'Nothing is sent; the item goes on with the outcome "duplicate"' },
		],
	),
	unknownHandling: choice(
		'hold',
		{
			displayName: 'If Outcome Is Unknown',
			description: 'What to do with a client that may already exist, because an earlier request got no clear answer',
		},
		[
			{ name: 'Hold Back', value: 'hold', description: 'Nothing is sent; the message says what to ask Confirma Finance' },
			{ name: 'Send Again', value: 'send', description: "Confirma Finance told you that it doesn't have the client" },
			{ name: 'Take as Created', value: 'created', description: 'Confirma Finance told you that it has the client' },
		],
	),
	// Where it isn't added, it depends on who runs the node.
	returnAccessToken: yesOrNo(undefined, {
		displayName: 'Include Access Token',
		description:
			"Whether to include the client's access token, a secret that is shown only once. AI agents don't get it by default.",
	}),
	maxConcurrency: wholeNumber(5, 50, {
		displayName: 'Requests at the Same Time',
		description: 'How many clients are sent at the same time when there are several items, from 1 to 50',
		// One value for all items of a run.
		noDataExpression: true,
	}),
	timeout: wholeNumber(60_000, 3_600_000, {
		displayName: 'Timeout (Ms)',
		description: 'How many milliseconds a request may take, from connecting to the full answer',
		hint: 'After a timeout, nobody may know whether the client was created, so be generous',
	}),
	validation: choice(
		'standard',
		{ displayName: 'Validation', description: 'How strictly the data is checked before anything is sent' },
		[
			{ name: 'Off', value: 'off', description: 'Send the fields as they are and leave the checking to Confirma Finance' },
			{ name: 'Standard', value: 'standard', description: 'Stop what is certainly wrong, and warn about what looks odd' },
			{ name: 'Strict', value: 'strict', description: 'Also stop what looks odd, such as a wrong check digit' },
		],
	),
};

export type OptionName = keyof typeof options;

/** The options of one item. */
export type ItemOptions = {
	readonly [Name in OptionName]: z.output<(typeof options)[Name]['schema']> | (typeof options)[Name]['preset'];
};

import type { INodeProperties } from 'n8n-workflow';

import { bodyParts, fields, sections, type Field } from './fields';
import { options } from './options';
import type { Named } from './problem';

/** The choices of Service Type, `custom` for any other. */
const serviceTypes = [
	{ name: 'Co-Op', value: 'COOP', description: 'What it covers is in your agreement with Confirma Finance' },
	{ name: 'Custom Code', value: 'custom', description: 'A service that is not in this list: you enter its code' },
	{ name: 'Intermediation', value: 'INTERMEDIATION', description: 'Invoices are delivered for the client, who is paid directly' },
	{ name: 'Lifecycle', value: 'LIFECYCLE', description: 'Invoices are taken care of from delivery to payment' },
];

// Without a default: n8n appends a field that is dragged onto a text to what stands there.
const textField = (example: string) => ({ type: 'string', default: '', placeholder: `e.g. ${example}` }) as const;

function propertyOf({ path, name, title, description, example, hint, required }: Field): INodeProperties {
	const isChosen = path === 'service.type';
	return {
		displayName: title,
		name,
		...(isChosen ? { type: 'options', options: serviceTypes, default: example } : textField(example)),
		...(required && { required }),
		description,
		...(hint !== undefined && { hint }),
	};
}

const serviceTypeCode: INodeProperties = {
	displayName: 'Service Type Code',
	name: 'serviceTypeCode',
	// Not required for n8n: it also shows this field where Service Type is mapped, and then wouldn't publish the workflow.
	...textField('LIFECYCLE'),
	description: 'The code exactly as Confirma Finance writes it, capital letters included',
	displayOptions: { show: { serviceType: ['custom'] } },
};

const detailsIn = ([name, { title, add }]: [string, { title: string; add: string }]): INodeProperties => ({
	displayName: title,
	name,
	type: 'collection',
	placeholder: add,
	default: {},
	options: fields
		.filter(({ section }) => section === name)
		.map(propertyOf)
		.sort((a, b) => a.displayName.localeCompare(b.displayName, 'en')),
});

/** `Contacts > Primary` for `contacts.primary`. */
const partTitle = (part: string) => part.replace('.', ' > ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

/** Lets the user send a key that the API has gained and the panel doesn't have yet. */
export const additionalFields: INodeProperties = {
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Field',
	default: {},
	description: "Fields that Confirma Finance has asked you for and that this node doesn't have yet",
	options: [
		{
			displayName: 'Field',
			name: 'field',
			values: [
				{
					displayName: 'Section',
					name: 'section',
					type: 'options',
					options: [...bodyParts].sort().map((part) => ({ name: partTitle(part), value: part })),
					default: 'client',
					description: "Which part of the client's data the field belongs to",
				},
				{
					displayName: 'Name',
					name: 'name',
					...textField('invoiceFormat'),
					description: 'The name of the field exactly as Confirma Finance writes it',
				},
				{
					displayName: 'Value',
					name: 'value',
					...textField('PDF'),
					description: 'Sent unchanged; an expression may also give a number, or true or false',
				},
			],
		},
	],
};

const [serviceType, ...required] = fields.filter((field) => field.required).map(propertyOf);

/** The parameters of Create Client, in the order in which the panel shows them. */
export const properties: INodeProperties[] = [
	serviceType!,
	serviceTypeCode,
	...required,
	...Object.entries(sections).map(detailsIn),
	additionalFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: Object.entries(options).map(([name, { property }]) => ({ ...property, name })),
	},
];

/** A parameter with its name as the user sees it: `Business ID`, or `Client Details > Postal Code` in a collection. */
export function named(parameter: string): Named {
	const [name, child] = parameter.split('.');
	const top = properties.find((property) => property.name === name)!;
	const inner = (top.options as INodeProperties[] | undefined)?.find((option) => option.name === child);
	return { parameter, label: inner ? `${top.displayName} > ${inner.displayName}` : top.displayName };
}

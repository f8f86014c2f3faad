import type { INodeProperties } from 'n8n-workflow';

const section = {
	displayName: 'Section',
	name: 'section',
	type: 'options',
	options: [
		{
			name: 'Accountant Contact',
			value: 'contacts.accountant',
			description: 'Beside the name and email of the accountant contact',
		},
		{
			name: 'Client',
			value: 'client',
			description: 'Beside the business name, address and bank details',
		},
		{
			name: 'Primary Contact',
			value: 'contacts.primary',
			description: 'Beside the name, email and phone numbers of the primary contact',
		},
		{
			name: 'Service',
			value: 'service',
			description: 'Beside the service type and the partner code',
		},
		{
			name: 'Technical Contact',
			value: 'contacts.technical',
			description: 'Beside the name and email of the technical contact',
		},
	],
	default: 'client',
	description: "Which part of the client's data the field belongs to",
} satisfies INodeProperties;

/** The parts of the request body that fields can be added to, as paths. */
export const sections: readonly string[] = section.options.map(({ value }) => value);

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
				section,
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. invoiceFormat',
					description: 'The name of the field exactly as Confirma Finance writes it',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. PDF',
					description: 'Sent unchanged, and as a number, or true or false, if that is what an expression gives',
				},
			],
		},
	],
};

import type { INodePropertyOptions } from 'n8n-workflow';

/** What a field holds; decides how its value is normalised and which rules it must pass. */
export type FieldKind =
	| 'text'
	| 'businessCode'
	| 'vatNumber'
	| 'postalCode'
	| 'country'
	| 'language'
	| 'currency'
	| 'phone'
	| 'email'
	| 'website'
	| 'iban'
	| 'bic'
	| 'giro';

/** The panel's sections for fields that nobody has to fill in, each with the text of its button. */
export const sections = {
	clientDetails: { title: 'Client Details', add: 'Add Detail' },
	bankDetails: { title: 'Bank Details', add: 'Add Account' },
	contactDetails: { title: 'Contact Details', add: 'Add Detail' },
};

interface Row {
	/** The node parameter: `name` at the top of the panel, where it's required, or `section.name`. */
	readonly parameter: string;
	/** As the panel calls it. */
	readonly title: string;
	readonly kind: FieldKind;
	readonly description: string;
	/** Shown in the empty field; where there are choices, the one that is chosen at first. */
	readonly example: string;
	readonly hint?: string;
	readonly choices?: readonly INodePropertyOptions[];
}

/**
 * Every field of the API's request body by its path there, in the order of the API's page (docs/api.md).
 *
 * A row is all that there is to a field: the body with its type and schema, the panel, the labels in messages, the README's table
 * and the inputs of the workflow in examples/ are made from it.
 */
const table = {
	'service.type': {
		parameter: 'serviceType',
		title: 'Service Type',
		kind: 'text',
		description: 'The Confirma Finance service that the client has agreed to',
		example: 'LIFECYCLE',
		choices: [
			{
				name: 'Co-Op',
				value: 'COOP',
				description: 'What it covers is in your agreement with Confirma Finance',
			},
			{
				name: 'Custom Code',
				value: 'custom',
				description: 'A service that is not in this list: you enter its code',
			},
			{
				name: 'Intermediation',
				value: 'INTERMEDIATION',
				description: "Confirma Finance prints and delivers invoices, and payments go straight to the client's own account",
			},
			{
				name: 'Lifecycle',
				value: 'LIFECYCLE',
				description: 'Confirma Finance takes care of invoices from delivery to payment',
			},
		],
	},
	'service.partnerCode': {
		parameter: 'partnerCode',
		title: 'Partner Code',
		kind: 'text',
		description: "Your company's partner code at Confirma Finance, the same for every client",
		example: 'QUICK3',
	},
	'client.name': {
		parameter: 'name',
		title: 'Business Name',
		kind: 'text',
		description: "The client's full registered name, including the company form such as Oy or AB",
		example: 'Test Customer Oy',
	},
	'client.businessCode': {
		parameter: 'businessCode',
		title: 'Business ID',
		kind: 'businessCode',
		description: "The client's Y-tunnus, organisationsnummer, organisasjonsnummer, CVR-nummer or other registration number",
		example: '0112038-9',
		hint: 'A missing hyphen is added; in Finland, a dropped leading zero too',
	},
	'client.vatRegNbr': {
		parameter: 'clientDetails.vatRegNbr',
		title: 'VAT Number',
		kind: 'vatNumber',
		description: "The VAT number, beginning with the country's letters; checked against the business ID",
		example: 'FI01120389',
	},
	'client.postalAddress': {
		parameter: 'clientDetails.postalAddress',
		title: 'Street Address',
		kind: 'text',
		description: 'Street and number, or a PO box; line breaks become spaces',
		example: 'Testikuja 7',
	},
	'client.postalCode': {
		parameter: 'clientDetails.postalCode',
		title: 'Postal Code',
		kind: 'postalCode',
		description: "The postal code of the address, checked against the client's country",
		example: '00100',
		hint: 'Leading zeros lost in a spreadsheet are added back for Finland, Norway and Denmark',
	},
	'client.postalDistrict': {
		parameter: 'clientDetails.postalDistrict',
		title: 'City',
		kind: 'text',
		description: 'The city or postal district of the address',
		example: 'HELSINKI',
	},
	'client.countryCode': {
		parameter: 'countryCode',
		title: 'Country',
		kind: 'country',
		description: 'The country where the client is registered',
		example: 'FI',
		hint: 'A two-letter code such as FI, or a name such as Finland, Suomi or Sverige',
	},
	'client.telephone': {
		parameter: 'clientDetails.telephone',
		title: 'Telephone',
		kind: 'phone',
		description: "The company's phone number with the country code; spaces and hyphens are fine",
		example: '+358 9 123 4567',
	},
	'client.email': {
		parameter: 'clientDetails.email',
		title: 'Email',
		kind: 'email',
		description: "The company's own email address, not a person's",
		example: 'info@example.com',
	},
	'client.website': {
		parameter: 'clientDetails.website',
		title: 'Website',
		kind: 'website',
		description: "The company's website, with or without https",
		example: 'https://www.example.com',
	},
	'client.languageCode': {
		parameter: 'clientDetails.languageCode',
		title: 'Language',
		kind: 'language',
		description: 'The language that Confirma Finance uses with the client: FI, SV, NO, DK, EN or another code, or its name',
		example: 'FI',
		hint: "Leave empty to use the country's language: FI, SV, NO or DK, and EN elsewhere",
	},
	'client.currencyCode': {
		parameter: 'clientDetails.currencyCode',
		title: 'Currency',
		kind: 'currency',
		description: 'The currency that the client invoices in, as a three-letter code such as EUR, SEK, NOK or DKK',
		example: 'EUR',
		hint: "Leave empty to use the country's currency",
	},
	'client.ibanAccount': {
		parameter: 'bankDetails.ibanAccount',
		title: 'IBAN',
		kind: 'iban',
		description: "The account that the client's money is paid to; spaces and lower case are fine",
		example: 'FI21 1234 5600 0007 85',
	},
	'client.bic': {
		parameter: 'bankDetails.bic',
		title: 'BIC',
		kind: 'bic',
		description: "The bank's code of 8 or 11 characters, also called SWIFT code",
		example: 'NDEAFIHH',
	},
	'client.bankgiro': {
		parameter: 'bankDetails.bankgiro',
		title: 'Bankgiro',
		kind: 'giro',
		description: 'Swedish bankgiro number of 7 or 8 digits',
		example: '991-2346',
	},
	'client.plusgiro': {
		parameter: 'bankDetails.plusgiro',
		title: 'Plusgiro',
		kind: 'giro',
		description: 'Swedish plusgiro number of 2 to 8 digits',
		example: '28 65 43-4',
	},
	'contacts.primary.name': {
		parameter: 'primaryContactName',
		title: 'Primary Contact Name',
		kind: 'text',
		description: 'The person at the client whom Confirma Finance contacts first',
		example: 'Matti Meikäläinen',
	},
	'contacts.primary.telephone': {
		parameter: 'contactDetails.primaryTelephone',
		title: 'Primary Contact Telephone',
		kind: 'phone',
		description: "The primary contact's office number with the country code",
		example: '+358 9 123 4567',
	},
	'contacts.primary.mobile': {
		parameter: 'contactDetails.primaryMobile',
		title: 'Primary Contact Mobile',
		kind: 'phone',
		description: "The primary contact's mobile number with the country code",
		example: '+358 44 123 4567',
	},
	'contacts.primary.email': {
		parameter: 'primaryContactEmail',
		title: 'Primary Contact Email',
		kind: 'email',
		description: "The primary contact's email address",
		example: 'matti@example.com',
	},
	'contacts.technical.name': {
		parameter: 'contactDetails.technicalName',
		title: 'Technical Contact Name',
		kind: 'text',
		description: 'The person or team that looks after the integration',
		example: 'Åsa Öberg',
	},
	'contacts.technical.email': {
		parameter: 'contactDetails.technicalEmail',
		title: 'Technical Contact Email',
		kind: 'email',
		description: 'Where Confirma Finance writes about technical matters',
		example: 'it@example.com',
	},
	'contacts.accountant.name': {
		parameter: 'contactDetails.accountantName',
		title: 'Accountant Name',
		kind: 'text',
		description: "The person or accounting firm that keeps the client's books",
		example: 'Åsa Öberg',
	},
	'contacts.accountant.email': {
		parameter: 'contactDetails.accountantEmail',
		title: 'Accountant Email',
		kind: 'email',
		description: 'Where Confirma Finance writes about bookkeeping',
		example: 'accounts@example.com',
	},
} satisfies Record<string, Row>;

/** Where a field stands in the request body, as `section.key` or `contacts.person.key`. */
export type FieldPath = keyof typeof table;

/** One field of the API's request body and the node parameter that fills it. */
export interface Field extends Row {
	readonly path: FieldPath;
	/** The path in steps. */
	readonly keys: readonly string[];
	/** The section of the panel that it is in, if any. */
	readonly section?: keyof typeof sections;
	/** The parameter's name within its section. */
	readonly name: string;
	/** As messages call it: `Business ID`, or `Client Details > Postal Code` in a section. */
	readonly label: string;
	/** Whether the node asks for it; the API doesn't document which fields it requires. */
	readonly required: boolean;
}

/** Every field of the request body, in the order of the API's documentation. */
export const fields: readonly Field[] = Object.entries<Row>(table).map(([path, row]) => {
	const [name, section] = row.parameter.split('.').reverse() as [string, keyof typeof sections | undefined];
	return {
		...row,
		path: path as FieldPath,
		keys: path.split('.'),
		section,
		name,
		label: section ? `${sections[section].title} > ${row.title}` : row.title,
		required: section === undefined,
	};
});

/** The parts of the request body that have fields, as paths: `client`, `contacts.primary`, … */
export const bodyParts: readonly string[] = [...new Set(fields.map(({ keys }) => keys.slice(0, -1).join('.')))];

type Head<Path> = Path extends `${infer First}.${string}` ? First : Path;
type Rest<Path, First extends string> = Path extends `${First}.${infer Others}` ? Others : never;

/** An object with the keys of the request body, and the same type of value in every field. */
export type BodyOf<Leaf, Path extends string = FieldPath> = {
	[First in Head<Path>]: [Rest<Path, First>] extends [never] ? Leaf : BodyOf<Leaf, Rest<Path, First>>;
};

/** The value of one field in a body. */
export function valueAt<Leaf>(body: BodyOf<Leaf>, { keys }: Field): Leaf {
	return keys.reduce<unknown>((section, key) => (section as Record<string, unknown>)[key], body) as Leaf;
}

/** A body made field by field, with every key of the API's documentation in its order. */
export function bodyFrom<Leaf>(value: (field: Field) => Leaf): BodyOf<Leaf> {
	const body: Record<string, unknown> = {};
	for (const field of fields) {
		let section = body;
		for (const key of field.keys.slice(0, -1)) section = (section[key] ??= {}) as Record<string, unknown>;
		section[field.keys.at(-1)!] = value(field);
	}
	return body as BodyOf<Leaf>;
}

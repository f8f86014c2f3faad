/** What a field may hold: decides how its value is normalised, which rules it must pass, and how the panel explains it. */
const kinds = {
	text: { example: '' },
	businessCode: { example: '0112038-9', hint: 'A missing hyphen is added; in Finland, a dropped leading zero too' },
	vatNumber: { example: 'FI01120389' },
	postalCode: { example: '00100', hint: 'Leading zeros lost in a spreadsheet are added back for Finland, Norway and Denmark' },
	country: { example: 'FI', hint: 'A two-letter code such as FI, or a name such as Finland, Suomi or Sverige' },
	language: { example: 'FI', hint: "Leave empty to use the country's language: FI, SV, NO or DK, and EN elsewhere" },
	currency: { example: 'EUR', hint: "Leave empty to use the country's currency" },
	phone: { example: '+358 9 123 4567' },
	email: { example: 'info@example.com' },
	website: { example: 'https://www.example.com' },
	iban: { example: 'FI21 1234 5600 0007 85' },
	bic: { example: 'NDEAFIHH' },
	giro: { example: '991-2346' },
} satisfies Record<string, Pick<Row, 'example' | 'hint'>>;

export type FieldKind = keyof typeof kinds;

/** The panel's sections for fields that nobody has to fill in, each with the text of its button. */
export const sections = {
	clientDetails: { title: 'Client Details', add: 'Add Detail' },
	bankDetails: { title: 'Bank Details', add: 'Add Account' },
	contactDetails: { title: 'Contact Details', add: 'Add Detail' },
};

interface Row {
	/** The node parameter: `name` at the top of the panel, where it's required, or `section.name`. */
	readonly parameter: string;
	readonly title: string;
	readonly kind: FieldKind;
	readonly description: string;
	readonly example: string;
	readonly hint?: string;
}

/** @param example where that of the kind doesn't do */
function row(parameter: string, title: string, kind: FieldKind, description: string, example = kinds[kind].example): Row {
	return { ...kinds[kind], parameter, title, kind, description, example };
}

/**
 * Every field of the API's request body where it stands there, in the order of the API's page (docs/api.md).
 *
 * A row is all that there is to a field: the body with its type and schema, the panel, the labels in messages, and, by
 * scripts/generate.ts, the README's table and the inputs of the workflow in examples/ are made from it.
 */
const table = {
	service: {
		type: row('serviceType', 'Service Type', 'text', 'The service that the client has agreed to', 'LIFECYCLE'),
		partnerCode: row('partnerCode', 'Partner Code', 'text', 'Your own code, the same for every client', 'QUICK3'),
	},
	client: {
		name: row('name', 'Business Name', 'text', 'Full registered name, including Oy, AB or the like', 'Test Customer Oy'),
		businessCode: row('businessCode', 'Business ID', 'businessCode', 'Y-tunnus, organisationsnummer, CVR-nummer or the like'),
		vatRegNbr: row('clientDetails.vatRegNbr', 'VAT Number', 'vatNumber', "Begins with the country's letters"),
		postalAddress: row('clientDetails.postalAddress', 'Street Address', 'text', 'Street and number, or a PO box', 'Testikuja 7'),
		postalCode: row('clientDetails.postalCode', 'Postal Code', 'postalCode', "Checked against the client's country"),
		postalDistrict: row('clientDetails.postalDistrict', 'City', 'text', 'The city or postal district', 'HELSINKI'),
		countryCode: row('countryCode', 'Country', 'country', 'The country where the client is registered'),
		telephone: row('clientDetails.telephone', 'Telephone', 'phone', "The company's number with the country code"),
		email: row('clientDetails.email', 'Email', 'email', "The company's own address, not a person's"),
		website: row('clientDetails.website', 'Website', 'website', "The company's website, with or without https"),
		languageCode: row('clientDetails.languageCode', 'Language', 'language', "The client's language, as a code or a name"),
		currencyCode: row('clientDetails.currencyCode', 'Currency', 'currency', 'The currency that the client invoices in'),
		ibanAccount: row('bankDetails.ibanAccount', 'IBAN', 'iban', "The account that the client's money is paid to"),
		bic: row('bankDetails.bic', 'BIC', 'bic', "The bank's code of 8 or 11 characters, also called SWIFT code"),
		bankgiro: row('bankDetails.bankgiro', 'Bankgiro', 'giro', 'Swedish bankgiro number of 7 or 8 digits'),
		plusgiro: row('bankDetails.plusgiro', 'Plusgiro', 'giro', 'Swedish plusgiro number of 2 to 8 digits', '28 65 43-4'),
	},
	contacts: {
		primary: {
			name: row('primaryContactName', 'Primary Contact Name', 'text', 'The person to contact first', 'Matti Meikäläinen'),
			telephone: row('contactDetails.primaryTelephone', 'Primary Contact Telephone', 'phone', 'Office number with country code'),
			mobile: row('contactDetails.primaryMobile', 'Primary Contact Mobile', 'phone', 'Mobile number with country code'),
			email: row('primaryContactEmail', 'Primary Contact Email', 'email', "The contact's own address", 'matti@example.com'),
		},
		technical: {
			name: row('contactDetails.technicalName', 'Technical Contact Name', 'text', 'Who looks after the integration', 'Åsa Öberg'),
			email: row('contactDetails.technicalEmail', 'Technical Contact Email', 'email', 'For technical matters', 'it@example.com'),
		},
		accountant: {
			name: row('contactDetails.accountantName', 'Accountant Name', 'text', "Who keeps the client's books", 'Åsa Öberg'),
			email: row('contactDetails.accountantEmail', 'Accountant Email', 'email', 'For bookkeeping', 'accounts@example.com'),
		},
	},
};

type PathIn<Part> = {
	[Key in keyof Part & string]: Part[Key] extends Row ? Key : `${Key}.${PathIn<Part[Key]>}`;
}[keyof Part & string];

/** Where a field stands in the request body, as `section.key` or `contacts.person.key`. */
export type FieldPath = PathIn<typeof table>;

/** An object with the keys of the request body, and the same type of value in every field. */
export type BodyOf<Leaf, Part = typeof table> = { [Key in keyof Part]: Part[Key] extends Row ? Leaf : BodyOf<Leaf, Part[Key]> };

/** One field of the API's request body and the node parameter that fills it. */
export interface Field extends Row {
	readonly path: FieldPath;
	readonly keys: readonly string[];
	readonly section?: keyof typeof sections;
	/** The parameter's name within its section. */
	readonly name: string;
	/** As messages call it: `Business ID`, or `Client Details > Postal Code` in a section. */
	readonly label: string;
	/** Whether the node asks for it; the API doesn't document which fields it requires. */
	readonly required: boolean;
}

function fieldsIn(part: Readonly<Record<string, object>>, above: readonly string[] = []): Field[] {
	return Object.entries(part).flatMap(([key, inner]) => {
		const keys = [...above, key];
		return 'parameter' in inner ? fieldOf(keys, inner as Row) : fieldsIn(inner as typeof part, keys);
	});
}

function fieldOf(keys: readonly string[], row: Row): Field {
	const [name, section] = row.parameter.split('.').reverse() as [string, keyof typeof sections | undefined];
	const label = section ? `${sections[section].title} > ${row.title}` : row.title;
	return { ...row, path: keys.join('.') as FieldPath, keys, section, name, label, required: section === undefined };
}

/** Every field of the request body, in the order of the API's documentation. */
export const fields: readonly Field[] = fieldsIn(table);

/** The parts of the request body that have fields, as paths: `client`, `contacts.primary`, … */
export const bodyParts: readonly string[] = [...new Set(fields.map(({ keys }) => keys.slice(0, -1).join('.')))];

/** The value of one field in a body. */
export function valueAt<Leaf>(body: BodyOf<Leaf>, { keys }: Field): Leaf {
	return keys.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], body) as Leaf;
}

/** A value for the body that isn't in the table: where it stands, in steps, such as `['client', 'invoiceFormat']`. */
export interface FurtherValue {
	readonly keys: readonly string[];
	readonly value: unknown;
}

/** A body made field by field, with every key of the API's documentation in its order; further values come after their part's own. */
export function bodyFrom<Leaf>(valueOf: (field: Field) => Leaf, further: readonly FurtherValue[] = []): BodyOf<Leaf> {
	const body: Record<string, unknown> = {};
	for (const { keys, value } of [...fields.map((field) => ({ keys: field.keys, value: valueOf(field) })), ...further]) {
		let part = body;
		for (const key of keys.slice(0, -1)) part = (part[key] ??= {}) as Record<string, unknown>;
		part[keys.at(-1)!] = value;
	}
	return body as BodyOf<Leaf>;
}

import * as z from 'zod/v4-mini';

// Else zod makes a function out of text to check objects faster, which no reviewer of a package likes to see.
z.config({ jitless: true });

/**
 * The request body of "Create a new client": every key is always there, and what isn't known is an empty text.
 * Source: the API's own page, see docs/api.md.
 */
export const clientBody = z.strictObject({
	service: z.strictObject({ type: z.string(), partnerCode: z.string() }),
	client: z.strictObject({
		name: z.string(),
		businessCode: z.string(),
		vatRegNbr: z.string(),
		postalAddress: z.string(),
		postalCode: z.string(),
		postalDistrict: z.string(),
		countryCode: z.string(),
		telephone: z.string(),
		email: z.string(),
		website: z.string(),
		languageCode: z.string(),
		currencyCode: z.string(),
		ibanAccount: z.string(),
		bic: z.string(),
		bankgiro: z.string(),
		plusgiro: z.string(),
	}),
	contacts: z.strictObject({
		primary: z.strictObject({
			name: z.string(),
			telephone: z.string(),
			mobile: z.string(),
			email: z.string(),
		}),
		technical: z.strictObject({ name: z.string(), email: z.string() }),
		accountant: z.strictObject({ name: z.string(), email: z.string() }),
	}),
});

export type ClientBody = z.infer<typeof clientBody>;

/** The same body before validation: the keys are settled, the values may still be of any type. */
export type RawBody = Draft<ClientBody>;
type Draft<T> = { [K in keyof T]: T[K] extends string ? unknown : Draft<T[K]> };

/** Who a client is, for messages and the output: as it is, or would be, sent. */
export interface ClientName {
	readonly name: string;
	readonly businessCode: string;
	readonly countryCode: string;
	readonly partnerCode: string;
}

/** What tells a client apart from others; see clientKey.ts. A whole body is one. */
export interface ClientIdentity {
	readonly service: Pick<ClientBody['service'], 'partnerCode'>;
	readonly client: Pick<ClientBody['client'], 'name' | 'businessCode' | 'vatRegNbr' | 'postalCode' | 'countryCode'>;
}

import * as z from 'zod/v4-mini';

import { bodyFrom, type BodyOf, type Field } from './fields';

// Else zod makes a function out of text to check objects faster, which no reviewer of a package likes to see.
z.config({ jitless: true });

/** The request body of "Create a new client": every key is always there, and what isn't known is an empty text. */
export type ClientBody = BodyOf<string>;

/** The same body before validation: the keys are settled, the values may still be of any type. */
export type RawBody = BodyOf<unknown>;

/** The schema of a body, strict in every part. @param leaf the schema of a field */
export function bodySchema(leaf: (field: Field) => z.ZodMiniType<string>): z.ZodMiniType<ClientBody> {
	const strict = (part: object): z.ZodMiniType =>
		part instanceof z.ZodMiniType
			? part
			: z.strictObject(Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, strict(inner as object)])));
	return strict(bodyFrom(leaf)) as z.ZodMiniType<ClientBody>;
}

/** A body by its shape alone. */
export const clientBody = bodySchema(() => z.string());

/** Who a client is, for messages and the output: as it is, or would be, sent. */
export interface ClientName {
	readonly name: string;
	readonly businessCode: string;
	readonly countryCode: string;
	readonly partnerCode: string;
}

/** What tells a client apart from others; see identity.ts. A whole body is one. */
export interface ClientIdentity {
	readonly service: Pick<ClientBody['service'], 'partnerCode'>;
	readonly client: Pick<ClientBody['client'], 'name' | 'businessCode' | 'countryCode'>;
}

import * as z from 'zod/v4-mini';

import { bodyFrom, type BodyOf } from './fields';

// Else zod makes a function out of text to check objects faster, which no reviewer of a package likes to see.
z.config({ jitless: true });

/** The request body of "Create a new client": every key is always there, and what isn't known is an empty text. */
export type ClientBody = BodyOf<string>;

/** The same body before validation: the keys are settled, the values may still be of any type. */
export type RawBody = BodyOf<unknown>;

const strict = (part: object): z.ZodMiniType =>
	part instanceof z.ZodMiniType
		? part
		: z.strictObject(Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, strict(inner as object)])));

/** A body by its shape alone, strict in every part. */
export const clientBody = strict(bodyFrom(() => z.string())) as z.ZodMiniType<ClientBody>;

/** Who a client is, for messages, the output and the guard: as it is, or would be, sent. */
export interface ClientName {
	readonly name: string;
	readonly businessCode: string;
	readonly countryCode: string;
	readonly partnerCode: string;
}

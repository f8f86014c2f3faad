import * as z from 'zod/v4-mini';

import { quote } from '../text';

/**
 * The documented answer to a created client. The two values that no user can get back later are required, the others pass
 * unchecked: the endpoint is marked "Developing", and a created client must not be reported as unknown because a lesser
 * value changed. Source: the API's own page, see docs/api.md.
 */
const createdAnswer = z.looseObject({
	clientIdentifier: z.union([z.number(), z.string().check(z.minLength(1))]),
	apiAccessToken: z.string().check(z.minLength(1)),
});

export type CreatedAnswer = z.infer<typeof createdAnswer>;

/** Whether an answer is the documented one. The answer itself stays as it came. */
export function isCreatedAnswer(answer: unknown): answer is CreatedAnswer {
	return createdAnswer.safeParse(answer).success;
}

/** The API's identifiers of a client, and what a message calls each of them. The access token is none of them. */
const identifierNames = {
	clientIdentifier: 'client',
	confirmaFinanceCustomerCode: 'customer code',
	paymentReferencePrefix: 'reference prefix',
};

/** The identifiers that an answer holds, by the API's own keys. */
export function identifiersIn(answer: CreatedAnswer): Record<string, unknown> {
	return Object.fromEntries(Object.keys(identifierNames).flatMap((key) => (key in answer ? [[key, answer[key]]] : [])));
}

/** The identifiers in words: `client 4711, customer code 12, reference prefix 9`. */
export function identifiersInWords(answer: CreatedAnswer): string {
	return Object.entries(identifierNames)
		.flatMap(([key, name]) => (key in answer ? [`${name} ${quote(String(answer[key]), 40)}`] : []))
		.join(', ');
}

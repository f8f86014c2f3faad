import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import { authenticated } from '../../../credentials/authenticate';
import { endpointOf, tokenOf, type Endpoint, type Refusal } from '../../../credentials/endpoint';
import { quote } from '../text';

export { authenticated, endpointOf, tokenOf, type Endpoint, type Refusal };

/** A credential that says where to send and with what token. */
export interface Credential {
	readonly endpoint: Endpoint;
	/** As n8n gave it: n8n reads it from its database for every request, unless it is handed over. */
	readonly data: ICredentialDataDecryptedObject;
}

/** n8n gave an error instead of a credential, in its own words. */
export interface Unread {
	readonly unread: string;
}

/** How many are read side by side: n8n spends most of the time waiting for its database. */
const atOnce = 5;

/** After how many failures in a row no further one is read: each can take a database that is away some time. */
const maxFailures = 10;

/**
 * The node's credential for each item. Its fields may hold expressions, so items may have different ones; those that have the
 * same share one object.
 *
 * Nothing is thrown: n8n would let the items of a node that throws go on as if they had succeeded, where the run continues
 * on failures.
 */
export async function readCredentials(context: IExecuteFunctions): Promise<Array<Credential | Refusal | Unread>> {
	const stopped = context.getExecutionCancelSignal();
	const { length } = context.getInputData();
	const read: Array<Credential | Refusal | Unread> = [];
	while (read.length < length) {
		// n8n's database is away, or nothing will be sent any more: the last answer stands for the rest.
		if (isAway(read) || (stopped?.aborted && read.length > 0)) {
			read.push(read.at(-1)!);
			continue;
		}
		const next = Array.from({ length: Math.min(atOnce, length - read.length) }, (_, offset) => read.length + offset);
		read.push(...(await Promise.all(next.map(async (itemIndex) => await readCredential(context, itemIndex)))));
	}
	const keys = read.map((credential) => JSON.stringify(credential));
	const distinct = new Map(keys.map((key, itemIndex) => [key, read[itemIndex]!]));
	return keys.map((key) => distinct.get(key)!);
}

const isAway = (read: ReadonlyArray<Credential | Refusal | Unread>): boolean =>
	read.length >= maxFailures && read.slice(-maxFailures).every((credential) => 'unread' in credential);

async function readCredential(context: IExecuteFunctions, itemIndex: number): Promise<Credential | Refusal | Unread> {
	try {
		const data = await context.getCredentials('confirmaFinanceApi', itemIndex);
		const endpoint = endpointOf(data);
		return 'refusal' in endpoint ? endpoint : { endpoint, data };
	} catch (error) {
		return { unread: error instanceof Error ? quote(error.message, 200) : '' };
	}
}

import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import { authenticated } from '../../../../credentials/authenticate';
import { endpointOf, tokenOf, type Endpoint, type Refusal } from '../../../../credentials/endpoint';
import { quote } from '../text';

export { authenticated, endpointOf, tokenOf, type Endpoint, type Refusal };

/** A credential that says where to send and with what token. */
export interface Credential {
	readonly endpoint: Endpoint;
	/** As n8n gave it: n8n reads it from its database for every request, unless it is handed over. */
	readonly data: ICredentialDataDecryptedObject;
}

/** n8n gave an error instead of a credential. */
type Unread = Refusal & { readonly isUnread: true };

// How many in a row; each can take n8n's database a while.
const mostFailures = 10;

/**
 * The node's credential for each item. Its fields may hold expressions, so items may have different ones; those that have the
 * same share one object.
 *
 * Nothing is thrown: n8n would let the items of a node that throws go on as if they had succeeded, where the run continues
 * on failures.
 */
export async function readCredentials(context: IExecuteFunctions): Promise<Array<Credential | Refusal>> {
	const distinct = new Map<string, Credential | Refusal>();
	const credentials: Array<Credential | Refusal> = [];
	const stopped = context.getExecutionCancelSignal();
	let failures = 0;
	for (const itemIndex of context.getInputData().keys()) {
		// n8n's database is away, or nothing will be sent any more: the last answer stands for the rest.
		if (failures === mostFailures || (stopped?.aborted && itemIndex > 0)) {
			credentials.push(credentials.at(-1)!);
			continue;
		}
		const credential = await readCredential(context, itemIndex);
		failures = 'isUnread' in credential ? failures + 1 : 0;
		const key = JSON.stringify(credential);
		if (!distinct.has(key)) distinct.set(key, credential);
		credentials.push(distinct.get(key)!);
	}
	return credentials;
}

async function readCredential(context: IExecuteFunctions, itemIndex: number): Promise<Credential | Unread | Refusal> {
	try {
		const data = await context.getCredentials('confirmaFinanceApi', itemIndex);
		const endpoint = endpointOf(data);
		return 'refusal' in endpoint ? endpoint : { endpoint, data };
	} catch (error) {
		const reason = error instanceof Error ? quote(error.message, 200) : 'no reason is given';
		return { refusal: `n8n could not read it (${reason})`, isUnread: true };
	}
}

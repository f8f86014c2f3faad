import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';
import pLimit from 'p-limit';

import { authenticated } from '../../../credentials/authenticate';
import { endpointOf, tokenOf, type Endpoint, type Refusal } from '../../../credentials/endpoint';
import { quote } from '../text';

export { authenticated, endpointOf, tokenOf, type Endpoint, type Refusal };

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
 * The node's credential for each item, since its fields may hold expressions.
 *
 * Nothing is thrown: n8n would let the items of a node that throws go on as if they had succeeded, where the run continues
 * on failures.
 */
export async function readCredentials(context: IExecuteFunctions): Promise<Array<Credential | Refusal | Unread>> {
	const stopped = context.getExecutionCancelSignal();
	const inFlight = pLimit(atOnce);
	let last: Credential | Refusal | Unread | undefined;
	let failures = 0;
	return await inFlight.map(context.getInputData(), async (_, itemIndex) => {
		// The last answer stands for the rest where n8n's database is away, and where nothing will be sent any more.
		if (last && (failures >= maxFailures || stopped?.aborted)) return last;
		last = await readCredential(context, itemIndex);
		failures = 'unread' in last ? failures + 1 : 0;
		return last;
	});
}

const noCredential = 'No credential is chosen. Choose or create one in the node; for previews, any text will do as its token';

async function readCredential(context: IExecuteFunctions, itemIndex: number): Promise<Credential | Refusal | Unread> {
	if (!context.getNode().credentials?.confirmaFinanceApi) return { refusal: noCredential };
	try {
		const data = await context.getCredentials('confirmaFinanceApi', itemIndex);
		const endpoint = endpointOf(data);
		return 'refusal' in endpoint ? endpoint : { endpoint, data };
	} catch (error) {
		return { unread: quote((error as Error).message, 200) };
	}
}

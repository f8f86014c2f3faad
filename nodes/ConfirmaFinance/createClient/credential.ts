import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import { endpointOf, type Endpoint, type Refusal } from '../../../credentials/endpoint';
import { quote } from './quote';

export interface Credential {
	readonly endpoint: Endpoint | Refusal;
	/** Read once for the whole run: n8n reads it from its database for every request, unless it is given. */
	readonly data: ICredentialDataDecryptedObject;
}

/**
 * The node's credential. Nothing is thrown: n8n would let the items of a node that throws go on as if they had
 * succeeded, where the run continues on failures.
 */
export async function readCredential(context: IExecuteFunctions): Promise<Credential> {
	try {
		const data = await context.getCredentials('confirmaFinanceApi');
		return { endpoint: endpointOf(data), data };
	} catch (error) {
		const reason = error instanceof Error ? quote(error.message, 200) : 'no reason is given';
		return { endpoint: { refusal: `n8n could not read it (${reason})` }, data: {} };
	}
}

import './engine';
import { CredentialTestContext } from 'n8n-core';
import type { ICredentialDataDecryptedObject, INodeCredentialTestResult } from 'n8n-workflow';
import { EngineCredentials, type ConfirmaCredentials } from './credentials';
import { loadPackage, type NodePackage } from './nodePackage';
import { CONFIRMA_CREDENTIAL } from './nodeTypes';

/** What n8n says when a user saves the credential: the node's own test is run on it, as n8n's server does. */
export async function testCredential(
	stored: ConfirmaCredentials,
	{ node, credential }: NodePackage = loadPackage(),
): Promise<INodeCredentialTestResult> {
	const testedBy = node.description.credentials?.find(({ name }) => name === CONFIRMA_CREDENTIAL)?.testedBy as string;
	const data = new EngineCredentials(credential, stored).withDefaults({ ...stored } as ICredentialDataDecryptedObject);
	return await node.methods!.credentialTest![testedBy]!.call(new CredentialTestContext(), {
		id: '1',
		name: 'Confirma Finance account',
		type: CONFIRMA_CREDENTIAL,
		data,
	});
}

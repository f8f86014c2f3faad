import type { ClientBody } from '../client/body';
import type { Credential, Refusal, Unread } from '../n8n/credential';
import type { Prepared } from '../prepare/prepare';

/** An item with all that is known of it before it is sent. */
export interface Item extends Prepared {
	readonly credential: Credential | Refusal | Unread;
	/** What the guard tells clients apart by; missing where the item doesn't say who the client is. */
	readonly key: string | undefined;
}

/** An item that says who the client is. */
export type Keyed = Item & { readonly key: string };

/** An item that nothing keeps from being sent. */
export type Sendable = Keyed & { readonly credential: Credential; readonly body: ClientBody };

export const isSendable = (item: Item): item is Sendable =>
	item.body !== undefined && item.key !== undefined && 'endpoint' in item.credential;

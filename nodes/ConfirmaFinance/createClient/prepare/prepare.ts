import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import { normalise } from './normalise';
import type { ClientName } from '../outcome/outcome';
import type { Problem } from './problem';
import { read, type ItemOptions } from './read';
import type { ClientBody, RawBody } from '../clientBody';
import { validate } from './validate';

/** An item that is read, normalised and validated. */
export interface Prepared {
	readonly itemIndex: number;
	readonly client: ClientName;
	readonly options: ItemOptions;
	readonly problems: readonly Problem[];
	/** What is to be sent; missing when a problem keeps the item from being sent. */
	readonly body?: ClientBody;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

function clientOf({ client }: RawBody): ClientName {
	return { name: textOf(client.name), businessCode: textOf(client.businessCode) };
}

/** Takes one item as far as it gets without sending anything. Never throws because of what is in the item. */
export function prepare(context: IExecuteFunctions, itemIndex: number): Prepared {
	const { draft, options, problems: unreadable, labelOf } = read(context, itemIndex);
	const normalised = normalise(draft);
	const { body, problems } = validate(normalised, options.validation, labelOf);

	// A field that couldn't be read is empty too, which needs no second mention.
	const reported = new Set(unreadable.map(({ label }) => label));
	const prepared = {
		itemIndex,
		client: clientOf(normalised),
		options,
		problems: [...unreadable, ...problems.filter(({ label }) => !reported.has(label))],
	};
	return body && unreadable.length === 0 ? { ...prepared, body } : prepared;
}

// Reading an item can take milliseconds where its fields hold expressions.
const atOnce = 50;

/** Takes all items of a run as far as they get without sending anything, and lets n8n attend to other work meanwhile. */
export async function prepareAll(context: IExecuteFunctions): Promise<Prepared[]> {
	const items: Prepared[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		if (itemIndex > 0 && itemIndex % atOnce === 0) await sleep(0);
		items.push(prepare(context, itemIndex));
	}
	return items;
}

import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import type { ClientBody, ClientName, RawBody } from '../client/body';
import { bodyFrom, fields, valueAt } from '../client/fields';
import type { ItemOptions } from '../client/options';
import { nordicId } from '../client/nationalNumbers';
import type { Problem } from '../client/problem';
import { named } from '../client/properties';
import { textOf } from './kinds/kind';
import { normalise } from './normalise';
import { parametersOf, type Parameters } from './parameters';
import { read } from './read';
import { validate } from './validate';

/** An item that is read, normalised and validated. */
export interface Prepared {
	readonly itemIndex: number;
	readonly client: ClientName;
	readonly options: ItemOptions;
	readonly problems: readonly Problem[];
	/** The client, where what tells it apart and the options are certain. An item that can't be sent may have it. */
	readonly identity?: ClientName;
	/** For a preview, the values that would be sent other than they were given; otherwise none. */
	readonly changes: readonly Change[];
	/** What is to be sent, additional fields included; missing when a problem keeps the item from being sent. */
	readonly body?: ClientBody;
}

/** A value that is sent other than it was given. */
export interface Change {
	/** Its title in the panel, which no other field has. */
	readonly field: string;
	readonly given: string;
	readonly sent: string;
}

function clientOf({ service, client }: RawBody): ClientName {
	return {
		name: textOf(client.name),
		businessCode: textOf(client.businessCode),
		countryCode: textOf(client.countryCode),
		partnerCode: textOf(service.partnerCode),
	};
}

/** Whether nothing is wrong with the options, nor with what tells a client apart: its name does where its ID says too little. */
function isIdentified({ businessCode, countryCode }: ClientName, errors: readonly Problem[]): boolean {
	const needed = ['partnerCode', 'countryCode', 'businessCode'];
	if (nordicId(businessCode, countryCode) === undefined) needed.push('name');
	return !errors.some(({ parameter }) => needed.includes(parameter) || parameter.split('.')[0] === 'options');
}

function changesBetween(given: RawBody, sent: ClientBody): Change[] {
	return fields.flatMap((field) => {
		const [before, after] = [String(valueAt(given, field) ?? ''), String(valueAt(sent, field))];
		return before === after ? [] : [{ field: field.title, given: before, sent: after }];
	});
}

/** Takes one item as far as it gets without sending anything. Never throws because of what is in the item. */
export function prepare(parameters: Parameters, itemIndex: number): Prepared {
	const { draft, additional, options, problems: unreadable, parameterOf } = read(parameters, itemIndex);
	const normalised = normalise(draft);
	const { body, problems: findings } = validate(normalised, options.validation, (field) => ({
		...named(parameterOf(field)),
		expression: parameters.expressionOf(parameterOf(field)),
	}));

	// A field that couldn't be read is empty too, which needs no second mention.
	const reported = new Set(unreadable.map(({ parameter }) => parameter));
	const problems = [...unreadable, ...findings.filter(({ parameter }) => !reported.has(parameter))];
	const errors = problems.filter(({ severity }) => severity === 'error');
	const client = clientOf(normalised);
	const isReady = body && unreadable.length === 0;
	return {
		itemIndex,
		client,
		options,
		problems,
		identity: isIdentified(client, errors) ? client : undefined,
		changes: isReady && options.previewOnly ? changesBetween(draft, body) : [],
		body: isReady ? bodyFrom((field) => valueAt(body, field), additional) : undefined,
	};
}

// Reading an item can take milliseconds where its fields hold expressions.
const atOnce = 50;

/** Takes all items of a run as far as they get without sending anything, and lets n8n attend to other work meanwhile. */
export async function prepareAll(context: IExecuteFunctions): Promise<Prepared[]> {
	const parameters = parametersOf(context);
	const items: Prepared[] = [];
	for (const itemIndex of context.getInputData().keys()) {
		if (itemIndex > 0 && itemIndex % atOnce === 0) await sleep(0);
		items.push(prepare(parameters, itemIndex));
	}
	return items;
}

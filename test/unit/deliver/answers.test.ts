import type { IExecuteFunctions } from 'n8n-workflow';

import { beginTry, endTry, remember, type Tries } from '../../../nodes/ConfirmaFinance/deliver/answers';
import type { Keyed } from '../../../nodes/ConfirmaFinance/deliver/item';
import { collectGarbage } from '../../support/garbage';
import { client } from '../outcome/results';

/** The execution of a node that n8n tries twice. Its signal is what lives as long as the execution. */
const execution = () => {
	const { signal } = new AbortController();
	return {
		getNode: () => ({ id: 'node', retryOnFail: true, maxTries: 2 }),
		getExecutionCancelSignal: () => signal,
		evaluateExpression: () => 0,
	} as unknown as IExecuteFunctions;
};

const answer = { clientIdentifier: 7, apiAccessToken: 'secret' };

/** A first try that created a client. */
function tryAndCreate(context: IExecuteFunctions): WeakRef<Tries> {
	const tries = beginTry(context);
	remember(tries, { itemIndex: 0, key: 'key', client } as Keyed, { kind: 'created', answer });
	return new WeakRef(tries);
}

async function isFreed(known: WeakRef<Tries>): Promise<boolean> {
	await new Promise(setImmediate);
	collectGarbage();
	return known.deref() === undefined;
}

it('The next try knows what the one before created, and no further one does', async () => {
	const context = execution();
	const known = tryAndCreate(context);
	expect(endTry(known.deref()!, true)).toBe(true);
	expect(await isFreed(known)).toBe(false);
	expect(beginTry(context).sent.get(0)).toMatchObject({ outcome: { answer } });
	expect(await isFreed(known)).toBe(true);
});

it('What the tries know is freed when one of them went well', async () => {
	const context = execution();
	const known = tryAndCreate(context);
	expect(endTry(known.deref()!, false)).toBe(false);
	expect(await isFreed(known)).toBe(true);
	expect(beginTry(context).sent.size).toBe(0);
});

it('What the tries know is freed with the execution, although the last try never began', async () => {
	expect(await isFreed(tryAndCreate(execution()))).toBe(true);
});

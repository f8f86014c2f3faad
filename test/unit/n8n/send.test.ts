import type { IExecuteFunctions, IHttpRequestOptions, INode } from 'n8n-workflow';

import { send } from '../../../nodes/ConfirmaFinance/n8n/send';
import { apiExample } from '../../sandbox/clientBodies';

let showsConnections: boolean;

jest.mock('n8n-workflow', () => {
	const actual = jest.requireActual<typeof import('n8n-workflow')>('n8n-workflow');
	// n8n's errors keep their cause since a version after 2.8.
	class NodeApiError extends actual.NodeApiError {
		constructor(node: INode, error: never) {
			super(node, error);
			if (showsConnections) this.cause = error;
		}
	}
	return { ...actual, NodeApiError };
});

let deadline: AbortController;
let timeouts: jest.SpyInstance<AbortSignal, [number]>;
beforeEach(() => {
	showsConnections = false;
	deadline = new AbortController();
	timeouts = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(deadline.signal);
});
afterEach(() => timeouts.mockRestore());

/** Sends a client with a timeout of a second through a helper that gets the signal that ends the request. */
async function sendThrough(
	helper: (signal: AbortSignal) => Promise<unknown>,
	stopped = new AbortController().signal,
	look: (request: IHttpRequestOptions) => void = () => {},
) {
	const context = {
		helpers: {
			async httpRequestWithAuthentication(this: IExecuteFunctions, _: string, request: IHttpRequestOptions) {
				look(request);
				return await helper(this.getExecutionCancelSignal()!);
			},
		},
		getNode: () => ({ name: 'Confirma Finance' }) as INode,
		getExecutionCancelSignal: () => stopped,
	} as unknown as IExecuteFunctions;
	const endpoint = { environment: 'custom', baseUrl: 'https://gateway.example.com' } as const;
	return await send(context, { endpoint, data: {} }, apiExample, 1000);
}

const endless = async () => await new Promise(() => {});

/** A helper that fails as soon as it is told to end the request, with this socket in the cause. */
const failsWith = (socket: unknown) => async (signal: AbortSignal) =>
	await new Promise((_, reject) => {
		const cause = Object.assign(new Error('canceled'), { code: 'ERR_CANCELED', request: { socket } });
		signal.addEventListener('abort', () => reject(new Error('canceled', { cause })));
	});

it('the timeout is for the whole request where n8n shows connections', async () => {
	showsConnections = true;
	const reply = sendThrough(failsWith({ secureConnecting: false }));
	expect(timeouts).toHaveBeenCalledWith(1000);
	deadline.abort();
	expect(await reply).toEqual({ failure: 'timeout', code: 'ETIMEDOUT' });
});

it('connecting may take longer where n8n does not show connections', async () => {
	const reply = sendThrough(failsWith(undefined));
	expect(timeouts).toHaveBeenCalledWith(151_500);
	deadline.abort();
	expect(await reply).toEqual({ failure: 'timeout', code: 'ETIMEDOUT' });
});

it('a request that had not connected when its time was up got nowhere', async () => {
	showsConnections = true;
	const reply = sendThrough(failsWith({ secureConnecting: true }));
	deadline.abort();
	expect(await reply).toEqual({ failure: 'unsent', code: 'ETIMEDOUT' });
});

it('a request that the helper never ends is ended, and the helper is told to', async () => {
	let told: AbortSignal | undefined;
	const reply = sendThrough(async (signal) => {
		told = signal;
		return await endless();
	});
	expect(told?.aborted).toBe(false);
	deadline.abort();
	expect(await reply).toEqual({ failure: 'timeout', code: 'ETIMEDOUT' });
	expect(told?.aborted).toBe(true);
});

it('a request under way when the execution is stopped is cancelled, unless it had not connected', async () => {
	const stop = new AbortController();
	const [underWay, connecting, silent] = [
		sendThrough(failsWith({ secureConnecting: false }), stop.signal),
		sendThrough(failsWith({ secureConnecting: true }), stop.signal),
		sendThrough(endless, stop.signal),
	];
	stop.abort();
	expect(await underWay).toEqual({ failure: 'cancelled', code: 'ERR_CANCELED' });
	expect(await connecting).toMatchObject({ failure: 'unsent' });
	expect(await silent).toEqual({ failure: 'cancelled', code: 'ERR_CANCELED' });
});

it('an answer that arrives together with the end of the time counts', async () => {
	let answer!: (response: unknown) => void;
	let told: AbortSignal | undefined;
	const reply = sendThrough(async (signal) => {
		told = signal;
		return await new Promise((resolve) => (answer = resolve));
	});
	deadline.abort();
	setTimeout(() => answer({ statusCode: 200, body: '{}', headers: {} }), 0);
	expect(await reply).toEqual({ status: 200, text: '{}' });
	expect(told?.aborted).toBe(false);
});

it('the HTTP client gets a longer timeout than the request', async () => {
	const timeoutsGiven: number[] = [];
	for (showsConnections of [false, true]) {
		await sendThrough(
			async () => await Promise.resolve({ statusCode: 200, body: '', headers: {} }),
			undefined,
			({ timeout }) => timeoutsGiven.push(timeout!),
		);
	}
	expect(timeoutsGiven).toEqual([1500, 151_000]);
});

it('an answer that arrives while the request is being ended counts', async () => {
	const reply = sendThrough(
		async (signal) =>
			await new Promise((resolve) =>
				signal.addEventListener('abort', () => resolve({ statusCode: 200, body: '{}', headers: {} })),
			),
	);
	deadline.abort();
	expect(await reply).toEqual({ status: 200, text: '{}' });
});

import type { Sandbox } from '../../sandbox/sandbox';
import { collectGarbage } from '../garbage';
import { wait } from './scenario';

const parse = JSON.parse;
afterEach(() => {
	JSON.parse = parse;
});

/**
 * Watches the sandbox's next answer.
 * @returns tells whether anything in this process still refers to it, after what nobody refers to was collected
 */
export function watchAnswer(sandbox: Sandbox): () => Promise<boolean> {
	// An object in it stays the same one when the answer's keys are copied.
	const body = { clientIdentifier: 7, apiAccessToken: 'a-token', part: { ofTheAnswer: true } };
	sandbox.inject({ kind: 'status', status: 200, body });
	const parts: Array<WeakRef<object>> = [];
	JSON.parse = (...text: Parameters<typeof parse>): unknown => {
		const value: unknown = parse(...text);
		const answer = Object(value) as Partial<typeof body>;
		if (answer.part) parts.push(new WeakRef(answer.part));
		return value;
	};
	return async () => {
		// n8n and its sockets let go a little later.
		await wait(200);
		collectGarbage();
		return parts.some((part) => part.deref() !== undefined);
	};
}

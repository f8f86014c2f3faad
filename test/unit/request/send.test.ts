import type { IExecuteFunctions } from 'n8n-workflow';

import { send } from '../../../nodes/ConfirmaFinance/createClient/request/send';
import { apiExample } from '../../sandbox/clientBodies';

it('a request that never ends is ended, and told to', async () => {
	const deadline = new AbortController();
	const passing = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(deadline.signal);
	let told: AbortSignal | undefined;
	const context = {
		helpers: {
			async httpRequestWithAuthentication(this: IExecuteFunctions) {
				told = this.getExecutionCancelSignal();
				return await new Promise(() => {});
			},
		},
		getExecutionCancelSignal: () => new AbortController().signal,
	} as unknown as IExecuteFunctions;
	const reply = send(context, {}, 'https://gateway.example.com', apiExample, 1000);
	expect(told?.aborted).toBe(false);
	deadline.abort();
	expect(await reply).toMatchObject({ failure: 'timeout', code: 'ETIMEDOUT' });
	expect(told?.aborted).toBe(true);
	passing.mockRestore();
});

import type { IExecuteFunctions } from 'n8n-workflow';

import { prepareAll } from '../../../nodes/ConfirmaFinance/prepare/prepare';
import { apiExample } from '../../sandbox/clientBodies';
import { bodyWith, contextOf, parametersFor } from '../../support/bodies';

/** A run of as many equal items. */
function runOf(items: number): IExecuteFunctions {
	const context = contextOf(parametersFor(bodyWith({})));
	return { ...context, getInputData: () => Array.from({ length: items }, () => ({ json: {} })) };
}

it('all items of a run are prepared, in order', async () => {
	const items = await prepareAll(runOf(120));
	expect(items.map(({ itemIndex }) => itemIndex)).toEqual([...Array(120).keys()]);
	expect(items.map(({ body }) => body)).toEqual(Array(120).fill(apiExample));
});

it('n8n gets to other work while many items are prepared', async () => {
	let turns = 0;
	let timer: NodeJS.Timeout;
	const count = () => {
		turns += 1;
		timer = setTimeout(count, 0);
	};
	count();
	await prepareAll(runOf(1000));
	clearTimeout(timer!);
	// A pause before every 50 items but the first.
	expect(turns).toBeGreaterThanOrEqual(10);
});

import { dealFields, deals } from '../support/engine/deals';
import { deal, other, scenario, stopping, type Delivery } from '../support/engine/scenario';

const wrong = {
	name: '',
	id: '0112038-9',
	country: 'Narnia',
	language: 'Quenya',
	email: 'matti at example',
	iban: 'FI21 1234 5600 0007 86',
};
const fields = {
	...dealFields,
	countryCode: '={{ $json.country ?? "FI" }}',
	primaryContactEmail: '={{ $json.email ?? "matti@example.com" }}',
	clientDetails: { languageCode: '={{ $json.language ?? "FI" }}' },
	bankDetails: { ibanAccount: '={{ $json.iban }}' },
};

it('An invalid item is reported with all its problems at once, by the labels of the fields', async () => {
	const { run, posts } = await scenario();
	const { error, description } = await run([wrong], { fields, settings: stopping });
	expect(posts()).toEqual([]);
	expect(error!.message).toBe('5 fields need correction, so nothing was sent: the client with business ID 0112038-9');
	for (const label of ['Business Name', 'Country', 'Client Details > Language', 'Primary Contact Email', 'Bank Details > IBAN']) {
		expect(description).toContain(`'${label}'`);
	}
});

it('An invalid item keeps all others from being sent when the run stops on a failure', async () => {
	const { run, sandbox } = await scenario();
	const { error, description } = await run([...deals(2), wrong], { fields, settings: stopping });
	expect(error).toMatchObject({ context: { itemIndex: 2 } });
	expect(description).toContain('None of the 3 items was sent');
	expect(sandbox.requests).toEqual([]);
});

it('An invalid item lets the others go on when the run continues', async () => {
	const { run, posts } = await scenario();
	const { output } = await run([deal, wrong, other], { fields });
	expect(posts()).toHaveLength(2);
	expect(output[1]).toEqual({
		outcome: 'invalid',
		message: '5 fields need correction, so nothing was sent',
		countryCode: 'Narnia',
		partnerCode: 'QUICK3',
		environment: 'custom',
		name: '',
		businessCode: '0112038-9',
		error: '5 fields need correction, so nothing was sent',
		description: expect.stringContaining(
			"'Country' is not a country code or name that this node knows (given: “Narnia”)",
		) as string,
	});
	expect(output.map((json) => 'error' in json)).toEqual([false, true, false]);
});

it.each<[string, Delivery, string]>([
	['name', { fields: { ...dealFields, name: '={{ $json.missing.deeper.name || $json.name }}' } }, "'Business Name'"],
	['timeout', { options: { timeout: '={{ $json.timeout ?? 60000 }}' } }, "'Options > Timeout (Ms)' must be a whole number"],
	[
		'postal code',
		{ fields: { ...dealFields, clientDetails: { postalCode: '={{ $json.zip }}' } } },
		"'Client Details > Postal Code' must be text",
	],
])(
	'An item with which the expression for its %s fails is told by the field, and the others go on',
	async (_, delivery, expected) => {
		const { run, posts } = await scenario();
		const items = [
			{ ...deal, timeout: 'soon', zip: [100] },
			{ ...other, missing: { deeper: { name: other.name } } },
		];
		expect((await run(items, delivery)).output).toMatchObject([
			{ outcome: 'invalid', description: expect.stringContaining(expected) as string },
			{ outcome: 'created' },
		]);
		expect(posts()).toHaveLength(1);
	},
);

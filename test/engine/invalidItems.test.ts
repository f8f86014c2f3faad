import type { IDataObject } from 'n8n-workflow';

import { dealFields, deals } from '../support/engine/deals';
import { continuing, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('Invalid items', () => {
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

	it('are reported with all their problems at once, by the labels of the fields', async () => {
		const result = await run([wrong], { fields });

		expect(result.status).toBe('error');
		expect(posts()).toEqual([]);
		const { message, description } = result.error as unknown as { message: string; description: string };
		expect(message).toBe('5 fields need correction, so nothing was sent: the client with business ID 0112038-9');
		for (const label of [
			'Business Name',
			'Country',
			'Client Details > Language',
			'Primary Contact Email',
			'Bank Details > IBAN',
		]) {
			expect(description).toContain(`'${label}'`);
		}
	});

	it('keep all others from being sent when the run stops on a failure', async () => {
		const result = await run([...deals(2), wrong], { fields });

		expect(result.status).toBe('error');
		expect(result.error).toMatchObject({
			context: { itemIndex: 2 },
			description: expect.stringContaining('None of the 3 items was sent') as string,
		});
		expect(sandbox.requests).toEqual([]);
	});

	it('let the others go on when the run continues', async () => {
		const result = await run([...deals(1), wrong, ...deals(1, 1)], { fields, settings: continuing });

		expect(posts()).toHaveLength(2);
		expect(output(result)[1]).toEqual({
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
		expect(output(result).map((json) => 'error' in json)).toEqual([false, true, false]);
	});

	it.each<[string, IDataObject, string]>([
		['a list in a field', { name: '={{ ["a", "b"] }}' }, "'Business Name' must be text, but a list was given"],
		['an object in a field', { name: '={{ { a: 1 } }}' }, "'Business Name' must be text, but an object"],
		['a megabyte of text', { name: '={{ "x".repeat(1000000) }}' }, "'Business Name' is 1000000 characters long"],
		['control characters', { name: '={{ "a\\u0007b" }}' }, "'Business Name' holds characters that are not text"],
		['half a character', { name: '={{ "a\\ud800b" }}' }, "'Business Name' holds characters that are not text"],
		['an expression that fails', { name: '={{ $json.missing.deeper.name }}' }, "'Business Name'"],
		[
			'an option with a wrong value',
			{ options: { timeout: '={{ $itemIndex === 0 ? "soon" : 60000 }}' } },
			"'Options > Timeout (Ms)' must be a whole number",
		],
		[
			'a broken field in a collection',
			{ clientDetails: { postalCode: '={{ [100] }}' } },
			"'Client Details > Postal Code' must be text",
		],
	])('name the field that got %s, and the other items go on', async (_, broken, expected) => {
		// The same node for both items: only the first one's values are broken.
		const onlyFirst = (value: unknown): unknown =>
			typeof value === 'string'
				? value.replace(/^=\{\{ (?!\$itemIndex)(.*) \}\}$/, '={{ $itemIndex === 0 ? ($1) : undefined }}')
				: Object.fromEntries(Object.entries(value as IDataObject).map(([name, inner]) => [name, onlyFirst(inner)]));
		const fields = { ...dealFields, ...(onlyFirst(broken) as IDataObject) };
		if (broken.name) fields.name = (fields.name as string).replace('undefined', '"Testiyritys Oy"');
		const result = await run(deals(2), { fields, settings: continuing });

		expect(output(result)[0]).toMatchObject({ outcome: 'invalid', description: expect.stringContaining(expected) as string });
		expect(output(result)[1]).toHaveProperty('clientIdentifier');
		expect(posts()).toHaveLength(1);
	});
});

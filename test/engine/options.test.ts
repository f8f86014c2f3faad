import { apiExample } from '../sandbox/clientBodies';
import { deals, fieldsFor } from '../support/engine/deals';
import { continuing, everything, node, output, posts, run, sandbox, useSandbox } from '../support/engine/sandboxRun';

useSandbox();

describe('Options', () => {
	it('Preview Only shows exactly what would be sent, and sends nothing', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample), options: { previewOnly: true } });

		expect(result.status).toBe('success');
		expect(sandbox.requests).toEqual([]);
		expect(output(result)).toEqual([
			{
				outcome: 'preview',
				message: 'Ready to send. Please check 2 warnings',
				name: apiExample.client.name,
				businessCode: apiExample.client.businessCode,
				countryCode: apiExample.client.countryCode,
				createdBefore: 'no',
				warnings: [expect.stringContaining("'Business ID'"), expect.stringContaining("'Client Details > VAT Number'")],
				changes: [],
				method: 'POST',
				url: `${sandbox.url}/api/v1/partner/client`,
				body: apiExample,
				partnerCode: apiExample.service.partnerCode,
				environment: 'custom',
			},
		]);
		const real = await run([{}], { fields: fieldsFor(apiExample) });
		expect(output(real)[0]).toHaveProperty('clientIdentifier');
	});

	it('Preview Only shows what would be sent other than given, and whether the client was created before', async () => {
		const fields = { ...fieldsFor(apiExample), countryCode: 'Suomi', businessCode: '01120389' };
		await run([{}], { fields });
		const [preview] = output(await run([{}], { fields, options: { previewOnly: true } }));
		expect(preview).toMatchObject({
			outcome: 'preview',
			message: expect.stringMatching(/^Created before, so it would not be sent\. .*Country Suomi → FI/) as string,
			createdBefore: 'yes',
			changes: [
				{ field: 'Business ID', given: '01120389', sent: '0112038-9' },
				{ field: 'Country', given: 'Suomi', sent: 'FI' },
			],
		});
		expect(posts()).toHaveLength(1);
	});

	it('Preview Only says of a client whose outcome is unknown that it may exist', async () => {
		const fields = fieldsFor(apiExample);
		sandbox.inject({ kind: 'resetAfterRead' });
		await run([{}], { fields, settings: continuing });
		const previews = [1, 2].map(async () => output(await run([{}], { fields, options: { previewOnly: true } }))[0]);
		for (const preview of await Promise.all(previews)) expect(preview).toMatchObject({ createdBefore: 'unknown' });
	});

	it('Include Access Token can leave the token out', async () => {
		const result = await run(deals(1), { options: { returnAccessToken: false } });

		expect(output(result)[0]).toHaveProperty('clientIdentifier');
		expect(everything(result)).not.toContain(sandbox.created[0]!.apiAccessToken);
	});

	it('Validation can be strict, or off', async () => {
		const fields = fieldsFor(apiExample);
		const strict = await run([{}], { fields, options: { validation: 'strict' } });
		expect(strict.error).toMatchObject({ description: expect.stringContaining("'Business ID'") as string });
		expect(posts()).toEqual([]);

		const off = await run([{}], {
			fields: { ...fields, primaryContactEmail: 'none' },
			options: { validation: 'off' },
			settings: continuing,
		});
		expect(posts()).toHaveLength(1);
		expect(output(off)[0]).toMatchObject({ outcome: 'rejected', httpCode: '400' });
	});

	it('warnings of the validation are hints under the output', async () => {
		const result = await run([{}], { fields: fieldsFor(apiExample) });

		expect(node(result).hints).toEqual([
			{
				type: 'warning',
				location: 'outputPane',
				message: expect.stringMatching(
					/^Created, but please check:<br>'Business ID' looks like a placeholder.*<br>.*VAT Number/,
				) as string,
			},
		]);
	});
});

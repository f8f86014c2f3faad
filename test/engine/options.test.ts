import { apiExample } from '../sandbox/clientBodies';
import { parametersFor } from '../support/bodies';
import { deal, everything, scenario } from '../support/engine/scenario';

const fields = parametersFor(apiExample);
const previewOnly = { previewOnly: true };

it('Preview Only shows exactly what would be sent, and sends nothing', async () => {
	const { run, sandbox } = await scenario();
	const { output } = await run([{}], { fields, options: previewOnly });
	expect(sandbox.requests).toEqual([]);
	expect(output).toEqual([
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
	expect((await run([{}], { fields })).outcomes).toEqual(['created']);
});

it('Preview Only shows what would be sent differently, and whether the client was created before', async () => {
	const { run, posts } = await scenario();
	const written = { ...fields, countryCode: 'Suomi', businessCode: '01120389' };
	await run([{}], { fields: written });
	const { output } = await run([{}], { fields: written, options: previewOnly });
	expect(output[0]).toMatchObject({
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
	const { run, sandbox } = await scenario();
	sandbox.inject({ kind: 'resetAfterRead' });
	await run([{}], { fields });
	const previews = [1, 2].map(async () => (await run([{}], { fields, options: previewOnly })).output[0]);
	for (const preview of await Promise.all(previews)) expect(preview).toMatchObject({ createdBefore: 'unknown' });
});

it('Include Access Token can leave the token out', async () => {
	const { run, sandbox } = await scenario();
	const result = await run([deal], { options: { returnAccessToken: false } });
	expect(result.output[0]).toHaveProperty('clientIdentifier');
	expect(everything(result)).not.toContain(sandbox.created[0]!.apiAccessToken);
});

it('Validation can be strict, or off', async () => {
	const { run, posts } = await scenario();
	const strict = await run([{}], { fields, options: { validation: 'strict' } });
	expect(strict.output).toMatchObject([{ outcome: 'invalid', description: expect.stringContaining("'Business ID'") as string }]);
	expect(posts()).toEqual([]);

	const off = await run([{}], { fields: { ...fields, primaryContactEmail: 'none' }, options: { validation: 'off' } });
	expect(off.output).toMatchObject([{ outcome: 'rejected', httpCode: '400' }]);
	expect(posts()).toHaveLength(1);
});

it('What the validation warns about is a hint under the output', async () => {
	const { run } = await scenario();
	const { hints } = await run([{}], { fields });
	expect(hints).toEqual([
		expect.stringMatching(/^Created, but please check:<br>'Business ID' is not a valid business ID.*<br>.*VAT Number/),
	]);
});

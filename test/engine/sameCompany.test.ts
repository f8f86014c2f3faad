import { deliver, json, outcomes, posts, sandbox, useDeliveries } from '../support/engine/deliveries';
import { dealFields } from '../support/engine/deals';

useDeliveries();

const fields = {
	...dealFields,
	countryCode: '={{ $json.country }}',
	clientDetails: { vatRegNbr: '={{ $json.vat }}', languageCode: 'EN', currencyCode: 'EUR' },
};
const company = (country: string, id: string, vat = '', name = 'Example Company') => ({ country, id, vat, name });

describe('Two companies with the same register number', () => {
	it.each([
		['at two German courts', company('DE', 'HRB 12345 Amtsgericht München'), company('DE', 'HRB 12345 Amtsgericht Köln')],
		['with two VAT numbers', company('DE', 'HRB 12345', 'DE136695976'), company('DE', 'HRB 12345', 'DE129274202')],
		['with two names', company('DE', 'HRB 12345', '', 'One GmbH'), company('DE', 'HRB 12345', '', 'Two GmbH')],
		['in two Italian provinces', company('IT', 'MI-1234567'), company('IT', 'RM-1234567')],
	])('%s are both created, and the second is not skipped', async (_, one, other) => {
		const options = { duplicateHandling: 'skip' };
		expect(outcomes(await deliver([one], { fields, options }))).toEqual(['created']);
		expect(outcomes(await deliver([other, one], { fields, options }))).toEqual(['created', 'duplicate']);
		expect(sandbox.created).toHaveLength(2);
	});

	it('that only their names tell apart bring a warning that says so', async () => {
		const [created] = json(await deliver([company('DE', 'HRB 12345')], { fields, options: { previewOnly: true } }));
		expect(created!.warnings).toEqual([expect.stringContaining("'Business ID' is unique at its court only") as string]);
	});
});

describe('One company whose ID is written in two ways', () => {
	it.each([
		['ES', 'B12345674', 'ESB12345674'],
		['GR', '094014201', 'EL094014201'],
		['AT', 'U13585627', 'ATU13585627'],
		['GB', 'SC123456', 'GBSC123456'],
		['GB', '01234567', '1234567'],
		['NL', '01234567', '1234567'],
		['FI', '120389', '12038-9'],
		['SE', '19811228-9874', 'SE811228987401'],
	])('in %s, as %s and %s, is created once', async (country, one, other) => {
		expect(outcomes(await deliver([company(country, one)], { fields }))).toEqual(['created']);
		expect(outcomes(await deliver([company(country, other)], { fields }))).toEqual(['duplicate']);
		expect(posts()).toBe(1);
	});

	it('is created once also where its country was SV, until someone corrected it to SE', async () => {
		expect(outcomes(await deliver([company('SV', '556012-5790')], { fields }))).toEqual(['created']);
		expect(outcomes(await deliver([company('SE', '556012-5790')], { fields }))).toEqual(['duplicate']);
	});
});

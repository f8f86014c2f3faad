import { dealFields } from '../support/engine/deals';
import { scenario } from '../support/engine/scenario';

const fields = { ...dealFields, countryCode: '={{ $json.country }}', name: '={{ $json.name }}' };
const company = (country: string, id: string, name = 'Example Company') => ({ country, id, name });

it('Two companies with the same number at two courts are both created, and the second is not skipped', async () => {
	const { sandbox, run } = await scenario();
	const [one, other] = [company('DE', 'HRB 12345', 'One GmbH'), company('DE', 'HRB 12345', 'Two GmbH')];
	const options = { duplicateHandling: 'skip' };
	expect((await run([one], { fields, options })).outcomes).toEqual(['created']);
	expect((await run([other, one], { fields, options })).outcomes).toEqual(['created', 'duplicate']);
	expect(sandbox.created).toHaveLength(2);
});

it.each([
	['FI', '120387', 'Y-tunnus 12038-7'],
	['SE', '19811228-9874', 'SE811228987401'],
	['DK', '24256790', 'CVR-nr. DK-24256790'],
])('One company in %s whose ID and name are written as %s and %s in two ways is created once', async (country, one, spelled) => {
	const { run, posts } = await scenario();
	expect((await run([company(country, one)], { fields })).outcomes).toEqual(['created']);
	expect((await run([company(country, spelled, 'EXAMPLE Co.')], { fields })).outcomes).toEqual(['duplicate']);
	expect(posts()).toHaveLength(1);
});

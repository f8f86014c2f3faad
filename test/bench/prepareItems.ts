import { fields } from '../../nodes/ConfirmaFinance/client/fields';
import { normalise } from '../../nodes/ConfirmaFinance/prepare/normalise';
import { clientBody, type RawBody } from '../../nodes/ConfirmaFinance/client/body';
import { validate } from '../../nodes/ConfirmaFinance/prepare/validate';
import { company } from '../support/n8n/dealWorkflow';
import { swedishExample } from '../sandbox/clientBodies';
import { bodyWith, type Values } from '../support/bodies';
import { type Figure, Group, ratioOf, valueOf } from './figures';
import { interleaved } from './rounds';

/** As a CRM delivers it: nothing in the form that the API expects. */
function fromCrm(number: number): RawBody {
	const { name, id, country, zip, contact } = company(number);
	return bodyWith({
		'client.name': `  ${name}`,
		'client.businessCode': id.replace('-', ''),
		'client.vatRegNbr': `fi ${id}`,
		'client.countryCode': country,
		'client.postalCode': zip,
		'client.telephone': '00358 (0)44-123 4567',
		'client.website': 'https://www.example.com/shop',
		'client.languageCode': 'suomi',
		'client.currencyCode': 'eur',
		'client.ibanAccount': 'fi21 1234 5600 0007 85',
		'client.bic': 'ndeafihh',
		'contacts.primary.name': contact.name,
		'contacts.primary.email': contact.email,
	});
}

const tenWrong: Values = {
	'client.businessCode': '1',
	'client.vatRegNbr': 'x',
	'client.postalCode': 'x',
	'client.email': 'x@',
	'client.website': 'x y',
	'client.languageCode': 'zz',
	'client.currencyCode': 'zzz',
	'client.ibanAccount': 'FI21',
	'client.bic': 'x',
	'contacts.primary.email': 'undefined',
};

const megabyte = 1_000_000;

/** Texts that make badly written patterns look at each part of them again and again. */
const wide = ['a', ' ', '0', '-', '(', '.', '@', '+358 ', 'a@', 'FI', 'é', '\u200B', '"', '\\', '<'].map((part) =>
	part.repeat(megabyte / part.length),
);

const prepare = (draft: RawBody) => validate(normalise(draft), 'standard', (field) => field);

/** Microseconds for each draft. */
function microseconds(work: (draft: RawBody) => unknown, drafts: readonly RawBody[], times = 1): number {
	const started = performance.now();
	for (let time = 0; time < times; time++) drafts.forEach(work);
	return ((performance.now() - started) * 1000) / (times * drafts.length);
}

/** What normalising and validating an item costs, beside the bare check of its shape by zod. */
export async function prepareItems(rounds: number): Promise<Figure[]> {
	const group = new Group('normalise and validate');
	const plain = Array.from({ length: 500 }, (_, number) => bodyWith({ 'client.name': `Exempel ${number} AB` }, swedishExample));
	const crm = Array.from({ length: 500 }, (_, number) => fromCrm(number));
	const wrong = Array.from({ length: 500 }, (_, number) => bodyWith({ 'client.name': `Testi ${number} Oy`, ...tenWrong }));
	const problems = prepare(wrong[0]!).problems.length;
	if (problems !== 10 || prepare(crm[0]!).problems.length > 0)
		throw new Error(`The items to measure have ${problems} and some problems instead of 10 and none`);

	const shape = (draft: RawBody) => clientBody.safeParse(draft);
	const measured = await interleaved(4 * rounds, {
		plain: () => microseconds(prepare, plain, 10),
		crm: () => microseconds(prepare, crm, 10),
		wrong: () => microseconds(prepare, wrong, 4),
		shape: () => microseconds(shape, plain, 10),
	});
	group.compare('valid item, all fields', 'µs', measured.plain, 'zod alone', measured.shape, valueOf(50));
	group.compare('valid item as a CRM writes it', 'µs', measured.crm, 'zod alone', measured.shape, valueOf(50));
	group.compare('item with 10 problems', 'µs', measured.wrong, 'zod alone', measured.shape, valueOf(250));

	const everywhere = fields.flatMap(({ path }) => wide.map((text) => bodyWith({ [path]: text }, swedishExample)));
	const halves = fields.flatMap(({ path }) =>
		wide.map((text) => bodyWith({ [path]: text.slice(0, megabyte / 2) }, swedishExample)),
	);
	// The better of two, so that what the garbage collector does now and then isn't taken for a slow pattern.
	const twice = (draft: RawBody) => Math.min(microseconds(prepare, [draft]), microseconds(prepare, [draft]));
	const slowest = (drafts: RawBody[]) => Math.max(...drafts.map(twice)) / 1000;
	const names = wide.map((text) => bodyWith({ 'client.name': text }, swedishExample));
	const { name, full, half } = await interleaved(rounds, {
		name: () => microseconds(prepare, names) / 1000,
		half: () => slowest(halves),
		full: () => slowest(everywhere),
	});
	group.add('1 MB of text in the name', 'ms', name);
	group.compare('1 MB of the worst text in any field', 'ms', full, 'half of it', half, ratioOf(2.5));
	return group.figures;
}

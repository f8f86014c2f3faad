import type { IDataObject } from 'n8n-workflow';

import { options, type OptionName } from '../../nodes/ConfirmaFinance/client/options';
import { dealFields } from '../support/engine/deals';
import { deal, other, scenario, type Scenario } from '../support/engine/scenario';

let scene: Scenario;
beforeEach(async () => (scene = await scenario()));

const sent = () => scene.posts().map(({ body }) => body as Record<string, IDataObject>);

/** Creates a client with these parameters, and gives what the node says of it. */
async function createWith({ options: chosen, ...fields }: IDataObject, item: IDataObject = {}): Promise<IDataObject> {
	const { output } = await scene.run([{ ...deal, ...item }], {
		fields: { ...dealFields, ...fields },
		options: chosen as IDataObject | undefined,
	});
	return output[0]!;
}

describe('An option', () => {
	const names = (Object.keys(options) as OptionName[]).filter((name) => !options[name].property.noDataExpression);
	const nothings = ['={{ $json.none }}', '={{ $json.none.deeper }}', '={{ null }}', '={{ "" }}'];

	it.each(nothings)('given as %s keeps the client from being sent, whichever it is', async (expression) => {
		const json = await createWith({ options: Object.fromEntries(names.map((name) => [name, expression])) });
		expect(sent()).toEqual([]);
		expect(json.outcome).toBe('invalid');
		for (const name of names) expect(json.description).toContain(`'Options > ${options[name].property.displayName}' must be `);
		expect(String(json.description).match(/found no value/g)).toHaveLength(names.length);
	});

	it('Requests at the Same Time is one value for all items, so that an expression keeps them from being sent', async () => {
		for (const many of ['={{ 5 }}', '={{ $json.none }}']) {
			const { description } = await createWith({ options: { maxConcurrency: many } });
			expect(description).toContain("'Options > Requests at the Same Time' holds for all items of a run");
		}
		expect(sent()).toEqual([]);
	});

	it('that was not added has its default', async () => {
		await createWith({ options: {} });
		await createWith({}, other);
		expect(scene.sandbox.created).toHaveLength(2);
	});
});

describe('Service Type Code', () => {
	it('may be empty while the service type is mapped by an expression, and is asked for by the node where it is needed', async () => {
		const mapped = { serviceType: '={{ $json.serviceType }}' };
		await createWith(mapped, { serviceType: 'COOP' });
		expect(sent()[0]!.service!.type).toBe('COOP');
		const json = await createWith(mapped, { ...other, serviceType: 'custom' });
		expect(json).toMatchObject({ outcome: 'invalid', error: expect.stringContaining("'Service Type Code'") as string });
		expect(sent()).toHaveLength(1);
	});

	it('is sent where the mapped service type is custom', async () => {
		await createWith({ serviceType: '={{ $json.type }}', serviceTypeCode: '={{ $json.code }}' }, { type: 'custom', code: 'NEW' });
		expect(sent()[0]!.service!.type).toBe('NEW');
	});
});

it.each([
	['left empty', 'SV', 'SEK', {}],
	['given', 'EN', 'EUR', { languageCode: '={{ $json.none ?? "English" }}', currencyCode: '={{ $json.currency }}' }],
])(
	'Language and currency of a Swedish client that were %s are %s and %s',
	async (_, languageCode, currencyCode, clientDetails) => {
		// An ID that no Nordic register can have given out: another country's would be refused.
		const fields = { countryCode: '={{ $json.country }}', businessCode: 'A 4711', clientDetails };
		await createWith(fields, { country: 'Sverige', currency: 'eur' });
		expect(sent()[0]!.client).toMatchObject({ languageCode, currencyCode });
	},
);

it.each(['={{ $json.nmae }}', '={{ $json.company.name }}', '={{ "" }}'])(
	'A required field that is empty names its expression, %s, which found nothing',
	async (name) => {
		const { description } = await createWith({ name });
		expect(description).toContain(`'Business Name' is empty: the expression ${name.slice(1)} found no value`);
		expect(sent()).toEqual([]);
	},
);

describe('Additional fields', () => {
	const field = (entries: IDataObject[]) => ({ additionalFields: { field: entries } });

	it('are sent with the type that an expression gives, in the section that the user chose', async () => {
		const entries = [
			{ section: 'client', name: 'invoiceFormat', value: 'PDF' },
			{ section: 'service', name: 'level', value: '={{ $json.level }}' },
			{ section: 'contacts.primary', name: 'isOwner', value: '={{ $json.level > 2 }}' },
			// As n8n saves a field whose section is the default.
			{ name: '={{ "contract" + "Number" }}', value: '=No. {{ $json.level }}' },
			{ section: 'contacts.technical', name: 'fax', value: '={{ $json.none }}' },
		];
		await createWith(field(entries), { level: 3 });
		expect(sent()).toEqual([
			expect.objectContaining({
				service: { type: 'LIFECYCLE', partnerCode: 'QUICK3', level: 3 },
				client: expect.objectContaining({ name: 'Testiyritys 0 Oy', invoiceFormat: 'PDF', contractNumber: 'No. 3' }) as object,
				contacts: {
					primary: { name: 'Matti Meikäläinen', telephone: '', mobile: '', email: 'matti@example.com', isOwner: true },
					technical: { name: '', email: '', fax: '' },
					accountant: { name: '', email: '' },
				},
			}),
		]);
	});

	it('are shown in the preview', async () => {
		const json = await createWith({
			...field([{ section: 'client', name: 'invoiceFormat', value: '={{ "PDF" }}' }]),
			options: { previewOnly: true },
		});
		expect(json).toMatchObject({ outcome: 'preview', body: { client: { invoiceFormat: 'PDF' } } });
		expect(sent()).toEqual([]);
	});

	it.each<[string, IDataObject[], string]>([
		['no name', [{ name: '={{ $json.none }}', value: 'x' }], 'has a field named “”'],
		['an object made text', [{ name: 'fax', value: '=to {{ $json.company }}' }], "'Additional Fields > fax' holds no real value"],
		['an unknown section', [{ section: '={{ $json.none }}', name: 'fax' }], 'has a field in a section that does not exist'],
		[
			'an expression that cannot be read',
			[{ name: 'fax', value: '={{ $("Nowhere").item.json.fax }}' }],
			"'Additional Fields' has an expression",
		],
	])('that hold %s keep the client from being sent', async (_, entries, expected) => {
		const json = await createWith(field(entries), { company: { a: 1 } });
		expect(json).toMatchObject({ outcome: 'invalid', description: expect.stringContaining(expected) as string });
		expect(sent()).toEqual([]);
	});
});

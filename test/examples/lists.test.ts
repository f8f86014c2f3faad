import { readFile } from 'node:fs/promises';
import { selectedVersions } from '../support/n8n/installN8n';
import { type Company, company } from '../support/n8n/dealWorkflow';
import type { SavedWorkflow } from '../support/n8n/n8nClient';
import { type Example, readExample, readExampleFile } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, startExampleServer } from './exampleServer';
import { formUrl, FormVisitor, login, publishForm } from './formVisit';
import { type Cell, type Sheet, workbooks } from './workbooks';

const example = readExample('existing-customers-from-a-list.json');
const trigger = 'When a list is uploaded';
const answerColumn = "Confirma Finance's answer";

type Row = Record<string, string>;

const columns = ['Business name', 'Business ID', 'Country', 'Contact name', 'Contact email'];
const cellsOf = ({ name, id, country, contact }: Company) => [name, id, country, contact.name, contact.email];
const toCsv = (rows: string[][], separator = ',') => rows.map((row) => row.join(separator)).join('\r\n');
const listOf = (list: Company[]) => Buffer.from(toCsv([columns, ...list.map(cellsOf)]));

/** Letters of Windows-1252 that aren't in Latin-1 and that these lists have. */
const windowsBytes: Record<string, number> = { '€': 0x80, '–': 0x96, Š: 0x8a };

const encodings: Record<string, (text: string) => Buffer> = {
	'UTF-8': (text) => Buffer.from(text),
	'UTF-8 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
	'Windows-1252': (text) => Buffer.from([...text].map((letter) => windowsBytes[letter] ?? letter.charCodeAt(0))),
	'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
};

/** The example at an address of its own, beside the one that is published already. */
const elsewhere = (path: string, webhookId: string): Example => ({
	...example,
	nodes: example.nodes.map((node) =>
		node.name === trigger ? { ...node, webhookId, parameters: { ...node.parameters, options: { path } } } : node,
	),
});

describe.each(selectedVersions().filter(({ version }) => version.startsWith('2')))('lists on n8n $version', (version) => {
	let server: ExampleServer;
	let visitor: FormVisitor;
	let workflow: SavedWorkflow;
	let workbook: Awaited<ReturnType<typeof workbooks>>;
	let companies = 20_000;

	const sandbox = () => server.live.sandbox;
	const nextCompany = (changes: Partial<Company> = {}) => company(++companies, changes);
	const created = () => sandbox().created.map(({ body }) => body);

	beforeAll(async () => {
		workbook = await workbooks(version);
		server = await startExampleServer(version, []);
		workflow = await server.importExample(example, { httpBasicAuth: login }, server.createTheClient);
		await publishForm(server, workflow, example);
		visitor = await FormVisitor.arrive(server);
	});

	afterEach(() => sandbox().reset());

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
	});

	interface UploadOptions {
		name?: string;
		creating?: boolean;
		seconds?: number;
		form?: Example;
	}

	/** Uploads a list as a person does, and gives the last page with the lines of the result file. */
	async function upload(
		buffer: Buffer,
		{ name = 'customers.csv', creating = false, seconds = 100, form = example }: UploadOptions = {},
	): Promise<{ page: string; rows: Row[]; file: Buffer; hasFormula: boolean }> {
		await visitor.openForm(form);
		await visitor.choose({ name, mimeType: 'application/octet-stream', buffer });
		if (creating) await visitor.tick('Create the clients (otherwise the list is only checked)');
		const { path, page, name: resultName } = await visitor.sendForFile(seconds);
		expect(resultName).toBe('confirma-finance-result.xlsx');
		const file = await readFile(path);
		return { page, file, ...workbook.read(file) };
	}

	const create = async (buffer: Buffer, options: UploadOptions = {}) => await upload(buffer, { ...options, creating: true });
	const uploadSheets = async (...sheets: Sheet[]) => await upload(workbook.write(...sheets), { name: 'customers.xlsx' });
	const results = ({ rows }: { rows: Row[] }) => rows.map(({ Result }) => Result);

	/** Uploads something that isn't such a list, and gives the page that says so. */
	async function uploadInVain(buffer: Buffer, name = 'customers.csv'): Promise<string> {
		await visitor.openForm(example);
		await visitor.choose({ name, mimeType: 'application/octet-stream', buffer });
		return await visitor.send(/was not read, and nothing was sent/);
	}

	it('asks for a login', async () => {
		const wrong = `Basic ${Buffer.from(`${login.user}:wrong`).toString('base64')}`;
		for (const headers of [undefined, { authorization: wrong }])
			expect((await fetch(formUrl(server, example), { headers: headers ?? {} })).status).toBe(401);
		expect((await fetch(formUrl(server, example), { method: 'POST', body: new FormData() })).status).toBe(401);
	});

	it('checks its sample list by hand, and sends nothing', async () => {
		const execution = await server.runByHand(workflow, trigger);
		expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
		expect(jsonOf(execution, 'Result of each line').map(({ Result }) => Result)).toEqual([
			'in order',
			'in order',
			'to be corrected',
		]);
		expect(sandbox().requests).toEqual([]);
	});

	it('checks the sample files first, creates when told to, and repeats identifiers when told again', async () => {
		const [csv, xlsx] = [await readExampleFile('existing-customers.csv'), await readExampleFile('existing-customers.xlsx')];
		const check = await upload(xlsx, { name: 'existing-customers.xlsx' });
		expect(check.page).toMatch(
			/1 of 3 lines needs a look[^]*Read 3 lines of the sheet “[^”]+”: 2 in order, 1 to be corrected[^]*Nothing was sent/,
		);
		expect(sandbox().requests).toEqual([]);
		const first = await create(csv);
		expect(created().map(({ client }) => [client.name, client.countryCode])).toEqual([
			['Example Forest Oy', 'FI'],
			['Exempelbolaget AB', 'SE'],
		]);
		const again = await create(xlsx, { name: 'existing-customers.xlsx' });
		expect(sandbox().requests).toHaveLength(2);
		expect(results(again)).toEqual(['already a client', 'already a client', 'to be corrected']);
		expect(again.rows[0]!['Client identifier']).toBe(String(sandbox().created[0]!.clientIdentifier));
		expect(again.rows[0]!['Client identifier']).toBe(first.rows[0]!['Client identifier']);
		// Who only checks is told who is a client already.
		expect(results(await upload(csv))).toEqual(['already a client', 'already a client', 'to be corrected']);
		for (const { apiAccessToken } of sandbox().created) expect(JSON.stringify(again.rows)).not.toContain(apiAccessToken);
	});

	it.each([
		['UTF-8', ','],
		['UTF-8 with a byte order mark', ';'],
		['Windows-1252', ';'],
		['Windows-1252', '\t'],
		['UTF-16', '\t'],
	])('reads %s with “%s” between the cells', async (encoding, separator) => {
		const { id } = nextCompany();
		const cells = ['asa@example.com', 'Åsa Öberg', 'Suomi', 'Järvenpää', id, `"Äkta Šokolad – €5${separator} Åbo Ab"`];
		const heading = ['contact E-mail', 'Contact name', 'country', 'City', 'BUSINESS_ID', 'Business name *'];
		const { page } = await create(encodings[encoding]!(toCsv([heading, cells], separator)));
		expect(page).toMatch(/Every line is in order[^]*1 created/);
		expect(created()).toMatchObject([
			{
				client: {
					name: `Äkta Šokolad - €5${separator === '\t' ? '' : separator} Åbo Ab`,
					businessCode: id,
					postalDistrict: 'Järvenpää',
				},
				contacts: { primary: { name: 'Åsa Öberg' } },
			},
		]);
	});

	it.each([
		['English', ['Company', 'Company ID', 'Country', 'Contact', 'Mail', 'Phone', 'Address', 'Zip', 'City']],
		[
			'Finnish',
			['Yritys', 'Y-tunnus', 'Maa', 'Yhteyshenkilö', 'Sähköposti', 'Puhelin', 'Katuosoite', 'Postinumero', 'Postitoimipaikka'],
		],
		['Swedish', ['Företag', 'Org.nr', 'Land', 'Kontaktperson', 'E-post', 'Telefon', 'Adress', 'Postnr', 'Ort']],
		[
			'Norwegian',
			['Firmanavn', 'Organisasjonsnummer', 'Land', 'Kontaktperson', 'E-post', 'Tlf', 'Adresse', 'Postnummer', 'Poststed'],
		],
		['Danish', ['Virksomhed', 'CVR-nr.', 'Land', 'Kontaktperson', 'Mail', 'Telefon', 'Adresse', 'Postnr.', 'By']],
	])('understands the everyday column names of %s', async (_, heading) => {
		const { name, id } = nextCompany();
		const cells = [
			name,
			id,
			'FI',
			'Matti Meikäläinen',
			'matti@example.com',
			'+358 9 123 456',
			'Testikuja 7',
			'00100',
			'Helsinki',
		];
		const { page } = await create(
			Buffer.from(
				toCsv(
					[
						[...heading, 'Remarks'],
						[...cells, 'old customer'],
					],
					';',
				),
			),
		);
		expect(created()).toMatchObject([
			{
				client: {
					name,
					businessCode: id,
					countryCode: 'FI',
					telephone: '+3589123456',
					postalAddress: 'Testikuja 7',
					postalCode: '00100',
					postalDistrict: 'Helsinki',
				},
				contacts: { primary: { name: 'Matti Meikäläinen', email: 'matti@example.com' } },
			},
		]);
		expect(page).toContain('Columns that were not used: “Remarks”');
	});

	it.each([
		[
			'lacks columns',
			toCsv([
				['Business name', 'Country', 'Shoe size'],
				['Example Oy', 'FI', '43'],
			]),
			/lacks columns for “Business ID”, “Primary contact name”, “Primary contact email”[^]*“Shoe size” was not understood/,
		],
		[
			'has two columns for one thing',
			toCsv([[...columns, 'Y-tunnus'], ['x']]),
			/two columns for the same thing, “Business ID” and “Y-tunnus”/,
		],
		['is empty', '\r\n\r\n', /The file is empty/],
		['has column names only', columns.join(';'), /no customer below them/],
		[
			'has a quotation mark too many',
			toCsv([columns, ['"Example Oy', '0112038-9', 'FI']]),
			/quotation mark in it opens and never closes/,
		],
		['is a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /lacks columns/],
		['is a broken workbook', Buffer.from('504b0304ffffffffffff', 'hex'), /neither a workbook \(\.xlsx\) nor text/],
		[
			'has too many lines',
			listOf(Array.from({ length: 10_001 }, (_, index) => company(index))),
			/10001 lines, and 10000 is the most/,
		],
	])('says that a file %s, and sends nothing', async (_, file, expected) => {
		expect(await uploadInVain(Buffer.from(file))).toMatch(expected);
		expect(sandbox().requests).toEqual([]);
	});

	it('reads the first visible sheet without its hidden rows, however far it is formatted, and says so', async () => {
		const [one, two, three] = [nextCompany(), nextCompany(), nextCompany()];
		const { page, rows } = await uploadSheets(
			{ name: 'Old', rows: [columns, cellsOf(one)], isHidden: true },
			{ name: 'Customers & co', rows: [columns, cellsOf(two), cellsOf(three)], hiddenRows: [1], formattedToItsEnd: 'cell' },
		);
		expect(rows).toMatchObject([{ Line: '3', 'Business name': three.name }]);
		expect(rows).toHaveLength(1);
		expect(page).toMatch(/Read 1 line of the sheet “Customers & co”[^]*1 line hidden in the sheet was left out/);
		expect(
			await uploadInVain(workbook.write({ name: 'Blank', rows: [] }, { name: 'Customers', rows: [columns, cellsOf(one)] })),
		).toMatch(/The sheet “Blank” is empty/);
		expect(
			await uploadInVain(workbook.write({ name: 'Customers', rows: [columns, cellsOf(one)], formattedToItsEnd: 'rows' })),
		).toMatch(/formatted far beyond its last line/);
	});

	it('reports dates and errors of a spreadsheet, and keeps numbers as they are', async () => {
		const fine = nextCompany();
		const withCell = (cell: Cell | number) => [...cellsOf(nextCompany()), cell];
		const { rows } = await uploadSheets({
			name: 'Customers',
			rows: [
				[...columns, 'Street'],
				withCell({ t: 'd', v: new Date(Date.UTC(2026, 1, 1)) }),
				withCell({ t: 'e', v: 0x17 }),
				[...cellsOf(fine).slice(0, 1), Number(fine.id.replace('-', '')), ...cellsOf(fine).slice(2), 'Testikuja 7'],
			],
		});
		expect(rows).toMatchObject([
			{ Result: 'to be corrected', 'What happened': expect.stringMatching(/“Street” is the date 2026-0[12]-\d\d/) },
			{ Result: 'to be corrected', 'What happened': expect.stringContaining('“Street” has the spreadsheet error #REF!') },
			{ Result: 'in order', 'Business ID': fine.id.replace('-', '') },
		]);
	});

	it('gives no cell back that a spreadsheet would run, and takes its own file back', async () => {
		const { id } = nextCompany();
		const cells = ['=HYPERLINK("http://example.com")', id, 'FI', '@Matti', 'matti@example.com', '-1+1', '+358 9 123 456'];
		const quoted = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`);
		const { rows, file, hasFormula } = await upload(Buffer.from(toCsv([[...columns, '=1+1', 'Phone'], quoted])));
		expect(hasFormula).toBe(false);
		const texts = Object.entries(rows[0]!).flat();
		expect(texts.filter((text) => /^[=+@-]/.test(text))).toEqual([]);
		expect(texts).toContain("'=1+1");
		await create(file, { name: 'result.xlsx' });
		expect(created()).toMatchObject([
			{ client: { name: cells[0], telephone: '+3589123456' }, contacts: { primary: { name: '@Matti' } } },
		]);
	});

	it('says of a value that is odd what is odd, before and after the client is created', async () => {
		const list = listOf([nextCompany(), nextCompany({ id: '0112038-8' })]);
		const checked = await upload(list);
		expect(results(checked)).toEqual(['in order', 'please check']);
		expect(checked.rows[1]!['What happened']).toMatch(/“Business ID” is not a valid business ID in Finland/);
		expect(checked.page).toMatch(/1 of 2 lines needs a look[^]*1 in order, 1 please check/);
		const after = await create(list);
		expect(after.rows[1]!['What happened']).toMatch(/^Created, but please check: “Business ID”/);
		expect(after.page).toMatch(/1 of 2 lines needs a look[^]*2 created/);
	});

	it('speaks of the columns as the list names them', async () => {
		const heading = ['Yritys', 'Y-tunnus', 'Maa', 'Yhteyshenkilö', 'Sähköposti', 'Postinumero'];
		const [row] = (await upload(Buffer.from(toCsv([heading, ['Example Oy', '', 'FI', 'Matti Meikäläinen', 'matti', '1']])))).rows;
		expect(row!['What happened']).toMatch(/“Y-tunnus” is empty/);
		expect(row!['What happened']).toMatch(/“Sähköposti”/);
		expect(row!['What happened']).not.toMatch(/expression|CRM|Details/);
		expect(row!['What to do']).toBe('Correct this line, and upload this file again');
	});

	it('counts lines as a spreadsheet does, and names a line with too many cells', async () => {
		const [one, two] = [nextCompany(), nextCompany()];
		const { rows } = await upload(
			Buffer.from(['', columns.join(';'), '', cellsOf(one).join(';'), ';;;;', [...cellsOf(two), 'x'].join(';')].join('\n')),
		);
		expect(rows).toMatchObject([
			{ Line: '4', Result: 'in order' },
			{ Line: '6', Result: 'to be corrected', 'What happened': 'This line has more cells than there are columns: “x”' },
		]);
	});

	it('accounts for every line, and settles lines by the answers that a person writes into the result', async () => {
		const list = Array.from({ length: 60 }, () => nextCompany());
		const [refused, lost, neverArrived] = [list[3]!, list[40]!, list[55]!];
		sandbox().inject(
			{ kind: 'status', status: 400, body: { message: 'No such partner' }, match: { businessCode: refused.id } },
			{ kind: 'resetAfterRead', match: { businessCode: lost.id } },
			{ kind: 'resetAfterRead', match: { businessCode: neverArrived.id } },
		);
		const first = await create(listOf(list));
		expect(results(first)).toEqual(
			list.map((each) => (each === refused ? 'refused' : [lost, neverArrived].includes(each) ? 'unclear' : 'created')),
		);
		expect(first.page).toMatch(/3 of 60 lines need a look[^]*57 created, 1 refused, 2 unclear/);
		expect(first.rows[3]!['What to do']).toContain('No such partner');
		expect(first.rows[40]!['What to do']).toMatch(/^Ask Confirma Finance whether this client exists/);
		expect(first.rows[0]!['What to do']).toBe('Nothing');

		const answers = new Map([
			[lost.id, 'exists'],
			[neverArrived.id, 'Does not exist'],
			[list[10]!.id, 'perhaps'],
		]);
		const heading = Object.keys(first.rows[0]!);
		const filledIn = first.rows.map((row) => ({ ...row, [answerColumn]: answers.get(row['Business ID']!) ?? '' }) as Row);
		const second = await create(
			workbook.write({ name: 'Result', rows: [heading, ...filledIn.map((row) => heading.map((column) => row[column] ?? ''))] }),
			{ name: 'result.xlsx' },
		);
		expect(sandbox().requests).toHaveLength(62);
		expect(results(second)).toEqual(
			list.map((each, index) =>
				index === 10 ? 'to be corrected' : [refused, neverArrived].includes(each) ? 'created' : 'already a client',
			),
		);
		expect(second.rows[0]!['Client identifier']).toBe(first.rows[0]!['Client identifier']);
	});

	/** Publishes the form at an address of its own, with a shared workflow in which nothing but the credential was chosen. */
	async function publishAsImported(path: string, webhookId: string): Promise<{ form: Example; called: SavedWorkflow }> {
		const form = elsewhere(path, webhookId);
		const called = await server.importCreateTheClient();
		await publishForm(server, await server.importExample(form, { httpBasicAuth: login }, called), form);
		return { form, called };
	}

	it('says of each access token that was not handed on where it is, and counts them', async () => {
		const { form, called } = await publishAsImported('confirma-customers-tokens', '4a2f4f0e-7f5e-4f0f-9d0c-8d1c5f1f2b11');
		const list = Array.from({ length: 3 }, () =>
			nextCompany({ contact: { name: 'Matti Meikäläinen', email: 'matti@testcustomer.fi' } }),
		);
		const { page, rows } = await create(listOf(list), { form });
		expect(page).toContain('3 access tokens were not handed on');
		const [execution] = await server.live.client.executionIds(called.id);
		for (const row of rows)
			expect(row['What to do']).toMatch(new RegExp(`access token, which is in \\S+/${called.id}/executions/${execution}`));
	});

	it('gives every line back when the workflow that creates clients does not answer', async () => {
		const { form, called } = await publishAsImported('confirma-customers-unanswered', '7d1c9f8a-5a0e-4c50-8c65-3f0f0f3b7a10');
		await server.live.client.deactivate(called.id);
		const { rows, page } = await create(listOf([nextCompany(), nextCompany()]), { form });
		expect(rows).toMatchObject([{ Result: 'unclear' }, { Result: 'unclear' }]);
		expect(page).toContain('2 of 2 lines need a look');
	});

	it('creates 5,000 clients, and accounts for each', async () => {
		const { form } = await publishAsImported('confirma-customers-many', '2b6f4a0e-7f5e-4f0f-9d0c-8d1c5f1f2b12');
		const list = Array.from({ length: 5_000 }, () => nextCompany());
		const { page, rows } = await create(listOf(list), { form, seconds: 900 });
		expect(page).toMatch(/Every line is in order[^]*5000 created/);
		expect(rows.map((row) => row['Business ID'])).toEqual(list.map(({ id }) => id));
		expect(new Set(created().map(({ client }) => client.businessCode)).size).toBe(5_000);
	}, 1_000_000);
});

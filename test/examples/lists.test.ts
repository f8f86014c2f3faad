import { readFile } from 'node:fs/promises';
import { selectedVersions } from '../support/n8n/installN8n';
import { type Company, company } from '../support/n8n/dealWorkflow';
import type { Execution, SavedWorkflow } from '../support/n8n/n8nClient';
import { readExample, readExampleFile } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, startExampleServer } from './exampleServer';
import { formUrl, FormVisitor, login, publishForm } from './formVisit';

const example = readExample('existing-customers-from-a-list.json');
const trigger = 'When a list is uploaded';
const result = 'Result of each line';
const answerColumn = "Confirma Finance's answer";

interface Upload {
	execution: Execution;
	/** The text of the last page. */
	page: string;
	file: Buffer;
	name: string;
}

/** A row of the result file. */
type Row = Record<string, string>;

/** The rows of a CSV file whose cells hold no line breaks. */
function rowsOf(file: Buffer, separator = ','): Row[] {
	const [heading = [], ...lines] = file
		.toString('utf8')
		.replace(/^\ufeff/, '')
		.trim()
		.split('\n')
		.map((line) =>
			[...line.matchAll(new RegExp(`(?:^|${separator})(?:"((?:[^"]|"")*)"|([^"${separator}]*))`, 'g'))].map(
				([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
			),
		);
	return lines.map((cells) => Object.fromEntries(heading.map((column, index) => [column, cells[index] ?? ''])));
}

const toCsv = (rows: string[][], separator = ',') => rows.map((row) => row.join(separator)).join('\r\n');

/** Every letter of Windows-1252 that isn't in Latin-1 and that these lists have, and its byte. */
const windowsBytes: Record<string, number> = { '€': 0x80, '–': 0x96, Š: 0x8a };

const encodings: Record<string, (text: string) => Buffer> = {
	'UTF-8': (text) => Buffer.from(text),
	'UTF-8 with a byte order mark': (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
	'Windows-1252': (text) => Buffer.from([...text].map((letter) => windowsBytes[letter] ?? letter.charCodeAt(0))),
	'UTF-16': (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
};

describe.each(selectedVersions())('lists on n8n $version', (version) => {
	let server: ExampleServer;
	let visitor: FormVisitor;
	let workflow: SavedWorkflow;
	let companies = 20_000;

	const nextCompany = (changes: Partial<Company> = {}) => company(++companies, changes);

	beforeAll(async () => {
		server = await startExampleServer(version, []);
		workflow = await server.importExample(example, { httpBasicAuth: login }, server.createTheClient);
		await publishForm(server, workflow, example);
		visitor = await FormVisitor.arrive(server);
	});

	afterEach(() => server.live.sandbox.reset());

	afterAll(async () => {
		await visitor?.leave();
		await server?.close();
	});

	const sandbox = () => server.live.sandbox;

	/** The newest execution of a workflow, with what happened in it: n8n 1 writes that some time after the end. */
	async function lastExecution({ id }: SavedWorkflow): Promise<Execution> {
		const [newest] = await server.live.client.executionIds(id);
		return await server.ended(newest!, result);
	}

	/** Uploads a list as a person does. */
	async function upload(buffer: Buffer, { name = 'customers.csv', onlyCheck = false, seconds = 100 } = {}): Promise<Upload> {
		await visitor.openForm(example);
		await visitor.choose({ name, mimeType: 'application/octet-stream', buffer });
		if (onlyCheck) await visitor.tick('Only check the list: create nothing');
		const { path, page, name: resultName } = await visitor.sendForFile(seconds);
		const execution = await lastExecution(workflow);
		return { execution, page, file: await readFile(path), name: resultName };
	}

	/** Uploads something that isn't such a list, and gives the page that says so. */
	async function uploadInVain(buffer: Buffer, name = 'customers.csv'): Promise<string> {
		await visitor.openForm(example);
		await visitor.choose({ name, mimeType: 'application/octet-stream', buffer });
		const page = await visitor.send(/was not read/);
		expect(sandbox().requests).toEqual([]);
		return page;
	}

	const columns = ['Business name', 'Business ID', 'Country', 'Contact name', 'Contact email'];
	const rowOf = ({ name, id, country, contact }: Company) => [name, id, country, contact.name, contact.email];
	const listOf = (list: Company[]) => toCsv([columns, ...list.map(rowOf)]);

	it('asks for a login', async () => {
		const url = formUrl(server, example);
		const { user } = login;
		const wrong = `Basic ${Buffer.from(`${user}:wrong`).toString('base64')}`;
		expect((await fetch(url)).status).toBe(401);
		expect((await fetch(url, { headers: { authorization: wrong } })).status).toBe(401);
		const form = new FormData();
		form.set('field-0', new Blob([listOf([nextCompany()])]), 'customers.csv');
		expect((await fetch(url, { method: 'POST', body: form })).status).toBe(401);
		expect(sandbox().requests).toEqual([]);
	});

	it('runs on its sample data without a file, and a second time sends nothing', async () => {
		const first = await server.runByHand(workflow, trigger);
		expect([first.status, failureOf(first)]).toEqual(['success', undefined]);
		expect(sandbox().created.map(({ body: { client } }) => [client.name, client.countryCode, client.languageCode])).toEqual([
			['Example Forest Oy', 'FI', 'FI'],
			['Exempelbolaget AB', 'SE', 'SV'],
		]);
		expect(jsonOf(first, result)).toMatchObject([
			{ Line: 2, Result: 'created', 'Client identifier': String(sandbox().created[0]!.clientIdentifier) },
			{ Line: 3, Result: 'created', 'Client identifier': String(sandbox().created[1]!.clientIdentifier) },
			{ Line: 4, Result: 'invalid', 'What happened': expect.stringContaining("'Primary Contact Name'") },
		]);
		const second = await server.runByHand(workflow, trigger);
		expect(sandbox().requests).toHaveLength(2);
		expect(jsonOf(second, result).map(({ Result }) => Result)).toEqual(['duplicate', 'duplicate', 'invalid']);
		expect(jsonOf(second, result)[0]!['Client identifier']).toBe(jsonOf(first, result)[0]!['Client identifier']);
	});

	describe.each(['existing-customers.csv', 'existing-customers.xlsx'])('the sample file %s', (name) => {
		it('is read as it is', async () => {
			// The sample data are those of the file, and are clients by now.
			await server.runByHand(workflow, trigger);
			const { execution, page, file, name: resultName } = await upload(await readExampleFile(name), { name });
			expect(jsonOf(execution, result).map(({ Result }) => Result)).toEqual(['duplicate', 'duplicate', 'invalid']);
			expect(page).toMatch(/1 of 3 lines need you[^]*2 a client already, 1 to be corrected/);
			expect(resultName).toBe(name.replace('existing-customers', 'confirma-finance-result'));
			for (const { apiAccessToken } of sandbox().created) {
				expect(file.toString('latin1')).not.toContain(apiAccessToken);
				expect(JSON.stringify(jsonOf(execution, result))).not.toContain(apiAccessToken);
			}
		});
	});

	it.each([
		['UTF-8', ','],
		['UTF-8 with a byte order mark', ';'],
		['Windows-1252', ';'],
		['Windows-1252', '\t'],
		['UTF-16', '\t'],
	])('reads %s with “%s” between the cells, columns in any order, and answers in kind', async (encoding, separator) => {
		const { id } = nextCompany();
		const text = toCsv(
			[
				['contact E-mail', 'Contact name', 'country', 'City', 'BUSINESS_ID', 'Business name *', 'Language', 'Currency'],
				['asa@example.com', 'Åsa Öberg', 'Suomi', 'Järvenpää', id, 'Äkta Šokolad – €5 Åbo Ab', 'Ruotsi', ''],
			],
			separator,
		).replace('Ruotsi', 'SV');
		const { file, page, execution } = await upload(encodings[encoding]!(text));
		expect(page).toMatch(/Every line of the list is in order[^]*1 created/);
		expect(sandbox().created.map(({ body }) => body)).toMatchObject([
			{
				client: {
					name: 'Äkta Šokolad - €5 Åbo Ab',
					businessCode: id,
					postalDistrict: 'Järvenpää',
					languageCode: 'SV',
					currencyCode: 'EUR',
				},
				contacts: { primary: { name: 'Åsa Öberg' } },
			},
		]);
		// Excel takes a CSV file for UTF-8 by these three bytes only.
		expect([...file.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
		expect(rowsOf(file, separator)).toMatchObject([
			{
				Line: '2',
				Result: 'created',
				'Client identifier': String(sandbox().created[0]!.clientIdentifier),
				'Business name': 'Äkta Šokolad – €5 Åbo Ab',
				'Contact name': 'Åsa Öberg',
			},
		]);
		expect(failureOf(execution)).toBeUndefined();
	});

	it('keeps a workbook’s letters and numbers, and takes its own result file back', async () => {
		const sample = await readExampleFile('existing-customers.xlsx');
		const first = await upload(sample, { name: 'customers.xlsx' });
		const again = await upload(first.file, { name: 'result.xlsx' });
		expect(jsonOf(again.execution, 'Match the columns').map(({ given }) => given)).toMatchObject([
			{ 'Contact name': 'Matti Meikäläinen', 'Postal code': 100 },
			{ 'Contact name': 'Åsa Öberg', 'Business ID': 5560125790, 'Postal code': '111 22' },
			{ 'Business name': 'Example Without Contact Oy' },
		]);
		expect(jsonOf(again.execution, result)).toEqual(
			jsonOf(first.execution, result).map((row) => ({ ...row, 'What happened': expect.any(String) })),
		);
	});

	it.each([
		['missing', ['Business name', 'Country', 'Contact name'], /Missing: “Business ID”, “Contact email”\./],
		['not known', [...columns, 'IBAN number', 'Remarks'], /Not known: “IBAN number”, “Remarks”\. Correct the name/],
		['there twice', [...columns, 'Business-ID'], /More than once: “Business ID”\./],
	])('names columns that are %s, and sends nothing', async (_, heading, expected) => {
		const cells = rowOf(nextCompany());
		expect(await uploadInVain(Buffer.from(toCsv([heading, heading.map((__, index) => cells[index] ?? 'x')])))).toMatch(expected);
	});

	it.each([
		['is empty', Buffer.from('\r\n\r\n'), /The file is empty/],
		['has column names only', Buffer.from(columns.join(';')), /no customer below them/],
		['is a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /could not be read|columns/],
		['is a broken workbook', Buffer.from('504b0304ffffffffffff', 'hex'), /could not be read as a list/],
	])('says that a file %s', async (_, file, expected) => {
		expect(await uploadInVain(file)).toMatch(expected);
	});

	it('counts lines as Excel does, and names a line with too many cells', async () => {
		const [one, two] = [nextCompany(), nextCompany()];
		const { execution } = await upload(
			Buffer.from(
				[
					'',
					columns.join(';'),
					'',
					`"${one.name}";${rowOf(one).slice(1).join(';')}`,
					';;;;',
					[...rowOf(two), 'x'].join(';'),
				].join('\n'),
			),
		);
		expect(jsonOf(execution, result)).toMatchObject([
			{ Line: 4, Result: 'created' },
			{ Line: 6, Result: 'invalid', 'What happened': expect.stringContaining('more cells than there are columns: “x”') },
		]);
		expect(sandbox().requests).toHaveLength(1);
	});

	it('only checks a list, if that is asked for', async () => {
		const [fine, wrong, known] = [
			nextCompany({ zip: '00100' }),
			nextCompany({ contact: { name: 'Matti Meikäläinen', email: 'matti' } }),
			nextCompany(),
		];
		await upload(Buffer.from(listOf([known])));
		sandbox().reset();
		const { page, execution } = await upload(Buffer.from(listOf([fine, wrong, known])), { onlyCheck: true });
		expect(sandbox().requests).toEqual([]);
		expect(jsonOf(execution, result).map(({ Result }) => Result)).toEqual(['checked', 'invalid', 'duplicate']);
		expect(page).toMatch(/1 of 3 lines need you[^]*1 in order, nothing sent, 1 a client already, 1 to be corrected/);
		const { execution: afterwards } = await upload(Buffer.from(listOf([fine])));
		expect(jsonOf(afterwards, result)).toMatchObject([{ Result: 'created' }]);
	});

	it('says of no line that it is in order while nothing can be checked', async () => {
		const list = listOf([nextCompany(), nextCompany()]);
		const { page, execution } = await server.withoutCredential(async () => await upload(Buffer.from(list), { onlyCheck: true }));
		expect(page).toMatch(/2 of 2 lines need you/);
		const { Result, 'What happened': happened, 'What to do': advice } = jsonOf(execution, result)[0]!;
		expect([Result, happened, advice]).toEqual([
			'notSent',
			expect.stringContaining('n8n could not read the credential'),
			'Upload this file again',
		]);
	});

	it('accounts for every line, repeats identifiers, and settles lines by the answer that a person writes into the file', async () => {
		const list = Array.from({ length: 120 }, () => nextCompany());
		const [refused, lost, neverArrived] = [list[3]!, list[70]!, list[90]!];
		sandbox().inject(
			{ kind: 'status', status: 400, body: { message: 'No such partner' }, match: { businessCode: refused.id } },
			{ kind: 'resetAfterRead', match: { businessCode: lost.id } },
			{ kind: 'resetAfterRead', match: { businessCode: neverArrived.id } },
		);
		const first = await upload(Buffer.from(listOf(list)));
		const rows = rowsOf(first.file);
		expect(rows.map((row) => row['Business ID'])).toEqual(list.map(({ id }) => id));
		expect(rows.map(({ Result }) => Result)).toEqual(
			list.map((each) => (each === refused ? 'rejected' : [lost, neverArrived].includes(each) ? 'unknown' : 'created')),
		);
		expect(first.page).toMatch(/3 of 120 lines need you[^]*117 created, 1 refused by Confirma Finance, 2 unknown/);
		expect(rows[70]!['What to do']).toMatch(/Ask Confirma Finance whether this client exists/);
		expect(sandbox().peakInFlight).toBeLessThanOrEqual(5);

		// The list as it was: nothing is created twice, and the identifiers are there again.
		const second = rowsOf((await upload(Buffer.from(listOf(list)))).file);
		expect(sandbox().requests).toHaveLength(121);
		expect(second.map(({ Result }) => Result)).toEqual(
			list.map((each) => (each === refused ? 'created' : [lost, neverArrived].includes(each) ? 'unknown' : 'duplicate')),
		);
		expect(second[0]!['Client identifier']).toBe(rows[0]!['Client identifier']);
		expect(second[0]!['Client identifier']).not.toBe('');

		// The result file, with what Confirma Finance answered.
		const answers = new Map([
			[lost.id, 'exists'],
			[neverArrived.id, 'Does not exist'],
		]);
		const heading = Object.keys(second[0]!);
		const filledIn = second.map((row) => ({ ...row, [answerColumn]: answers.get(row['Business ID']!) ?? '' }) as Row);
		const text = toCsv([heading, ...filledIn.map((row) => heading.map((column) => `"${row[column]}"`))]);
		const third = rowsOf((await upload(Buffer.from(text))).file);
		expect(sandbox().requests).toHaveLength(122);
		expect(third.map(({ Result }) => Result)).toEqual(list.map((each) => (each === neverArrived ? 'created' : 'duplicate')));
		expect(third[0]!['Client identifier']).toBe(rows[0]!['Client identifier']);
	});

	it('takes no word for an answer that it does not know', async () => {
		const unsure = nextCompany();
		const { execution } = await upload(
			Buffer.from(
				toCsv([
					[...columns, answerColumn],
					[...rowOf(unsure), 'perhaps'],
				]),
			),
		);
		expect(jsonOf(execution, result)).toMatchObject([
			{ Result: 'invalid', 'What happened': expect.stringContaining('“perhaps”') },
		]);
		expect(sandbox().requests).toEqual([]);
	});

	it('sends nothing for a line that has a client identifier', async () => {
		const client = nextCompany();
		const { execution, page } = await upload(
			Buffer.from(
				toCsv([
					[...columns, 'Client identifier', 'Customer code'],
					[...rowOf(client), '4711', '4712'],
				]),
			),
		);
		expect(sandbox().requests).toEqual([]);
		expect(jsonOf(execution, result)).toMatchObject([
			{ Result: 'duplicate', 'Client identifier': '4711', 'Customer code': '4712' },
		]);
		expect(page).toContain('Every line of the list is in order');
	});

	it('accounts for 5,000 lines', async () => {
		const list = Array.from({ length: 5_000 }, () => nextCompany());
		const { page, file } = await upload(Buffer.from(listOf(list)), { seconds: 600 });
		expect(page).toMatch(/Every line of the list is in order[^]*5000 created/);
		expect(rowsOf(file).map((row) => row['Business ID'])).toEqual(list.map(({ id }) => id));
		expect(new Set(sandbox().created.map(({ body }) => body.client.businessCode)).size).toBe(5_000);
	}, 700_000);

	it('is red, and says so on the last page, while the access tokens are stored nowhere', async () => {
		const asImported = await server.importCreateTheClient();
		const path = 'confirma-existing-customers-as-imported';
		const other = {
			...example,
			nodes: example.nodes.map((node) =>
				node.name === trigger
					? { ...node, webhookId: '4a2f4f0e-7f5e-4f0f-9d0c-8d1c5f1f2b11', parameters: { ...node.parameters, options: { path } } }
					: node,
			),
		};
		const unready = await server.importExample(other, {}, asImported);
		await publishForm(server, unready, other);
		await visitor.openForm(other);
		await visitor.choose({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(listOf([nextCompany()])) });
		const { page } = await visitor.sendForFile();
		expect(page).toContain('The access token of');
		const execution = await lastExecution(unready);
		expect(execution.status).toBe('error');
		expect(failureOf(execution)).toMatch(/access token .* was not stored/);
	});

	it('can’t be used without a login', async () => {
		const path = 'confirma-existing-customers-without-login';
		const open = {
			...example,
			nodes: example.nodes.map((node) =>
				node.name === trigger
					? {
							...node,
							webhookId: '9d7f3a60-0d53-4a8e-8c5a-7b0f6f0a9c22',
							credentials: {},
							parameters: { ...node.parameters, options: { path } },
						}
					: node,
			),
		};
		const saved = await server.live.client.createWorkflow(open);
		const published = await server.live.client.activate(saved.id).then(
			() => true,
			() => false,
		);
		if (published) expect((await fetch(`${server.live.client.url}/form/${path}`)).ok).toBe(false);
		else expect(version.version).toMatch(/^2/);
	});
});

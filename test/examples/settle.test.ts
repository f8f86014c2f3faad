import { selectedVersions } from '../support/n8n/installN8n';
import { company, type Company } from '../support/n8n/dealWorkflow';
import type { SavedWorkflow } from '../support/n8n/n8nClient';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, shared, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';

const example = readExample('settle-a-client.json');
const trigger = 'When Confirma Finance has answered';
const answers = {
	exists: 'The client exists: take it as created',
	doesNotExist: 'The client does not exist: send it once more',
};

describe.each(selectedVersions())('settling a client on n8n $version', (version) => {
	let server: ExampleServer;
	let visitor: FormVisitor;
	let workflow: SavedWorkflow;
	let companies = 40_000;

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

	/** Sends a company through the shared workflow as a caller does, and gives the outcome. */
	async function send({ name, id, country, contact }: Company): Promise<string> {
		const execution = await server.call([
			{
				name,
				businessCode: id,
				countryCode: country,
				primaryContactName: contact.name,
				primaryContactEmail: contact.email,
			},
		]);
		return String(jsonOf(execution, shared.caller)[0]?.outcome);
	}

	/** A company that was sent, and of which nobody knows whether it was created. */
	async function doubtful(): Promise<Company> {
		const lost = company(++companies);
		server.live.sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: lost.id } });
		expect(await send(lost)).toBe('unknown');
		expect(await send(lost)).toBe('unknown');
		expect(server.live.sandbox.requests).toHaveLength(1);
		return lost;
	}

	async function answer({ id }: Pick<Company, 'id'>, option: string, expected: RegExp): Promise<string> {
		await visitor.openForm(example);
		await visitor.fillIn({ 'Business ID': id, Country: 'Finland', 'What did Confirma Finance answer?': option });
		return await visitor.send(expected);
	}

	it('runs on its sample data', async () => {
		const execution = await server.runByHand(workflow, trigger);
		expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
		expect(server.live.sandbox.requests).toEqual([]);
	});

	it('takes a client that exists as created, however its ID is written, and sends nothing', async () => {
		const lost = await doubtful();
		const page = await answer({ id: lost.id.replace('-', '') }, answers.exists, /counts as created/);
		expect(page).toContain('enter the identifiers that Confirma Finance gave you');
		expect(await send(lost)).toBe('duplicate');
		expect(server.live.sandbox.requests).toHaveLength(1);
	});

	it('sends a client that does not exist once more, with the data that a person enters', async () => {
		const lost = await doubtful();
		await answer(lost, answers.doesNotExist, /The data to send/);
		await visitor.fillIn({
			'Business name': lost.name,
			'Contact name': 'Åsa Öberg',
			'Contact email': 'asa@example.com',
			City: 'Järvenpää',
		});
		const page = await visitor.send(/The client was created/);
		expect(server.live.sandbox.requests).toHaveLength(2);
		const created = server.live.sandbox.created.at(-1)!;
		expect(created.body).toMatchObject({
			client: { name: lost.name, businessCode: lost.id, postalDistrict: 'Järvenpää', languageCode: 'FI', currencyCode: 'EUR' },
			contacts: { primary: { name: 'Åsa Öberg' } },
		});
		expect(page).toContain(String(created.clientIdentifier));
		expect(page).not.toContain(created.apiAccessToken);
		expect(await send(lost)).toBe('duplicate');
		expect(server.live.sandbox.requests).toHaveLength(2);
	});

	it('says what is wrong with the data, and leaves the client as it is', async () => {
		const lost = await doubtful();
		await answer(lost, answers.doesNotExist, /The data to send/);
		await visitor.fillIn({ 'Business name': lost.name, 'Contact name': 'Åsa Öberg', 'Contact email': 'asa' });
		expect(await visitor.send(/not settled yet/)).toContain('Primary Contact Email');
		expect(server.live.sandbox.requests).toHaveLength(1);
		expect(await send(lost)).toBe('unknown');
	});

	it('says that a company was never sent, and takes nothing as created', async () => {
		const strange = company(++companies);
		await answer(strange, answers.exists, /Nothing is known here of such a client/);
		expect(await send(strange)).toBe('created');
	});
});

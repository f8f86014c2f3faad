import { company, type Company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import type { SavedWorkflow } from '../support/n8n/n8nClient';
import { readExample } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, shared, startExampleServer } from './exampleServer';
import { FormVisitor, login, publishForm } from './formVisit';

const example = readExample('settle-a-client.json');

describe.each(selectedVersions().filter(({ version }) => !version.startsWith('1.')))(
	'settling a client on n8n $version',
	(version) => {
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

		/** Sends a company through the shared workflow as a caller does, and gives the answer. */
		async function send({ name, id, contact }: Company) {
			const [answer] = jsonOf(
				await server.call([
					{ name, businessCode: id, countryCode: 'FI', primaryContactName: contact.name, primaryContactEmail: contact.email },
				]),
				shared.caller,
			);
			return answer!;
		}

		/** A company that was sent, and of which nobody knows whether it was created. */
		async function doubtful(): Promise<Company> {
			const lost = company(++companies);
			server.live.sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: lost.id } });
			for (let time = 0; time < 2; time++) expect(await send(lost)).toMatchObject({ outcome: 'unknown' });
			expect(server.live.sandbox.requests).toHaveLength(1);
			return lost;
		}

		async function answer(id: string, values: Record<string, string>, expected: RegExp): Promise<string> {
			await visitor.openForm(example);
			await visitor.fillIn({ 'Business ID': id, Country: 'Finland (FI)', ...values });
			return await visitor.send(expected);
		}

		it('runs on its sample data', async () => {
			const execution = await server.runByHand(workflow, example.nodes[1]!.name);
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('takes a client that exists as created, however its ID is written, and gives its identifiers to the next event', async () => {
			const lost = await doubtful();
			const identifiers = { 'Client identifier': '4711', 'Customer code': '815', 'Payment reference prefix': '42' };
			const values = { 'Confirma Finance says': 'The client exists', ...identifiers };
			expect(await answer(lost.id.replace('-', ' '), values, /is a client/)).toContain('4711');
			expect(await send(lost)).toMatchObject({ outcome: 'duplicate', clientIdentifier: '4711', leftToDo: '' });
			expect(server.live.sandbox.requests).toHaveLength(1);
			expect((await server.rows()).filter(({ businessCode }) => businessCode === lost.id)).toMatchObject([
				{ outcome: 'created', clientIdentifier: '4711', request: '' },
			]);
		});

		it('sends a client that does not exist once more, with the data that it was sent with', async () => {
			const lost = await doubtful();
			const page = await answer(lost.id, { 'Confirma Finance says': 'The client does not exist' }, /is a client/);
			// The one before is the client whose answer was lost.
			const created = server.live.sandbox.created.at(-1);
			expect(created!.body).toMatchObject({
				client: { name: lost.name, businessCode: lost.id },
				contacts: { primary: { name: lost.contact.name, email: lost.contact.email } },
			});
			expect(page).toContain(String(created!.clientIdentifier));
			expect(page).not.toContain(created!.apiAccessToken);
			expect(await send(lost)).toMatchObject({ outcome: 'duplicate', clientIdentifier: String(created!.clientIdentifier) });
			expect(server.live.sandbox.requests).toHaveLength(2);
		});

		it('says that no such client is waiting, and sends nothing', async () => {
			const strange = company(++companies);
			await answer(strange.id, { 'Confirma Finance says': 'The client exists' }, /No such client is waiting for an answer/);
			expect(await send(strange)).toMatchObject({ outcome: 'created' });
		});
	},
);

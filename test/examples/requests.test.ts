import type { IDataObject } from 'n8n-workflow';
import { type Company, company } from '../support/n8n/dealWorkflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { eventually, type SavedWorkflow } from '../support/n8n/n8nClient';
import { type Example, readExample } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, shared, startExampleServer } from './exampleServer';
import { type Mail, type Mailbox, startMailbox } from './mailbox';

const deployment = readExample('deployment-request.json');
const review = readExample('review-before-create.json');

/** What a CRM's workflow sends of a company. */
const clientOf = ({ name, id, country, zip, contact }: Company): IDataObject => ({
	name,
	businessCode: id,
	countryCode: country,
	postalCode: zip,
	primaryContactName: contact.name,
	primaryContactEmail: contact.email,
	reference: `Deal of ${name}`,
});

describe.each(selectedVersions().filter(({ version }) => version.startsWith('2')))('requests on n8n $version', (version) => {
	let server: ExampleServer;
	let mailbox: Mailbox;
	let companies = 40_000;

	beforeAll(async () => {
		mailbox = await startMailbox();
		server = await startExampleServer(version, []);
	});

	afterEach(() => {
		server.live.sandbox.reset();
		mailbox.mails.length = 0;
		mailbox.isRefusing = false;
	});

	afterAll(async () => {
		await server?.close();
		await mailbox?.stop();
	});

	const nextCompany = (changes: Partial<Company> = {}) =>
		company(++companies, { contact: { name: 'Matti Meikäläinen', email: 'matti@testcustomer.fi' }, ...changes });
	const answersTo = async (items: IDataObject[], called: SavedWorkflow) =>
		jsonOf(await server.call(items, called), shared.caller) as Array<Record<string, string>>;

	describe('deployment-request.json', () => {
		const you = { yourCompany: 'Partner Oy', yourName: 'Åsa Öberg', yourEmail: 'asa@example.com', accountingSystem: 'Netvisor' };
		let asImported: SavedWorkflow;
		let workflow: SavedWorkflow;

		/** The workflow after a person has done what its note says. */
		const ready = (example: Example): Example => ({
			...example,
			nodes: structuredClone(example.nodes).map((node) => {
				if (node.name === 'Your details') {
					const { assignments } = node.parameters.assignments as { assignments: Array<{ name: string; value: string }> };
					for (const each of assignments) each.value = you[each.name as keyof typeof you] ?? each.value;
				}
				return { ...node, disabled: false };
			}),
		});

		beforeAll(async () => {
			asImported = await server.importExample(deployment);
			workflow = await server.importExample(ready(deployment), { smtp: mailbox.access });
			await server.live.client.activate(workflow.id);
		});

		it('shows the mail for its sample company right after the import, and sends none', async () => {
			const execution = await server.runByHand(asImported, shared.trigger);
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(jsonOf(execution, 'The request')).toMatchObject([
				{ text: expect.stringContaining('Full business name: Example Bridge Oy') },
			]);
			expect(jsonOf(execution, 'The answer')).toMatchObject([{ leftToDo: expect.stringContaining('“Send the request” is off') }]);
		});

		it('sends the request for its sample company to the person who tries it', async () => {
			await server.runByHand(workflow, shared.trigger);
			expect(mailbox.mails).toMatchObject([
				{ to: ['asa@example.com'], subject: 'Deployment request: Example Bridge Oy, 1990310-3' },
			]);
		});

		it('asks Confirma Finance once for each company, with all that they ask for, however often it is called', async () => {
			const [one, two] = [nextCompany(), nextCompany()];
			const answers = await answersTo([clientOf(one), clientOf(two)], workflow);
			expect(answers).toMatchObject([
				{
					outcome: 'notSent',
					reference: `Deal of ${one.name}`,
					leftToDo: '',
					message: expect.stringContaining('was sent to deployment@cash-in.fi'),
				},
				{ outcome: 'notSent', reference: `Deal of ${two.name}` },
			]);
			expect(mailbox.mails.map(({ to }) => to)).toEqual([['deployment@cash-in.fi'], ['deployment@cash-in.fi']]);
			for (const text of [
				one.name,
				one.id,
				'Matti Meikäläinen',
				'matti@testcustomer.fi',
				'Partner Oy',
				'Åsa Öberg',
				'Netvisor',
				'Lifecycle',
			])
				expect(mailbox.mails[0]!.text).toContain(text);
			const again = await answersTo([clientOf({ ...one, id: one.id.replace('-', ' ') }), clientOf(nextCompany())], workflow);
			expect(again.map(({ message }) => message).sort()).toEqual([
				expect.stringMatching(/was sent before, on \d{4}-/),
				expect.stringContaining('was sent to'),
			]);
			expect(mailbox.mails).toHaveLength(3);
		});

		it('keeps to the table with exactly its name, beside one that n8n finds first', async () => {
			const client = clientOf(nextCompany());
			await answersTo([client], workflow);
			const { client: n8n } = server.live;
			const { data } = await n8n.request<{ data: Array<{ projectId: string }> }>('GET', '/rest/data-tables-global');
			const other = { name: 'Confirma Finance deployment requests (old)', columns: [{ name: 'notes', type: 'string' }] };
			await n8n.request('POST', `/rest/projects/${data[0]!.projectId}/data-tables`, other);
			expect(await answersTo([client], workflow)).toMatchObject([{ message: expect.stringContaining('was sent before') }]);
			expect(mailbox.mails).toHaveLength(1);
		});

		it('fails when the mail can’t be sent, and sends it when it is called again', async () => {
			const client = clientOf(nextCompany());
			mailbox.isRefusing = true;
			expect((await server.call([client], workflow)).status).toBe('error');
			mailbox.isRefusing = false;
			await answersTo([client], workflow);
			expect(mailbox.mails).toHaveLength(1);
		});
	});

	describe('review-before-create.json', () => {
		let workflow: SavedWorkflow;

		beforeAll(async () => {
			workflow = await server.importExample(review, { smtp: mailbox.access }, server.createTheClient);
			await server.live.client.activate(workflow.id);
		});

		const nextMail = async (): Promise<Mail> => await eventually('the mail that asks for approval', async () => mailbox.mails[0]);

		/** Follows one of the two links of a mail, as a person's browser does. */
		async function click({ text }: Mail, isApproved: boolean): Promise<number> {
			const link = new RegExp(`href="([^"]+approved=${isApproved}[^"]*)"`).exec(text)![1]!.replaceAll('&amp;', '&');
			return (await fetch(link, { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140' } })).status;
		}

		/** Decides, as soon as n8n waits for it: the mail leaves a moment before. */
		const decide = async (mail: Mail, isApproved: boolean) =>
			await eventually('n8n to take the decision', async () => ((await click(mail, isApproved)) === 200 ? true : undefined));

		it('runs on its sample data without a mail account and without a person', async () => {
			const execution = await server.runByHand(workflow, shared.trigger);
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(server.live.sandbox.created).toHaveLength(1);
		});

		it('shows a person all that would be sent, creates the client once it is approved, and takes no second click', async () => {
			const client = nextCompany({ name: 'Example <b>Bold</b> Oy', country: 'Suomi', id: '0112038-8' });
			const answers = answersTo([clientOf(client)], workflow);
			const mail = await nextMail();
			expect(mail.subject).toContain('Approve');
			for (const text of [
				'0112038-8',
				'Country: FI',
				'00100',
				'matti@testcustomer.fi',
				'LIFECYCLE',
				'Please check',
				'Country: Suomi, sent as FI',
				'Deal of Example',
			])
				expect(mail.text).toContain(text);
			expect(mail.text).not.toContain('<b>Bold');
			expect(server.live.sandbox.requests).toEqual([]);
			await decide(mail, true);
			expect(await answers).toMatchObject([
				{ outcome: 'created', clientIdentifier: expect.stringMatching(/\d/), reference: `Deal of ${client.name}` },
			]);
			await click(mail, true);
			await click(mail, false);
			expect(server.live.sandbox.created).toHaveLength(1);

			// Who is a client already needs no approval.
			expect(await answersTo([clientOf(client)], workflow)).toMatchObject([
				{ outcome: 'duplicate', clientIdentifier: expect.stringMatching(/\d/) },
			]);
			expect(mailbox.mails).toHaveLength(1);
		});

		it('asks about all clients of a call in one mail, and creates those that can be created', async () => {
			const [one, wrong, two] = [nextCompany(), nextCompany({ contact: { name: '', email: 'matti' } }), nextCompany()];
			const answers = answersTo([clientOf(one), clientOf(wrong), clientOf(two)], workflow);
			const mail = await nextMail();
			expect(mail.subject).toBe('Approve 2 new Confirma Finance clients');
			expect(mail.text).toContain(one.name);
			expect(mail.text).toContain(two.name);
			expect(mail.text).not.toContain(wrong.name);
			await decide(mail, true);
			expect(await answers).toMatchObject([
				{ outcome: 'created', name: one.name, reference: `Deal of ${one.name}` },
				{ outcome: 'invalid', name: wrong.name, reference: `Deal of ${wrong.name}` },
				{ outcome: 'created', name: two.name, reference: `Deal of ${two.name}` },
			]);
			// A link that is clicked again must not decide about another client.
			await click(mail, true);
			expect(mailbox.mails).toHaveLength(1);
			expect(server.live.sandbox.created).toHaveLength(2);
		});

		it('creates nothing that was declined, and says so', async () => {
			const [one, two] = [nextCompany(), nextCompany()];
			const answers = answersTo([clientOf(one), clientOf(two)], workflow);
			await decide(await nextMail(), false);
			expect(await answers).toMatchObject(
				[one, two].map(({ name }) => ({
					outcome: 'notSent',
					message: `${name} was declined, so no client was created`,
					leftToDo: expect.stringContaining('declined'),
				})),
			);
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('asks nobody about data that need correction', async () => {
			const wrong = nextCompany({ contact: { name: '', email: 'matti' } });
			expect(await answersTo([clientOf(wrong)], workflow)).toMatchObject([
				{ outcome: 'invalid', reference: `Deal of ${wrong.name}` },
			]);
			expect(mailbox.mails).toEqual([]);
		});

		it('fails when nobody can be asked', async () => {
			mailbox.isRefusing = true;
			expect((await server.call([clientOf(nextCompany())], workflow)).status).toBe('error');
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('keeps its links through a restart of n8n', async () => {
			const client = nextCompany();
			const call = answersTo([clientOf(client)], workflow).catch(() => []);
			const mail = await nextMail();
			await server.live.server.restart();
			await server.live.client.signIn();
			await decide(mail, true);
			await eventually('the client', async () => server.live.sandbox.created[0]);
			await call;
		});
	});
});

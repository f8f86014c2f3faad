import type { IDataObject } from 'n8n-workflow';
import { selectedVersions } from '../support/n8n/installN8n';
import { company, type Company } from '../support/n8n/dealWorkflow';
import { eventually, type Execution, type SavedWorkflow } from '../support/n8n/n8nClient';
import { anyCrm, type CrmKind, type Deal } from './crms';
import { type Example, readExample, withSettings } from './exampleFiles';
import { type ExampleServer, failureOf, jsonOf, shared, startExampleServer } from './exampleServer';
import { FormVisitor, login } from './formVisit';
import { type Mailbox, startMailbox } from './mailbox';

const review: CrmKind = { ...anyCrm, file: 'review-before-create.json' };

const requestFile = 'deployment-request.json';
const requestTrigger = 'When another workflow calls';

describe.each(selectedVersions())('requests to people on n8n $version', (version) => {
	let server: ExampleServer;
	let mailbox: Mailbox;
	let companies = 50_000;

	const nextCompany = (changes: Partial<Company> = {}) => company(++companies, changes);

	beforeAll(async () => {
		mailbox = await startMailbox();
		server = await startExampleServer(version, [review.host]);
	});

	afterEach(() => {
		server.live.sandbox.reset();
		server.standIn.requests.length = 0;
		mailbox.mails.length = 0;
		mailbox.isRefusing = false;
	});

	afterAll(async () => {
		await server?.close();
		await mailbox?.stop();
	});

	describe(requestFile, () => {
		const example = readExample(requestFile);
		const settings = {
			sendTo: 'deployment@example.com',
			sendFrom: 'sales@testcustomer.fi',
			partnerName: 'Test Customer Oy',
			onboardingName: 'Åsa Öberg',
			onboardingEmail: 'asa@partner.test',
			accountingSystem: 'Netvisor',
		};
		let workflow: SavedWorkflow;

		/** Imports the workflow, and publishes it where n8n asks for that. */
		async function prepare(prepared: Example): Promise<SavedWorkflow> {
			const saved = await server.importExample(prepared, { smtp: mailbox.access }, server.createTheClient);
			if (!version.version.startsWith('1.')) await server.live.client.activate(saved.id);
			return saved;
		}

		beforeAll(async () => {
			// An address that isn't an example, as a person has one; the server at it is this test's.
			const sender = { ...settings, sendFrom: 'sales@partner.test' };
			workflow = await prepare(withSettings(example, sender));
		});

		/** What a CRM's workflow is answered that calls this one with these items. */
		async function call(items: IDataObject[], called = workflow): Promise<IDataObject[]> {
			const execution = await server.call(items, called);
			expect(failureOf(execution)).toBeUndefined();
			return jsonOf(execution, shared.caller);
		}

		const clientOf = ({ name, id, country, contact }: Company, more: object = {}) => ({
			name,
			businessCode: id,
			countryCode: country,
			primaryContactName: contact.name,
			primaryContactEmail: contact.email,
			reference: name,
			...more,
		});

		it('takes what the shared workflow takes', () => {
			const inputsOf = (file: string) => {
				const { parameters } = readExample(file).nodes.find(({ type }) => type === 'n8n-nodes-base.executeWorkflowTrigger')!;
				return parameters;
			};
			expect(inputsOf(requestFile)).toEqual(inputsOf('create-the-client.json'));
		});

		it('runs on its sample data without sending an email', async () => {
			const saved = await server.importExample(example, {}, server.createTheClient);
			const execution = await server.runByHand(saved, requestTrigger);
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(jsonOf(execution, 'Answer')).toMatchObject([
				{ outcome: 'notSent', message: expect.stringContaining('was sent to'), reference: 'tried by hand' },
			]);
			expect(jsonOf(execution, 'Write the request')).toMatchObject([{ to: 'asa@example.com' }]);
			const again = await server.runByHand(saved, requestTrigger);
			expect(jsonOf(again, 'Answer')).toMatchObject([{ message: expect.stringContaining('sent before') }]);
			expect(mailbox.mails).toEqual([]);
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('asks for a company once, with all that Confirma Finance wants to know', async () => {
			const won = nextCompany();
			const client = clientOf(won, {
				serviceType: 'INTERMEDIATION',
				vatRegNbr: `FI${won.id.replace('-', '')}`,
				postalAddress: 'Testikuja 7',
				postalCode: 100,
				postalDistrict: 'Järvenpää',
				primaryContactMobile: '+358 44 123 4567',
				technicalContactName: 'Åsa Öberg',
				technicalContactEmail: 'asa@example.com',
			});
			expect(await call([client])).toMatchObject([
				{
					outcome: 'notSent',
					message: expect.stringContaining('deployment@example.com'),
					leftToDo: '',
					clientIdentifier: '',
					reference: won.name,
				},
			]);
			expect(mailbox.mails).toMatchObject([
				{
					from: 'sales@partner.test',
					to: ['deployment@example.com'],
					subject: `Deployment request: ${won.name}, ${won.id} (FI)`,
				},
			]);
			const { text } = mailbox.mails[0]!;
			for (const line of [
				'new client of Test Customer Oy (partner code QUICK3)',
				`Full business name: ${won.name}`,
				`Business code: ${won.id}`,
				'Address: Testikuja 7, 00100 Järvenpää, FI',
				'Primary: Matti Meikäläinen, +358441234567, matti@example.com',
				'Technical: Åsa Öberg, asa@example.com',
				'Accountant: -',
				'Type of service: Intermediation',
				'Accounting system: Netvisor',
				'Name: Åsa Öberg',
				'Email: asa@partner.test',
			])
				expect(text).toContain(line);

			// The deal is won again, the ID is written in another way.
			expect(await call([{ ...client, businessCode: won.id.replace('-', '') }])).toMatchObject([
				{ outcome: 'notSent', message: expect.stringContaining('sent before'), leftToDo: '' },
			]);
			expect(mailbox.mails).toHaveLength(1);
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('answers each of several companies in their order, and tells sales what to correct', async () => {
			const [fine, wrong, other] = [nextCompany(), nextCompany({ contact: { name: '', email: 'matti' } }), nextCompany()];
			const answers = await call([fine, wrong, other].map((each) => clientOf(each, { again: 'win it again' })));
			expect(answers.map(({ outcome, reference }) => [outcome, reference])).toEqual([
				['notSent', fine.name],
				['invalid', wrong.name],
				['notSent', other.name],
			]);
			expect(mailbox.mails.map(({ subject }) => subject)).toEqual([
				expect.stringContaining(fine.name),
				expect.stringContaining(other.name),
			]);
			expect(server.messages()).toMatchObject([
				{
					to: 'sales@testcustomer.fi',
					subject: expect.stringContaining(wrong.name),
					text: expect.stringContaining("'Primary Contact Email'"),
				},
			]);
			expect(server.messages()[0]!.text).toContain('What to do');
		});

		it('hands the whole text back when the email could not be sent', async () => {
			mailbox.isRefusing = true;
			const won = nextCompany();
			const [answer] = await call([clientOf(won)]);
			expect(answer).toMatchObject({
				outcome: 'notSent',
				leftToDo: expect.stringMatching(/could not be sent[^]*Send it by hand to deployment@example\.com/),
			});
			expect(answer!.leftToDo).toContain(`Full business name: ${won.name}`);
		});

		it('hands it back without the codes of the network, for which n8n would put words of its own in place of all', async () => {
			const { client } = server.live;
			const { id, name, type } = (await client.credentials()).find((each) => each.type === 'smtp')!;
			const change = async (data: object) => await client.request('PATCH', `/rest/credentials/${id}`, { name, type, data });
			await change({ ...mailbox.access, port: 1 });
			const [answer] = await call([clientOf(nextCompany())]);
			await change(mailbox.access);
			expect(answer!.leftToDo).toMatch(/could not be sent: n8n could not reach the mail server\. Send it by hand to/);
			expect(answer!.leftToDo).not.toMatch(/ECONN|EPERM|EACCES/i);
		});

		it('sends nothing, and says so, before it is set up; and forgets no company that came meanwhile', async () => {
			const filledIn = { ...settings, sendFrom: 'sales@partner.test' };
			const won = nextCompany();
			for (const missing of [
				{ sendFrom: 'you@example.com' },
				{ onboardingEmail: 'asa@example.com' },
				{ onboardingName: '' },
				{ partnerName: 'your company' },
			]) {
				const unready = await prepare(withSettings(example, { ...filledIn, ...missing }));
				for (let time = 0; time < 2; time++)
					expect(await call([clientOf(won)], unready)).toMatchObject([
						{ outcome: 'notSent', leftToDo: expect.stringContaining("fill in 'Your settings'") },
					]);
			}
			expect(mailbox.mails).toEqual([]);
		});

		it('asks for no sample company at the real address', async () => {
			const real = await prepare(
				withSettings(example, { ...settings, sendFrom: 'sales@partner.test', sendTo: 'deployment@cash-in.fi' }),
			);
			expect(await call([clientOf(nextCompany())], real)).toMatchObject([
				{ outcome: 'notSent', leftToDo: expect.stringContaining('sample data') },
			]);
			expect(mailbox.mails).toEqual([]);
		});

		it('asks for no client that was sent before, and says what is left to do where nobody knows about it', async () => {
			const [known, lost] = [nextCompany(), nextCompany()];
			server.live.sandbox.inject({ kind: 'resetAfterRead', match: { businessCode: lost.id } });
			await call(
				[known, lost].map((each) => clientOf(each)),
				server.createTheClient,
			);
			expect(await call([known, lost].map((each) => clientOf(each)))).toMatchObject([
				{ outcome: 'duplicate', reference: known.name, leftToDo: '' },
				{ outcome: 'unknown', reference: lost.name, leftToDo: expect.stringContaining('Ask Confirma Finance') },
			]);
			expect(mailbox.mails).toEqual([]);
		});

		it('asks for nothing that could not be checked, and tells finance', async () => {
			const [answer] = await server.withoutCredential(async () => await call([clientOf(nextCompany())]));
			expect(answer).toMatchObject({ outcome: 'notSent', toldTo: 'finance', message: expect.stringContaining('credential') });
			expect(mailbox.mails).toEqual([]);
		});

		it('passes on what is no wish for a client', async () => {
			expect(await call([{ task: 'tell', to: 'finance', subject: 'Hello', text: 'From the CRM' }])).toMatchObject([
				{ outcome: 'told' },
			]);
			expect(server.messages()).toMatchObject([{ to: 'finance@testcustomer.fi', subject: 'Hello' }]);
			expect(await call([clientOf(nextCompany(), { task: 'preview' })])).toMatchObject([
				{ outcome: 'notSent', body: expect.anything() },
			]);
			expect(mailbox.mails).toEqual([]);
		});
	});

	describe(review.file, () => {
		const example = readExample(review.file);
		const deals = new Map<number, Deal>();
		let workflow: SavedWorkflow;
		let visitor: FormVisitor;
		let send: Awaited<ReturnType<typeof review.listen>>;

		beforeAll(async () => {
			server.standIn.serve(review.host, (request) => review.answer(request, deals));
			workflow = await server.importExample(example, { ...review.credentials, httpBasicAuth: login }, server.createTheClient);
			send = await review.listen({ client: server.live.client, workflow, example, standIn: server.standIn });
			visitor = await FormVisitor.arrive(server);
		});

		afterAll(async () => {
			await visitor?.leave();
			if (workflow) await server.live.client.deactivate(workflow.id);
		});

		/** Delivers a won deal and waits until a person is asked. Gives the execution then, and the page to decide at. */
		async function ask(
			changes: Partial<Company> = {},
		): Promise<{ deal: Deal; execution: Execution; page: string; request: string }> {
			const id = 700 + deals.size;
			const deal: Deal = { id, title: `Deal ${id}`, status: 'won', company: nextCompany(changes), since: '2026-10-01' };
			deals.set(id, deal);
			const known = new Set(await server.live.client.executionIds(workflow.id));
			await send(deal, 'won', 1);
			const execution = await eventually('a decision to be asked for', async () => {
				const found = (await server.live.client.executionIds(workflow.id)).find((candidate) => !known.has(candidate));
				const current = found === undefined ? undefined : await server.live.client.execution(found);
				return current && !['new', 'running'].includes(current.status) ? current : undefined;
			});
			const request = server.messages().find(({ subject }) => subject.startsWith('Approve'))?.text ?? '';
			return { deal, execution, request, page: /approve or decline within 14 days at (\S+)/.exec(request)?.[1] ?? '' };
		}

		async function decide({ execution, page }: { execution: Execution; page: string }, decision: string): Promise<Execution> {
			await visitor.open(page);
			await visitor.fillIn({ Decision: decision, Comment: 'Seen' });
			await visitor.send(/response has been recorded|Form Submitted/i);
			return await server.ended(execution.id, 'Approved?');
		}

		it('runs on its sample data without a CRM and without a person', async () => {
			const execution = await server.runByHand(workflow, review.trigger);
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(server.live.sandbox.created).toHaveLength(1);
			await server.runByHand(workflow, review.trigger);
			expect(server.live.sandbox.requests).toHaveLength(1);
		});

		it('shows the approver everything that would be sent, and asks for a login', async () => {
			const { page, request, deal } = await ask({ country: 'Suomi', zip: 100 });
			expect(request).toMatch(/^The deal “/);
			expect(server.live.sandbox.requests).toEqual([]);
			expect((await fetch(page)).status).toBe(401);
			await visitor.open(page);
			const shown = await visitor.see(/Create this Confirma Finance client/);
			const execution = await server.live.client.execution((await server.live.client.executionIds(workflow.id))[0]!);
			const [{ body }] = jsonOf(execution, 'Check the data') as unknown as [
				{ body: { service: object; client: object; contacts: Record<string, object> } },
			];
			const values = [body.service, body.client, ...Object.values(body.contacts)].flatMap(
				(part) => Object.values(part) as string[],
			);
			for (const text of [request, shown]) {
				for (const value of [deal.title, ...values.filter(Boolean)]) expect(text).toContain(value);
				expect(text).toContain('Country: the CRM has “Suomi”, sent would be “FI”');
			}
			expect(values).toHaveLength(26);
		});

		it('creates the client after the approval, and writes its identifiers to company and deal', async () => {
			const asked = await ask();
			const approved = await decide(asked, 'Approve');
			expect([approved.status, failureOf(approved)]).toEqual(['success', undefined]);
			const [created] = server.live.sandbox.created;
			expect(created!.body.client).toMatchObject({ name: asked.deal.company!.name, businessCode: asked.deal.company!.id });
			expect(asked.deal.company!.identifiers?.clientIdentifier).toBe(String(created!.clientIdentifier));
			expect(
				JSON.stringify([server.messages(), server.standIn.requests.filter(({ host }) => host === review.host)]),
			).not.toContain(created!.apiAccessToken);
		});

		it('creates nothing after a person has declined, and tells sales', async () => {
			await decide(await ask(), 'Decline');
			expect(server.live.sandbox.requests).toEqual([]);
			expect(server.messages().at(-1)).toMatchObject({
				to: 'sales@testcustomer.fi',
				subject: expect.stringMatching(/^Not approved/),
				text: expect.stringMatching(/declined[^]*Seen[^]*What to do/),
			});
		});

		it('creates nothing when the deal was reopened before the approval', async () => {
			const asked = await ask();
			asked.deal.status = 'open';
			await decide(asked, 'Approve');
			expect(server.live.sandbox.requests).toEqual([]);
		});

		it('asks nobody about data that are not in order, and tells sales', async () => {
			const { execution } = await ask({ contact: { name: '', email: 'matti' } });
			expect(execution.status).toBe('success');
			expect(server.messages()).toMatchObject([
				{ to: 'sales@testcustomer.fi', text: expect.stringContaining("'Primary Contact Name'") },
			]);
		});

		it('asks nobody about data that could not be checked, and tells finance', async () => {
			const { execution } = await server.withoutCredential(async () => await ask());
			expect([execution.status, failureOf(execution)]).toEqual(['success', undefined]);
			expect(server.messages()).toMatchObject([
				{ to: 'finance@testcustomer.fi', text: expect.stringContaining('could not read the credential') },
			]);
		});

		it('tells finance when nobody knows whether an approved client was created', async () => {
			server.live.sandbox.inject({ kind: 'resetAfterRead' });
			await decide(await ask(), 'Approve');
			expect(server.messages().at(-1)).toMatchObject({
				to: 'finance@testcustomer.fi',
				subject: expect.stringMatching(/^Ask Confirma Finance whether/),
			});
		});

		it('is red, and asks for nothing in silence, while no message can be sent', async () => {
			const path = 'review-deal-won-as-imported';
			const other = {
				...example,
				nodes: example.nodes.map((node) =>
					node.name === review.trigger
						? { ...node, webhookId: '7f6a2c0e-4f0b-4e0e-b0c7-2f8d8a1c4e33', parameters: { ...node.parameters, path } }
						: node,
				),
			};
			const unready = await server.importExample(other, {}, await server.importCreateTheClient());
			const deliver = await review.listen({
				client: server.live.client,
				workflow: unready,
				example: other,
				standIn: server.standIn,
			});
			const deal: Deal = { id: 799, title: 'Deal 799', status: 'won', company: nextCompany(), since: '2026-10-01' };
			deals.set(deal.id, deal);
			await deliver(deal, 'won', 1);
			const id = await eventually('an execution', async () => (await server.live.client.executionIds(unready.id))[0]);
			const execution = await server.ended(id, review.trigger);
			expect([execution.status, failureOf(execution)]).toEqual(['error', expect.stringContaining('Nobody was told')]);
			expect(server.live.sandbox.requests).toEqual([]);
		});
	});
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { ClientName } from '../../../nodes/ConfirmaFinance/client/body';
import { hints, warningHints } from '../../../nodes/ConfirmaFinance/outcome/hints';
import * as messages from '../../../nodes/ConfirmaFinance/outcome/messages';
import type { NotCreated } from '../../../nodes/ConfirmaFinance/outcome/outcome';
import { properties } from '../../../nodes/ConfirmaFinance/client/properties';
import { ConfirmaFinanceApi } from '../../../credentials/ConfirmaFinanceApi.credentials';
import { endpointOf } from '../../../credentials/endpoint';
import { goodNumbers, judged } from '../../support/bodies';
import { client, resultWith, warning } from './results';

const nasty = { ...client, name: '<img src=x onerror=alert(1)>', businessCode: '<b>1</b>' };
const staging = { environment: 'staging', baseUrl: 'https://staging-integrations.confirmafinance.com' } as const;
const custom = { environment: 'custom', baseUrl: 'https://gateway.example.com' } as const;

const { problems } = judged({
	'client.countryCode': 'Atlantis',
	'client.email': 'nobody',
	'client.name': 'x\u0000',
	'service.partnerCode': '',
});
const refusal = (
	endpointOf({ environment: 'custom', baseUrl: 'http://gateway.example.com', provisioningToken: 'x' }) as { refusal: string }
).refusal;
const silences = (['timeout', 'dropped', 'cancelled', 200, 302, 503] as const).map(
	(why) => [String(why), messages.silence(why, 60_000)] as const,
);

function all(who: ClientName): Array<[string, NotCreated]> {
	return [
		['invalid', messages.invalid(problems)],
		['invalid, one field', messages.invalid(problems.slice(0, 1))],
		['misconfigured', messages.misconfigured(refusal)],
		['unreadCredential', messages.unreadCredential('Credentials could not be decrypted')],
		['duplicate', messages.duplicate(who)],
		['takenAsCreated', messages.takenAsCreated(who)],
		['unsettled', messages.unsettled(who)],
		['notReached', messages.notReached(who)],
		['notRecorded', messages.notRecorded(who, false)],
		['notRecorded, for want of room', messages.notRecorded(who, true)],
		...silences.map(([name, silence]): [string, NotCreated] => [
			name,
			messages.unknown(who, silence, 'ECODE', 'Maintenance until 5 am'),
		]),
		...[false, true].map((isByN8n): [string, NotCreated] => [
			`no connection (${isByN8n ? 'by n8n' : 'by the network'})`,
			messages.rejected(messages.unconnected(custom, { failure: 'unsent', code: 'ECODE', isByN8n }), 'ECODE'),
		]),
		...[400, 401, 402, 403, 404, 429].map((status): [string, NotCreated] => [
			`refused with ${status}`,
			messages.rejected(messages.refusal(staging, status), String(status), 'Bad VAT number'),
		]),
	];
}

// Names of parameters in messages; "Send Anyway" and other choices stand without quotes.
const labels = [...properties, ...new ConfirmaFinanceApi().properties].flatMap(({ displayName, type, options = [] }) => [
	displayName,
	...(type === 'collection' ? (options as Array<{ displayName: string }>).map((child) => child.displayName) : []),
]);

describe.each(all(client))('The message for %s', (name, { message, description }) => {
	it('says what happened in one sentence without a full stop', () => {
		expect(message).toMatch(/^['\dA-Z].*[^.]$/);
		expect(message).not.toContain('. ');
		expect(message.length).toBeLessThan(160);
	});

	it('goes on with sentences that say what to do, three of them beside what others say', () => {
		expect(description).toMatch(/^(?:n8n|['A-Z])[\s\S]*\.$/);
		const own = description.replace(/(?:Confirma Finance|n8n) says: “[^”]*”\. /, '').replace('This client was not created. ', '');
		if (!name.startsWith('invalid')) expect(own.split(/\.(?:\s|$)/).filter(Boolean).length).toBeLessThanOrEqual(3);
	});

	it('avoids the words that n8n advises against', () => {
		expect(`${message} ${description}`).not.toMatch(/\b(error|problem|failure|mistake)s?\b/i);
	});

	it('puts names of parameters in single quotes, and quotes nothing else so', () => {
		const quoted = [...`${message} ${description}`.matchAll(/(?<![\p{L}])'([^']+)'(?!\p{L})/gu)].map(
			([, label]) => label!.split(' > ').at(-1)!,
		);
		expect(quoted.filter((label) => !labels.includes(label) && label !== 'Confirma Finance API')).toEqual([]);
	});
});

it.each(all(nasty))('The message for %s is plain text, which nothing has escaped yet', (_, { message, description }) => {
	expect(`${message} ${description}`).not.toMatch(/&(?:lt|gt|amp);/);
});

it('several wrong fields are counted in the message, and all named in the description, in order', () => {
	const { message, description } = messages.invalid(problems);
	expect(message).toBe('4 fields need correction, so nothing was sent');
	expect(description.split('\n').map((line) => /^'([^']+)'/.exec(line)![1])).toEqual([
		'Partner Code',
		'Business Name',
		'Country',
		'Client Details > Email',
	]);
});

it('one wrong field is named in the message, however much is wrong with it', () => {
	const [first] = problems;
	expect(messages.invalid([first!, first!]).message).toBe("'Partner Code' needs correction, so nothing was sent");
});

const choices = (option: string) =>
	(
		(properties.find(({ name }) => name === 'options')!.options as INodeProperties[]).find(
			({ displayName }) => displayName === option,
		)!.options as INodePropertyOptions[]
	).map(({ name }) => name);

it.each(['duplicate', 'takenAsCreated', 'unsettled'] as const)('%s advises choices that the panel has', (name) => {
	const { description } = messages[name](client);
	const advised = [...description.matchAll(/'Options > ([^']+)' (?:back |set )?(?:to|with) ([A-Z]\w+(?: (?:as )?[A-Z]\w+)*)/g)];
	expect(advised.length).toBeGreaterThan(0);
	for (const [, option, choice] of advised) expect(choices(option!)).toContain(choice);
});

it('an unknown client names both ways back, for itself alone', () => {
	const { description } = messages.unsettled(client);
	expect(description).toMatch(
		/If it is, run this item alone with 'Options > If Outcome Is Unknown' set to Take as Created; if it is not, with Send Again\./,
	);
	expect(choices('If Outcome Is Unknown')).toContain('Send Again');
});

it('a warning is no reason to stop, and is not told as one', () => {
	const found = judged({ ...goodNumbers, 'client.countryCode': 'Atlantis', 'client.telephone': 'ask' }).problems;
	expect(found.map(({ severity }) => severity)).toEqual(['error', 'warning']);
	expect(messages.invalid(found).description).not.toContain('Telephone');
});

it.each(['duplicate', 'takenAsCreated', 'unsettled'] as const)('%s names the client', (name) => {
	expect(messages[name](client).description).toContain('“Test Customer Oy” (0112038-9)');
});

it('a client without a business ID is named without brackets', () => {
	expect(messages.notReached({ ...client, name: 'Oy', businessCode: '' }).description).toContain('for “Oy”.');
});

const withWarnings = (...warnings: string[]) =>
	resultWith({ outcome: messages.duplicate(client), problems: warnings.map(warning) });

it('warnings of created clients and of the others are a hint each, with the item where there are several, and no more than ten', () => {
	expect(warningHints([withWarnings()])).toEqual([]);
	expect(warningHints([withWarnings('A.')])).toEqual(['Please check:<br>A.']);
	const created = resultWith({
		outcome: { kind: 'created', answer: { clientIdentifier: 7, apiAccessToken: 'x' } },
		problems: [warning('B.')],
	});
	expect(warningHints([created, { ...withWarnings('A.'), itemIndex: 1 }])).toEqual([
		'Created, but please check:<br>Item 0: B.',
		'Please check:<br>Item 1: A.',
	]);
	const many = Array.from({ length: 12 }, (_, itemIndex) => ({ ...withWarnings(`T${itemIndex}.`), itemIndex }));
	const [, ...lines] = warningHints(many)[0]!.split('<br>');
	expect(lines).toHaveLength(11);
	expect(lines[0]).toBe('Item 0: T0.');
	expect(lines[10]).toBe('And 2 more');
});

it('a warning with HTML in it shows the HTML as text', () => {
	expect(warningHints([withWarnings('“<b>R&D</b>”.')])[0]).toMatch(/<br>“&lt;b>R&amp;D&lt;\/b>”\.$/);
});

it('the page on troubleshooting explains messages that there are', () => {
	const said = [
		...all(client).map(([, { message }]) => message),
		...judged({ 'client.name': 'undefined' }).problems.map(({ text }) => text),
		...Object.values(hints).filter((hint) => typeof hint === 'string'),
	];
	const page = readFileSync(join(__dirname, '../../../docs/troubleshooting.md'), 'utf8');
	const explained = [...page.matchAll(/^\|(?: Hint:)? \*([^*]+)\* \|/gm)].map(([, message]) => message!);
	expect(explained.length).toBeGreaterThan(5);
	const unsaid = explained.filter((message) => {
		const parts = message.split('…').map((part) => part.trim());
		return !said.some((text) => parts.every((part) => text.includes(part)));
	});
	expect(unsaid).toEqual([]);
});

it('hints avoid the words that n8n advises against', () => {
	const texts = Object.values(hints).map((hint) => (typeof hint === 'string' ? hint : hint(nasty)));
	for (const text of texts) {
		expect(text).not.toMatch(/\b(error|problem|failure|mistake)s?\b/i);
		expect(text).toMatch(/[^.]$/);
	}
});

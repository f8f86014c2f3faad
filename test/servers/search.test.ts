import { createRequire } from 'node:module';
import { installN8n, newestN8n } from '../support/n8n/installN8n';
import { packageName } from '../support/n8n/installPackage';
import { type LiveN8n, startLiveN8n } from '../support/n8n/liveN8n';

/** n8n's own module that its assistants look nodes up with. */
interface NodeCatalog {
	NodeTypeParser: new (nodeTypes: object[]) => object;
	searchCodeBuilderNodes(parser: object, queries: string[]): { results: string };
}

const sought = [
	'confirma',
	'invoicing',
	'billing',
	'debt',
	'debt collection',
	'receivables',
	'accounts receivable',
	'factoring',
	'creditor onboarding',
	'client onboarding',
	'create client',
	'won deal',
	'Nordic',
	'laskutus',
	'perintä',
	'inkasso',
	'fakturering',
	'faktura',
	'reminder',
	'dunning',
	'cash-in',
	'partner',
	'asiakas',
	'saatavat',
	'kund',
	'kunde',
	'Y-tunnus',
];

const unrelated = [
	'send email',
	'slack message',
	'google sheets',
	'weather',
	'image generation',
	'merge items',
	'schedule',
	'database query',
	'translate text',
	'calendar event',
	'create invoice in stripe',
	'create contact',
	'customer support chat',
	'collect form answers',
];

describe(`in the catalogue that assistants of n8n ${newestN8n.version} search`, () => {
	let live: LiveN8n;
	/** Types of the first three nodes that are found. */
	let firstThree: (phrase: string) => string[];

	beforeAll(async () => {
		live = await startLiveN8n(newestN8n);
		const { script } = await installN8n(newestN8n);
		const catalog = createRequire(script)('@n8n/ai-utilities/node-catalog') as NodeCatalog;
		const parser = new catalog.NodeTypeParser(await live.client.nodeTypes());
		firstThree = (phrase) => {
			const { results } = catalog.searchCodeBuilderNodes(parser, [phrase]);
			return [...results.matchAll(/^- (\S+)/gm)].map(([, type]) => type!).slice(0, 3);
		};
	});

	afterAll(async () => await live?.close());

	it.each(sought)('“%s” finds the node among the first three', (phrase) => {
		expect(firstThree(phrase)).toContain(`${packageName}.confirmaFinance`);
	});

	it.each(unrelated)('“%s” finds three others, or fewer', (phrase) => {
		const types = firstThree(phrase);
		expect(types.length).toBeGreaterThan(0);
		expect(types.filter((type) => type.startsWith(packageName))).toEqual([]);
	});
});

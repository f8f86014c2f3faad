// One delivery in a process of its own, for tests that kill it: deliverOnce.ts FOLDER BASE_URL WORKFLOW_ID ITEM
import { dealFields } from './deals';
import { DeduplicationStore, FolderRows, itemsOf, runWorkflow, smallestWorkflow, useDeduplicationStore } from '.';

const [folder, baseUrl, workflowId, item] = process.argv.slice(2) as [string, string, string, string];

useDeduplicationStore(new DeduplicationStore({ rows: new FolderRows(folder) }));
void runWorkflow({
	workflow: smallestWorkflow(dealFields, {}, workflowId),
	items: itemsOf(JSON.parse(item) as Record<string, string>),
	credentials: { environment: 'custom', baseUrl, provisioningToken: process.env.CONFIRMA_TOKEN },
	mode: 'webhook',
});

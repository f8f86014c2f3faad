export { useDeduplicationStore } from './engine';
export type { ConfirmaCredentials } from './credentials';
export { DeduplicationStore, FolderRows, MemoryRows, seededLatency } from './deduplicationStore';
export { logLines } from './engineLog';
export { createPackage, loadPackage, type NodePackage } from './nodePackage';
export { CONFIRMA_CREDENTIAL, CONFIRMA_NODE } from './nodeTypes';
export { runWorkflow, type NodeResult, type RunOptions, type RunResult, type WorkflowFile } from './runWorkflow';
export { testCredential } from './testCredential';
export { itemsOf, NODE_NAME, runAsTool, smallestWorkflow, type NodeSettings } from './workflows';

// n8n-core reads these when it is loaded, so this module has to be the first import of whoever loads n8n-core.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folder that n8n-core takes for the user's n8n folder. `engine.ts` removes it as soon as n8n-core has read it. */
export const userFolder = mkdtempSync(join(tmpdir(), 'confirma-finance-engine-'));

process.env.N8N_USER_FOLDER = userFolder;
process.env.N8N_ENCRYPTION_KEY = 'encrypts nothing outside this process';

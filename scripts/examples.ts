import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleTexts } from './examples/all';

// Writes the workflows of examples/ that are made from descriptions, as n8n exports them.
for (const [file, text] of Object.entries(exampleTexts())) writeFileSync(join(__dirname, '..', 'examples', file), text);

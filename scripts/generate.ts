// generate.ts: writes what is made from descriptions: the README's table of fields, and the workflows of examples/ that are.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleTexts } from './examples/all';
import { readmeWithTable } from './fieldTable';

const root = join(__dirname, '..');
writeFileSync(join(root, 'README.md'), readmeWithTable());
for (const [file, text] of Object.entries(exampleTexts())) writeFileSync(join(root, 'examples', file), text);

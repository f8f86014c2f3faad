// Builds dist/: bundles each n8n entry file with the libraries it uses, and copies what n8n reads beside it.
// Not minified: n8n's reviewers read the published code.
import { build } from 'esbuild';
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';

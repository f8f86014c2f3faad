import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { repository } from '../support/n8n/installPackage';
import { type Figure, Group, valueOf } from './figures';
import { buildDeclarative } from './packages';

interface Packed {
	size: number;
	unpackedSize: number;
	entryCount: number;
}

function pack(folder: string): Packed {
	const out = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
		cwd: folder,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	return (JSON.parse(out) as Packed[])[0]!;
}

/** What users download, beside a package that brings no validation along. */
export async function packageSize(): Promise<Figure[]> {
	const group = new Group('package');
	const declarative = await buildDeclarative();
	const [ours, bare] = [pack(repository), pack(declarative)];
	await rm(declarative, { recursive: true });
	const add = (name: string, unit: string, of: (packed: Packed) => number, most?: number) =>
		group.compare(name, unit, [of(ours)], 'declarative', [of(bare)], most === undefined ? undefined : valueOf(most));
	add('packed', 'kB', ({ size }) => size / 1000, 100);
	add('unpacked', 'kB', ({ unpackedSize }) => unpackedSize / 1000);
	add('files', 'files', ({ entryCount }) => entryCount);
	return group.figures;
}

import { execFileSync } from 'node:child_process';
import { repository } from '../support/n8n/installPackage';
import { type Figure, Group, valueOf } from './figures';

/** What users download. */
export async function packageSize(): Promise<Figure[]> {
	const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--silent'], {
		cwd: repository,
		encoding: 'utf8',
	});
	const [{ size, unpackedSize }] = JSON.parse(packed) as [{ size: number; unpackedSize: number }];
	const group = new Group('package');
	group.add('packed', 'kB', [size / 1000], valueOf(250));
	group.add('unpacked', 'kB', [unpackedSize / 1000]);
	return group.figures;
}

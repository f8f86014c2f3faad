import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { runInstaller } from './runInstaller';

/** A package of Debian's that a suite needs. */
export interface DebianPackage {
	name: string;
	/** What the suite needs of it. */
	programs: string[];
	/** Where the programs may be; the first folder that has all of them is taken. */
	folders: () => string[];
}

/** Finds a package's programs, and installs it first when they are nowhere. Takes root's rights, or sudo without a password. */
export async function installDebianPackage(wanted: DebianPackage): Promise<string> {
	const found = findPrograms(wanted);
	if (found !== undefined) return found;
	const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', '--yes'];
	const asRoot = process.getuid?.() === 0 ? apt : ['sudo', '--non-interactive', ...apt];
	try {
		await runInstaller("Debian's packages: updating the list", [...asRoot, 'update']);
		await runInstaller(`Debian's package ${wanted.name}: installing`, [...asRoot, 'install', wanted.name]);
	} catch (error) {
		throw new Error(
			`Please install Debian's package ${wanted.name}, which has ${wanted.programs.join(', ')}: apt-get could not`,
			{ cause: error },
		);
	}
	const installed = findPrograms(wanted);
	if (installed === undefined)
		throw new Error(
			`${wanted.programs.join(', ')} not found in ${wanted.folders().join(', ')} after installing Debian's package ${wanted.name}`,
		);
	return installed;
}

function findPrograms({ programs, folders }: DebianPackage): string | undefined {
	return folders().find((folder) => programs.every((program) => isExecutable(join(folder, program))));
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

// release.mjs TAG: says on standard error why the tag may not be released, and fails; or else prints the release's notes, which are the
// version's part of CHANGELOG.md. Run in a clone that has origin's main and the tag, with GITHUB_REPOSITORY (owner/name) set.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const tag = process.argv[2] ?? '';
const { name, version, author, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const notes = notesOf(version);

const refusals = [
	[tag !== `v${version}`, `The tag is ${tag || 'missing'}, the version in package.json is ${version}`],
	[!notes, `CHANGELOG.md has no entry "## ${version} - YYYY-MM-DD" that says something`],
	[!isOnMain(tag), `${tag || 'The tag'} is not on main`],
	[author.name === `${name} maintainers`, `The author in package.json is a placeholder: ${author.name}`],
	[isReserved(author.email), `The author's email in package.json is a placeholder: ${author.email}`],
	[
		repository.url !== `git+https://github.com/${process.env.GITHUB_REPOSITORY}.git`,
		`The repository in package.json is ${repository.url}, but ${process.env.GITHUB_REPOSITORY} is releasing`,
	],
].flatMap(([isRefused, reason]) => (isRefused ? [reason] : []));

if (refusals.length > 0) {
	console.error(refusals.join('\n'));
	process.exitCode = 1;
} else {
	console.log(notes);
}

function notesOf(version) {
	const entries = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
	const [heading, ...lines] = entries.find((entry) => entry.startsWith(`${version} - `))?.split('\n') ?? [];
	return /^\S+ - \d{4}-\d\d-\d\d$/.test(heading) ? lines.join('\n').trim() : '';
}

function isOnMain(tag) {
	return spawnSync('git', ['merge-base', '--is-ancestor', `refs/tags/${tag}`, 'refs/remotes/origin/main']).status === 0;
}

/** Whether the address is of a domain that is kept for examples (RFC 2606). */
function isReserved(email = '') {
	return !/@/.test(email) || /[@.](example\.(com|net|org)|example|invalid|test|localhost)$/i.test(email);
}

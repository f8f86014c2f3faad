import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;

const releasable = {
	name: 'n8n-nodes-confirma-finance',
	version: '1.2.3',
	author: { name: 'Test Customer Oy', email: 'integrations@testcustomer.fi' },
	repository: { type: 'git', url: 'git+https://github.com/testcustomer/n8n-nodes-confirma-finance.git' },
};

const changelog = `# Changelog

## Unreleased

- Not yet

## 1.2.3 - 2026-11-23

### Added

- A thing

## 1.2.2 - 2026-11-20

- An older thing
`;

let folder: string;
const git = (...args: string[]) =>
	execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder, stdio: 'pipe' });

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'confirma-release-'));
	git('init', '--quiet', '--initial-branch', 'main');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Commits the files, and tags the commit. */
function commit({ manifest = releasable as object, changes = changelog, tag = 'v1.2.3' } = {}): void {
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	writeFileSync(join(folder, 'CHANGELOG.md'), changes);
	git('add', '.');
	git('commit', '--quiet', '--message', 'Release');
	git('tag', tag);
}

function release({ tag = 'v1.2.3', repository = 'testcustomer/n8n-nodes-confirma-finance' } = {}) {
	const env = { ...process.env, GITHUB_REPOSITORY: repository };
	const options = { cwd: folder, env, encoding: 'utf8' } as const;
	return spawnSync(process.execPath, [join(root, 'scripts/release.mjs'), tag], options);
}

const pushed = () => git('update-ref', 'refs/remotes/origin/main', 'HEAD');

it('A release has the notes of its version, and nothing else', () => {
	commit();
	pushed();
	const { status, stdout, stderr } = release();
	expect(stderr).toBe('');
	expect(stdout).toBe('### Added\n\n- A thing\n');
	expect(status).toBe(0);
});

it('A tag behind the newest commit of main is released', () => {
	commit();
	git('commit', '--quiet', '--allow-empty', '--message', 'Later');
	pushed();
	expect(release().status).toBe(0);
});

describe('A release is refused', () => {
	const refusals: Array<[string, Parameters<typeof commit>[0], Parameters<typeof release>[0], RegExp]> = [
		['whose tag is not the version', { tag: 'v1.2.4' }, { tag: 'v1.2.4' }, /^The tag is v1\.2\.4, the version .* 1\.2\.3\n$/],
		[
			'that is not in the changelog',
			{ changes: '# Changelog\n\n## 1.2.2 - 2026-11-20\n\n- A thing\n' },
			{},
			/^CHANGELOG\.md has no/,
		],
		['that the changelog does not date', { changes: '# Changelog\n\n## 1.2.3\n\n- A thing\n' }, {}, /^CHANGELOG\.md has no/],
		[
			'of which the changelog says nothing',
			{ changes: '## 1.2.3 - 2026-11-23\n\n## 1.2.2 - 2026-11-20\n\n- A\n' },
			{},
			/^CHANGELOG/,
		],
		[
			'whose author is the placeholder',
			{ manifest: { ...releasable, author: { ...releasable.author, name: 'n8n-nodes-confirma-finance maintainers' } } },
			{},
			/^The author in package\.json is a placeholder/,
		],
		...['maintainers@example.com', 'maintainers@mail.example.org', 'maintainers@confirma.example', ''].map(
			(email): (typeof refusals)[number] => [
				`whose author's email is “${email}”`,
				{ manifest: { ...releasable, author: { ...releasable.author, email } } },
				{},
				/^The author's email in package\.json is a placeholder/,
			],
		),
		[
			'from another repository',
			{},
			{ repository: 'other/n8n-nodes-confirma-finance' },
			/^The repository in package\.json is .*, but other/,
		],
	];

	it.each(refusals)('%s', (_, files, options, reason) => {
		commit(files);
		pushed();
		const { status, stdout, stderr } = release(options);
		expect(stderr).toMatch(reason);
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(stdout).toBe('');
		expect(status).toBe(1);
	});

	it('whose tag is not on main', () => {
		git('commit', '--quiet', '--allow-empty', '--message', 'First');
		pushed();
		git('switch', '--quiet', '--create', 'aside');
		commit();
		expect(release()).toMatchObject({ status: 1, stdout: '', stderr: 'v1.2.3 is not on main\n' });
	});

	it('whose tag does not exist', () => {
		commit({ tag: 'v1.0.0' });
		pushed();
		expect(release()).toMatchObject({ status: 1, stdout: '', stderr: 'v1.2.3 is not on main\n' });
	});

	it('with every reason at once, as long as the owner has not put in their own author and repository', () => {
		commit({ manifest: own, tag: `v${own.version as string}` });
		pushed();
		const { status, stderr } = release({ tag: `v${own.version as string}` });
		expect(status).toBe(1);
		expect(stderr.trim().split('\n')).toHaveLength(4);
	});
});

it('The workflow of releases runs the script before anything is published', () => {
	const workflow = readFileSync(join(root, '.github/workflows/publish.yml'), 'utf8');
	const [check, publish] = workflow.split(/^ {2}publish:$/m);
	expect(check).toContain('run: node scripts/release.mjs "$GITHUB_REF_NAME" > release/notes.md');
	expect(publish).toContain('needs: check');
	expect(workflow.indexOf('npm publish')).toBeGreaterThan(check!.length);
});

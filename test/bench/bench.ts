// npm run bench: measures, and prints each figure beside its peer's of the same run.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { coldLoad } from './coldLoad';
import { growth, guardOnEngine, overhead } from './engineFigures';
import { comparison, isMet, table, type Figure } from './figures';
import { packageSize } from './packageSize';
import { prepareItems } from './prepareItems';
import { profile } from './profile';
import { guardOnPostgres, guardOnSqlite } from './serverGuard';
import {
	besideEarlier,
	tenThousandItems,
	tenThousandItemsInSmallHeap,
	tenThousandItemsWithLegacyExpressions,
	thousandItems,
	thousandItemsOfSixFields,
} from './serverItems';

/**
 * Each group of figures by the name that `--only` takes.
 * @param rounds how often everything is measured, at least
 * @param earlier the commit that `--earlier` names
 */
const groups: Record<string, (rounds: number, earlier?: string) => Promise<Figure[]>> = {
	prepare: prepareItems,
	load: coldLoad,
	size: packageSize,
	overhead,
	guard: guardOnEngine,
	growth,
	thousand: thousandItems,
	six: thousandItemsOfSixFields,
	tenThousand: tenThousandItems,
	smallHeap: tenThousandItemsInSmallHeap,
	legacyExpressions: tenThousandItemsWithLegacyExpressions,
	sqlite: guardOnSqlite,
	postgres: guardOnPostgres,
	profile,
	earlier: besideEarlier,
};

const inProcess = ['prepare', 'load', 'size', 'overhead', 'guard', 'growth'];

const usage = `npm run bench -- [options]
  --quick            only what needs no n8n server: ${inProcess.join(', ')}
  --only NAMES       only these groups, separated by commas: ${Object.keys(groups).join(', ')}
  --rounds NUMBER    how often everything is measured, at least; default 3
  --earlier COMMIT   also compares the node with itself at that commit (group earlier)
  --json FILE        keeps the figures
  --compare FILE     shows how they differ from figures kept earlier
  --help`;

interface Report {
	when: string;
	commit: string;
	machine: string;
	rounds: number;
	figures: Figure[];
}

function readOptions() {
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			only: { type: 'string' },
			rounds: { type: 'string', default: '3' },
			earlier: { type: 'string' },
			json: { type: 'string' },
			compare: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	const usual = Object.keys(groups).filter((name) => name !== 'earlier' || values.earlier !== undefined);
	const names = values.only?.split(',') ?? (values.quick ? inProcess : usual);
	const unknown = names.find((name) => !Object.hasOwn(groups, name));
	if (unknown !== undefined) throw new Error(`--only takes ${Object.keys(groups).join(', ')}, not "${unknown}"`);
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a whole number from 1 on, not "${values.rounds}"`);
	return { ...values, names, rounds };
}

async function main(): Promise<void> {
	const { help, names, rounds, json, compare, earlier: commit } = readOptions();
	if (help) {
		console.log(usage);
		return;
	}
	const earlier = compare === undefined ? undefined : (JSON.parse(readFileSync(compare, 'utf8')) as Report);

	const report: Report = {
		when: new Date().toISOString(),
		commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
		machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`,
		rounds,
		figures: [],
	};
	const { figures } = report;
	for (const name of names) {
		process.stderr.write(`${name} …\n`);
		figures.push(...(await groups[name]!(rounds, commit)));
		// Kept after each group: a whole run takes a while.
		if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, '\t')}\n`);
	}
	console.log(`${report.machine}, ${rounds} rounds, commit ${report.commit}\n\n${table(figures)}`);
	if (earlier) console.log(`\nSince ${earlier.when} (${earlier.commit}):\n\n${comparison(earlier.figures, figures)}`);
	const missed = figures.filter((figure) => isMet(figure) === false);
	console.log(`\n${figures.filter((figure) => isMet(figure)).length} goals met, ${missed.length} missed`);
}

main().catch((error: Error) => {
	console.error(error.stack);
	process.exitCode = 1;
});

// npm run bench: measures, and prints each figure beside its peer's of the same run.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { coldLoad } from './coldLoad';
import { overhead } from './engineFigures';
import { isMet, table, type Figure } from './figures';
import { packageSize } from './packageSize';
import { prepareItems } from './prepareItems';
import { profile } from './profile';
import { guardOnPostgres, guardOnSqlite } from './serverGuard';
import { tenThousandItems, tenThousandItemsInSmallHeap, thousandItems } from './serverItems';
import { singleDelivery } from './singleDelivery';

/**
 * Each group of figures by the name that `--only` takes.
 * @param rounds how often everything is measured, at least
 */
const groups: Record<string, (rounds: number) => Promise<Figure[]>> = {
	prepare: prepareItems,
	load: coldLoad,
	size: packageSize,
	overhead,
	thousand: thousandItems,
	tenThousand: tenThousandItems,
	smallHeap: tenThousandItemsInSmallHeap,
	sqlite: guardOnSqlite,
	postgres: guardOnPostgres,
	profile,
};

const inProcess = ['prepare', 'load', 'size', 'overhead'];

const usage = `npm run bench -- [options]
  --quick            only what needs no n8n server: ${inProcess.join(', ')}
  --only NAMES       only these groups, separated by commas: ${Object.keys(groups).join(', ')}
  --against FOLDER   only a single delivery, beside another version of this node: its repository, or its unpacked package, built
  --rounds NUMBER    how often everything is measured, at least; default 3
  --help`;

function readOptions() {
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			only: { type: 'string' },
			against: { type: 'string' },
			rounds: { type: 'string', default: '3' },
			help: { type: 'boolean', default: false },
		},
	});
	const names = values.only?.split(',') ?? (values.quick ? inProcess : Object.keys(groups));
	const unknown = names.find((name) => !Object.hasOwn(groups, name));
	if (unknown !== undefined) throw new Error(`--only takes ${Object.keys(groups).join(', ')}, not "${unknown}"`);
	const rounds = Number(values.rounds);
	if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a whole number from 1 on, not "${values.rounds}"`);
	return { ...values, names, rounds };
}

async function main(): Promise<void> {
	const { help, names, rounds, against } = readOptions();
	if (help) {
		console.log(usage);
		return;
	}
	const measured =
		against === undefined
			? names.map((name) => ({ name, measure: groups[name]! }))
			: [{ name: 'single delivery', measure: async () => await singleDelivery(rounds, against) }];
	const figures: Figure[] = [];
	for (const { name, measure } of measured) {
		process.stderr.write(`${name} …\n`);
		figures.push(...(await measure(rounds)));
	}
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
	const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`;
	console.log(`${machine}, ${rounds} rounds, commit ${commit}\n\n${table(figures)}`);
	const missed = figures.filter((figure) => isMet(figure) === false);
	console.log(`\n${figures.filter((figure) => isMet(figure)).length} goals met, ${missed.length} missed`);
}

main().catch((error: Error) => {
	console.error(error.stack);
	process.exitCode = 1;
});

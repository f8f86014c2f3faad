import { parseArgs } from 'node:util';

import { namedOutcomes } from './faults';
import { expiredToken, type Sandbox, startSandbox } from './sandbox';

const usage = `npm run sandbox -- [options]
  --port NUMBER            default 3380, or $PORT
  --environment NAME       staging (default) or production
  --tls                    https with a self-signed certificate
  --latency MILLISECONDS   what every answer takes, default 0
  --per-second NUMBER      clients that are taken in a second, default all
  --help`;

function wholeNumber(name: string, text: string, greatest: number): number {
	const number = Number(text);
	if (text.trim() === '' || !Number.isInteger(number) || number < 0 || number > greatest) {
		throw new Error(`${name} takes a whole number from 0 to ${greatest}, not "${text}"`);
	}
	return number;
}

function readOptions() {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: process.env.PORT || '3380' },
			environment: { type: 'string', default: 'staging' },
			tls: { type: 'boolean', default: false },
			latency: { type: 'string', default: '0' },
			'per-second': { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	const { environment, 'per-second': perSecond } = values;
	if (environment !== 'staging' && environment !== 'production') {
		throw new Error(`--environment takes staging or production, not "${environment}"`);
	}
	return {
		help: values.help,
		environment,
		tls: values.tls,
		port: wholeNumber('--port', values.port, 65535),
		latency: wholeNumber('--latency', values.latency, 600_000),
		perSecond: perSecond === undefined ? Infinity : wholeNumber('--per-second', perSecond, 1_000_000),
	} as const;
}

function introduce({ url, tokens }: Sandbox, environment: 'staging' | 'production'): string {
	const curl = url.startsWith('https') ? 'curl -k' : 'curl';
	const names = Object.entries(namedOutcomes).map(([name, { meaning }]) => `  ${name.padEnd(18)}${meaning}`);
	return `Sandbox of the Confirma Finance onboarding API (${environment})
A stand-in on this machine: nothing that is sent to it reaches Confirma Finance.

In n8n, create a credential "Confirma Finance API" with
  Environment         Custom
  Base URL            ${url}
  Provisioning Token  ${tokens[environment]}
The token ${expiredToken} is an expired one.

A business name decides what happens; any other is created:
${names.join('\n')}

Who was created:       ${curl} ${url}/sandbox/ledger
Fail the next request: ${curl} ${url}/sandbox/faults -H 'content-type: application/json' -d '[{"kind":"status","status":503}]'
Start afresh:          ${curl} -X POST ${url}/sandbox/reset
All of it is described in test/sandbox/openapi.yaml. Ctrl-C stops.
`;
}

async function main(): Promise<void> {
	const { help, ...options } = readOptions();
	if (help) {
		console.log(usage);
		return;
	}
	const sandbox = await startSandbox({ ...options, logger: true });
	console.log(introduce(sandbox, options.environment));
	const stop = () => {
		void sandbox.stop();
	};
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
}

main().catch((error: Error & { code?: string }) => {
	console.error(error.code === 'EADDRINUSE' ? `${error.message}. Choose another port with --port.` : error.message);
	console.error(`\n${usage}`);
	process.exitCode = 1;
});

import { Logger } from '@n8n/backend-common';
import { Container } from '@n8n/di';
import { LOG_LEVELS, LoggerProxy } from 'n8n-workflow';
import { inspect } from 'node:util';

/** Every line that n8n's engine or the node logged, at any level, as `level message {metadata}`. Empty it at will. */
export const logLines: string[] = [];

/** Makes n8n log into {@link logLines}, at every level, instead of to the console. */
export function collectLog(): void {
	const write = (level: string) => (message: string, metadata?: object) => {
		logLines.push(`${level} ${message} ${metadata ? inspect(metadata, { depth: 8 }) : ''}`.trimEnd());
	};
	const levels = LOG_LEVELS.filter((level) => level !== 'silent');
	const collector = Object.fromEntries(levels.map((level) => [level, write(level)])) as Record<
		(typeof levels)[number],
		ReturnType<typeof write>
	>;
	const logger = Object.assign(Object.create(Logger.prototype) as Logger, collector, { scoped: () => logger });
	Container.set(Logger, logger);
	LoggerProxy.init(collector);
}

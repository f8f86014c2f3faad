import { gzipSync } from 'node:zlib';

import type { FastifyReply } from 'fastify';

/**
 * What can go wrong with a create request. `creates` says whether the client comes into being all the same.
 */
export type FaultKind =
	/** Answers normally, `ms` milliseconds later; the client is created before the wait. */
	| { kind: 'delay'; ms: number }
	/** Answers with this status; a text as `body` is sent as it is, anything else as JSON. Creates nothing by default. */
	| {
			kind: 'status';
			status: number;
			body?: unknown;
			headers?: Record<string, string>;
			creates?: boolean;
			ms?: number;
	  }
	/** Answers without a body, 200 by default. Creates the client by default if the status is a 2xx. */
	| { kind: 'empty'; status?: number; creates?: boolean }
	/** Answers with a web page, 200 by default. Creates the client by default if the status is a 2xx. */
	| { kind: 'html'; status?: number; creates?: boolean }
	/**
	 * Resets the TCP connection before the body is read; nothing is created. With a `match` the body has to be read to
	 * know whose it is: then the reset follows the reading, and still nothing is created.
	 */
	| { kind: 'resetBeforeRead' }
	/** Resets the TCP connection after the body was read. Creates the client by default. */
	| { kind: 'resetAfterRead'; creates?: boolean }
	/** Redirects, 307 by default; nothing is created. */
	| { kind: 'redirect'; location: string; status?: number }
	/**
	 * Sends the headers and half of the answer, then closes (default) or falls silent. Creates the client by default. The
	 * answer is compressed on demand, as a proxy does, whether the request asks for it or not.
	 */
	| { kind: 'halfResponse'; creates?: boolean; then?: 'close' | 'hang'; compressed?: boolean }
	/** Answers with 101, as if the connection were another protocol's from now on. Creates the client by default. */
	| { kind: 'switchProtocols'; creates?: boolean }
	/** Reads the request and never answers. Creates the client by default. */
	| { kind: 'hang'; creates?: boolean };

export type Fault = FaultKind & {
	/** How many create requests the fault is used for; default 1. */
	times?: number;
	/** Answers only when this has resolved. */
	until?: Promise<unknown>;
	/** Only for the client with this business code and this name; default: any. */
	match?: { businessCode?: string; name?: string };
};

interface ClientIdentity {
	name: string;
	businessCode: string;
}

/** What a name does, told to a person who types it, and the fault behind it. */
export interface NamedOutcome {
	fault: FaultKind;
	meaning: string;
}

/** Business names that provoke an outcome, for trying the node by hand. Compared without regard to case. */
export const namedOutcomes: Readonly<Record<string, NamedOutcome>> = {
	'Sandbox 400': {
		fault: { kind: 'status', status: 400, body: { message: 'Refused by the sandbox, as its name asks for' } },
		meaning: 'refused as a bad request, nothing is created',
	},
	'Sandbox 401': {
		fault: { kind: 'status', status: 401, body: { message: 'Unauthorized' } },
		meaning: 'refused for its token, nothing is created',
	},
	'Sandbox 403': {
		fault: { kind: 'status', status: 403, body: { message: 'Forbidden' } },
		meaning: 'refused for lack of rights, nothing is created',
	},
	'Sandbox 429': {
		fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too Many Requests' } },
		meaning: 'told to come back after a second, each time; nothing is created',
	},
	'Sandbox 500': {
		fault: { kind: 'status', status: 500, body: { message: 'Internal Server Error' } },
		meaning: 'the server fails, nothing is created',
	},
	'Sandbox slow': {
		fault: { kind: 'delay', ms: 5000 },
		meaning: 'created, the answer takes 5 seconds',
	},
	'Sandbox timeout': {
		fault: { kind: 'hang' },
		meaning: 'created, and never answered',
	},
	'Sandbox reset': {
		fault: { kind: 'resetAfterRead' },
		meaning: 'created, and the connection breaks before the answer',
	},
	'Sandbox half': {
		fault: { kind: 'halfResponse' },
		meaning: 'created, and the connection breaks in the middle of the answer',
	},
	'Sandbox empty': {
		fault: { kind: 'empty' },
		meaning: 'created, and answered with nothing',
	},
	'Sandbox html': {
		fault: { kind: 'html', status: 502 },
		meaning: 'a web page instead of an answer, nothing is created',
	},
	'Sandbox redirect': {
		fault: { kind: 'redirect', location: 'https://example.com/api/v1/partner/client' },
		meaning: 'sent to another host, nothing is created',
	},
};

const faultsByName = new Map(Object.entries(namedOutcomes).map(([name, { fault }]) => [name.toLowerCase(), fault]));

/** The fault that a client's name asks for, if any. */
export function faultNamed(name: string): FaultKind | undefined {
	return faultsByName.get(name.trim().toLowerCase());
}

/** Faults waiting for a create request, in the order they were added. */
export class FaultQueue {
	private waiting: Array<{ fault: Fault; left: number }> = [];

	add(...faults: Fault[]): void {
		this.waiting.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
	}

	clear(): void {
		this.waiting = [];
	}

	/** Takes the first fault if it is a reset that needn't know whose request it is. */
	takeBeforeRead(): Fault | undefined {
		const first = this.waiting[0]?.fault;
		return first?.kind === 'resetBeforeRead' && !first.match ? this.takeAt(0) : undefined;
	}

	/** Takes the first fault that is meant for this client. */
	take(client: ClientIdentity): Fault | undefined {
		return this.takeAt(
			this.waiting.findIndex(
				({ fault: { match } }) =>
					(match?.businessCode ?? client.businessCode) === client.businessCode && (match?.name ?? client.name) === client.name,
			),
		);
	}

	private takeAt(index: number): Fault | undefined {
		const entry = this.waiting[index];
		if (!entry) return undefined;
		entry.left -= 1;
		if (entry.left <= 0) this.waiting.splice(index, 1);
		return entry.fault;
	}
}

/** Whether a client comes into being under this fault (or under none). */
export function createsClient(fault: FaultKind | undefined): boolean {
	if (!fault) return true;
	switch (fault.kind) {
		case 'delay':
			return true;
		case 'resetBeforeRead':
		case 'redirect':
			return false;
		case 'status':
			return fault.creates ?? false;
		case 'empty':
		case 'html': {
			const { status = 200 } = fault;
			return fault.creates ?? (status >= 200 && status < 300);
		}
		default:
			return fault.creates ?? true;
	}
}

const page = `<!DOCTYPE html>
<html lang="en"><head><title>Sandbox</title></head><body><h1>This is a web page, not the API</h1></body></html>
`;

/**
 * Answers a create request as the fault demands.
 *
 * @param answer what the API would have said
 * @param reset breaks the TCP connection of this request
 */
export function answerWith(fault: FaultKind | undefined, reply: FastifyReply, answer: object, reset: () => void): FastifyReply {
	switch (fault?.kind) {
		case undefined:
		case 'delay':
			return reply.send(answer);
		case 'status': {
			const { status, headers = {}, body } = fault;
			reply.code(status).headers(headers);
			if (body === undefined || typeof body === 'string') return reply.send(body);
			if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8');
			return reply.send(JSON.stringify(body));
		}
		case 'empty':
			return reply.code(fault.status ?? 200).send();
		case 'html':
			return reply
				.code(fault.status ?? 200)
				.type('text/html; charset=utf-8')
				.send(page);
		case 'redirect':
			return reply
				.code(fault.status ?? 307)
				.header('location', fault.location)
				.send();
		case 'resetBeforeRead':
		case 'resetAfterRead':
			reply.hijack();
			reset();
			return reply;
		case 'halfResponse':
			return sendHalf(reply, answer, fault);
		case 'switchProtocols':
			reply.hijack();
			reply.raw.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: sandbox\r\n\r\n');
			return reply;
		case 'hang':
			return reply.hijack();
	}
}

function sendHalf(
	reply: FastifyReply,
	answer: object,
	{ then = 'close', compressed = false }: Extract<FaultKind, { kind: 'halfResponse' }>,
): FastifyReply {
	reply.hijack();
	const text = JSON.stringify(answer);
	const whole = compressed ? gzipSync(text) : Buffer.from(text);
	reply.raw.writeHead(200, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': whole.length,
		...(compressed && { 'content-encoding': 'gzip' }),
	});
	reply.raw.write(whole.subarray(0, whole.length / 2), () => {
		if (then === 'close') reply.raw.socket?.end();
	});
	return reply;
}

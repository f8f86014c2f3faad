import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { makeSelfSignedCertificate } from './certificate';
import type { ClientBody } from './clientBodies';
import { addDescribedRoutes, descriptionKeywords, readDescription } from './description';
import { answerWith, createsClient, type Fault, faultNamed, FaultQueue } from './faults';

export type { ClientBody } from './clientBodies';
export type { Fault, FaultKind } from './faults';

export interface RecordedRequest {
	method: string;
	/** With the query, if there is one. */
	path: string;
	/** Names in lower case. */
	headers: Record<string, string>;
	/** Empty if there was no body, or none was read. */
	rawBody: string;
	/** The parsed body; undefined if there was none or it isn't JSON. */
	body: unknown;
	/** Milliseconds since 1970. */
	receivedAt: number;
	/** The status that was answered; undefined if the request was never answered. */
	status?: number;
	/** The kind of the fault that was used for the request. */
	fault?: string;
}

export interface CreatedClient {
	clientIdentifier: number;
	apiAccessToken: string;
	/** As sent, or as it would have been sent if a fault hadn't been in the way. */
	answer: object;
	body: ClientBody;
}

export interface SandboxOptions {
	/** A free port by default. */
	port?: number;
	/** Default staging. */
	environment?: 'staging' | 'production';
	/** https with a self-signed certificate; default false. */
	tls?: boolean;
	/** Milliseconds that every answer takes, after its work is done; default 0. */
	latency?: number;
	/** How many create requests are taken in each second; the others get a 429 that asks to wait a second. Default: all. */
	perSecond?: number;
	/** Whether to print a line for each request; tokens are never printed. Default false. */
	logger?: boolean;
}

export interface Sandbox {
	/** http://127.0.0.1:PORT, or https. */
	readonly url: string;
	/** Provisioning tokens. The sandbox is one environment: only that one's token is valid. */
	readonly tokens: { staging: string; production: string };
	/** Every request that reached the API's paths (and none of the sandbox's own), in order. */
	readonly requests: RecordedRequest[];
	/** The ledger: one entry for each time a client came into being. */
	readonly created: CreatedClient[];
	/** Greatest number of create requests being handled at once. */
	readonly peakInFlight: number;
	/** Greatest number of connections open at once. */
	readonly peakConnections: number;
	readonly connectionsOpened: number;
	/** Queues faults; a create request takes the first one that matches it. */
	inject(...faults: Fault[]): void;
	/** Takes so many create requests in each second from now on, until `reset`. */
	limit(perSecond: number): void;
	/** Forgets requests, clients, faults, peaks and a limit that was set meanwhile. */
	reset(): void;
	/** Stops, and closes connections that are still waiting for an answer, too. */
	stop(): Promise<void>;
}

/** Provisioning tokens of the two environments; the same at each start, so that a saved credential stays right. */
export const provisioningTokens = {
	staging: 'sandbox-staging-provisioning-token',
	production: 'sandbox-production-provisioning-token',
} as const;

/** A token that is known in both environments and no longer valid: validate answers `isValid: false`. */
export const expiredToken = 'sandbox-expired-token';

const createPath = '/api/v1/partner/client';
const controlPrefix = '/sandbox/';
const bodyLimit = 20 * 1024 * 1024;

declare module 'fastify' {
	interface FastifyRequest {
		record: RecordedRequest | undefined;
		/** Says that a create request is no longer being handled; harmless if said twice. */
		settle: (() => void) | undefined;
	}
}

/** Starts a sandbox on 127.0.0.1. The caller has to stop it. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { port = 0, environment = 'staging', tls = false, latency = 0, perSecond = Infinity, logger = false } = options;

	const requests: RecordedRequest[] = [];
	const created: CreatedClient[] = [];
	const clientTokens = new Set<string>();
	const faults = new FaultQueue();
	let limit = new RateLimit(perSecond);
	const sockets = new Map<number, Socket>();
	const stopping = new AbortController();
	// Every delayed request listens.
	setMaxListeners(0, stopping.signal);
	let clientCount = 0;
	let inFlight = 0;
	let peakInFlight = 0;
	let peakConnections = 0;
	let connectionsOpened = 0;

	const ajv = {
		// The API's clients send texts as texts; nothing is to be turned into the right type or left out unseen.
		customOptions: {
			coerceTypes: false as const,
			removeAdditional: false,
			useDefaults: false,
			allErrors: true,
			keywords: descriptionKeywords,
		},
	};
	const common = { ajv, bodyLimit, forceCloseConnections: true };
	const app = (tls ? fastify({ ...common, https: await makeSelfSignedCertificate() }) : fastify(common)) as FastifyInstance;

	async function pause(milliseconds: number): Promise<void> {
		if (milliseconds <= 0) return;
		await setTimeout(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);
	}

	// A TLS socket can't be reset itself, only the TCP socket that it runs on.
	function resetConnection(request: FastifyRequest): void {
		const { remotePort } = request.raw.socket;
		if (remotePort !== undefined) sockets.get(remotePort)?.resetAndDestroy();
	}

	// A caller that went away in the meantime was never answered.
	function recordStatus({ raw, record }: FastifyRequest, status: number): void {
		if (record && !raw.socket.destroyed) record.status = status;
	}

	function countInFlight(request: FastifyRequest, reply: FastifyReply): void {
		let counted = true;
		inFlight += 1;
		peakInFlight = Math.max(peakInFlight, inFlight);
		request.settle = () => {
			if (counted) inFlight -= 1;
			counted = false;
		};
		reply.raw.once('close', request.settle);
	}

	function makeAnswer() {
		clientCount += 1;
		return {
			message: 'New client created',
			clientIdentifier: 1000 + clientCount,
			confirmaFinanceCustomerCode: 50000 + clientCount,
			paymentReferencePrefix: 7000 + clientCount,
			apiAccessToken: randomUUID() as string,
		};
	}

	function forget(): void {
		requests.length = 0;
		created.length = 0;
		clientTokens.clear();
		faults.clear();
		limit = new RateLimit(perSecond);
		peakInFlight = inFlight;
		peakConnections = sockets.size;
		connectionsOpened = 0;
	}

	app.decorateRequest('record', undefined);
	app.decorateRequest('settle', undefined);

	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'string' }, (request, text: string, done) => {
		if (request.record) request.record.rawBody = text;
		const body = parseJson(text);
		if (request.record) request.record.body = body;
		const isJson = body !== undefined && request.headers['content-type']?.startsWith('application/json');
		if (isJson) done(null, body);
		else done(Object.assign(new Error('The body has to be application/json'), { statusCode: 400 }));
	});

	app.addHook('onRequest', (request, reply, done) => {
		if (!request.url.startsWith(controlPrefix)) {
			request.record = {
				method: request.method,
				path: request.url,
				headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')])),
				rawBody: '',
				body: undefined,
				receivedAt: Date.now(),
			};
			requests.push(request.record);
		}
		if (request.method === 'POST' && request.routeOptions.url === createPath) {
			countInFlight(request, reply);
			const fault = faults.takeBeforeRead();
			if (fault) {
				if (request.record) request.record.fault = fault.kind;
				reply.hijack();
				resetConnection(request);
				return;
			}
		}
		done();
	});

	// After the body was read, so that it is on record, and before it is judged, as the API would.
	app.addHook('preValidation', async (request, reply) => {
		if (request.url.startsWith(controlPrefix)) return;
		const token = request.headers['x-api-key'];
		const known =
			typeof token === 'string' &&
			(token === provisioningTokens[environment] || token === expiredToken || clientTokens.has(token));
		const validating = request.routeOptions.url?.endsWith('/validate');
		if (!known || (token === expiredToken && !validating)) {
			return await reply.code(401).send({ message: 'Unauthorized' });
		}
		if (request.routeOptions.url === createPath && clientTokens.has(token)) {
			return await reply.code(403).send({ message: 'Forbidden' });
		}
		if (request.routeOptions.url === createPath && !limit.takes(Date.now())) {
			return await reply.code(429).header('retry-after', '1').send({ message: 'Too Many Requests' });
		}
	});

	app.addHook('onSend', async (request, reply) => {
		if (!request.record) return;
		await pause(latency);
		recordStatus(request, reply.statusCode);
		request.settle?.();
	});

	app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not Found' }));

	app.setErrorHandler((error: Error & { statusCode?: number; validation?: ValidationFinding[] }, _request, reply) => {
		if (error.validation) {
			return reply.code(400).send({ message: 'Bad Request', errors: error.validation.map(describeFinding) });
		}
		return reply.code(error.statusCode ?? 500).send({ message: error.message });
	});

	addDescribedRoutes(app, readDescription(), {
		async createClient(request, reply) {
			const body = request.body as ClientBody;
			const fault: Fault | undefined = faults.take(body.client) ?? faultNamed(body.client.name);
			const answer = makeAnswer();
			if (createsClient(fault)) {
				const { clientIdentifier, apiAccessToken } = answer;
				created.push({ clientIdentifier, apiAccessToken, answer, body });
				clientTokens.add(apiAccessToken);
			}
			if (request.record && fault) request.record.fault = fault.kind;
			await fault?.until;
			if (fault && 'ms' in fault) await pause(fault.ms ?? 0);
			// Half an answer goes past the hook that keeps the books for whole ones.
			if (fault?.kind === 'halfResponse') {
				await pause(latency);
				recordStatus(request, 200);
			}
			return answerWith(fault, reply, answer, () => resetConnection(request));
		},
		async validateToken(request) {
			return request.headers['x-api-key'] === expiredToken
				? { isValid: false, message: 'Token has expired' }
				: { isValid: true, message: 'Token is valid' };
		},
		async renewToken() {
			return { Message: 'Token renewed' };
		},
		async readLedger() {
			return { created, requests: requests.length, peakInFlight, peakConnections, connectionsOpened };
		},
		async injectFaults(request, reply) {
			faults.add(...(request.body as Fault[]));
			return await reply.code(204).send();
		},
		async reset(_request, reply) {
			forget();
			return await reply.code(204).send();
		},
	});

	if (logger) {
		app.addHook('onRequest', (request, reply, done) => {
			reply.raw.once('close', () => console.log(describeRequest(request, reply)));
			done();
		});
	}

	app.server.on('connection', (socket: Socket) => {
		const { remotePort } = socket;
		if (remotePort === undefined) return;
		connectionsOpened += 1;
		sockets.set(remotePort, socket);
		peakConnections = Math.max(peakConnections, sockets.size);
		socket.once('close', () => {
			if (sockets.get(remotePort) === socket) sockets.delete(remotePort);
		});
	});

	const url = await app.listen({ host: '127.0.0.1', port });

	return {
		url,
		tokens: provisioningTokens,
		requests,
		created,
		get peakInFlight() {
			return peakInFlight;
		},
		get peakConnections() {
			return peakConnections;
		},
		get connectionsOpened() {
			return connectionsOpened;
		},
		inject: (...added) => faults.add(...added),
		limit: (count) => {
			limit = new RateLimit(count);
		},
		reset: forget,
		async stop() {
			stopping.abort();
			const closed = app.close();
			for (const socket of sockets.values()) socket.destroy();
			await closed;
		},
	};
}

/** Counts anew in each second of the clock. */
class RateLimit {
	private second = 0;
	private taken = 0;

	constructor(private readonly perSecond: number) {}

	/** @param now milliseconds since 1970 */
	takes(now: number): boolean {
		const second = Math.floor(now / 1000);
		if (second !== this.second) this.taken = 0;
		this.second = second;
		this.taken += 1;
		return this.taken <= this.perSecond;
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

interface ValidationFinding {
	instancePath: string;
	message?: string;
	params: Record<string, unknown>;
}

function describeFinding({ instancePath, message, params }: ValidationFinding) {
	const path = instancePath.split('/').slice(1);
	const key = params.missingProperty ?? params.additionalProperty;
	if (typeof key === 'string') path.push(key);
	return { field: path.join('.') || 'body', message };
}

function describeRequest(request: FastifyRequest, reply: FastifyReply): string {
	const { record } = request;
	const client = (record?.body as Partial<ClientBody> | undefined)?.client;
	return [
		new Date().toLocaleTimeString('en-GB'),
		request.method,
		// A token could be in a query by mistake.
		request.url.split('?')[0],
		record ? (record.status ?? 'not answered') : reply.statusCode,
		client && JSON.stringify(`${client.name} (${client.businessCode})`),
		record?.fault && `fault: ${record.fault}`,
	]
		.filter(Boolean)
		.join('  ');
}

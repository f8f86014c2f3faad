import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A request that n8n sent to a CRM. */
export interface CrmRequest {
	host: string;
	method: string;
	path: string;
	query: Record<string, string>;
	headers: IncomingMessage['headers'];
	/** Parsed JSON, or the text where it is none. */
	body: unknown;
}

export interface CrmAnswer {
	/** 200 if there is none. */
	status?: number;
	body?: unknown;
	/** Sent instead of the body, as a web page. */
	page?: string;
	/** Whether the request is never answered. */
	isSilent?: boolean;
}

/** Answers a request, or says with undefined that there is no such thing (404). */
export type Crm = (request: CrmRequest) => CrmAnswer | undefined | Promise<CrmAnswer | undefined>;

/** Plays CRMs at their own addresses: n8n reaches it as its HTTPS proxy, and trusts its certificate. */
export interface CrmStandIn {
	/** Settings with which n8n sends its requests here, all but those to this machine. */
	readonly env: Record<string, string>;
	/** Every request, in order. */
	readonly requests: CrmRequest[];
	/** Who answers for a host. */
	serve(host: string, crm: Crm): void;
	stop(): Promise<void>;
}

/** Starts a stand-in for the given hosts, on free ports of 127.0.0.1. Requests to other hosts are refused. */
export async function startCrmStandIn(hosts: readonly string[]): Promise<CrmStandIn> {
	const folder = await mkdtemp(join(tmpdir(), 'crm-'));
	const { private: key, cert } = await generate([{ name: 'commonName', value: 'CRM stand-in' }], {
		keyType: 'ec',
		notAfterDate: new Date(Date.now() + 24 * 60 * 60 * 1000),
		extensions: [{ name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) }],
	});
	const certificateFile = join(folder, 'certificate.pem');
	await writeFile(certificateFile, cert);

	const crms = new Map<string, Crm>();
	const requests: CrmRequest[] = [];
	const sockets = new Set<Socket>();
	const remember = (socket: Socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
	};

	const listener: RequestListener = async (incoming, response) => {
		const request = await read(incoming);
		requests.push(request);
		const answer: CrmAnswer = (await crms.get(request.host)?.(request)) ?? {
			status: 404,
			body: { message: 'There is no such record' },
		};
		const { status = 200, body, page, isSilent = false } = answer;
		if (isSilent) return;
		if (page !== undefined) {
			response.writeHead(status, { 'content-type': 'text/html' }).end(page);
			return;
		}
		if (body === undefined) {
			response.writeHead(status).end();
			return;
		}
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	};
	const tls = createTlsServer({ key, cert }, listener).on('connection', remember).listen(0, '127.0.0.1');
	await once(tls, 'listening');

	const proxy = createServer((_, response) => response.writeHead(502).end()).on('connection', remember);
	proxy.on('connect', ({ url = '' }: IncomingMessage, client: Socket, head: Buffer) => {
		if (!hosts.includes(url.replace(/:443$/, ''))) {
			client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
			return;
		}
		const upstream = connect((tls.address() as AddressInfo).port, '127.0.0.1', () => {
			client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
			upstream.write(head);
			upstream.pipe(client).pipe(upstream);
		});
		remember(upstream);
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

	return {
		env: { HTTP_PROXY: address, HTTPS_PROXY: address, NO_PROXY: '127.0.0.1,localhost', NODE_EXTRA_CA_CERTS: certificateFile },
		requests,
		serve: (host, crm) => crms.set(host, crm),
		stop: async () => {
			for (const server of [proxy, tls]) server.close();
			for (const socket of sockets) socket.destroy();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function read(incoming: IncomingMessage): Promise<CrmRequest> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	const host = incoming.headers.host ?? '';
	const { pathname, searchParams } = new URL(incoming.url ?? '/', `https://${host}`);
	return {
		host,
		method: incoming.method ?? '',
		path: pathname,
		query: Object.fromEntries(searchParams),
		headers: incoming.headers,
		body: parsed(text),
	};
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface RawAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	/** What arrived, even if the connection broke on the way. */
	text: string;
	/** Whether the answer arrived whole. */
	complete: boolean;
}

export interface RawRequest {
	method?: string;
	headers?: Record<string, string>;
	body?: string;
	/** Default true: the connection isn't kept for another request. */
	agent?: HttpAgent | HttpsAgent | false;
	signal?: AbortSignal;
	/** Default true. */
	rejectUnauthorized?: boolean;
}

/** Sends one HTTP request and follows nothing. Rejects if the connection breaks before there is an answer. */
export function send(url: string, { body, ...options }: RawRequest = {}): Promise<RawAnswer> {
	const request = url.startsWith('https') ? httpsRequest : httpRequest;
	return new Promise((resolve, reject) => {
		const outgoing = request(url, { agent: false, ...options }, (incoming) => {
			const chunks: Buffer[] = [];
			incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
			// A broken answer is an error, too; "close" follows and tells the rest.
			incoming.on('error', () => undefined);
			incoming.on('close', () => {
				resolve({
					status: incoming.statusCode ?? 0,
					headers: incoming.headers,
					text: Buffer.concat(chunks).toString('utf8'),
					complete: incoming.complete,
				});
			});
		});
		outgoing.on('error', reject);
		outgoing.end(body);
	});
}

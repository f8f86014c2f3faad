import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** An email as it came in. */
export interface Mail {
	from: string;
	to: string[];
	subject: string;
	text: string;
}

/** A mail server that keeps what it gets. */
export interface Mailbox {
	/** Data of n8n's SMTP credential for it. */
	readonly access: Record<string, unknown>;
	readonly mails: Mail[];
	/** Whether it refuses every recipient. */
	isRefusing: boolean;
	stop(): Promise<void>;
}

/** Starts a mail server on a free port of 127.0.0.1, without a login and without TLS. */
export async function startMailbox(): Promise<Mailbox> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
		receive(socket, mailbox);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const mailbox: Mailbox = {
		access: { user: '', password: '', host: '127.0.0.1', port, secure: false, disableStartTls: true, hostName: '' },
		mails: [],
		isRefusing: false,
		stop: async () => {
			server.close();
			for (const socket of sockets) socket.destroy();
			await once(server, 'close');
		},
	};
	return mailbox;
}

/** Speaks SMTP (RFC 5321) on one connection, as far as a client needs that sends plain mails. */
function receive(socket: Socket, mailbox: Mailbox): void {
	let waiting = '';
	let from = '';
	let to: string[] = [];
	let data: string[] | undefined;

	const answers: Record<string, (line: string) => string> = {
		EHLO: () => '250 mailbox',
		HELO: () => '250 mailbox',
		MAIL: (line) => {
			from = addressIn(line);
			to = [];
			return '250 OK';
		},
		RCPT: (line) => {
			if (mailbox.isRefusing) return '550 No such mailbox';
			to.push(addressIn(line));
			return '250 OK';
		},
		DATA: () => {
			data = [];
			return '354 Go on';
		},
		RSET: () => '250 OK',
		QUIT: () => '221 Bye',
	};

	function take(line: string): string | undefined {
		if (data === undefined) return answers[line.slice(0, 4).toUpperCase()]?.(line) ?? '502 Not known';
		if (line !== '.') {
			data.push(line.replace(/^\.\./, '.'));
			return undefined;
		}
		mailbox.mails.push({ from, to, ...parsedMail(data) });
		data = undefined;
		return '250 OK';
	}

	socket.write('220 mailbox\r\n');
	socket.on('data', (chunk) => {
		waiting += chunk.toString('latin1');
		const lines = waiting.split('\r\n');
		waiting = lines.pop()!;
		for (const answer of lines.map(take)) {
			if (answer !== undefined) socket.write(`${answer}\r\n`);
		}
	});
}

const addressIn = (line: string) => /<([^>]*)>/.exec(line)?.[1] ?? '';

/** Subject and text of a mail with one part of plain text. */
function parsedMail(lines: string[]): Pick<Mail, 'subject' | 'text'> {
	const end = lines.indexOf('');
	const headers = new Map<string, string>();
	for (const line of lines.slice(0, end).join('\n').replace(/\n\s+/g, ' ').split('\n')) {
		const colon = line.indexOf(':');
		headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
	}
	const body = lines.slice(end + 1).join('\r\n');
	const encoding = headers.get('content-transfer-encoding') ?? '7bit';
	const bytes = encoding === 'base64' ? Buffer.from(body, 'base64') : Buffer.from(unquoted(body, encoding), 'latin1');
	return { subject: decodedWords(headers.get('subject') ?? ''), text: bytes.toString('utf8').replaceAll('\r\n', '\n').trimEnd() };
}

function unquoted(text: string, encoding: string): string {
	if (encoding !== 'quoted-printable') return text;
	return text.replace(/=\r\n/g, '').replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** A header's text, out of its encoded words (RFC 2047). */
function decodedWords(header: string): string {
	return header
		.replace(/\?=\s+=\?/g, '?==?')
		.replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
			kind.toUpperCase() === 'B'
				? Buffer.from(word, 'base64').toString('utf8')
				: Buffer.from(unquoted(word.replaceAll('_', ' '), 'quoted-printable'), 'latin1').toString('utf8'),
		);
}

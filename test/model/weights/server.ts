import { createHash } from "node:crypto";
import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A real server on loopback that serves one file, and misbehaves where a test wants it. */

/** A request as it came. */
export interface Seen {
	readonly method: string;
	readonly path: string;
	readonly range: string | undefined;
	readonly headers: IncomingMessage["headers"];
}

/** Answers a request itself; false: the file is served as usual. */
export type Answer = (
	request: IncomingMessage,
	response: ServerResponse,
	/** From 0. */
	index: number,
) => boolean | undefined;

export interface Serving {
	readonly origin: string;
	readonly url: (path?: string) => URL;
	readonly seen: Seen[];
	/** Bytes of bodies that were handed out. */
	readonly sent: () => number;
}

/** Serves `content` at every path, with ranges and an ETag, unless `answer` takes the request. */
export async function serve(
	context: TestContext,
	content: Uint8Array,
	answer: Answer = () => false,
): Promise<Serving> {
	const seen: Seen[] = [];
	let sent = 0;
	const server = createServer((request, response) => {
		const { method = "", url: path = "", headers } = request;
		seen.push({ method, path, range: headers.range, headers });
		if (answer(request, response, seen.length - 1)) return;
		sent += serveFile(request, response, content);
	});
	const port = await listen(context, server);
	const origin = `http://127.0.0.1:${port}`;
	return {
		origin,
		url: (path = "/models/w.safetensors") => new URL(path, origin),
		seen,
		sent: () => sent,
	};
}

/** The port of a server that ends with its test. */
export async function listen(
	context: TestContext,
	server: Server,
): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

/** 200, 206 or 416, as RFC 9110 has it. Answers how many bytes it sent. */
export function serveFile(
	{ headers, method }: IncomingMessage,
	response: ServerResponse,
	content: Uint8Array,
	etag = `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`,
): number {
	const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
	const isSame =
		headers["if-range"] === undefined || headers["if-range"] === etag;
	const start = from !== undefined && isSame ? Number(from) : 0;
	if (start > 0 && start >= content.length) {
		response.writeHead(416, { "content-range": `bytes */${content.length}` });
		response.end();
		return 0;
	}
	const part = content.subarray(start);
	response.writeHead(start > 0 ? 206 : 200, {
		etag,
		"content-length": part.length,
		...(start > 0 && {
			"content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
		}),
	});
	response.end(method === "HEAD" ? undefined : part);
	return part.length;
}

/** Sends some bytes of a longer file, then breaks the connection. */
export function breakOff(
	request: IncomingMessage,
	response: ServerResponse,
	content: Uint8Array,
	bytes: number,
): true {
	const [, from = "0"] =
		/^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
	const start = Number(from);
	response.writeHead(start > 0 ? 206 : 200, {
		etag: `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`,
		"content-length": content.length - start,
		...(start > 0 && {
			"content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
		}),
	});
	response.write(content.subarray(start, start + bytes), () =>
		setTimeout(() => request.socket.destroy(), 20),
	);
	return true;
}

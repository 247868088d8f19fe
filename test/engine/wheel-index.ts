import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** An index of one wheel on this machine, and the wheel. */

/** As the index calls it. */
export const FILE = "grafted-1.0-py3-none-manylinux2014_x86_64.whl";

/** A wheel of two files, made by Python's own zipfile; `size` bytes of the kept one. */
export function makeWheel(
	python: string,
	folder: string,
	size = 3000,
): Buffer<ArrayBuffer> {
	const path = join(folder, FILE);
	execFileSync(python, [
		"-c",
		`import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("grafted/lib/one.so", ("one" * int(sys.argv[2]))[:int(sys.argv[2])])
    z.writestr("grafted/docs/readme.txt", "not wanted")
    z.writestr("grafted-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: grafted\\nVersion: 1.0\\n")
    z.writestr("grafted-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: py3-none-manylinux2014_x86_64\\n")
    z.writestr("grafted-1.0.dist-info/RECORD", "")`,
		path,
		String(size),
	]);
	return readFileSync(path);
}

/** One request for the wheel. */
export interface WheelRequest {
	readonly range: string | undefined;
	readonly authorization: string | undefined;
	/** Bytes of the body that were handed to the connection. */
	sent: number;
}

/** What an index does. */
export interface IndexOptions {
	/** Answers for the wheel's bytes, from `begin` on. */
	readonly send: (
		response: ServerResponse,
		begin: number,
		request: WheelRequest,
	) => void;
	/** Of the wheel, which turns ranges on. */
	readonly length?: number;
	/** Behind the wheel's address: `#sha256=…`. */
	readonly fragment?: string;
	/** `user:password`, which both pages and wheel want. */
	readonly login?: string;
}

/** What was asked for. */
export interface Asked {
	readonly pages: string[];
	readonly wheels: WheelRequest[];
	/** Settings under which pip asks this index and nothing else. */
	readonly settings: Readonly<Record<string, string>>;
}

/** Opens an index; pip in this process's children asks it and nothing else. */
export async function openIndex(
	context: TestContext,
	{ send, length, fragment = "", login }: IndexOptions,
): Promise<Asked> {
	const pages: string[] = [];
	const wheels: WheelRequest[] = [];
	const wanted = login && `Basic ${Buffer.from(login).toString("base64")}`;
	const answer = (request: IncomingMessage, response: ServerResponse) => {
		const { url = "", headers } = request;
		const { range, authorization } = headers;
		if (wanted && authorization !== wanted) {
			response.writeHead(401, { "www-authenticate": "Basic" }).end();
			return;
		}
		if (!url.endsWith(".whl")) {
			pages.push(url);
			response.setHeader("content-type", "text/html");
			const address = `/files/${FILE}${fragment}`;
			response.end(`<!DOCTYPE html><a href="${address}">${FILE}</a>`);
			return;
		}
		const asked: WheelRequest = { range, authorization, sent: 0 };
		wheels.push(asked);
		const [, from = "0"] = /^bytes=(\d+)-$/.exec(range ?? "") ?? [];
		if (length === undefined || range === undefined)
			return send(response, 0, asked);
		const begin = Number(from);
		const span = begin < length ? `${begin}-${length - 1}` : "*";
		response.setHeader("content-range", `bytes ${span}/${length}`);
		response.statusCode = begin < length ? 206 : 416;
		if (begin >= length) return void response.end();
		send(response, begin, asked);
	};
	const server = createServer(answer);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const settings: Record<string, string> = {
		PIP_INDEX_URL: `http://${login ? `${login}@` : ""}127.0.0.1:${port}/simple`,
		PIP_TRUSTED_HOST: "127.0.0.1",
		PIP_RETRIES: "0",
		PIP_DEFAULT_TIMEOUT: "5",
		PIP_NO_CACHE_DIR: "1",
		PIP_FIND_LINKS: "",
		PIP_EXTRA_INDEX_URL: "",
	};
	putInto(context, settings);
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return { pages, wheels, settings };
}

/** Environment variables for the time of a test. */
export function putInto(
	context: TestContext,
	settings: Readonly<Record<string, string>>,
): void {
	const before = { ...process.env };
	Object.assign(process.env, settings);
	context.after(() => {
		for (const name of Object.keys(settings))
			if (before[name] === undefined) delete process.env[name];
			else process.env[name] = before[name];
	});
}

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import type { DownloadProgress } from "../../../src/model/types.ts";
import {
	redirected,
	retryAfter,
} from "../../../src/model/weights/remote/ask.ts";
import {
	type DownloadOptions,
	download,
	type Expected,
} from "../../../src/model/weights/remote/download.ts";
import { folderFor } from "../../support/graft.ts";
import { type Answer, breakOff, serve, serveFile } from "./server.ts";

/** 300 kB that are no two times the same. */
const FILE = Buffer.from(
	Uint32Array.from({ length: 75_000 }, (_, at) => Math.imul(at, 2_654_435_761))
		.buffer,
);
const SUM = createHash("sha256").update(FILE).digest("hex");
const SAID: Expected = { sha256: SUM.slice(0, 8), saidBy: "its name" };
const HASTY = { idleMs: 5_000, attempts: 3, pauseMs: 1 };

interface Try {
	readonly answer?: Answer;
	readonly expected?: Expected;
	readonly options?: Partial<DownloadOptions>;
	readonly folder?: string;
}

async function fetched(
	context: TestContext,
	{ answer, expected = SAID, options, folder = folderFor(context) }: Try,
) {
	const server = await serve(context, FILE, answer);
	const target = join(folder, "deep/w.safetensors");
	const result = await download(
		server.url(),
		target,
		"w.safetensors",
		expected,
		{
			env: {},
			patience: HASTY,
			...options,
		},
	).then(
		(value) => ({ value, error: undefined }),
		(error: RunError) => ({ value: undefined, error }),
	);
	const left = existsSync(join(folder, "deep"))
		? readdirSync(join(folder, "deep"))
		: [];
	return { ...result, server, target, left };
}

function assertWhole({
	value,
	target,
	left,
	error,
}: Awaited<ReturnType<typeof fetched>>): void {
	assert.equal(error, undefined);
	assert.deepEqual(value, { sha256: SUM, bytes: FILE.length });
	assert.ok(readFileSync(target).equals(FILE));
	assert.deepEqual(left, ["w.safetensors"]);
}

function end(
	response: ServerResponse,
	status: number,
	headers: Record<string, string | number> = {},
): true {
	response.writeHead(status, headers);
	response.end();
	return true;
}

test("a file comes whole, with its sum and its progress", async (t) => {
	const progress: DownloadProgress[] = [];
	const got = await fetched(t, {
		options: { onProgress: (step) => progress.push(step) },
	});
	assertWhole(got);
	assert.deepEqual(progress[0], {
		name: "w.safetensors",
		done: 0,
		total: FILE.length,
	});
	assert.deepEqual(progress.at(-1), {
		name: "w.safetensors",
		done: FILE.length,
		total: FILE.length,
	});
});

test("a download that breaks off goes on where it was", async (t) => {
	const got = await fetched(t, {
		answer: (request, response, index) =>
			index < 4 && breakOff(request, response, FILE, 50_000),
	});
	assertWhole(got);
	const { seen } = got.server;
	assert.equal(seen.length, 5);
	assert.equal(seen[0]?.range, undefined);
	assert.deepEqual(
		seen.slice(1).map(({ range }) => range),
		[1, 2, 3, 4].map((part) => `bytes=${part * 50_000}-`),
	);
	assert.match(String(seen[1]?.headers["if-range"]), /^"[0-9a-f]{16}"$/);
	assert.equal(got.server.sent(), FILE.length - 200_000);
});

test("a server that breaks off for good is given up, and the next call goes on", async (t) => {
	const folder = folderFor(t);
	const { error, left, server } = await fetched(t, {
		folder,
		answer: (request, response, index) =>
			breakOff(request, response, FILE, index === 0 ? 70_000 : 0),
	});
	assert.equal(error?.code, "download-broken");
	assert.match(error?.message ?? "", /the connection broke off \(ECONNRESET\)/);
	assert.match(error?.fix ?? "", /what was downloaded is kept/);
	assert.equal(server.seen.length, 3);
	assert.deepEqual(left, ["w.safetensors.part", "w.safetensors.part.json"]);

	// Another address has other bytes.
	const again = await fetched(t, { folder });
	assertWhole(again);
	assert.equal(again.server.seen[0]?.range, undefined);
});

test("a length that is too long is no whole file, unless that is all there is", async (t) => {
	const answer: Answer = (request, response, index) => {
		if (index > 0) return false;
		response.writeHead(200, {
			"content-length": FILE.length + 10,
			etag: '"x"',
		});
		response.write(FILE, () => setTimeout(() => request.socket.destroy(), 20));
		return true;
	};
	// Told by Range that the file ends there: 416 with its length.
	const untold = await fetched(t, {
		answer: (a, b, index) => answer(a, b, index),
	});
	assertWhole(untold);
	const told = await fetched(t, {
		answer,
		expected: { bytes: FILE.length + 10, saidBy: "the hub" },
	});
	assert.equal(told.error?.code, "download-wrong");
	assert.match(
		told.error?.message ?? "",
		/300000 bytes came, 300010 were expected/,
	);
	assert.deepEqual(told.left, []);
});

test("a length that is too short, and other bytes, are found out by the sum and thrown away", async (t) => {
	const short = (_: IncomingMessage, response: ServerResponse) => {
		response.writeHead(200, { "content-length": FILE.length - 10 });
		response.end(FILE.subarray(0, -10));
		return true;
	};
	const other = (request: IncomingMessage, response: ServerResponse) =>
		serveFile(request, response, Buffer.from(FILE).fill(0, 9, 12)) > 0;
	for (const answer of [short, other]) {
		const { error, left, server } = await fetched(t, { answer });
		assert.equal(error?.code, "download-wrong");
		assert.match(
			error?.message ?? "",
			/other bytes than its name says: the sha256 of its/,
		);
		assert.match(
			error?.message ?? "",
			new RegExp(`${SUM.slice(0, 8)} was expected`),
		);
		assert.deepEqual(left, []);
		assert.equal(server.seen.length, 1);
	}
});

test("a file that changes between two attempts comes from the start", async (t) => {
	const old = Buffer.from(FILE).reverse();
	const got = await fetched(t, {
		answer: (request, response, index) =>
			index === 0 && breakOff(request, response, old, 60_000),
	});
	assertWhole(got);
	assert.equal(got.server.sent(), FILE.length);
});

test("bytes of two versions under one ETag are found out, and the file comes anew", async (t) => {
	const old = Buffer.from(FILE).reverse();
	const got = await fetched(t, {
		answer: (request, response, index) => {
			if (index !== 0) return serveFile(request, response, FILE, '"same"') > 0;
			response.writeHead(200, {
				"content-length": FILE.length,
				etag: '"same"',
			});
			response.write(old.subarray(0, 1000), () =>
				setTimeout(() => request.socket.destroy(), 20),
			);
			return true;
		},
		folder: folderFor(t),
	});
	assertWhole(got);
	const ranges = got.server.seen.map(({ range }) => range);
	assert.deepEqual(ranges, [undefined, "bytes=1000-", undefined]);
});

test("bytes that an earlier process left, of another version, cost one more try", async (t) => {
	const folder = folderFor(t);
	const server = await serve(
		t,
		FILE,
		(request, response) => serveFile(request, response, FILE, '"same"') > 0,
	);
	const target = join(folder, "w");
	writeFileSync(`${target}.part`, Buffer.alloc(1000, 1));
	writeFileSync(
		`${target}.part.json`,
		JSON.stringify({ url: server.url().href, validator: '"same"' }),
	);
	const { sha256 } = await download(server.url(), target, "w", SAID, {
		env: {},
		patience: HASTY,
	});
	assert.equal(sha256, SUM);
	assert.deepEqual(
		server.seen.map(({ range }) => range),
		["bytes=1000-", undefined],
	);
});

test("a server without ranges sends the file from the start", async (t) => {
	const got = await fetched(t, {
		answer: (request, response, index) => {
			if (index === 0) return breakOff(request, response, FILE, 60_000);
			response.writeHead(200, { "content-length": FILE.length });
			response.end(FILE);
			return true;
		},
	});
	assertWhole(got);
});

test("a server that sends another range than asked for is not believed", async (t) => {
	const got = await fetched(t, {
		answer: (request, response, index) => {
			if (index === 0) return breakOff(request, response, FILE, 60_000);
			if (request.headers.range === undefined) return false;
			response.writeHead(206, { "content-range": `bytes 0-9/${FILE.length}` });
			response.end(FILE.subarray(0, 10));
			return true;
		},
	});
	assertWhole(got);
});

test("a file without a length comes whole, and broken off it goes on", async (t) => {
	const got = await fetched(t, {
		answer: (request, response, index) => {
			if (index > 0) return false;
			response.writeHead(200, { etag: `"${SUM.slice(0, 16)}"` });
			response.write(FILE.subarray(0, 1234), () =>
				setTimeout(() => request.socket.destroy(), 20),
			);
			return true;
		},
	});
	assertWhole(got);
	assert.equal(got.server.seen[1]?.range, "bytes=1234-");
});

test("a download that stands still is asked for again, and given up", async (t) => {
	const patience = { idleMs: 150, attempts: 2, pauseMs: 1 };
	const stall = (
		request: IncomingMessage,
		response: ServerResponse,
		bytes: number,
	) => {
		response.writeHead(200, {
			"content-length": FILE.length,
			etag: `"${SUM.slice(0, 16)}"`,
		});
		response.write(FILE.subarray(0, bytes));
		return request !== undefined;
	};
	const got = await fetched(t, {
		answer: (request, response, index) =>
			index === 0 && stall(request, response, 4000),
		options: { patience },
	});
	assertWhole(got);
	assert.equal(got.server.seen[1]?.range, "bytes=4000-");
	const never = await fetched(t, { answer: () => true, options: { patience } });
	assert.equal(never.error?.code, "download-stalled");
	assert.match(never.error?.message ?? "", /nothing came for 0\.15 s/);
});

for (const [status, code] of [
	[401, "download-denied"],
	[403, "download-denied"],
	[404, "download-not-found"],
	[410, "download-not-found"],
	[418, "download-broken"],
] as const)
	test(`${status} is asked once: ${code}`, async (t) => {
		const { error, left, server } = await fetched(t, {
			answer: (_, response) => end(response, status),
		});
		assert.equal(error?.code, code);
		assert.ok(
			error?.message.startsWith(
				`${server.origin}/models/w.safetensors answers ${status}`,
			),
		);
		assert.equal(server.seen.length, 1);
		assert.ok(!left.includes("w.safetensors"));
	});

for (const status of [408, 429, 500, 502, 503])
	test(`${status} is asked again`, async (t) => {
		assertWhole(
			await fetched(t, {
				answer: (_, response, index) =>
					index < 2 && end(response, status, { "retry-after": "0" }),
			}),
		);
		const { error, server } = await fetched(t, {
			answer: (_, response) => end(response, status),
		});
		assert.equal(error?.code, "download-busy");
		assert.match(error?.message ?? "", /after 3 attempts/);
		assert.equal(server.seen.length, 3);
	});

test("a server that wants to be left alone for an hour is", async (t) => {
	const { error, server } = await fetched(t, {
		answer: (_, response) => end(response, 429, { "retry-after": "3600" }),
	});
	assert.equal(server.seen.length, 1);
	assert.match(
		error?.message ?? "",
		/answers 429, after 1 attempt; it asks to wait: 3600/,
	);
	assert.equal(
		retryAfter("Tue, 24 Nov 2026 14:00:10 GMT", Date.UTC(2026, 10, 24, 14)),
		10_000,
	);
	assert.equal(retryAfter("soon"), undefined);
});

test("a web page and packed bytes are no weights", async (t) => {
	const page = await fetched(t, {
		answer: (_, response) =>
			end(response, 200, { "content-type": "text/html; charset=utf-8" }),
	});
	assert.match(page.error?.message ?? "", /answers with a web page/);
	const packed = await fetched(t, {
		answer: (_, response) => end(response, 200, { "content-encoding": "gzip" }),
	});
	assert.match(packed.error?.message ?? "", /packed \(gzip\)/);
	assert.equal(packed.error?.code, "download-wrong");
});

test("redirects are followed; a token stays with the host it was meant for", async (t) => {
	const bytes = await serve(t, FILE);
	const got = await fetched(t, {
		options: { token: "hf_secret" },
		answer: (request, response) =>
			end(response, 302, {
				location: request.url?.startsWith("/models")
					? "../moved/w"
					: `${bytes.origin}/signed?key=1`,
			}),
	});
	assertWhole(got);
	assert.deepEqual(
		got.server.seen.map(({ path, headers }) => [path, headers.authorization]),
		[
			["/models/w.safetensors", "Bearer hf_secret"],
			["/moved/w", "Bearer hf_secret"],
		],
	);
	assert.deepEqual(
		bytes.seen.map(({ path, headers }) => [path, headers.authorization]),
		[["/signed?key=1", undefined]],
	);
});

test("endless redirects and those into a file are refused", async (t) => {
	const round = await fetched(t, {
		answer: (_, response) => end(response, 307, { location: "/again" }),
	});
	assert.match(round.error?.message ?? "", /redirected more than 10 times/);
	const file = await fetched(t, {
		answer: (_, response) =>
			end(response, 302, { location: "file:///etc/passwd" }),
	});
	assert.match(file.error?.message ?? "", /redirects to file:/);
});

test("an address that nobody listens at is named with its reason", async (t) => {
	const folder = folderFor(t);
	await assert.rejects(
		download(
			new URL("http://127.0.0.1:1/w?key=secret"),
			join(folder, "w"),
			"w",
			SAID,
			{ env: {}, patience: HASTY },
		),
		(error: RunError) => {
			assert.equal(error.code, "download-broken");
			assert.equal(
				error.message,
				"http://127.0.0.1:1/w: nothing listens there (ECONNREFUSED)",
			);
			return true;
		},
	);
});

test("a place that cannot be written is the cache's fault", async (t) => {
	const folder = folderFor(t);
	writeFileSync(join(folder, "deep"), "a file where a folder should be");
	const { url } = await serve(t, FILE);
	await assert.rejects(
		download(url(), join(folder, "deep/w"), "w", SAID, {
			env: {},
			patience: HASTY,
		}),
		{ code: "cache-not-writable" },
	);
});

test("a server that never ends is cut off at the length that was said", async (t) => {
	const got = await fetched(t, {
		expected: { bytes: 100_000, saidBy: "the hub" },
		answer: (request, response) => {
			response.writeHead(200);
			const pour = () => {
				while (response.writable && response.write(FILE));
			};
			response.on("drain", pour);
			pour();
			return request !== undefined;
		},
	});
	assert.equal(got.error?.code, "download-wrong");
	assert.match(got.error?.message ?? "", /bytes came, 100000 were expected/);
	assert.deepEqual(got.left, []);
});

test("an https address leads to https addresses only", () => {
	const from = new URL("https://hub.org/a/b");
	assert.equal(redirected(from, "../c?x=1").href, "https://hub.org/c?x=1");
	assert.equal(redirected(from, "//cdn.org/w").href, "https://cdn.org/w");
	for (const location of ["http://cdn.org/w", "ftp://cdn.org/w", "https://"])
		assert.throws(() => redirected(from, location), {
			code: "download-broken",
		});
});

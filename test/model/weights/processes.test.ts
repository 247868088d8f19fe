import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
	existsSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readLock } from "../../../src/model/weights/lock.ts";
import { withFileLock } from "../../../src/model/weights/remote/file-lock.ts";
import {
	parseSource,
	urlPlace,
} from "../../../src/model/weights/remote/source.ts";
import { fetchWeights } from "../../../src/model/weights/remote.ts";
import { folderFor } from "../../support/graft.ts";
import { serve, serveFile } from "./server.ts";

/** Several processes and one file. */

const FILE = Buffer.alloc(400_000, "graft");
const WORKER = join(import.meta.dirname, "fetch-worker.ts");

interface Worker {
	readonly child: ChildProcess;
	readonly output: () => string;
	readonly ended: Promise<number | null>;
}

function start(source: string, cache: string, lockFile: string): Worker {
	const child = spawn(
		process.execPath,
		["--import", import.meta.resolve("tsx"), WORKER, source, cache, lockFile],
		{
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	let output = "";
	child.stdout?.on("data", (data: Buffer) => {
		output += data;
	});
	return {
		child,
		output: () => output,
		ended: new Promise((resolve) => child.on("close", resolve)),
	};
}

async function until(what: () => boolean): Promise<void> {
	while (!what()) await sleep(10);
}

test("of two processes that want one file, one downloads and the other waits", async (t) => {
	const folder = folderFor(t);
	const held: ServerResponse[] = [];
	const server = await serve(t, FILE, (request, response) => {
		response.on("close", () => undefined);
		if (request.method !== "GET") return false;
		held.push(response);
		return true;
	});
	const source = server.url().href;
	const workers = ["a", "b"].map((name) =>
		start(source, folder, join(folder, `${name}.lock.json`)),
	);
	// Who has the lock may not have asked the server yet when the other says that it waits.
	await until(
		() =>
			held.length > 0 &&
			workers.some(({ output }) =>
				output().includes("is being downloaded by process"),
			),
	);
	const [response] = held;
	assert.ok(response);
	serveFile(response.req, response, FILE);
	assert.deepEqual(
		await Promise.all(workers.map(({ ended }) => ended)),
		[0, 0],
	);
	assert.equal(server.seen.length, 1);
	const place = urlPlace(server.url(), folder);
	assert.ok(readFileSync(place).equals(FILE));
	assert.deepEqual(readdirSync(dirname(place)), ["w.safetensors"]);
	const [a, b] = ["a", "b"].map((name) =>
		readLock(join(folder, `${name}.lock.json`)),
	);
	assert.deepEqual(a, b);
	assert.equal(a?.[source]?.files["w.safetensors"]?.bytes, FILE.length);
});

test("after kill -9 in mid-download, the next process takes the lock over and goes on", async (t) => {
	const folder = folderFor(t);
	const server = await serve(t, FILE, (request, response, index) => {
		if (index > 0) return false;
		response.writeHead(200, {
			"content-length": FILE.length,
			"last-modified": "Tue, 24 Nov 2026 00:00:00 GMT",
		});
		response.write(FILE.subarray(0, 150_000));
		return request !== undefined;
	});
	const place = urlPlace(server.url(), folder);
	const lockFile = join(folder, "weights.lock.json");
	const killed = start(server.url().href, folder, lockFile);
	await until(
		() =>
			existsSync(`${place}.part`) && statSync(`${place}.part`).size === 150_000,
	);
	killed.child.kill("SIGKILL");
	await killed.ended;
	assert.ok(existsSync(`${place}.lock`));
	assert.ok(!existsSync(place));

	await fetchWeights(parseSource(server.url().href), {
		cache: folder,
		lockFile,
	});
	assert.equal(server.seen[1]?.range, "bytes=150000-");
	assert.equal(
		server.seen[1]?.headers["if-range"],
		"Tue, 24 Nov 2026 00:00:00 GMT",
	);
	assert.ok(readFileSync(place).equals(FILE));
	assert.deepEqual(readdirSync(dirname(place)), ["w.safetensors"]);
	assert.ok(existsSync(lockFile));
});

test("a lock is held by one at a time, and a dead one's is taken over once", async (t) => {
	const path = join(folderFor(t), "deep/a.lock");
	let inside = 0;
	let most = 0;
	const work = async () => {
		most = Math.max(most, ++inside);
		await sleep(5);
		inside--;
	};
	await withFileLock(path, work);
	const dead = {
		host: (await import("node:os")).hostname(),
		pid: 2 ** 22 + 1,
		id: "dead",
	};
	writeFileSync(path, JSON.stringify(dead));
	await Promise.all(Array.from({ length: 6 }, () => withFileLock(path, work)));
	assert.equal(most, 1);
	assert.deepEqual(readdirSync(dirname(path)), []);
});

test("a lock is given back when its work fails, and waiting ends with its signal", async (t) => {
	const path = join(folderFor(t), "a.lock");
	await assert.rejects(
		withFileLock(path, () => Promise.reject(new Error("no"))),
		/no/,
	);
	assert.ok(!existsSync(path));
	writeFileSync(path, JSON.stringify({ host: "elsewhere", pid: 1, id: "x" }));
	const stop = new AbortController();
	const said: string[] = [];
	const waiting = withFileLock(
		path,
		async () => undefined,
		(holder) => {
			said.push(holder);
			stop.abort();
		},
		stop.signal,
	);
	await assert.rejects(waiting, { name: "AbortError" });
	assert.deepEqual(said, ["process 1 on elsewhere"]);
});

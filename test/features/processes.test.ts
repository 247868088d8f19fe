import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { shardNames } from "../../src/features/cache.ts";
import { listCache, verifyCache } from "../../src/features/cache-care.ts";
import { scratch } from "../data/dataset/folders.ts";

interface Ended {
	readonly code: number | null;
	readonly signal: string | null;
	readonly stderr: string;
	// biome-ignore lint/suspicious/noExplicitAny: whatever the child printed as JSON
	readonly json: any;
}

/** Starts child.ts; `before` is a line of shell that precedes it. */
function start(
	t: TestContext,
	args: readonly (string | number)[],
	before = ":",
): { child: ChildProcess; ended: Promise<Ended> } {
	const program = fileURLToPath(new URL("./child.ts", import.meta.url));
	const node = [process.execPath, ...process.execArgv, program, ...args];
	const child = spawn(
		"sh",
		["-c", `${before}; exec "$@"`, "sh", ...node.map(String)],
		{ stdio: ["ignore", "pipe", "pipe"] },
	);
	t.after(() => child.kill("SIGKILL"));
	let stdout = "";
	let stderr = "";
	child.stdout?.on("data", (text) => {
		stdout += text;
	});
	child.stderr?.on("data", (text) => {
		stderr += text;
	});
	const ended = new Promise<Ended>((resolve) => {
		child.on("close", (code, signal) => {
			const json = stdout === "" ? undefined : JSON.parse(stdout);
			resolve({ code, signal, stderr, json });
		});
	});
	return { child, ended };
}

test("two processes at once on one cache compute the same rows and do no harm", async (t) => {
	const cache = scratch(t);
	const both = [start(t, [cache, 24, 64]), start(t, [cache, 24, 64])];
	const [one, two] = await Promise.all(both.map(({ ended }) => ended));
	assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
	assert.equal(one.json.rows, two.json.rows);
	assert.equal(listCache(cache)[0].rows, 24);
	assert.deepEqual((await verifyCache(cache)).damaged, []);
	const third = await start(t, [cache, 24, 64]).ended;
	assert.deepEqual(third.json, {
		rows: one.json.rows,
		cached: 24,
		computed: 0,
	});
	const names = readdirSync(join(cache, "features/k"));
	assert.deepEqual(
		names.filter((name) => name.endsWith(".tmp")),
		[],
	);
});

test("after kill -9 in the middle, what was finished is there, and the rest is computed", async (t) => {
	const cache = scratch(t);
	const { child, ended } = start(t, [cache, 147, 64, 0, 40]);
	while (
		child.exitCode === null &&
		shardNames(join(cache, "features/k")).length === 0
	)
		await sleep(20);
	child.kill("SIGKILL");
	assert.equal((await ended).signal, "SIGKILL");
	const { rows } = listCache(cache)[0];
	assert.ok(rows > 0 && rows < 147, `${rows} rows`);
	assert.deepEqual((await verifyCache(cache)).damaged, []);
	const next = await start(t, [cache, 4, 64]).ended;
	assert.equal(next.json.cached + next.json.computed, 4);
	assert.ok(next.json.cached > 0);
});

test("a process may end in the middle of an extraction with the code it wants; finished rows are kept", async (t) => {
	const cache = scratch(t);
	const { ended } = start(t, [cache, 147, 448, 4]);
	const { code, signal, stderr } = await ended;
	assert.deepEqual(
		{ code, signal, stderr },
		{ code: 7, signal: null, stderr: "" },
	);
	assert.ok(listCache(cache)[0].rows >= 4, "finished rows are kept");
});

test("a full disk ends the extraction in words and damages nothing", async (t) => {
	const cache = scratch(t);
	// Files of more than 16 or 32 KB cannot be written: shards of 24 rows have 123 KB.
	const { code, json, stderr } = await start(
		t,
		[cache, 24, 64],
		"trap '' XFSZ; ulimit -f 32",
	).ended;
	assert.equal(code, 1, stderr);
	assert.equal(json.code, "cache-not-writable");
	assert.match(json.message, /features cannot be written to .*features.k/);
	// On a slow machine a first shard of few rows may have fitted.
	const { rows, damaged } = await verifyCache(cache);
	assert.ok(rows < 24);
	assert.deepEqual(damaged, []);
	const names = readdirSync(join(cache, "features/k"));
	assert.deepEqual(
		names.filter((name) => name.endsWith(".tmp")),
		[],
	);
	const next = await start(t, [cache, 24, 64]).ended;
	assert.equal(next.json.computed, 24 - rows);
});

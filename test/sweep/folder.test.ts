import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { RunError } from "../../src/diagnostic.ts";
import { runIdOf } from "../../src/runs/journal.ts";
import {
	askToEnd,
	askToGoOn,
	isAskedToEnd,
	makeOnce,
	readManifest,
	readTrials,
	sweepIdOf,
	writeSweep,
} from "../../src/sweep/folder.ts";
import {
	claimResult,
	hasResult,
	readFailure,
	readResults,
	resultsReader,
	writeFailure,
} from "../../src/sweep/results.ts";
import type {
	Manifest,
	StoredTrial,
	TrialResult,
} from "../../src/sweep/types.ts";
import { folderFor } from "../support/graft.ts";

const manifest = (trials: readonly string[]) =>
	({ version: 1, sweepId: "s", trials, tasks: [] }) as unknown as Manifest;
const trial = (id: string) => ({ id, runId: `run-${id}` }) as StoredTrial;
const result = (id: string, loss = 1) =>
	({
		trial: id,
		runId: `run-${id}`,
		status: "FINISHED",
		metrics: { "valid/loss": loss },
	}) as unknown as TrialResult;

test("a sweep's id depends on its name and its file's name alone, and is never a run's", () => {
	const id = sweepIdOf("My Heads", "experiments/heads.yaml");
	assert.match(id, /^my-heads-s[0-9a-f]{7}$/);
	assert.equal(sweepIdOf("My Heads", "/elsewhere/heads.yaml"), id);
	assert.notEqual(sweepIdOf("My Heads", "other.yaml"), id);
	assert.doesNotMatch(runIdOf("My Heads", "0123456789"), /-s[0-9a-f]{7}$/);
});

test("a start writes what it asks for, and keeps the trials of earlier ones behind it", (t) => {
	const folder = join(folderFor(t), "sweep");
	writeSweep(folder, manifest(["a", "b"]), [trial("a"), trial("b")]);
	writeSweep(folder, manifest(["c", "b"]), [trial("c"), trial("b")]);
	assert.deepEqual(readManifest(folder).trials, ["c", "b"]);
	const ids = readTrials(folder).map(({ id }) => id);
	assert.deepEqual(ids, ["c", "b", "a"]);
});

test("of two finishers the second has lost", (t) => {
	const folder = folderFor(t);
	assert.equal(hasResult(folder, "a"), false);
	assert.equal(claimResult(folder, result("a", 1)), true);
	assert.equal(claimResult(folder, result("a", 2)), false);
	assert.equal(readResults(folder).get("a")?.metrics["valid/loss"], 1);
	assert.deepEqual(readdirSync(join(folder, "results")), ["a.json"]);
});

test("a file that is made once has one maker, however many try at once", async (t) => {
	const folder = folderFor(t);
	const shared = new Int32Array(new SharedArrayBuffer(8));
	const link = new URL("../../src/sweep/folder.ts", import.meta.url).href;
	const tsx = import.meta.resolve("tsx/esm/api");
	const workers = Array.from(
		{ length: 4 },
		() =>
			new Worker(
				`const { workerData: { shared, folder } } = require("node:worker_threads");
				import(${JSON.stringify(tsx)}).then(async ({ register }) => {
					register();
					const { makeOnce } = await import(${JSON.stringify(link)});
					Atomics.add(shared, 0, 1);
					while (Atomics.load(shared, 0) < 4);
					for (let n = 0; n < 200; n++)
						if (makeOnce(folder + "/" + n, "whole")) Atomics.add(shared, 1, 1);
				});`,
				{ eval: true, workerData: { shared, folder } },
			),
	);
	await Promise.all(
		workers.map(
			(worker) =>
				new Promise((resolve, reject) =>
					worker.on("exit", resolve).on("error", reject),
				),
		),
	);
	assert.equal(shared[1], 200);
	assert.equal(readdirSync(folder).length, 200);
	assert.equal(readFileSync(join(folder, "7"), "utf8"), "whole");
	assert.equal(makeOnce(join(folder, "7"), "again"), false);
});

test("numbers that JSON lacks come back, and each result is read once", (t) => {
	const folder = folderFor(t);
	const read = resultsReader(folder);
	assert.equal(read().size, 0);
	claimResult(folder, result("a", Number.NaN));
	assert.ok(Number.isNaN(read().get("a")?.metrics["valid/loss"]));
	writeFileSync(join(folder, "results", "a.json"), "changed");
	claimResult(folder, result("b", Number.POSITIVE_INFINITY));
	assert.equal(
		read().get("b")?.metrics["valid/loss"],
		Number.POSITIVE_INFINITY,
	);
});

test("a failure is noted until the trial finishes", (t) => {
	const folder = folderFor(t);
	writeFailure(folder, {
		trial: "a",
		runId: undefined,
		cause: "nan",
		code: "diverged",
		message: "",
		attempts: 2,
		task: "",
		failed: "",
	});
	assert.equal(readFailure(folder, "a")?.attempts, 2);
	claimResult(folder, result("a"));
	assert.equal(readFailure(folder, "a"), undefined);
});

test("a damaged file is named, with what to do", (t) => {
	const folder = folderFor(t);
	mkdirSync(join(folder, "results"));
	writeFileSync(join(folder, "results", "a.json"), "{");
	assert.throws(
		() => readResults(folder),
		(error: unknown) =>
			error instanceof RunError &&
			error.code === "sweep-damaged" &&
			/a\.json/.test(error.message) &&
			error.fix !== undefined,
	);
});

test("a request to end stands until the sweep is started again", (t) => {
	const folder = folderFor(t);
	askToEnd(folder);
	assert.equal(isAskedToEnd(folder), true);
	askToGoOn(folder);
	assert.equal(isAskedToEnd(folder), false);
});

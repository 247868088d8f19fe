import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { RunError } from "../../src/diagnostic.ts";
import { encodeJson } from "../../src/runs/json.ts";
import { listRuns } from "../../src/runs/list-runs.ts";
import { readRun } from "../../src/runs/record.ts";
import {
	EXPERIMENT,
	finishedEvents,
	metricsEvent,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";

test("a journal folds into the record of what happened", (t) => {
	const folder = writeJournal(temporaryFolder(t), "a", finishedEvents("a"));
	const record = readRun(folder);
	assert.equal(record.status, "FINISHED");
	assert.equal(record.startTime, "2026-11-24T09:00:00.000Z");
	assert.equal(record.endTime, "2026-11-24T09:00:10.000Z");
	assert.deepEqual(record.experiment, EXPERIMENT);
	assert.equal(record.metrics.length, 12);
	assert.equal(record.finalMetrics["valid/accuracy"], 0.75);
	assert.deepEqual(
		record.epochs.map(({ epoch, metrics }) => [epoch, metrics["valid/loss"]]),
		[
			[1, 1.2],
			[2, 0.6],
			[3, 1.2 / 3],
		],
	);
	assert.deepEqual(record.phases[0]?.detail, { cached: 12, computed: 56 });
	assert.equal(record.folder, folder);
});

test("damaged lines are skipped, named and cost nothing else", (t) => {
	const folder = writeJournal(temporaryFolder(t), "a", finishedEvents("a"));
	const path = join(folder, "journal.jsonl");
	const lines = readFileSync(path, "utf8").split("\n");
	lines[1] = "\u0000\u0001\ufffd junk";
	lines[5] = `${lines[5]?.slice(0, 40)}`;
	lines.splice(7, 0, '{"time":"2026-11-24T09:00:00Z","type":"metrics"}', "[]");
	writeFileSync(path, lines.join("\n"));
	const record = readRun(folder);
	assert.equal(record.status, "FINISHED");
	assert.equal(record.environment, undefined);
	assert.deepEqual(
		record.epochs.map(({ epoch }) => epoch),
		[1, 3],
	);
	assert.deepEqual(record.warnings.at(-1), {
		code: "journal-damaged",
		message: "journal.jsonl: skipped damaged lines 2, 6, 8, 9",
	});
});

test("events of a later version are passed over in silence", (t) => {
	const folder = writeJournal(temporaryFolder(t), "a", [
		startEvent("a"),
		{ type: "hologram", depth: 3 } as never,
		{ type: "end", status: "FINISHED" },
	]);
	assert.deepEqual(readRun(folder).warnings, []);
});

test("a run that is started again in its folder reads by its last start", (t) => {
	const folder = writeJournal(temporaryFolder(t), "a", [
		startEvent("a"),
		{ type: "end", status: "KILLED" },
		startEvent("a"),
	]);
	assert.equal(readRun(folder).status, "RUNNING");
	assert.equal(listRuns(join(folder, ".."))[0]?.status, "RUNNING");
	writeJournal(join(folder, ".."), "a", [{ type: "end", status: "FINISHED" }]);
	assert.equal(readRun(folder).status, "FINISHED");
});

test("a run's time counts from the command's begin, where the journal knows it", (t) => {
	const folder = writeJournal(temporaryFolder(t), "a", [
		startEvent("a", { begin: "2026-11-24T08:59:58.500Z" }),
		{ type: "end", status: "FINISHED" },
	]);
	assert.equal(readRun(folder).startTime, "2026-11-24T08:59:58.500Z");
	assert.equal(listRuns(join(folder, ".."))[0]?.seconds, 2.5);
});

test("a process of another machine counts as running, a reused process id as gone", (t) => {
	const runs = temporaryFolder(t);
	writeJournal(runs, "far", [startEvent("far", { host: "elsewhere", pid: 1 })]);
	writeJournal(runs, "gone", [startEvent("gone", { pid: 2 ** 22 + 5 })]);
	assert.equal(readRun(join(runs, "far")).status, "RUNNING");
	assert.equal(readRun(join(runs, "gone")).error?.code, "died");
	const own = readRun(join(runs, "far"));
	assert.equal(own.endTime, undefined);
	assert.deepEqual(
		listRuns(runs).map(({ runId, status }) => [runId, status]),
		[
			["far", "RUNNING"],
			["gone", "FAILED"],
		],
	);
});

test("a missing, empty or wholly damaged journal is a RunError that says so, and ls still lists it", (t) => {
	const runs = temporaryFolder(t);
	for (const [id, bytes] of [
		["empty", ""],
		["junk", Buffer.from([0, 255, 10, 10, 200, 13, 10, 0])],
		["half", '{"time":"2026-11-24T09:00:00.000Z","type":"start","ru'],
	] as const) {
		mkdirSync(join(runs, id));
		writeFileSync(join(runs, id, "journal.jsonl"), bytes);
		assert.throws(
			() => readRun(join(runs, id)),
			(error) => error instanceof RunError && error.code === "no-start",
		);
	}
	mkdirSync(join(runs, "no-journal"));
	writeFileSync(join(runs, "a file"), "");
	assert.throws(
		() => readRun(join(runs, "no-journal")),
		(error) =>
			error instanceof RunError &&
			error.code === "no-journal" &&
			error.message.includes("no-journal"),
	);
	assert.deepEqual(
		listRuns(runs).map(({ runId, status, error }) => [
			runId,
			status,
			error?.code,
		]),
		[
			["empty", "FAILED", "no-start"],
			["half", "FAILED", "no-start"],
			["junk", "FAILED", "no-start"],
		],
	);
});

test("a thousand runs are listed as their records say, newest first", (t) => {
	const runs = temporaryFolder(t);
	const epochs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
	for (let run = 0; run < 1000; run++) {
		const id = `run-${String(run).padStart(4, "0")}`;
		const events = finishedEvents(id).toSpliced(
			4,
			3,
			...epochs.map((epoch) =>
				metricsEvent(epoch, {
					"train/loss": 2 / epoch,
					"train/accuracy": epoch / 10,
					"valid/loss": 1 / epoch,
					"valid/accuracy": (epoch * run) / 10_000,
				}),
			),
		);
		writeJournal(runs, id, events, new Date(run * 60_000).toISOString());
	}
	const begin = performance.now();
	const listed = listRuns(runs);
	t.diagnostic(`1000 runs in ${(performance.now() - begin).toFixed(0)} ms`);
	assert.equal(listed.length, 1000);
	assert.equal(listed[0]?.runId, "run-0999");
	for (const summary of [listed[0], listed[500], listed[999]]) {
		assert.ok(summary);
		const record = readRun(summary.folder);
		assert.deepEqual(summary.metrics, record.finalMetrics);
		assert.equal(summary.status, record.status);
		assert.equal(summary.epochs, 10);
		assert.equal(summary.epochsAsked, 3);
		assert.equal(summary.seconds, 17);
	}
});

test("a journal too long to read whole is listed from its two ends", (t) => {
	const runs = temporaryFolder(t);
	const steps = Array.from({ length: 3000 }, (_, index) =>
		metricsEvent(Math.floor(index / 1000) + 1, { "train/step_loss": index }),
	);
	const evaluated = (epoch: number) =>
		metricsEvent(epoch, { "valid/loss": epoch, "valid/accuracy": 0.5 });
	writeJournal(runs, "long", [
		startEvent("long", { source: "x".repeat(100_000) }),
		...steps.slice(0, 2000),
		evaluated(2),
		...steps.slice(2000, 2010),
	]);
	const [summary] = listRuns(runs);
	assert.equal(summary?.epochs, 2);
	assert.equal(summary?.name, "resize");
	assert.deepEqual(summary?.metrics, {
		"valid/loss": 2,
		"valid/accuracy": 0.5,
		"train/step_loss": 2009,
	});
});

test("encodeJson writes what decodes again", () => {
	assert.equal(
		encodeJson({ a: Number.NaN, b: [Number.NEGATIVE_INFINITY, 1] }),
		'{"a":"NaN","b":["-Infinity",1]}',
	);
});

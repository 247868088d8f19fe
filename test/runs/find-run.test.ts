import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { findRun } from "../../src/runs/find-run.ts";
import { findSweep } from "../../src/sweep/find-sweep.ts";
import {
	finishedEvents,
	temporaryFolder,
	writeJournal,
} from "./example-run.ts";

function threeRuns(t: Parameters<typeof temporaryFolder>[0]): string {
	const runs = temporaryFolder(t);
	for (const [index, id] of [
		"resize-5233f8ab",
		"resize-5233f8ab-2",
		"center-crop-00c0ffee",
	].entries())
		writeJournal(runs, id, finishedEvents(id), `2026-11-2${index}T00:00:00Z`);
	return runs;
}

function problem(runs: string, run: string) {
	const found = findRun(runs, run);
	assert.equal(found.ok, false);
	return found.ok ? undefined : found.diagnostics[0];
}

test("a run is found by id, the beginning of one id, latest, and its folder", (t) => {
	const runs = threeRuns(t);
	for (const [wanted, id] of [
		["resize-5233f8ab", "resize-5233f8ab"],
		["resize-5233f8ab-", "resize-5233f8ab-2"],
		["cen", "center-crop-00c0ffee"],
		["latest", "center-crop-00c0ffee"],
		["resize-5233f8ab/", "resize-5233f8ab"],
		[`${join(runs, "resize-5233f8ab")}/`, "resize-5233f8ab"],
		[join(runs, "resize-5233f8ab", "journal.jsonl"), "resize-5233f8ab"],
	] as const) {
		const found = findRun(runs, wanted);
		assert.ok(found.ok, wanted);
		assert.equal(found.value, join(runs, id));
	}
});

test("the beginning of several ids names them", (t) => {
	const found = problem(threeRuns(t), "res");
	assert.equal(found?.code, "ambiguous-run");
	assert.match(found?.reason ?? "", /resize-5233f8ab-2/);
});

test("an unknown run suggests the nearest id", (t) => {
	const runs = threeRuns(t);
	for (const typed of ["center-crop-00c0ffe3", "centre-crop", "center_cr"]) {
		const found = problem(runs, typed);
		assert.equal(found?.code, "unknown-run");
		assert.equal(found?.suggestion, "center-crop-00c0ffee", typed);
	}
	assert.equal(problem(runs, "qqqqqqqqqqqqqqqqqq")?.suggestion, undefined);
	assert.equal(problem(runs, "")?.code, "unknown-run");
	assert.equal(problem(runs, "../..")?.code, "unknown-run");
	assert.equal(problem(runs, ".")?.suggestion, undefined);
	assert.match(problem(runs, "new.yaml")?.fix ?? "", /graft run new\.yaml/);
});

test("a run where a sweep is meant is said to be one", (t) => {
	const found = findSweep(threeRuns(t), "center-crop-00c0ffee");
	assert.ok(!found.ok);
	assert.equal(found.diagnostics[0]?.code, "unknown-sweep");
	assert.match(found.diagnostics[0]?.message ?? "", /is a run/);
	assert.match(found.diagnostics[0]?.fix ?? "", /graft show center-crop/);
});

test("an empty or missing runs folder says so and what to do", (t) => {
	const folder = temporaryFolder(t);
	for (const runs of [folder, join(folder, "missing")])
		assert.equal(problem(runs, "latest")?.code, "no-runs");
});

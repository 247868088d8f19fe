import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { RunError } from "../../src/diagnostic.ts";
import { sha256 } from "../../src/fingerprint.ts";
import { createRun, openJournal } from "../../src/runs/journal.ts";
import {
	readPredictions,
	writePredictions,
} from "../../src/runs/predictions.ts";
import { readRun } from "../../src/runs/record.ts";
import { wilsonInterval } from "../../src/runs/wilson.ts";
import { PREDICTIONS, startEvent, temporaryFolder } from "./example-run.ts";

test("predictions come back as they were written: float32 exactly, an infinite loss too", (t) => {
	const { folder } = createRun(temporaryFolder(t), "p-01234567");
	const journal = openJournal(folder);
	journal.append(startEvent("p-01234567"));
	const third = Math.fround(1 / 3);
	const given = [
		...PREDICTIONS,
		{
			path: 'valid/猫/"quoted"\n.jpg',
			sha256: "0",
			label: 1,
			predicted: 0,
			probabilities: [1, 0, third],
			loss: Number.POSITIVE_INFINITY,
		},
	];
	const path = writePredictions(folder, journal, given);
	const read = readPredictions(folder);
	assert.equal(read.length, given.length);
	assert.equal(read[8]?.loss, Number.POSITIVE_INFINITY);
	assert.equal(read[8]?.path, 'valid/猫/"quoted"\n.jpg');
	assert.equal(Math.fround(read[8]?.probabilities[2] ?? 0), third);
	assert.deepEqual(
		read.map(({ loss }) => loss),
		given.map(({ loss }) => loss),
	);
	assert.equal(
		readRun(folder).artifacts[0]?.sha256,
		sha256(readFileSync(path)),
	);
});

test("a run without predictions has none, damaged ones name their line", (t) => {
	const folder = temporaryFolder(t);
	assert.deepEqual(readPredictions(folder), []);
	for (const [text, word] of [
		['{"path":"a"', "line 1 is no JSON"],
		[`${JSON.stringify(PREDICTIONS[0])}\n{"path":"a"}\n`, "line 2"],
		["null\n", "line 1"],
	] as const) {
		writeFileSync(join(folder, "predictions.jsonl"), text);
		assert.throws(
			() => readPredictions(folder),
			(error) => error instanceof RunError && error.message.includes(word),
		);
	}
});

test("Wilson's interval equals the published values", () => {
	// Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29.
	for (const [right, total, low, high] of [
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
		[1, 29, 0.0061, 0.1718],
	] as const) {
		const interval = wilsonInterval(right, total);
		assert.deepEqual(
			interval.map((share) => Number(share.toFixed(4))),
			[low, high],
		);
	}
	assert.deepEqual(wilsonInterval(0, 0), [0, 1]);
	assert.equal(wilsonInterval(20, 20)[1], 1);
});

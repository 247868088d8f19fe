import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { ls } from "../../src/cli/ls.ts";
import { show } from "../../src/cli/show.ts";
import { RunError } from "../../src/diagnostic.ts";
import { encodeJson } from "../../src/runs/json.ts";
import { textTable } from "../../src/runs/text-table.ts";
import type { NewEvent } from "../../src/runs/types.ts";
import {
	finishedEvents,
	metricsEvent,
	PREDICTIONS,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "../runs/example-run.ts";

process.env.TZ = "UTC";

/** Texts under test/golden are the outputs in full; GRAFT_UPDATE_GOLDEN=1 writes them anew. */
function equalsGolden(name: string, text: string, runs: string): void {
	const path = fileURLToPath(
		new URL(`../golden/runs/${name}`, import.meta.url),
	);
	const shown = text.replaceAll(runs, "RUNS");
	if (process.env.GRAFT_UPDATE_GOLDEN === "1") writeFileSync(path, shown);
	assert.equal(shown, readFileSync(path, "utf8"));
}

function capture(width = 100, color = false) {
	const out: string[] = [];
	const err: string[] = [];
	const io = {
		stdout: (text: string) => void out.push(text),
		stderr: (text: string) => void err.push(text),
		color,
		width,
	};
	return { io, out: () => out.join(""), err: () => err.join("") };
}

const GONE = { pid: 2 ** 22 + 5, host: hostname() };

/** Runs of every kind: finished, died, killed, failed, diverged, running elsewhere, and one without a start. */
function everyKind(t: TestContext): string {
	const runs = temporaryFolder(t);
	const add = (id: string, day: number, events: readonly NewEvent[]) =>
		writeJournal(runs, id, events, `2026-11-${day}T09:00:00.000Z`);
	const folder = add("resize-5233f8ab", 21, finishedEvents("resize-5233f8ab"));
	writeFileSync(
		join(folder, "predictions.jsonl"),
		PREDICTIONS.map((photo) => `${encodeJson(photo)}\n`).join(""),
	);
	add("resize-5233f8ab-2", 22, [
		startEvent("resize-5233f8ab-2", GONE),
		...finishedEvents("").slice(1, 5),
	]);
	add("猫狗分类-00c0ffee", 23, [
		startEvent("猫狗分类-00c0ffee", { name: "猫狗分类" }),
		metricsEvent(1, { "valid/loss": Number.NaN, "valid/accuracy": 0.5 }),
		{
			type: "end",
			status: "FAILED",
			error: {
				code: "loss-diverged",
				message:
					"the loss is NaN after step 4\nlower \u001b[31mtrain.learning_rate",
			},
		},
	]);
	add("far-00000001", 24, [
		startEvent("far-00000001", { host: "another-machine" }),
		metricsEvent(2, { "valid/loss": 0.7, "valid/accuracy": 0.875 }),
		{ type: "end", status: "KILLED" },
	]);
	mkdirSync(join(runs, "broken"));
	writeFileSync(join(runs, "broken", "journal.jsonl"), "\u0000\u0001");
	return runs;
}

test("ls shows every run, newest first", async (t) => {
	const runs = everyKind(t);
	const { io, out, err } = capture();
	assert.equal(await ls({ runs, format: "text" }, io), 0);
	equalsGolden("ls.txt", out(), runs);
	assert.equal(err(), "");
});

test("ls in a narrow terminal drops columns, never ids", async (t) => {
	const runs = everyKind(t);
	const { io, out } = capture(50);
	await ls({ runs, format: "text" }, io);
	equalsGolden("ls-narrow.txt", out(), runs);
});

test("ls sorts by each column with missing values last, and cuts at the limit", async (t) => {
	const runs = everyKind(t);
	const order = async (sort: string) => {
		const { io, out } = capture();
		await ls({ runs, format: "json", sort }, io);
		return JSON.parse(out()).map((run: { run_id: string }) => run.run_id[0]);
	};
	assert.deepEqual(await order("accuracy"), ["f", "r", "猫", "r", "b"]);
	assert.deepEqual(await order("loss"), ["r", "f", "r", "猫", "b"]);
	assert.deepEqual(await order("name"), ["b", "f", "r", "r", "猫"]);
	const { io, out, err } = capture();
	await ls({ runs, format: "text", sort: "accuracy", limit: 1 }, io);
	assert.equal(out().split("\n").length, 3);
	assert.match(err(), /1 of 5 runs/);
});

test("ls for machines has the words of run --format json", async (t) => {
	const runs = everyKind(t);
	const { io, out } = capture();
	await ls({ runs, format: "json", sort: "accuracy" }, io);
	const [first, , diverged] = JSON.parse(out());
	assert.equal(first.status, "KILLED");
	assert.equal(first.metrics["valid/accuracy"], 0.875);
	assert.equal(first.run_dir, join(runs, "far-00000001"));
	assert.equal(diverged.metrics["valid/loss"], "NaN");
	assert.equal(diverged.error.code, "loss-diverged");
});

test("ls of an empty or missing folder says so and what to do", async (t) => {
	const folder = temporaryFolder(t);
	for (const runs of [folder, join(folder, "missing")]) {
		const text = capture();
		assert.equal(await ls({ runs, format: "text" }, text.io), 0);
		assert.equal(text.out(), "");
		assert.ok(text.err().includes(`no runs in ${runs}`));
		assert.match(text.err(), /graft run FILE/);
		const json = capture();
		await ls({ runs, format: "json" }, json.io);
		assert.equal(json.out(), "[]\n");
	}
});

test("ls of a file is a RunError, an unknown column exit 2 with the nearest name", async (t) => {
	const path = join(temporaryFolder(t), "file");
	writeFileSync(path, "");
	const { io, out, err } = capture();
	await assert.rejects(
		ls({ runs: path, format: "text" }, io),
		(error) => error instanceof RunError && error.code === "runs-folder",
	);
	assert.equal(
		await ls({ runs: path, format: "text", sort: "acuracy" }, io),
		2,
	);
	assert.match(err(), /did you mean accuracy\?/);
	assert.equal(
		await ls({ runs: path, format: "json", sort: "acuracy" }, io),
		2,
	);
	assert.equal(JSON.parse(out())[0].suggestion, "accuracy");
});

test("show tells everything about a finished run", async (t) => {
	const runs = everyKind(t);
	const { io, out, err } = capture();
	assert.equal(
		await show({ run: "resize-5233f8ab", runs, format: "text" }, io),
		0,
	);
	equalsGolden("show-finished.txt", out(), runs);
	assert.equal(err(), "");
});

test("show tells why a run failed, with control characters made visible", async (t) => {
	const runs = everyKind(t);
	const { io, out } = capture();
	assert.equal(await show({ run: "猫", runs, format: "text" }, io), 0);
	equalsGolden("show-failed.txt", out(), runs);
});

test("show tells of a run whose process died", async (t) => {
	const runs = everyKind(t);
	const { io, out } = capture();
	await show({ run: "resize-5233f8ab-2", runs, format: "text" }, io);
	assert.match(out(), /FAILED/);
	assert.match(out(), /died: process \d+ ended without a word/);
});

test("show thins long tables and says so", async (t) => {
	const runs = temporaryFolder(t);
	const epochs = Array.from({ length: 500 }, (_, index) =>
		metricsEvent(index + 1, {
			"valid/loss": 1,
			"valid/accuracy": index === 321 ? 0.9 : 0.5,
		}),
	);
	writeJournal(runs, "long", [startEvent("long"), ...epochs]);
	const { io, out } = capture();
	await show({ run: "long", runs, format: "text" }, io);
	assert.match(out(), /40 of 500 epochs; --format json has all/);
	for (const epoch of [1, 322, 500])
		assert.match(out(), new RegExp(`^ +${epoch} `, "m"));
});

test("show for machines gives the whole record", async (t) => {
	const runs = everyKind(t);
	const { io, out } = capture();
	await show({ run: "resize-5233f8ab", runs, format: "json" }, io);
	const record = JSON.parse(out());
	assert.equal(record.run_id, "resize-5233f8ab");
	assert.equal(record.report, join(runs, "resize-5233f8ab", "report.html"));
	assert.equal(record.experiment.train.learning_rate, 0.01);
	assert.equal(record.epochs.length, 3);
	assert.equal(record.environment.memory_gb, 23.5);
	assert.deepEqual(record.data.class_names, ["bird", "flower", "fruit"]);
});

test("show of an unknown run is exit 2 with the nearest id, as text and as JSON", async (t) => {
	const runs = everyKind(t);
	const text = capture();
	assert.equal(await show({ run: "rezise", runs, format: "text" }, text.io), 2);
	assert.equal(text.out(), "");
	assert.match(text.err(), /unknown-run/);
	assert.match(text.err(), /did you mean resize-5233f8ab/);
	const json = capture();
	assert.equal(await show({ run: "resize", runs, format: "json" }, json.io), 2);
	assert.equal(JSON.parse(json.out())[0].code, "ambiguous-run");
});

test("show of a run without a start is a RunError", async (t) => {
	const runs = everyKind(t);
	const { io } = capture();
	await assert.rejects(
		show({ run: "broken", runs, format: "text" }, io),
		(error) => error instanceof RunError && error.code === "no-start",
	);
});

test("a table in colour is the plain table with codes around its cells", () => {
	const columns = [{ title: "a" }, { title: "b", align: "right" as const }];
	const rows = [[{ text: "猫", style: "red" as const }, { text: "1" }]];
	const plain = textTable(columns, rows, { width: 80, color: false });
	const colored = textTable(columns, rows, { width: 80, color: true });
	assert.equal(plain, "a   b\n猫  1\n");
	// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes are what is taken away.
	assert.equal(colored.replace(/\u001b\[\d+m/g, ""), plain);
	assert.ok(colored.includes("\u001b[31m猫\u001b[0m"));
});

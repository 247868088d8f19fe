import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { RunError } from "../../src/diagnostic.ts";
import { sha256 } from "../../src/fingerprint.ts";
import { writeArtifact } from "../../src/runs/artifact.ts";
import {
	createRun,
	openJournal,
	runIdOf,
	slug,
} from "../../src/runs/journal.ts";
import { readRun } from "../../src/runs/record.ts";
import {
	finishedEvents,
	metricsEvent,
	startEvent,
	temporaryFolder,
} from "./example-run.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));

function startWriter(...args: string[]) {
	return spawn(process.execPath, ["--import", "tsx", WRITER, ...args], {
		stdio: ["ignore", "pipe", "inherit"],
	});
}

function isRunError(code: string, ...words: string[]) {
	return (error: unknown) => {
		assert.ok(error instanceof RunError);
		assert.equal(error.code, code);
		for (const word of words)
			assert.ok(error.message.includes(word), error.message);
		assert.ok(error.fix);
		return true;
	};
}

test("a run's id is the slug of its name and eight digits of its fingerprint, then -2, -3", (t) => {
	const runs = join(temporaryFolder(t), "made", "when", "missing");
	const ids = [1, 2, 3].map(
		() => createRun(runs, runIdOf("My Run!", "0123456789ab")).runId,
	);
	assert.deepEqual(ids, [
		"my-run-01234567",
		"my-run-01234567-2",
		"my-run-01234567-3",
	]);
});

test("a slug keeps letters of any script and nothing that a path could mean", () => {
	assert.equal(slug("猫狗分类 v2"), "猫狗分类-v2");
	assert.equal(slug("../../etc/passwd"), "etc-passwd");
	assert.equal(slug(" .. "), "run");
	assert.equal(slug("<script>"), "script");
	assert.equal([...slug("长".repeat(500))].length, 40);
	assert.ok(Buffer.byteLength(slug("长".repeat(500))) < 200);
});

test("processes that create the same run at once get different folders", async (t) => {
	const runs = temporaryFolder(t);
	const writers = [1, 2, 3].map(() => startWriter(runs, "same"));
	const ids = await Promise.all(
		writers.map(async (writer) => {
			const [bytes] = await once(writer.stdout, "data");
			await once(writer, "close");
			return String(bytes).trim();
		}),
	);
	assert.deepEqual(ids.sort(), [
		"same-01234567",
		"same-01234567-2",
		"same-01234567-3",
	]);
	for (const id of ids) {
		const record = readRun(join(runs, id));
		assert.deepEqual([record.runId, record.status], [id, "FINISHED"]);
	}
});

test("kill -9 at any moment leaves a journal that ends early and reads as died", async (t) => {
	const runs = temporaryFolder(t);
	for (const delay of [0, 3, 17]) {
		const writer = startWriter(runs, `killed-${delay}`, "forever");
		await once(writer.stdout, "data");
		await new Promise((resolve) => setTimeout(resolve, delay));
		writer.kill("SIGKILL");
		await once(writer, "close");
	}
	for (const id of readdirSync(runs)) {
		const record = readRun(join(runs, id));
		assert.equal(record.status, "FAILED");
		assert.equal(record.error?.code, "died");
		assert.deepEqual(
			record.warnings.map(({ code }) => code),
			["corrupt-photos"],
		);
		assert.deepEqual(
			record.epochs.map(({ epoch }) => epoch),
			record.epochs.map((_, index) => index + 1),
		);
		assert.deepEqual(readdirSync(join(runs, id)), ["journal.jsonl"]);
	}
});

test("a run whose process lives reads as RUNNING", (t) => {
	const { folder } = createRun(temporaryFolder(t), "alive-01234567");
	const journal = openJournal(folder);
	journal.append(startEvent("alive-01234567"));
	assert.equal(readRun(folder).status, "RUNNING");
	assert.equal(readRun(folder).endTime, undefined);
	journal.append({ type: "end", status: "KILLED" });
	assert.equal(readRun(folder).status, "KILLED");
	journal.close();
});

test("a half last line is ignored, and an append after it damages nothing else", (t) => {
	const { folder } = createRun(temporaryFolder(t), "half-01234567");
	const path = join(folder, "journal.jsonl");
	const journal = openJournal(folder);
	for (const event of finishedEvents("half-01234567").slice(0, -1))
		journal.append(event);
	journal.close();
	const whole = readFileSync(path);
	writeFileSync(path, Buffer.concat([whole, Buffer.from('{"time":"2026-')]));
	assert.deepEqual(readRun(folder).warnings.length, 1);
	const again = openJournal(folder);
	again.append({ type: "end", status: "FINISHED" });
	again.close();
	const record = readRun(folder);
	assert.equal(record.status, "FINISHED");
	assert.equal(record.warnings[1]?.code, "journal-damaged");
});

test("NaN and infinite metrics come back as they were", (t) => {
	const { folder } = createRun(temporaryFolder(t), "nan-01234567");
	const journal = openJournal(folder);
	journal.append(startEvent("nan-01234567"));
	journal.append(
		metricsEvent(1, { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: -0.5 }),
	);
	journal.close();
	assert.deepEqual(readRun(folder).finalMetrics, {
		a: Number.NaN,
		b: Number.POSITIVE_INFINITY,
		c: -0.5,
	});
});

test("a full disk is a RunError that names the journal and says what to do", {
	skip: existsSync("/dev/full") ? false : "needs: /dev/full",
}, (t) => {
	const folder = temporaryFolder(t);
	symlinkSync("/dev/full", join(folder, "journal.jsonl"));
	const journal = openJournal(folder);
	assert.throws(
		() => journal.append(startEvent("full")),
		isRunError("journal-write", "journal.jsonl", "ENOSPC"),
	);
	journal.close();
});

test("a folder that may not be written is a RunError at every door", (t) => {
	const parent = temporaryFolder(t);
	const { folder } = createRun(join(parent, "runs"), "mine-01234567");
	const journal = openJournal(folder);
	chmodSync(folder, 0o555);
	chmodSync(join(parent, "runs"), 0o555);
	mkdirSync(join(parent, "empty"), { mode: 0o555 });
	chmodSync(parent, 0o755);
	// root may write everywhere: the test acts as nobody.
	const isRoot = process.geteuid?.() === 0;
	if (isRoot) process.seteuid?.(65534);
	try {
		assert.throws(
			() => createRun(join(parent, "runs"), "mine-01234567"),
			isRunError("runs-folder", "runs", "EACCES"),
		);
		assert.throws(
			() => openJournal(join(parent, "empty")),
			isRunError("journal-write", "empty", "EACCES"),
		);
		assert.throws(
			() => writeArtifact(folder, journal, "a.txt", "text"),
			isRunError("artifact-write", "a.txt", "EACCES"),
		);
	} finally {
		if (isRoot) process.seteuid?.(0);
		chmodSync(folder, 0o755);
		chmodSync(join(parent, "runs"), 0o755);
		journal.close();
	}
	assert.deepEqual(readdirSync(folder), ["journal.jsonl"]);
});

test("a file in place of the runs folder is a RunError", (t) => {
	const path = join(temporaryFolder(t), "runs");
	writeFileSync(path, "");
	assert.throws(
		() => createRun(path, "a-01234567"),
		isRunError("runs-folder", path),
	);
});

test("an artifact is whole, journaled with its hash, and nothing else is left", (t) => {
	const { folder } = createRun(temporaryFolder(t), "art-01234567");
	const journal = openJournal(folder);
	journal.append(startEvent("art-01234567"));
	writeArtifact(folder, journal, "experiment.yaml", "name: 试验\n");
	writeArtifact(folder, journal, "plots/a.bin", new Uint8Array([0, 255]));
	writeArtifact(folder, journal, "experiment.yaml", "name: later\n");
	journal.close();
	assert.deepEqual(readdirSync(folder).sort(), [
		"experiment.yaml",
		"journal.jsonl",
		"plots",
	]);
	assert.deepEqual(readRun(folder).artifacts, [
		{ path: "experiment.yaml", sha256: sha256("name: later\n"), bytes: 12 },
		{
			path: "plots/a.bin",
			sha256: sha256(new Uint8Array([0, 255])),
			bytes: 2,
		},
	]);
	assert.throws(() => writeArtifact(folder, journal, "../x", ""), /internal:/);
});

test("a closed journal takes no line, for its file's number may be another file's by then", (t) => {
	const folder = temporaryFolder(t);
	const journal = openJournal(folder);
	journal.close();
	const other = openJournal(temporaryFolder(t));
	assert.throws(
		() => journal.append({ type: "warning", code: "late", message: "late" }),
		{ code: "journal-write", message: /it is closed/ },
	);
	journal.close();
	other.append({ type: "warning", code: "well", message: "well" });
	other.close();
});

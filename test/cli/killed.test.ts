import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "node:test";
import { envFor, folderFor, graft, root } from "../support/graft.ts";

test("a run that a signal ends still answers with one JSON value", async (context) => {
	const folder = folderFor(context);
	let isSent = false;
	const ended = await graft(
		[
			...["run", "experiments/resize.yaml", "--format", "json"],
			...["--set", "train.epochs=1000000"],
		],
		envFor(folder),
		(stderr, kill) => {
			if (isSent || !stderr.includes("epoch       2/")) return;
			isSent = true;
			kill("SIGINT");
		},
	);
	assert.equal(ended.code, 130, ended.stderr);
	const outcome = JSON.parse(ended.stdout) as Record<string, unknown>;
	assert.equal(outcome.status, "KILLED");
	assert.match(String(outcome.run_id), /^resize-/);
	assert.deepEqual(Object.keys(outcome.metrics as object), [
		"train/loss",
		"train/accuracy",
		"valid/loss",
		"valid/accuracy",
	]);
});

test("a run goes on when nobody reads its talk any more", async (context) => {
	const folder = folderFor(context);
	const child = spawn(
		process.execPath,
		["src/graft.cjs", "run", "experiments/resize.yaml"],
		{ cwd: root, env: envFor(folder), stdio: ["ignore", "pipe", "pipe"] },
	);
	child.stderr.once("data", () => child.stderr.destroy());
	let stdout = "";
	child.stdout.on("data", (data: Buffer) => {
		stdout += data;
	});
	const [code] = await once(child, "close");
	assert.equal(code, 0);
	assert.match(stdout, /FINISHED/);
});

test("files of another kind and counts of nothing are refused before any work", async (context) => {
	const folder = folderFor(context);
	for (const [verb, option, value] of [
		["features", "--out", "features.npy"],
		["preview", "--photos", "0"],
		["preview", "--draws", "0"],
	] as const) {
		const file = "experiments/resize.yaml";
		const ended = await graft([verb, file, option, value], envFor(folder));
		assert.equal(ended.code, 2, ended.stderr);
		assert.match(ended.stderr, new RegExp(`${option} is "${value}"`));
	}
});

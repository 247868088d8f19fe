import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readFileSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
	makeSlurmFolders,
	readExit,
	readStart,
} from "../../../src/sweep/slurm/files.ts";
import {
	type ScriptPlaces,
	sbatchScript,
} from "../../../src/sweep/slurm/script.ts";
import type { Task } from "../../../src/sweep/types.ts";
import { graftVersion } from "../../../src/versions.ts";
import { folderFor, root } from "../../support/graft.ts";

/** The scripts, run by bash as a node does, with a small program in the place of graft. */

const head: Task = {
	id: "single-0123456789ab",
	kind: "single",
	trials: [],
	after: ["extraction-0123456789ab"],
	seconds: 1,
};
const extraction: Task = {
	id: "extraction-0123456789ab",
	kind: "extraction",
	trials: [],
	after: [],
	seconds: 1,
};

test("a task's start and end are recorded, an extraction's good end is marked, and what waits for it goes on", async (context) => {
	const place = placeFor(context, "exit 0");
	assert.equal(await run(place, head), 75);
	assert.deepEqual(exitOf(place), ["waits", 75, extraction.id]);
	assert.equal(await run(place, extraction), 0);
	assert.deepEqual(exitOf(place), ["ended", 0, ""]);
	assert.ok(existsSync(join(place.folder, "slurm", "done", extraction.id)));
	assert.equal(await run(place, head), 0);
	const start = readStart(place.folder, "7_0.0.json");
	assert.deepEqual(
		[start.task, start.node, start.gpus],
		[head.id, "node7", "1"],
	);
	assert.match(start.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test("graft's exit code and words are kept", async (context) => {
	const place = placeFor(context, "echo hello; exit 3");
	assert.equal(await run(place, extraction), 3);
	assert.deepEqual(exitOf(place), ["ended", 3, ""]);
	assert.equal(
		readFileSync(join(place.folder, "logs", `${extraction.id}.log`), "utf8"),
		"hello\n",
	);
	assert.ok(!existsSync(join(place.folder, "slurm", "done", extraction.id)));
});

test("a node without Node.js, without Graft or with another Graft says so", async (context) => {
	const place = placeFor(context, "exit 0");
	assert.equal(await run({ ...place, node: "/nowhere/node" }, extraction), 127);
	assert.match(exitOf(place).join(), /no-node.*No such file/);
	assert.equal(
		await run({ ...place, graft: "/nowhere/graft.cjs" }, extraction),
		127,
	);
	assert.deepEqual(exitOf(place), ["no-graft", 127, "/nowhere/graft.cjs"]);
	assert.equal(await run({ ...place, version: "9.9.9" }, extraction), 1);
	assert.deepEqual(exitOf(place), ["version", 1, graftVersion()]);
});

test("a setup line that ends the script is told from the work", async (context) => {
	const place = placeFor(context, "exit 0");
	assert.equal(await run(place, extraction, ["cd /; exit 4"]), 4);
	assert.deepEqual(exitOf(place), ["setup", 4, ""]);
});

for (const signal of ["SIGUSR1", "SIGTERM"] as const)
	test(`${signal} lets the work end by itself, and the record says what came`, async (context) => {
		// trap and wait, as graft ends its journal first.
		const place = placeFor(
			context,
			"trap 'sleep 0.2; echo over; exit 130' TERM; echo ready; sleep 60 & wait",
		);
		const log = join(place.folder, "logs", `${extraction.id}.log`);
		const code = await run(place, extraction, [], async (kill) => {
			while (!existsSync(log) || !/ready/.test(readFileSync(log, "utf8")))
				await new Promise((resolve) => setTimeout(resolve, 20));
			kill(signal);
		});
		assert.equal(code, 130);
		assert.deepEqual(exitOf(place), [signal.slice(3), 130, ""]);
		assert.match(readFileSync(log, "utf8"), /over/);
	});

test("a second copy waits while another process has the task", async (context) => {
	const place = placeFor(
		context,
		`[ -e "$2/free" ] && exit 0; touch "$2/free"; exit 75`,
	);
	assert.equal(await run(place, extraction), 0);
	assert.deepEqual(exitOf(place), ["ended", 0, ""]);
});

/** An installation whose graft is a line of bash: "$1" task, "$2" the sweep's folder, "$3" the task's id. */
function placeFor(context: TestContext, work: string): ScriptPlaces {
	const folder = join(folderFor(context), "it's a sweep");
	mkdirSync(folder);
	makeSlurmFolders(folder);
	const node = join(folder, "node");
	writeFileSync(
		node,
		`#!/bin/bash\n[ "$1" = --version ] && exit 0\nshift\n${work}\n`,
	);
	chmodSync(node, 0o755);
	return {
		folder,
		runs: folder,
		cache: folder,
		node,
		graft: join(root, "src", "graft.cjs"),
		packageFile: join(root, "package.json"),
		version: graftVersion(),
	};
}

async function run(
	place: ScriptPlaces,
	task: Task,
	setup: readonly string[] = [],
	meanwhile?: (kill: (signal: NodeJS.Signals) => void) => Promise<void>,
): Promise<number | null> {
	const job = { name: "graft-x", kind: task.kind, tasks: [task.id] };
	const script = sbatchScript(job, [task], { setup, sbatch: [] }, place);
	const child = spawn("bash", ["-c", script], {
		stdio: "ignore",
		env: {
			...process.env,
			SLURM_JOB_NAME: "graft-x",
			SLURM_ARRAY_JOB_ID: "7",
			SLURM_ARRAY_TASK_ID: "0",
			SLURMD_NODENAME: "node7",
			CUDA_VISIBLE_DEVICES: "1",
		},
	});
	const ended = new Promise<number | null>((resolve) => {
		child.on("close", resolve);
	});
	await meanwhile?.((signal) => child.kill(signal));
	return ended;
}

function exitOf({ folder }: ScriptPlaces) {
	const { reason, code, detail } = readExit(folder, "7_0.0.json");
	return [reason, code, detail.trim()];
}

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SlurmLauncher } from "../../../src/experiment/types.ts";
import { jobEnvironment } from "../../../src/sweep/slurm/environment.ts";
import { inParts, jobName } from "../../../src/sweep/slurm/names.ts";
import { sbatchScript } from "../../../src/sweep/slurm/script.ts";
import { jobsOf } from "../../../src/sweep/slurm/select.ts";
import {
	noticeSeconds,
	timeLimitSeconds,
} from "../../../src/sweep/slurm/time-limit.ts";
import type { Task } from "../../../src/sweep/types.ts";
import { root } from "../../support/graft.ts";

/** The text that sbatch gets: golden files under test/golden/sbatch. */

const tasks: readonly Task[] = [
	task("extraction", "0123456789ab", []),
	task("stacked", "123456789abc", ["extraction-0123456789ab"]),
	task("single", "23456789abcd", ["extraction-0123456789ab"]),
	task("single", "3456789abcde", []),
];

const places = {
	folder: "/shared/runs/grid-s1a2b3c",
	runs: "/shared/runs",
	cache: "/shared/cache/graft",
	node: "/opt/node/bin/node",
	graft: "/shared/graft/src/graft.cjs",
	packageFile: "/shared/graft/package.json",
	version: "0.1.0",
};

const full: SlurmLauncher = {
	partition: "gpu",
	account: "vision",
	qos: "normal",
	gres: "gpu:a100:1",
	time: "01:00:00",
	constraint: "a100|h100",
	mem: "16G",
	cpus_per_task: 4,
	max_running: 8,
	setup: ["module load nodejs/20", "export OMP_NUM_THREADS=4"],
	sbatch: [
		"#SBATCH --exclude=node[3-4]",
		"--reservation=night",
		"--mail-type=END",
	],
};

const bare: SlurmLauncher = { setup: [], sbatch: [] };

test("one array per kind of task and one job that follows are written as their goldens say", () => {
	const jobs = jobsOf("grid-s1a2b3c", 1, tasks);
	assert.deepEqual(
		jobs.map(({ kind, tasks }) => [kind, tasks.length]),
		[
			["extraction", 1],
			["stacked", 1],
			["single", 2],
			["collect", 0],
		],
	);
	for (const job of jobs)
		assertGolden(`${job.kind}.sh`, sbatchScript(job, tasks, full, places));
});

test("without options the cluster's own defaults hold; odd paths stay one word", () => {
	const [, , job] = jobsOf("grid-s1a2b3c", 12, tasks);
	assert.ok(job);
	const folder = '/home/jo\'s 100% "runs"/grid';
	assertGolden(
		"bare-odd-paths.sh",
		sbatchScript(job, tasks, bare, { ...places, folder }),
	);
});

test("bash finds no mistake in the scripts", () => {
	for (const job of jobsOf("grid", 1, tasks)) {
		const input = sbatchScript(job, tasks, full, places);
		const { status, stderr } = spawnSync("bash", ["-n"], { input });
		assert.equal(status, 0, String(stderr));
	}
});

test("an array holds at most a thousand tasks, and each has a name of its own", () => {
	const many = Array.from({ length: 2500 }, (_, n) =>
		task("single", String(n).padStart(12, "0"), []),
	);
	const jobs = jobsOf("grid", 3, many);
	assert.deepEqual(
		jobs.map(({ name, tasks }) => [name, tasks.length]),
		[
			["graft-grid-single-3", 1000],
			["graft-grid-single-3-2", 1000],
			["graft-grid-single-3-3", 500],
			["graft-grid-collect-3", 0],
		],
	);
	assert.deepEqual(inParts([1, 2, 3], 2), [[1, 2], [3]]);
	assert.equal(jobName("grid", "stacked", 7), "graft-grid-stacked-7");
});

test("time limits are read as sbatch reads them", () => {
	const seconds = {
		"60": 3600,
		"60:30": 3630,
		"01:02:03": 3723,
		"2-12": 216_000,
		"1-00:30": 88_200,
		"1-01:01:01": 90_061,
	};
	for (const [time, expected] of Object.entries(seconds))
		assert.equal(timeLimitSeconds(time), expected, time);
	assert.equal(timeLimitSeconds("tomorrow"), undefined);
	assert.equal(noticeSeconds("5"), 10);
	assert.equal(noticeSeconds("01:00:00"), 60);
	assert.equal(noticeSeconds(undefined), 60);
});

test("jobs get the submitter's environment without secrets and without its own job's numbers", () => {
	const env = jobEnvironment({
		PATH: "/usr/bin",
		SLURM_CONF: "/etc/slurm.conf",
		SLURM_JOB_ID: "12",
		SLURM_ARRAY_TASK_ID: "3",
		CUDA_VISIBLE_DEVICES: "0",
		HF_TOKEN: "hf_x",
		AWS_SECRET_ACCESS_KEY: "x",
		MLFLOW_TRACKING_PASSWORD: "x",
		WANDB_API_KEY: "x",
		MLFLOW_TRACKING_URI: "https://jo:pw@mlflow.example",
		HTTP_PROXY: "http://proxy:3128",
		MISSING: undefined,
	});
	assert.deepEqual(env, {
		PATH: "/usr/bin",
		SLURM_CONF: "/etc/slurm.conf",
		HTTP_PROXY: "http://proxy:3128",
	});
});

function task(kind: Task["kind"], hex: string, after: readonly string[]): Task {
	return { id: `${kind}-${hex}`, kind, trials: [hex], after, seconds: 1 };
}

/** `GRAFT_WRITE_GOLDEN=1 npm test -- slurm/script` writes the files anew, to be reviewed as a diff. */
function assertGolden(name: string, text: string): void {
	const file = join(root, "test", "golden", "sbatch", name);
	if (process.env.GRAFT_WRITE_GOLDEN) writeFileSync(file, text);
	assert.equal(text, readFileSync(file, "utf8"));
}

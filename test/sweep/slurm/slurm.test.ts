import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readRun } from "../../../src/runs/record.ts";
import { graft } from "../../support/graft.ts";
import { needs } from "../../support/needs.ts";
import { journalOf } from "../support.ts";
import { type Cluster, startCluster, until } from "./cluster.ts";
import {
	assertEachOnce,
	inTraining,
	queued,
	recordsOf,
	resultsOf,
	type Submitted,
	settled,
	statesOf,
	statusOf,
	submit,
} from "./sweeps.ts";

/**
 * Against a real Slurm on this machine: two nodes with two GPUs each. Whatever happens, in the end every trial has
 * finished once. GRAFT_TEST_SLURM_LONG=1 stops the controller for 30 s instead of 8, and adds chaos.
 */
const slurm = needs("slurm");
const options = { skip: slurm.missing };

let cluster: Cluster;
/** A sweep whose first attempt meets its time limit, of a minute at least: it goes on beside the other tests. */
let limited: Promise<Submitted>;

before(async () => {
	if (slurm.missing) return;
	cluster = await startCluster();
	const mark = join(cluster.folder, "limited-once");
	limited = submit(cluster, {
		name: "limited",
		trials: 1,
		epochs: 1,
		slurm: `{ partition: cpu, time: 1, setup: ['[ -e ${mark} ] || [ "$task" = collect ] || case $task in extraction*) ;; *) touch ${mark}; sleep 300 & wait $! ;; esac'] }`,
	});
	await limited;
});
after(() => cluster?.stop());

test(
	"arrays run on two nodes with two GPUs each, never two tasks on one GPU, and get no secrets",
	options,
	async () => {
		const sweep = await submit(
			cluster,
			{
				name: "arrays",
				trials: 6,
				epochs: 20,
				slurm: `{ gres: "gpu:1", time: 10, setup: ["env > $folder/env-$task"] }`,
			},
			{ HF_TOKEN: "hf_secret", GREETING: "hello" },
		);
		assert.equal(sweep.ended.code, 0, sweep.ended.stderr);
		const said = JSON.parse(sweep.ended.stdout);
		assert.equal(said.status, "SUBMITTED");
		assert.deepEqual(
			said.slurm.submitted.map((job: { kind: string }) => job.kind),
			["extraction", "single", "collect"],
		);
		await settled(cluster, sweep);
		assertEachOnce(sweep, 6);
		assert.equal((await statusOf(sweep)).status, "FINISHED");
		assert.equal(readRun(sweep.folder).status, "FINISHED", "its journal ends");

		const ends = new Map(
			recordsOf(sweep, "exit").map(({ key, ms }) => [key, ms]),
		);
		const tasks = recordsOf(sweep, "start").filter(
			({ task }) => task !== "collect",
		);
		assert.equal(tasks.length, 7);
		for (const { gpus } of tasks) assert.match(gpus, /^[01]$/);
		const places = new Set(tasks.map(({ node, gpus }) => `${node} ${gpus}`));
		assert.deepEqual([...places].sort(), [
			"node0 0",
			"node0 1",
			"node1 0",
			"node1 1",
		]);
		for (const a of tasks)
			for (const b of tasks) {
				if (a.key >= b.key || a.node !== b.node || a.gpus !== b.gpus) continue;
				const apart =
					(ends.get(a.key) ?? 0) <= b.ms || (ends.get(b.key) ?? 0) <= a.ms;
				assert.ok(
					apart,
					`${a.key} and ${b.key} share GPU ${a.gpus} of ${a.node}`,
				);
			}
		const env = readFileSync(
			join(sweep.folder, `env-${tasks[0]?.task}`),
			"utf8",
		);
		assert.match(env, /^GREETING=hello$/m);
		assert.doesNotMatch(env, /hf_secret/);
	},
);

test(
	"a task that is told of its time limit hands over, one that is cancelled by hand waits for resume, and both trials go on from their last states",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "signals",
			trials: 3,
			epochs: 300,
			train: ", checkpoints: { keep: 1, every_steps: 10 }",
		});
		await until("two tasks in training", () => inTraining(sweep).length >= 2);
		await until("two trials with a state", () => statesOf(sweep).length >= 2);
		const [first = "", second = ""] = inTraining(sweep);
		cluster.call("scancel", "--batch", "--signal=USR1", first);
		cluster.call("scancel", second);
		await settled(cluster, sweep);
		const reasons = recordsOf(sweep, "exit")
			.filter(({ task }) => task.startsWith("single"))
			.map(({ reason }) => reason);
		assert.deepEqual(reasons.toSorted(), ["TERM", "USR1", "ended", "ended"]);
		assert.equal(resultsOf(sweep).length, 2);
		const { slurm } = await statusOf(sweep);
		assert.deepEqual(
			slurm.lost.map(({ why, again }) => [why, again]),
			[["CANCELLED", false]],
		);

		const { code, stderr } = await graft(
			["sweep", "resume", sweep.folder],
			sweep.env,
		);
		assert.equal(code, 0, stderr);
		await settled(cluster, sweep);
		assertEachOnce(sweep, 3);
		const resumed = resultsOf(sweep).flatMap(({ runId }) =>
			journalOf(join(sweep.folder, "trials", runId))
				.filter(({ type }) => type === "start")
				.flatMap((start) => start.resumed ?? []),
		);
		assert.equal(resumed.length, 2);
		for (const { step } of resumed) assert.ok(step >= 10);
	},
);

test(
	"a cancelled sweep stays cancelled, and run goes on with what is missing",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "cancelled",
			trials: 5,
			epochs: 200,
		});
		await until("a task in training", () => inTraining(sweep).length > 0);
		const cancelled = await graft(
			["sweep", "cancel", sweep.folder, "--format", "json"],
			sweep.env,
		);
		assert.equal(cancelled.code, 0, cancelled.stderr);
		await settled(cluster, sweep);
		const { status } = await statusOf(sweep);
		assert.equal(status, "KILLED");
		const before = resultsOf(sweep);
		assert.ok(before.length < 5);

		const again = await graft(["run", sweep.file], sweep.env);
		assert.equal(again.code, 0, again.stderr);
		await settled(cluster, sweep);
		assertEachOnce(sweep, 5);
		for (const { trial, runId } of before)
			assert.equal(
				resultsOf(sweep).find((result) => result.trial === trial)?.runId,
				runId,
			);
	},
);

test(
	"preempted tasks are submitted again by the job that follows them",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "preempted",
			trials: 4,
			epochs: 200,
			slurm: "{ partition: low, gres: 'gpu:1', time: 10 }",
		});
		await until("a task in training", () => inTraining(sweep).length > 0);
		for (const node of ["node0", "node1"])
			cluster.call(
				"sbatch",
				"--partition=gpu",
				"--gres=gpu:2",
				`--nodelist=${node}`,
				"--output=/dev/null",
				"--wrap=sleep 2",
			);
		await settled(cluster, sweep);
		const reasons = recordsOf(sweep, "exit").map(({ reason }) => reason);
		// Slurm tells preempted jobs by the signal that they asked for, where PreemptParameters say so.
		assert.ok(
			reasons.includes("USR1") || reasons.includes("TERM"),
			reasons.join(),
		);
		assertEachOnce(sweep, 4);
	},
);

test(
	"a shell killed between intent and sbatch, or after sbatch, loses nothing and submits nothing twice",
	options,
	async () => {
		for (const [name, script] of [
			["before", "kill -9 $PPID"],
			["after", `${slurm.path} "$@" >/dev/null; kill -9 $PPID`],
		] as const) {
			const bin = join(cluster.folder, `bin-${name}`);
			mkdirSync(bin);
			writeFileSync(join(bin, "sbatch"), `#!/bin/sh\n${script}\n`);
			chmodSync(join(bin, "sbatch"), 0o755);
			const sweep = await submit(
				cluster,
				{ name: `killed-${name}`, trials: 2, epochs: 1 },
				{ PATH: `${bin}:${process.env.PATH}` },
			);
			assert.notEqual(sweep.ended.code, 0);
			const env = { ...sweep.env, PATH: process.env.PATH };
			const again = await graft(["run", sweep.file], env);
			assert.equal(again.code, 0, again.stderr);
			await settled(cluster, { ...sweep, env });
			assertEachOnce(sweep, 2);
			const starts = recordsOf(sweep, "start")
				.map(({ task }) => task)
				.filter((task) => task !== "collect");
			assert.equal(
				new Set(starts).size,
				starts.length,
				"no task has started twice",
			);
		}
	},
);

test(
	"on_failure: stop ends the sweep from the task that failed, though nobody watches",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "diverges",
			trials: 6,
			epochs: 3,
			learningRate: 1e30,
			onFailure: "stop",
			slurm: "{ partition: cpu, time: 10, max_running: 1 }",
		});
		await settled(cluster, sweep);
		const { status, trials } = await statusOf(sweep);
		assert.equal(status, "FAILED");
		const failed = trials.filter((trial) => trial.status === "FAILED");
		assert.ok(failed.length >= 1 && failed.length < 6, String(failed.length));
		assert.equal(resultsOf(sweep).length, 0);
	},
);

test(
	"what is wrong with Slurm is said with its own words and the key to change",
	options,
	async () => {
		const refused = await submit(cluster, {
			name: "refused",
			trials: 2,
			epochs: 1,
			slurm: "{ partition: gpus }",
		});
		assert.equal(refused.ended.code, 1);
		const { error } = JSON.parse(refused.ended.stdout);
		assert.equal(error.code, "sbatch-refused");
		assert.match(error.message, /invalid partition/i);
		assert.match(error.fix, /sweep\.launcher\.slurm\.partition/);

		const none = await submit(
			cluster,
			{ name: "none", trials: 2, epochs: 1 },
			{ PATH: "/nowhere" },
		);
		assert.equal(none.ended.code, 1);
		assert.equal(JSON.parse(none.ended.stdout).error.code, "no-slurm");
	},
);

test(
	"a task that met its time limit has been submitted again",
	options,
	async () => {
		const sweep = await limited;
		await settled(cluster, sweep, 120);
		assert.deepEqual(
			recordsOf(sweep, "exit")
				.map(({ reason }) => reason)
				.toSorted(),
			["USR1", "ended", "ended", "ended", "ended"],
		);
		assertEachOnce(sweep, 1);
	},
);

test(
	"a node's daemon killed with -9, another node gone with all that ran on it: every trial finishes once",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "nodes",
			trials: 6,
			epochs: 600,
		});
		const nodes = () =>
			recordsOf(sweep, "start")
				.filter(({ key }) =>
					inTraining(sweep).includes(key.split(".")[0] ?? ""),
				)
				.map(({ node }) => node);
		await until(
			"a task in training on each node",
			() => nodes().includes("node0") && nodes().includes("node1"),
		);
		cluster.kill("node0");
		cluster.kill("node1", "and its jobs");
		await until("Slurm to notice", () =>
			cluster.call("sinfo", "--noheader", "--format=%T").includes("down"),
		);
		cluster.revive();
		await settled(cluster, sweep, 120);
		assert.equal(queued(cluster, sweep).length, 0);
		assertEachOnce(sweep, 6);
		assert.ok((await statusOf(sweep)).slurm.rounds > 1);
	},
);

test(
	"a controller that is away makes tasks unknown, never failed; they go on, and so does graft",
	options,
	async (context) => {
		const away = process.env.GRAFT_TEST_SLURM_LONG ? 30 : 8;
		const sweep = await submit(cluster, {
			name: "controller",
			trials: 5,
			epochs: 300,
		});
		await until("a task in training", () => inTraining(sweep).length > 0);
		cluster.kill("controller", "politely");
		context.after(cluster.revive);
		const later = submit(cluster, { name: "meanwhile", trials: 1, epochs: 1 });
		const { status, slurm: seen } = await statusOf(sweep);
		assert.deepEqual(
			[status, seen.controller, seen.lost],
			["RUNNING", "unknown", []],
		);
		assert.ok((seen.tasks.unknown ?? 0) > 0);
		await sleep(away * 1000);
		cluster.revive();
		assert.equal((await later).ended.code, 0, (await later).ended.stderr);
		// Jobs that ended meanwhile stay in squeue until their nodes tell the controller once more.
		const both = [sweep, await later];
		await until("all results", () => both.flatMap(resultsOf).length === 6);
		assertEachOnce(sweep, 5);
		assertEachOnce(await later, 1);
		assert.equal(
			recordsOf(sweep, "start").filter(({ task }) => task.startsWith("single"))
				.length,
			5,
		);
	},
);

test(
	"a controller that has lost its newest jobs gives their numbers away again; watch brings back what it forgot",
	options,
	async () => {
		const sweep = await submit(cluster, {
			name: "forgotten",
			trials: 3,
			epochs: 20,
		});
		cluster.kill("controller");
		cluster.revive();
		const watch = () =>
			graft(["sweep", "watch", sweep.folder, "--format", "json"], sweep.env);
		let watched = await watch();
		// A node may still hold the old job of a number that was given away again: the controller then cancels the new
		// one, which Graft takes for a person's will.
		if (watched.code !== 0 && /CANCELLED/.test(watched.stderr)) {
			await graft(["sweep", "resume", sweep.folder], sweep.env);
			watched = await watch();
		}
		assert.equal(watched.code, 0, watched.stderr);
		assert.equal(JSON.parse(watched.stdout).status, "FINISHED");
		assertEachOnce(sweep, 3);
	},
);

// Minutes that a run of all tests does not have.
if (process.env.GRAFT_TEST_SLURM_LONG)
	test(
		"chaos: whatever is killed at random for two minutes, in the end every trial has finished once",
		options,
		async () => {
			const sweep = await submit(cluster, {
				name: "chaos",
				trials: 24,
				epochs: 200,
				retries: 50,
				slurm: "{ partition: low, gres: 'gpu:1', time: 10 }",
			});
			const end = Date.now() + 120_000;
			while (Date.now() < end) {
				const victim = Math.floor(random() * 5);
				if (victim < 2)
					cluster.kill(victim === 0 ? "node0" : "node1", "and its jobs");
				if (victim === 2) cluster.kill("controller");
				if (victim === 3)
					cluster.call(
						"sbatch",
						"--partition=gpu",
						"--gres=gpu:2",
						"--output=/dev/null",
						"--wrap=sleep 1",
					);
				const [job] = inTraining(sweep);
				if (victim === 4 && job) cluster.call("scancel", "--signal=KILL", job);
				await sleep(3000 + 6000 * random());
				cluster.revive();
				await sleep(2000);
			}
			for (let n = 0; n < 20 && resultsOf(sweep).length < 24; n++) {
				await until(
					"a quiet queue",
					() => queued(cluster, sweep).length === 0,
					300,
				);
				await graft(["sweep", "resume", sweep.folder], sweep.env);
			}
			await settled(cluster, sweep, 300);
			assertEachOnce(sweep, 24);
		},
	);

/** The same moments in every run of the test (mulberry32). */
let seed = 1;
function random(): number {
	seed = (seed + 0x6d2b79f5) | 0;
	let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

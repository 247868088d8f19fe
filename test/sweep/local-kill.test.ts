import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { random } from "../../src/random.ts";
import { envFor, folderFor } from "../support/graft.ts";
import {
	ALL_KINDS,
	childrenOf,
	fewPhotos,
	finalTable,
	finishedRuns,
	journalOf,
	start,
	sweepFile,
} from "./support.ts";

/** GRAFT_TEST_KILLS: how many; GRAFT_TEST_SEED: other moments. */
const KILLS = Number(process.env.GRAFT_TEST_KILLS ?? 20);
const SEED = Number(process.env.GRAFT_TEST_SEED ?? 1);

test("runner and workers killed with -9 at any moment, the sweep run again each time: the same final table, and no trial finished twice", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	fewPhotos(folder);
	const file = sweepFile(folder, ALL_KINDS);
	const undisturbed = { ...env, GRAFT_RUNS: join(folder, "undisturbed") };
	const whole = await start(["run", file], undisturbed).ended;
	assert.equal(whole.code, 0, whole.stderr);
	const [id = ""] = readdirSync(undisturbed.GRAFT_RUNS);
	const expected = finalTable(join(undisturbed.GRAFT_RUNS, id));
	assert.equal(expected.length, 7);

	const draw = random(SEED, "kills");
	let kills = 0;
	while (kills < KILLS) {
		// A new sweep, every other time without features.
		rmSync(join(folder, "runs"), { recursive: true, force: true });
		if (draw.integer(2) === 0)
			rmSync(join(folder, "cache"), { recursive: true, force: true });
		for (let isOver = false; !isOver; ) {
			// One runner, or two that share the sweep.
			const runners = [start(["run", file], env)];
			if (draw.integer(3) === 0) runners.push(start(["run", file], env));
			const ended = Promise.all(runners.map((runner) => runner.ended));
			let hasEnded = false;
			void ended.then(() => {
				hasEnded = true;
			});
			const moment = performance.now() + draw.uniform() * 1200;
			while (performance.now() < moment && !hasEnded) await sleep(2);
			const victims = runners
				.filter(({ child }) => child.exitCode === null)
				.map(({ child }) => child.pid as number)
				.flatMap((pid) => [pid, ...childrenOf(pid)]);
			const victim = victims[draw.integer(Math.max(1, victims.length))];
			if (victim !== undefined && kills < KILLS) {
				try {
					process.kill(victim, 9);
					kills++;
				} catch {
					// It has ended by itself just now.
				}
			}
			const outcomes = await ended;
			for (const { code, signal, stderr } of outcomes)
				assert.ok(
					code === 0 || signal === "SIGKILL",
					`exit ${code}: ${stderr}`,
				);
			isOver = outcomes.some(({ code }) => code === 0);
		}
		const sweep = join(folder, "runs", id);
		assert.deepEqual(finalTable(sweep), expected);
		const finished = [...finishedRuns(sweep).values()];
		assert.deepEqual(
			finished,
			expected.map(() => 1),
		);
	}
	assert.equal(kills, KILLS);
});

test("workers of a runner that is killed with -9 end by themselves", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const file = sweepFile(folder, "  grid: { train.epochs: [1000000, 999999] }");
	const { child, ended } = start(["run", file], envFor(folder));
	const pid = child.pid as number;
	const logs = join(folder, "runs");
	const isTraining = () =>
		existsSync(logs) &&
		readdirSync(logs, { recursive: true }).some((name) =>
			String(name).includes("stacked-"),
		);
	while (!isTraining()) await sleep(20);
	const workers = childrenOf(pid);
	assert.ok(workers.length > 0);
	process.kill(pid, 9);
	await ended;
	while (workers.some((worker) => existsSync(`/proc/${worker}`)))
		await sleep(20);
});

test("a trial whose worker was killed in the middle goes on from its last state, and comes to the same head", async (t) => {
	const folder = folderFor(t);
	fewPhotos(folder);
	const file = sweepFile(
		folder,
		`  list:
    - model.head: { mlp: { hidden: 64, dropout: 0.5 } }
      train: { epochs: 400, checkpoints: { keep: 1, every_steps: 20 } }`,
	);
	const env = envFor(folder);
	const undisturbed = { ...env, GRAFT_RUNS: join(folder, "undisturbed") };
	const whole = await start(["run", file], undisturbed).ended;
	assert.equal(whole.code, 0, whole.stderr);
	const [id = ""] = readdirSync(undisturbed.GRAFT_RUNS);

	const { child, ended } = start(["run", file], env);
	const trials = join(folder, "runs", id, "trials");
	const states = () =>
		existsSync(trials)
			? readdirSync(trials, { recursive: true }).filter((name) =>
					/state-0+[1-9]\d+\.safetensors$/.test(String(name)),
				)
			: [];
	while (states().length === 0) await sleep(5);
	for (const pid of [child.pid as number, ...childrenOf(child.pid as number)])
		process.kill(pid, 9);
	await ended;

	const again = await start(["run", file], env).ended;
	assert.equal(again.code, 0, again.stderr);
	const attempts = readdirSync(trials);
	assert.equal(attempts.length, 1, "it goes on in its own folder");
	const starts = journalOf(join(trials, attempts[0] as string)).filter(
		({ type }) => type === "start",
	);
	assert.equal(starts.length, 2);
	assert.ok(starts[1]?.resumed !== undefined && starts[1].resumed.step > 0);
	assert.deepEqual(
		finalTable(join(folder, "runs", id)),
		finalTable(join(undisturbed.GRAFT_RUNS, id)),
	);
});

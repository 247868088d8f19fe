import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { envFor, folderFor } from "../support/graft.ts";
import {
	ALL_KINDS,
	childrenOf,
	fewPhotos,
	finalTable,
	finishedRuns,
	start,
	sweepFile,
} from "./support.ts";

interface SweepJson {
	readonly sweep_id: string;
	readonly status: string;
	readonly sweep_dir: string;
	readonly trials: readonly {
		readonly run_id: string;
		readonly status: string;
		readonly params: Readonly<Record<string, unknown>>;
		readonly metrics: Readonly<Record<string, number>>;
		readonly error?: { readonly code: string };
	}[];
	readonly tasks: Readonly<Record<string, number>> & {
		readonly run: Readonly<Record<string, number>>;
		readonly cached: Readonly<Record<string, number>>;
	};
	readonly best: { readonly run_id: string } | null;
	readonly seconds: number;
}

function setUp(t: TestContext) {
	const folder = folderFor(t);
	fewPhotos(folder);
	const env = envFor(folder);
	const json = async (...args: string[]) => {
		const ended = await start([...args, "--format", "json"], env).ended;
		const value = ended.stdout === "" ? undefined : JSON.parse(ended.stdout);
		return { ...ended, value: value as SweepJson };
	};
	return { folder, env, json };
}

test("run of a sweep prints its id, status, trials, tasks, best and seconds; sweep status says the same", async (t) => {
	const { folder, json } = setUp(t);
	const file = sweepFile(
		folder,
		"  grid:\n    train.optimizer: [sgd, adam]\n    train.learning_rate: [0.1, 0.01]\n    seed: [0, 1]",
	);
	const { code, stderr, value } = await json("run", file);
	assert.equal(code, 0, stderr);
	assert.equal(value.status, "FINISHED");
	assert.match(value.sweep_id, /^heads-s[0-9a-f]{7}$/);
	assert.equal(value.sweep_dir, join(folder, "runs", value.sweep_id));
	assert.equal(value.trials.length, 8);
	const { extraction, stacked, single, run } = value.tasks;
	assert.deepEqual({ extraction, stacked, single }, run);
	assert.deepEqual(
		{ extraction, stacked, single },
		{
			extraction: 1,
			stacked: 1,
			single: 0,
		},
	);
	for (const { status, params, metrics, run_id } of value.trials) {
		assert.equal(status, "FINISHED");
		assert.deepEqual(Object.keys(params), [
			"train.optimizer",
			"train.learning_rate",
			"seed",
		]);
		assert.equal(typeof metrics["valid/accuracy"], "number");
		assert.ok(statSync(join(value.sweep_dir, "trials", run_id)).isDirectory());
	}
	assert.ok(value.trials.some(({ run_id }) => run_id === value.best?.run_id));
	assert.ok(value.seconds > 0);

	const status = await json("sweep", "status", value.sweep_id.slice(0, 5));
	assert.equal(status.code, 0);
	assert.equal(status.value.status, "FINISHED");
	assert.deepEqual(status.value.trials, value.trials);
	assert.deepEqual(status.value.best, value.best);
	const text = await start(["sweep", "status"], envFor(folder)).ended;
	assert.match(text.stdout, /FINISHED {2}8 trials: 8 finished/);

	const list = await start(["ls"], envFor(folder)).ended;
	assert.equal(list.stdout.trim().split("\n").length, 2, "one line, one title");
	assert.match(list.stdout, /^heads-s\w{7} .*8 trials/m);
	const { run_id } = value.trials[3] as { run_id: string };
	const shown = await start(["show", run_id], envFor(folder)).ended;
	assert.match(shown.stdout, /trial of heads-s\w{7}: train.optimizer="sgd"/);
	const sweep = await start(["show", value.sweep_id], envFor(folder)).ended;
	assert.equal(sweep.stdout, text.stdout);
});

test("an edited grid runs its new points only, and keeps what it had", async (t) => {
	const { folder, json } = setUp(t);
	const rates = (list: string) =>
		sweepFile(folder, `  grid: { train.learning_rate: [${list}] }`);
	const first = await json("run", rates("0.1, 0.01"));
	assert.equal(first.code, 0, first.stderr);
	const trials = join(first.value.sweep_dir, "trials");
	const times = () =>
		readdirSync(trials).map(
			(name) => statSync(join(trials, name, "journal.jsonl")).mtimeMs,
		);
	const before = times();

	const second = await json("run", rates("0.01, 0.001, 0.1"));
	assert.equal(second.code, 0, second.stderr);
	assert.equal(second.value.sweep_id, first.value.sweep_id);
	assert.deepEqual(
		second.value.trials.map(({ params }) => params["train.learning_rate"]),
		[0.01, 0.001, 0.1],
	);
	assert.equal(readdirSync(trials).length, 3);
	assert.deepEqual(
		times().filter((time) => before.includes(time)),
		before,
	);

	const third = await json("run", rates("0.1"));
	assert.equal(third.code, 0, third.stderr);
	assert.equal(third.value.trials.length, 1);
	assert.equal(readdirSync(trials).length, 3);
	const nothing = { extraction: 0, stacked: 0, single: 0 };
	assert.deepEqual(third.value.tasks.run, nothing);

	const resumed = await json("sweep", "resume", "latest");
	assert.equal(resumed.code, 0, resumed.stderr);
	assert.deepEqual(resumed.value.tasks.run, nothing);
	assert.deepEqual(resumed.value.trials, third.value.trials);
});

test("a trial that fails fails alone, its error is shown with its log, and a later run tries it again", async (t) => {
	const { folder, json } = setUp(t);
	const file = sweepFile(
		folder,
		"  grid: { train.optimizer: [sgd], train.learning_rate: [0.1, 1.0e+38, 0.01] }",
	);
	for (const attempt of [1, 2]) {
		const { code, stderr, value } = await json("run", file);
		assert.equal(code, 1, stderr);
		assert.equal(value.status, "FAILED");
		assert.deepEqual(
			value.trials.map(({ status }) => status),
			["FINISHED", "FAILED", "FINISHED"],
		);
		assert.equal(value.trials[1]?.error?.code, "diverged");
		assert.match(stderr, /error diverged: .*\n {2}trial: .*1e\+38/);
		assert.match(stderr, /log: .*logs\/(stacked|single)-[0-9a-f]{12}\.log/);
		const counts = [...finishedRuns(value.sweep_dir).values()];
		assert.deepEqual(counts, [1, 1]);
		assert.equal(
			readdirSync(join(value.sweep_dir, "trials")).length,
			2 + attempt,
		);
	}
});

test("on_failure: stop ends what runs at the first failure", async (t) => {
	const { folder, json } = setUp(t);
	const file = sweepFile(
		folder,
		`  list:
    - { data.exif: ignore, train.learning_rate: 1.0e+38, train.optimizer: sgd }
    - { train.epochs: 1000000 }
  on_failure: stop
  launcher: { local: { workers: 2 } }`,
	);
	const { code, stderr, value } = await json("run", file);
	assert.equal(code, 1, stderr);
	assert.deepEqual(
		value.trials.map(({ status }) => status),
		["FAILED", "PENDING"],
	);
	assert.match(stderr, /on_failure ended the sweep with 1 trial left/);
});

test("two runners on one sweep share it: every trial once, the same table as one", async (t) => {
	const { folder, env, json } = setUp(t);
	const file = sweepFile(folder, ALL_KINDS);
	const alone = { ...env, GRAFT_RUNS: join(folder, "alone") };
	const one = await start(["run", file], alone).ended;
	assert.equal(one.code, 0, one.stderr);
	const [id = ""] = readdirSync(alone.GRAFT_RUNS);
	const both = await Promise.all([json("run", file), json("run", file)]);
	for (const { code, stderr, value } of both) {
		assert.equal(code, 0, stderr);
		assert.equal(value.sweep_id, id);
		assert.ok(value.trials.every(({ status }) => status === "FINISHED"));
	}
	const sweep = join(folder, "runs", id);
	assert.deepEqual(finalTable(sweep), finalTable(join(alone.GRAFT_RUNS, id)));
	assert.deepEqual([...finishedRuns(sweep).values()], [1, 1, 1, 1, 1, 1, 1]);
	const did = both.map(
		({ value }) => value.tasks.run.stacked + value.tasks.run.single,
	);
	assert.equal((did[0] as number) + (did[1] as number), 4);
});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

test("Ctrl-C ends the sweep as KILLED, its workers with it; cancel does so from another shell", async (t) => {
	const { folder, env, json } = setUp(t);
	const file = sweepFile(
		folder,
		"  grid: { train.epochs: [1, 1000000], train.optimizer: [sgd, adamw] }",
	);
	const isGoing = async (runner: { stderr: () => string }) => {
		for (;;) {
			const status = await json("sweep", "status");
			const by = (status.value?.trials ?? []).map((trial) => trial.status);
			if (by.includes("FINISHED")) return status;
			assert.doesNotMatch(runner.stderr(), /error/);
			await sleep(50);
		}
	};
	const first = start(["run", file, "--format", "json"], env);
	const seen = await isGoing(first);
	assert.equal(seen.value.status, "RUNNING");
	const workers = childrenOf(first.child.pid as number);
	assert.ok(workers.length > 0);
	first.child.kill("SIGINT");
	const { code, stdout, stderr } = await first.ended;
	assert.equal(code, 130, stderr);
	const value = JSON.parse(stdout) as SweepJson;
	assert.equal(value.status, "KILLED");
	assert.deepEqual(workers.filter(isAlive), []);
	assert.match(stderr, /fix: graft run .*heads\.yaml goes on with the rest/);
	assert.equal((await json("sweep", "status")).value.status, "KILLED");

	const second = start(["sweep", "resume", "latest"], env);
	for (;;) {
		const { value: now } = await json("sweep", "status");
		if (now.trials.some(({ status }) => status === "RUNNING")) break;
		await sleep(50);
	}
	const cancelled = await json("sweep", "cancel", value.sweep_id);
	assert.equal(cancelled.code, 0);
	assert.equal(cancelled.value.status, "KILLED");
	assert.equal((await second.ended).code, 130);
});

test("a mistake in a sweep is bad input, and nothing is written", async (t) => {
	const { folder, env } = setUp(t);
	const file = sweepFile(folder, "  grid: { train.learing_rate: [0.1] }");
	const { code, stderr } = await start(["run", file], env).ended;
	assert.equal(code, 2);
	assert.match(stderr, /learning_rate/);
	assert.throws(() => readdirSync(join(folder, "runs")), /ENOENT/);
});

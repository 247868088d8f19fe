import assert from "node:assert/strict";
import {
	appendFileSync,
	existsSync,
	readdirSync,
	readFileSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { envFor, folderFor, graft } from "../../support/graft.ts";
import {
	fewPhotos,
	finalTable,
	finishedRuns,
	start,
	sweepFile,
} from "../support.ts";

const TPE = `  tpe:
    trials: 9
    startup_trials: 3
    batch: 3
    space:
      train.learning_rate: { log_uniform: [0.0001, 0.1] }
      train.optimizer: { choice: [sgd, adam] }
  objective: valid/loss`;

function prepared(context: TestContext, sweep = TPE) {
	const folder = folderFor(context);
	fewPhotos(folder);
	const file = sweepFile(folder, sweep);
	return { folder, file, env: envFor(folder), runs: join(folder, "runs") };
}

/** The only sweep of a folder of runs. */
function only(runs: string): string {
	const [id = ""] = existsSync(runs) ? readdirSync(runs) : [];
	return join(runs, id);
}

/** Round by round what was asked for. */
function roundsOf(sweep: string): readonly unknown[] {
	const rounds = join(sweep, "rounds");
	return (existsSync(rounds) ? readdirSync(rounds) : []).flatMap((key) =>
		readdirSync(join(rounds, key))
			.filter((name) => name.endsWith(".json"))
			.sort()
			.map((name) => readFileSync(join(rounds, key, name), "utf8")),
	);
}

async function status(env: NodeJS.ProcessEnv) {
	const { stdout } = await graft(["sweep", "status", "--format", "json"], env);
	return JSON.parse(stdout) as {
		readonly status: string;
		readonly to_ask: number;
		readonly trials: readonly {
			readonly status: string;
			readonly params: Readonly<Record<string, unknown>>;
		}[];
	};
}

test("a sweep by TPE that is killed with -9 in its first points and in its rounds comes to the same points, results and weights; so do two runners at once", async (t) => {
	const { file, env, runs } = prepared(t);
	const whole = await start(["run", file], env).ended;
	assert.equal(whole.code, 0, whole.stderr);
	assert.match(whole.stderr, /^sweep heads-\S+ {2}9 trials, 3 of them asked/m);
	assert.match(whole.stderr, /^round 1 {2}6 of 9 trials asked$/m);
	assert.match(whole.stderr, /^round 2 {2}9 of 9 trials asked$/m);
	const table = finalTable(only(runs));
	const rounds = roundsOf(only(runs));
	assert.equal(table.length, 9);
	assert.equal(rounds.length, 2);
	assert.equal((await status(env)).to_ask, 0);

	for (const moment of ["results", "rounds"]) {
		rmSync(runs, { recursive: true });
		const { child, ended } = start(["run", file], env);
		const isThere = () =>
			moment === "rounds"
				? roundsOf(only(runs)).length > 0
				: finalTable(only(runs)).length > 0;
		while (!existsSync(join(only(runs), "results")) || !isThere())
			await sleep(5);
		child.kill("SIGKILL");
		await ended;
		const killed = await status(env);
		assert.equal(killed.status, "KILLED");
		assert.ok(killed.to_ask >= 3, String(killed.to_ask));
		const again = await start(
			moment === "rounds" ? ["sweep", "resume"] : ["run", file],
			env,
		).ended;
		assert.equal(again.code, 0, again.stderr);
		assert.deepEqual(finalTable(only(runs)), table, moment);
		assert.deepEqual(roundsOf(only(runs)), rounds, moment);
	}

	rmSync(runs, { recursive: true });
	const both = await Promise.all([
		start(["run", file], env).ended,
		start(["run", file], env).ended,
	]);
	assert.deepEqual(
		both.map(({ code }) => code),
		[0, 0],
		both.map(({ stderr }) => stderr).join("\n"),
	);
	assert.deepEqual(finalTable(only(runs)), table);
	assert.deepEqual(roundsOf(only(runs)), rounds);
	assert.deepEqual(
		[...finishedRuns(only(runs)).values()],
		table.map(() => 1),
	);
	const { trials, to_ask: toAsk } = await status(env);
	assert.deepEqual([trials.length, toAsk], [9, 0]);

	// More points go on from there; another space begins anew, and resume says so.
	const more = ["run", file, "--set", "sweep.tpe.trials=10"];
	const longer = await start(more, env).ended;
	assert.equal(longer.code, 0, longer.stderr);
	assert.deepEqual(roundsOf(only(runs)).slice(0, 2), rounds);
	assert.equal(finalTable(only(runs)).length, 10);
	const compared = await graft(["compare", "latest"], env);
	assert.equal(compared.code, 0, compared.stderr);
	assert.match(compared.stdout, /train\.learning_rate/);
	appendFileSync(file, "  seeds: 2\n");
	const changed = await graft(["sweep", "resume"], env);
	assert.equal(changed.code, 1);
	assert.match(changed.stderr, /sweep-changed/);
});

test("points that diverge are the worst there are: the sweep goes on asking, and ends with what failed", async (t) => {
	const { file, env } = prepared(
		t,
		`  tpe:
    trials: 8
    startup_trials: 4
    batch: 2
    space:
      train.learning_rate: { choice: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 1.0e+39, 2.0e+39, 3.0e+39, 4.0e+39] }
  retries: { nan: 0 }
  objective: valid/loss`,
	);
	const { code, stderr } = await start(
		["run", file, "--set", "train.optimizer=sgd"],
		env,
	).ended;
	assert.equal(code, 1, stderr);
	const { trials, to_ask: toAsk } = await status(env);
	// Of the first four, two may be the same.
	assert.ok(trials.length > 6 && toAsk === 0, String(trials.length));
	for (const { status: state, params } of trials)
		assert.equal(
			state,
			(params["train.learning_rate"] as number) > 1 ? "FAILED" : "FINISHED",
		);
	const failed = trials.filter((trial) => trial.status === "FAILED").length;
	assert.ok(failed > 0 && failed < 5, String(failed));
});

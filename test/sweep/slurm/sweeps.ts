import assert from "node:assert/strict";
import {
	existsSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readRun } from "../../../src/runs/record.ts";
import { type Ended, graft, tuxpaint } from "../../support/graft.ts";
import { type Cluster, until } from "./cluster.ts";

/** Sweeps on the embedded photos, as their files show them. */

export interface SweepFile {
	readonly name: string;
	/** Each is a task of its own: heads with Dropout train alone. */
	readonly trials: number;
	readonly epochs: number;
	/** launcher.slurm, as flow YAML. */
	readonly slurm?: string;
	readonly retries?: number;
	/** More keys of train, as flow YAML that begins with a comma. */
	readonly train?: string;
	/** Of all trials. @default 0.002 */
	readonly learningRate?: number;
	/** @default continue */
	readonly onFailure?: string;
}

/** A sweep that was submitted, by `graft run`. */
export interface Submitted {
	readonly ended: Ended;
	readonly file: string;
	readonly folder: string;
	readonly env: NodeJS.ProcessEnv;
}

/** Writes the file; its runs and features are beside it. */
export function writeSweepFile(
	place: string,
	{
		name,
		trials,
		epochs,
		slurm = "{ gres: 'gpu:1', time: 10 }",
		retries = 3,
		learningRate = 0.002,
		train = "",
		onFailure = "continue",
	}: SweepFile,
): string {
	const dropouts = Array.from({ length: trials }, (_, n) => (n + 1) / 100);
	const file = join(place, `${name}.yaml`);
	writeFileSync(
		file,
		`name: ${name}
seed: 0
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: { mlp: { hidden: [8], dropout: 0.1 } } }
train: { loss: cross_entropy, optimizer: adam, learning_rate: ${learningRate}, epochs: ${epochs}, batch_size: 64${train} }
sweep:
  grid: { model.head.mlp.dropout: ${JSON.stringify(dropouts)} }
  retries: { infrastructure: ${retries} }
  on_failure: ${onFailure}
  launcher: { slurm: ${slurm} }
`,
	);
	return file;
}

/** `graft run` of a new sweep. */
export async function submit(
	{ env: clusterEnv, folder: place }: Cluster,
	sweep: SweepFile,
	more: NodeJS.ProcessEnv = {},
): Promise<Submitted> {
	const runs = join(place, `runs-${sweep.name}`);
	const env = {
		...clusterEnv,
		GRAFT_RUNS: runs,
		GRAFT_CACHE: join(place, "cache"),
		...more,
	};
	const file = writeSweepFile(place, sweep);
	const ended = await graft(["run", file, "--format", "json"], env);
	const name = namesIn(runs).find((id) => id.startsWith(sweep.name)) ?? "none";
	return { ended, file, folder: join(runs, name), env };
}

/** What `graft sweep status` says, as JSON. */
export async function statusOf({ folder, env }: Submitted): Promise<{
	status: string;
	trials: { status: string }[];
	slurm: {
		controller: string;
		rounds: number;
		tasks: Record<string, number>;
		lost: { why: string; again: boolean }[];
	};
}> {
	const { stdout, stderr } = await graft(
		["sweep", "status", folder, "--format", "json"],
		env,
	);
	assert.notEqual(stdout, "", stderr);
	return JSON.parse(stdout);
}

/** Names of the sweep's jobs that are waiting or running. */
export function queued(
	cluster: Cluster,
	{ folder }: Submitted,
): readonly string[] {
	const id = folder.slice(folder.lastIndexOf("/") + 1);
	return cluster
		.call("squeue", "--noheader", "--array", "--format=%i %j")
		.split("\n")
		.filter((line) => line.includes(`graft-${id}-`));
}

/** Until none of the sweep's jobs is left, those that its own jobs submit included. */
export async function settled(
	cluster: Cluster,
	sweep: Submitted,
	seconds = 90,
) {
	await until(
		`the jobs of ${sweep.folder} to end`,
		() => queued(cluster, sweep).length === 0,
		seconds,
	);
}

/** Results of trials, in the order of their names. */
export function resultsOf({
	folder,
}: Submitted): readonly { trial: string; runId: string }[] {
	return namesIn(join(folder, "results"))
		.filter((name) => name.endsWith(".json"))
		.map((name) =>
			JSON.parse(readFileSync(join(folder, "results", name), "utf8")),
		);
}

/** Each trial has finished once: one result, one finished run, no failure left. */
export function assertEachOnce(sweep: Submitted, trials: number): void {
	const { folder } = sweep;
	const results = resultsOf(sweep);
	assert.equal(results.length, trials, "one result a trial");
	assert.deepEqual(namesIn(join(folder, "failures")), []);
	const finished = namesIn(join(folder, "trials")).filter(
		(name) => readRun(join(folder, "trials", name)).status === "FINISHED",
	);
	assert.deepEqual(finished, results.map(({ runId }) => runId).sort());
}

/** Start and exit records with the times of their files, milliseconds. */
export function recordsOf<
	T = { key: string; task: string; node: string; gpus: string; reason: string },
>(
	{ folder }: Submitted,
	kind: "start" | "exit",
): readonly (T & { readonly ms: number })[] {
	const place = join(folder, "slurm", kind);
	return namesIn(place).map((name) => ({
		...JSON.parse(readFileSync(join(place, name), "utf8")),
		ms: statSync(join(place, name)).mtimeMs,
	}));
}

/** Job numbers (`12_3`) of tasks whose log shows an epoch: they are in the middle of training. */
export function inTraining(sweep: Submitted): readonly string[] {
	const over = new Set(recordsOf(sweep, "exit").map(({ key }) => key));
	return recordsOf(sweep, "start")
		.filter(
			({ key, task }) => !over.has(key) && /epoch/.test(logOf(sweep, task)),
		)
		.map(({ key }) => key.split(".")[0] ?? key);
}

/** Trials that have something to go on from, a name each. */
export function statesOf({ folder }: Submitted): readonly string[] {
	const trials = join(folder, "trials");
	return namesIn(trials).filter((name) =>
		namesIn(join(trials, name, "checkpoints")).some((file) =>
			/^state-0+[1-9]\d*\.safetensors$/.test(file),
		),
	);
}

function logOf({ folder }: Submitted, task: string): string {
	const path = join(folder, "logs", `${task}.log`);
	return existsSync(path) ? readFileSync(path, "utf8") : "";
}

export function namesIn(folder: string): readonly string[] {
	return existsSync(folder)
		? readdirSync(folder)
				.filter((name) => !name.startsWith("."))
				.sort()
		: [];
}

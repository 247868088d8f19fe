import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { wallSeconds } from "../../src/sweep/expected.ts";
import {
	type PreparedSweep,
	prepareStored,
	prepareSweep,
} from "../../src/sweep/prepare-sweep.ts";
import { planTasks } from "../../src/sweep/tasks.ts";
import type { StoredTrial, Task } from "../../src/sweep/types.ts";
import { experimentIn, folderFor, tuxpaint } from "../support/graft.ts";

const HEAD = `
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 3 }
`;

async function tried(
	context: TestContext,
	section: string,
	sets: readonly string[] = [],
) {
	const folder = folderFor(context);
	const file = experimentIn(folder, `${HEAD}sweep: ${section}\n`, "heads.yaml");
	return prepareSweep(file, {
		sets,
		cacheFolder: join(folder, "cache"),
		hash: true,
		missing: "error",
	});
}

async function prepared(
	...given: Parameters<typeof tried>
): Promise<PreparedSweep> {
	const result = await tried(...given);
	assert.ok(result.ok, JSON.stringify(result.ok || result.diagnostics));
	return result.value;
}

/** kind x trials, in order. */
function shape(tasks: readonly Task[]): readonly string[] {
	return tasks.map(({ kind, trials }) => `${kind} ${trials.length}`);
}

test("trials of one network that accumulate, average or take another optimizer train alone, those with groups in the stack", async (context) => {
	const { trials, tasks } = await prepared(
		context,
		"{ grid: { train.accumulate: [1, 2], train.optimizer: [sgd, radam], train.no_weight_decay: [[bias], [norm]] } }",
	);
	assert.deepEqual(shape(tasks), [
		"extraction 8",
		"stacked 2",
		...Array<string>(6).fill("single 1"),
	]);
	const stacked = tasks.find(({ kind }) => kind === "stacked");
	for (const { trial } of trials) {
		const { accumulate, optimizer } = trial.experiment.train;
		const isIn = stacked?.trials.includes(trial.id);
		assert.equal(isIn, accumulate === 1 && "sgd" in optimizer);
	}
});

test("heads on one prefix wait for one extraction and train as one stack", async (context) => {
	const { trials, tasks } = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01], train.optimizer: [sgd, adam] }, seeds: 3 }",
	);
	assert.deepEqual(shape(tasks), ["extraction 12", "stacked 12"]);
	const [extraction, stacked] = tasks as [Task, Task];
	assert.match(extraction.id, /^extraction-[0-9a-f]{12}$/);
	assert.match(stacked.id, /^stacked-[0-9a-f]{12}$/);
	assert.deepEqual(stacked.after, [extraction.id]);
	assert.deepEqual(
		stacked.trials,
		trials.map(({ trial }) => trial.id),
	);
	for (const [index, { trial, prepared: own }] of trials.entries()) {
		assert.equal(trial.index, index);
		assert.equal(trial.id, own.plan.fingerprint?.slice(0, 12));
		assert.equal(trial.runId, `heads-${trial.id}`);
		assert.equal(trial.experiment, own.loaded.experiment);
		assert.equal(trial.experiment.sweep, undefined);
	}
	assert.equal(new Set(trials.map(({ trial }) => trial.id)).size, 12);
});

test("what trials share is opened and compiled once", async (context) => {
	const { trials } = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01] }, seeds: 5 }",
	);
	const shared = trials.map(({ prepared: { backbone, dataset, plan } }) => [
		backbone,
		dataset,
		plan.graph,
	]);
	for (const part of [0, 1, 2])
		assert.equal(new Set(shared.map((parts) => parts[part])).size, 1);
});

test("each prefix has its own extraction and stack; random transforms, layers of the trunk that learn and classical heads are single", async (context) => {
	const { tasks, trials } = await prepared(
		context,
		`
  list:
    - { transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize] }
    - { transforms: [{ Resize: 256 }, { CenterCrop: 224 }, ToTensor, Normalize] }
    - { transforms.train: [{ Resize: { size: [224, 224] } }, RandomHorizontalFlip, ToTensor, Normalize] }
    - { model.head: logistic }
  seeds: 2`,
	);
	assert.deepEqual(shape(tasks), [
		"extraction 4",
		"extraction 2",
		"stacked 2",
		"stacked 2",
		"single 1",
		"single 1",
		"single 1",
		"single 1",
	]);
	const [squash, crop] = tasks;
	const flips = tasks.filter(
		({ trials: [id], kind }) =>
			kind === "single" &&
			trials.find(({ trial }) => trial.id === id)?.prepared.plan.train
				.featureKey === undefined,
	);
	assert.deepEqual(
		flips.map(({ after }) => after),
		[[], []],
	);
	assert.deepEqual(
		tasks.slice(2).map(({ after }) => after[0]),
		[squash?.id, crop?.id, undefined, undefined, squash?.id, squash?.id],
	);
});

test("an edited grid keeps the ids of its unchanged extraction and trials", async (context) => {
	const before = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01] } }",
	);
	const after = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.2, 0.1, 0.01] } }",
	);
	assert.equal(after.tasks[0]?.id, before.tasks[0]?.id);
	assert.notEqual(after.tasks[1]?.id, before.tasks[1]?.id);
	const ids = ({ trials }: PreparedSweep) =>
		trials.map(({ trial }) => trial.id);
	assert.deepEqual(ids(after).slice(1), ids(before));
});

test("a stack holds at most 512 heads", async (context) => {
	const { tasks } = await prepared(context, "{ seeds: 515 }");
	assert.deepEqual(shape(tasks), [
		"extraction 515",
		"stacked 512",
		"stacked 3",
	]);
});

test("trials that are the same experiment run once, with a warning", async (context) => {
	const result = await tried(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01, 0.1], train.optimizer: [sgd, { sgd: { momentum: 0 } }] } }",
	);
	assert.ok(result.ok);
	assert.equal(result.value.trials.length, 2);
	assert.deepEqual(
		result.value.trials.map(({ trial }) => trial.index),
		[0, 1],
	);
	const [warning] = result.warnings;
	assert.equal(warning?.code, "same-trials");
	assert.match(warning?.message ?? "", /^4 of 6 trials/);
});

test("a mistake that only the network shows is said once, with its trials, at the value in the axis", async (context) => {
	const result = await tried(
		context,
		'{ grid: { train.learning_rate: [0.1, 0.01], model.freeze: [all, ["_bloks.*"]] } }',
	);
	assert.ok(!result.ok);
	const errors = result.diagnostics.filter(
		({ severity }) => severity === "error",
	);
	assert.deepEqual(
		errors.map(({ code, range, suggestion }) => [
			code,
			range?.line,
			suggestion,
		]),
		[["unknown-layer", 6, "_blocks.*"]],
	);
	assert.match(
		errors[0]?.reason ?? "",
		/2 of 4 trials have it, those with model\.freeze: \[_bloks\.\*\]$/,
	);
});

test("missing photos are no mistake of a plan, and its trials are told apart all the same", async (context) => {
	const folder = folderFor(context);
	const text = HEAD.replace(/root: .*\}/, "root: nowhere }");
	const file = experimentIn(folder, `${text}sweep: { seeds: 3 }\n`);
	const look = { sets: [], cacheFolder: folder, hash: true };
	const planned = await prepareSweep(file, { ...look, missing: "warning" });
	assert.ok(planned.ok);
	assert.deepEqual(
		planned.warnings.map(({ code }) => code),
		["no-such-folder"],
	);
	assert.equal(
		new Set(planned.value.trials.map(({ trial }) => trial.id)).size,
		3,
	);
	const run = await prepareSweep(file, { ...look, missing: "error" });
	assert.ok(!run.ok);
	assert.equal(run.diagnostics.length, 1);
});

test("lines of trials.jsonl become the same plans again", async (context) => {
	const { trials } = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01], transforms: [[{ Resize: [224, 224] }, ToTensor, Normalize]] } }",
	);
	const lines = trials.map(({ trial }) => JSON.stringify(trial));
	const again = await prepareStored(
		lines.map((line) => JSON.parse(line) as StoredTrial),
		{ cacheFolder: folderFor(context), hash: true, missing: "error" },
	);
	assert.ok(again.ok);
	assert.deepEqual(
		again.value.map(({ prepared: { plan } }) => plan.fingerprint),
		trials.map(({ prepared: { plan } }) => plan.fingerprint),
	);
	assert.deepEqual(
		again.value.map(({ trial }) => trial),
		trials.map(({ trial }) => JSON.parse(JSON.stringify(trial))),
	);
});

test("rows that the cache holds take no time, and the wall clock knows what waits for what", async (context) => {
	const { trials } = await prepared(
		context,
		"{ grid: { train.learning_rate: [0.1, 0.01] } }",
	);
	const rates = {
		secondsPerPhoto: 1,
		flopsPerCore: 1e12,
		cores: 1,
		measured: true,
	};
	const cold = planTasks(trials, { rates, cached: () => () => ({}) });
	const warm = planTasks(trials, {
		rates,
		cached: () => () => ({ train: 104, valid: 43 }),
	});
	assert.ok((cold[0]?.seconds ?? 0) > 147);
	assert.ok((warm[0]?.seconds ?? 0) < 3);
	const task = (id: string, seconds: number, after: string[] = []): Task => ({
		id,
		kind: "single",
		trials: [],
		after,
		seconds,
	});
	const tasks = [
		task("a", 10),
		task("b", 4),
		task("c", 5, ["a"]),
		task("d", 6, ["b"]),
	];
	assert.equal(wallSeconds(tasks, 1), 25);
	assert.equal(wallSeconds(tasks, 2), 16);
});

test("layers and heads without epochs take one pass over the photos", async (context) => {
	const { tasks } = await prepared(
		context,
		"{ grid: { model.features: [_blocks.10, _flatten], model.head: [svm, ridge, linear] } }",
	);
	assert.deepEqual(shape(tasks), [
		"extraction 6",
		...Array.from({ length: 6 }, () => "single 1"),
	]);
	const [pass, ...others] = tasks as [Task];
	for (const { after } of others) assert.deepEqual(after, [pass.id]);
});

test("a layer inside what onnxruntime computes as one has a pass of its own", async (context) => {
	const { tasks } = await prepared(
		context,
		"{ grid: { model.features: [_blocks.10._bn1, _flatten], model.head: [svm] } }",
	);
	assert.deepEqual(shape(tasks).slice(0, 2), ["extraction 1", "extraction 1"]);
});

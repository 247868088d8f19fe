import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { isSweep, loadExperiment } from "../../src/experiment/load.ts";
import { readExperiment } from "../../src/experiment/load-tree.ts";
import { loadSweep } from "../../src/experiment/sweep/load-sweep.ts";
import type { SweepOptions } from "../../src/experiment/types.ts";
import { toYaml } from "../../src/experiment/write.ts";
import { temporaryFolder } from "./support.ts";
import { HEAD, loadSection, sweepFaults, valuesOf } from "./sweep-support.ts";

const folder = temporaryFolder();

function loaded(
	...given: Parameters<typeof loadSection> extends [unknown, ...infer Rest]
		? Rest
		: never
) {
	const result = loadSection(folder, ...given);
	assert.ok(result.ok, JSON.stringify(result.ok || result.diagnostics));
	return result.value;
}

const values = (section: string, sets: readonly string[] = []) =>
	valuesOf(folder, section, sets).map((each) => Object.values(each).join(" "));

test("a grid is every combination, the last key fastest", () => {
	assert.deepEqual(
		valuesOf(
			folder,
			"{ grid: { train.learning_rate: [0.1, 0.01], train.optimizer: [sgd, adam] } }",
		),
		[
			{ "train.learning_rate": 0.1, "train.optimizer": "sgd" },
			{ "train.learning_rate": 0.1, "train.optimizer": "adam" },
			{ "train.learning_rate": 0.01, "train.optimizer": "sgd" },
			{ "train.learning_rate": 0.01, "train.optimizer": "adam" },
		],
	);
});

test("null in an axis is a trial without the key, whether the file has it or not", () => {
	const { trials } = loaded(
		"{ grid: { train.ema: [null, 0.8], train.clip_grad_norm: [null, 1], train.optimizer.sgd.momentum: [null, 0.9] } }",
	);
	assert.deepEqual(
		trials.map(({ loaded: { experiment } }) => [
			experiment.train.ema?.decay,
			experiment.train.clip_grad_norm,
		]),
		[
			[undefined, undefined],
			[undefined, undefined],
			[undefined, 1],
			[undefined, 1],
			[0.8, undefined],
			[0.8, undefined],
			[0.8, 1],
			[0.8, 1],
		],
	);
});

test("zip takes values together, list takes points, and sections multiply in the order they are written", () => {
	assert.deepEqual(
		values(
			"{ zip: { train.learning_rate: [1, 2], train.epochs: [3, 4] }, list: [{ train.batch_size: 8 }, { train.batch_size: 16, train.optimizer: adam }] }",
		),
		["1 3 8", "1 3 16 adam", "2 4 8", "2 4 16 adam"],
	);
	assert.deepEqual(
		values(
			"{ list: [{ train.epochs: 1 }, { train.epochs: 2 }], grid: { train.batch_size: [8, 16] } }",
		),
		["1 8", "1 16", "2 8", "2 16"],
	);
});

test("conditional values multiply the trials that match, by value, by list and by name, also of an earlier condition", () => {
	const section = `
  grid: { train.optimizer: [sgd, adam, { name: heavy, value: { sgd: { momentum: 0.9 } } }] }
  when:
    - match: { train.optimizer: sgd }
      grid: { train.optimizer.sgd.momentum: [0, 0.5] }
    - match: { train.optimizer.sgd.momentum: 0.5 }
      grid: { train.optimizer.sgd.nesterov: [true] }
    - match: { train.optimizer: [adam, heavy] }
      zip: { train.epochs: [1, 2] }`;
	assert.deepEqual(values(section), [
		"sgd 0",
		"sgd 0.5 true",
		"adam 1",
		"adam 2",
		"heavy 1",
		"heavy 2",
	]);
});

test("excluded combinations are left out", () => {
	assert.deepEqual(
		values(
			"{ grid: { train.epochs: [1, 2], train.batch_size: [8, 16] }, exclude: [{ train.epochs: 2, train.batch_size: 8 }] }",
		),
		["1 8", "1 16", "2 16"],
	);
});

test("seeds repeat each point from the file's seed on, fastest of all", () => {
	assert.deepEqual(
		valuesOf(folder, "{ grid: { train.epochs: [1, 2] }, seeds: 2 }", [
			"seed=7",
		]),
		[
			{ "train.epochs": 1, seed: 7 },
			{ "train.epochs": 1, seed: 8 },
			{ "train.epochs": 2, seed: 7 },
			{ "train.epochs": 2, seed: 8 },
		],
	);
	const { trials } = loaded("{ seeds: 3 }");
	assert.deepEqual(
		trials.map(({ loaded }) => loaded.experiment.seed),
		[0, 1, 2],
	);
});

test("a trial's experiment is the file with its values, without the sweep; its places lead into the axes", () => {
	const { trials, base } = loaded(
		"{ grid: { train.optimizer: [{ name: heavy, value: { sgd: { momentum: 0.9 } } }], transforms.0.Resize.size: [[224, 224]], model.freeze: [none] } }",
	);
	const [trial] = trials;
	const { experiment, locate } = trial?.loaded ?? base;
	assert.equal(experiment.sweep, undefined);
	assert.deepEqual(experiment.train.optimizer, {
		sgd: { momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
	});
	assert.deepEqual(experiment.transforms.eval[0]?.params.size, [224, 224]);
	assert.equal(experiment.model.freeze, "none");
	assert.equal(trial?.values["train.optimizer"], "heavy");
	assert.deepEqual(
		[
			locate(["model", "freeze"])?.range.line,
			locate(["train", "epochs"])?.range.line,
		],
		[4, 3],
	);
	assert.deepEqual(Object.keys(base.experiment.train.optimizer), ["sgd"]);
	assert.equal(base.experiment.model.freeze, "all");
	assert.ok(base.experiment.sweep);
});

test("random points depend on the seed and on their own key alone; more trials keep the earlier ones", () => {
	const space =
		"train.learning_rate: { log_uniform: [0.0001, 1] }, train.batch_size: { log_integer: [8, 512] }";
	const draw = (trials: number, more = "", seed = 0) =>
		valuesOf(
			folder,
			`{ random: { trials: ${trials}, seed: ${seed}, space: { ${space}${more} } } }`,
		);
	const first = draw(20);
	assert.deepEqual(draw(20), first);
	assert.deepEqual(draw(30).slice(0, 20), first);
	assert.notDeepEqual(draw(20, "", 1), first);
	const wider = draw(20, ", train.epochs: { integer: [1, 3] }");
	assert.deepEqual(
		wider.map((each) => each["train.learning_rate"]),
		first.map((each) => each["train.learning_rate"]),
	);
	assert.deepEqual(
		new Set(wider.map((each) => each["train.epochs"])),
		new Set([1, 2, 3]),
	);
	for (const each of first) {
		const rate = each["train.learning_rate"] as number;
		const batch = each["train.batch_size"] as number;
		assert.ok(rate >= 0.0001 && rate <= 1);
		assert.ok(Number.isInteger(batch) && batch >= 8 && batch <= 512);
	}
	const below = first.filter(
		(each) => (each["train.learning_rate"] as number) < 0.01,
	);
	assert.ok(below.length > 5 && below.length < 15, "half lie below the middle");
});

test("sixteen Sobol points hit each of sixteen intervals, Halton's each third, whatever the seed", () => {
	for (const seed of [0, 1]) {
		const cells = (section: string, trials: number, intervals: number) =>
			new Set(
				valuesOf(
					folder,
					`{ ${section}: { trials: ${trials}, seed: ${seed}, space: { train.optimizer.sgd.momentum: { uniform: [0, 0.9] }, train.optimizer.sgd.dampening: { uniform: [0, 0.9] } } } }`,
				).map((each) =>
					Math.floor(
						((each["train.optimizer.sgd.dampening"] as number) / 0.9) *
							intervals,
					),
				),
			).size;
		assert.equal(cells("sobol", 16, 16), 16);
		assert.equal(cells("halton", 9, 9), 9);
	}
});

test("a choice is drawn with its names", () => {
	const drawn = values(
		"{ random: { trials: 30, space: { transforms: { choice: [{ name: small, value: [{ Resize: [64, 64] }, ToTensor, Normalize] }, { name: large, value: [{ Resize: [224, 224] }, ToTensor, Normalize] }] } } } }",
	);
	assert.deepEqual(new Set(drawn), new Set(["small", "large"]));
});

test("a sweep is inherited key by key and changed by --set", () => {
	writeFileSync(
		join(folder, "base-sweep.yaml"),
		`${HEAD}sweep: { grid: { train.epochs: [1, 2], train.batch_size: [8, 16] }, seeds: 2 }\n`,
	);
	const file = join(folder, "child.yaml");
	writeFileSync(
		file,
		"extends: base-sweep.yaml\nsweep: { grid: { train.epochs: [5] }, objective: valid/loss }\n",
	);
	const load = (...sets: string[]) => {
		const read = readExperiment(file, sets);
		assert.ok(read.ok);
		const result = loadSweep(read.value);
		assert.ok(result.ok, JSON.stringify(result.ok || result.diagnostics));
		return result.value;
	};
	const inherited = load();
	assert.deepEqual(
		inherited.trials.map(({ values: each }) => Object.values(each).join(" ")),
		["5 8 0", "5 8 1", "5 16 0", "5 16 1"],
	);
	assert.deepEqual(inherited.base.experiment.sweep?.objective, {
		metric: "valid/loss",
		mode: "min",
	});
	const set = load(
		"sweep.seeds=1",
		'sweep.grid."train.batch_size"=null',
		'sweep.grid."train.learning_rate"=[0.1, 0.2]',
	);
	assert.deepEqual(
		set.trials.map(({ values: each }) => Object.values(each).join(" ")),
		["5 0.1", "5 0.2"],
	);
	assert.equal(isSweep(file, []), true);
	assert.equal(isSweep(file, ["sweep=null"]), false);
});

test("what the file lacks and every trial has is not missing", () => {
	const head = "data: { root: photos }\n";
	const result = loaded(
		"{ grid: { model.backbone: [efficientnet_lite0, vgg16] } }",
		[],
		head,
	);
	assert.deepEqual(
		result.trials.map(({ loaded: each }) => each.experiment.model.backbone),
		["efficientnet_lite0", "vgg16"],
	);
	assert.equal(result.base.experiment.model.backbone, "efficientnet_lite0");
	const [found] = sweepFaults(folder, "{ seeds: 2 }", [], head);
	assert.equal(found?.code, "missing-key");
});

test("the section has a normal form, and a resolved sweep is a file that gives the same trials", () => {
	const { base, trials } = loaded(
		"{ grid: { train.epochs: [1, 2] }, when: [{ match: { train.epochs: 1 }, grid: { train.batch_size: [8, 16] } }], random: { trials: 2, space: { train.learning_rate: { uniform: [0.1, 0.2] } } }, seeds: 2, pruner: asha, launcher: { slurm: { time: 60, mem: 16G } }, retries: 2 }",
	);
	const { sweep } = base.experiment;
	const { grid, when, random, ...rest } = sweep as SweepOptions;
	assert.deepEqual(rest, {
		seeds: 2,
		objective: { metric: "valid/accuracy", mode: "max" },
		pruner: { asha: { min_epochs: 1, reduction_factor: 3 } },
		launcher: { slurm: { time: "60", mem: "16G", setup: [], sbatch: [] } },
		on_failure: "continue",
		retries: { infrastructure: 2, memory: 1, nan: 0 },
	});
	assert.equal(random?.seed, 0);
	const file = join(folder, "resolved.yaml");
	writeFileSync(file, toYaml(base.experiment));
	const again = loadExperiment(file, []);
	assert.ok(again.ok, JSON.stringify(again.ok || again.diagnostics));
	assert.deepEqual(again.value.experiment, base.experiment);
	const read = readExperiment(file, []);
	const reloaded = read.ok ? loadSweep(read.value) : read;
	assert.ok(reloaded.ok);
	assert.deepEqual(
		reloaded.value.trials.map(({ values: each }) => each),
		trials.map(({ values: each }) => each),
	);
});

test("relative paths in an axis start from the file they stand in", () => {
	const { trials, base } = loaded(
		"{ grid: { model.weights: [./a.safetensors, { name: none, value: none }], data.root: [other], data: [{ manifest: labels.csv }] } }",
	);
	assert.deepEqual(base.experiment.sweep?.grid, {
		"model.weights": [
			join(folder, "a.safetensors"),
			{ name: "none", value: "none" },
		],
		"data.root": [join(folder, "other")],
		data: [{ manifest: join(folder, "labels.csv") }],
	});
	const experiment = trials[0]?.loaded.experiment;
	assert.equal(experiment?.model.weights, join(folder, "a.safetensors"));
	assert.equal(experiment?.data.root, join(folder, "other"));
});

import assert from "node:assert/strict";
import test from "node:test";
import { recipeOf } from "../../src/experiment/presets/recipes.ts";
import type { Strategy } from "../../src/experiment/types.ts";
import { toYaml } from "../../src/experiment/write.ts";
import { publishedWeights, zooNames } from "../../src/model/zoo/zoo.ts";
import { type RuleCase, testRules } from "./rule-cases.ts";
import { faults, loaded, temporaryFolder } from "./support.ts";
import { sweepFaults, valuesOf } from "./sweep-support.ts";

const folder = temporaryFolder();
const data = "data: { root: photos }";
const STRATEGIES: readonly Strategy[] = [
	"linear_probe",
	"fine_tune",
	"early_layer_svm",
	"retrain",
	"auto",
];

/** What a strategy gives beside the file's own words. */
const gives = (
	strategy: string,
	more = "",
	sets: readonly string[] = [],
): Readonly<Record<string, unknown>> =>
	Object.fromEntries(
		loaded(folder, `strategy: ${strategy}\n${data}\n${more}`, sets)
			.strategyGives ?? [],
	);

test("two lines are an experiment; what it resolves to has ordinary keys and no strategy", () => {
	for (const strategy of STRATEGIES) {
		const { experiment, ...rest } = loaded(
			folder,
			`strategy: ${strategy}\n${data}\n`,
		);
		assert.equal(rest.strategy, strategy);
		assert.equal(experiment.model.backbone, "efficientnet_lite0");
		const text = toYaml(experiment);
		assert.doesNotMatch(text, /strategy/);
		const again = loaded(folder, { "experiment.yaml": text });
		assert.deepEqual(again.experiment, experiment);
	}
});

test("a strategy's values say that they are its, at the place of its word", () => {
	const { provenance } = loaded(
		folder,
		`${data}\nstrategy: linear_probe\nmodel: { backbone: vgg16 }\n`,
	);
	const of = (path: string) => provenance.find((each) => each.path === path);
	const { from, line } = of("model.freeze") ?? {};
	assert.deepEqual([from, line], ["strategy", 2]);
	assert.deepEqual(
		["model.backbone", "model.weights"].map((path) => of(path)?.from),
		["file", "default"],
	);
});

test("what the file says goes before its strategy, key by key", () => {
	const { model, train } = loaded(
		folder,
		`strategy: fine_tune\n${data}
model: { backbone: vgg16, freeze: [features.*] }
train: { optimizer: { sgd: { momentum: 0.9 } }, learning_rate: 0.5 }
`,
	).experiment;
	assert.equal(model.backbone, "vgg16");
	assert.deepEqual(model.freeze, ["features.*"]);
	assert.equal(model.batch_norm, "eval");
	assert.ok("sgd" in train.optimizer);
	assert.equal(train.learning_rate, 0.5);
	assert.deepEqual(
		train.phases?.map(({ name, learning_rate }) => [name, learning_rate]),
		[
			["probe", 0.002],
			["fine_tune", undefined],
		],
	);
});

test("a strategy comes from an extended file, is changed by --set, and taken back by null", () => {
	const files = {
		"top.yaml": "extends: base.yaml\nmodel: { backbone: vgg16 }\n",
		"base.yaml": `strategy: early_layer_svm\n${data}\n`,
	};
	const svm = loaded(folder, files);
	assert.deepEqual(svm.experiment.model.features, { depth: 0.75 });
	const tuned = loaded(folder, files, ["strategy=fine_tune"]);
	assert.equal(tuned.experiment.model.features, undefined);
	assert.equal(tuned.experiment.model.freeze, "none");
	const none = loaded(folder, files, ["strategy=null"]);
	assert.equal(none.strategy, undefined);
	assert.ok("linear" in (none.experiment.model.head ?? {}));
});

test("null takes back a key that the strategy gives, in the file and on the command line", () => {
	assert.ok(!("train.phases" in gives("fine_tune", "train: { phases: null }")));
	const { train } = loaded(folder, `strategy: fine_tune\n${data}\n`, [
		"train.phases=null",
	]).experiment;
	assert.equal(train.phases, undefined);
});

test("--set reaches into what the strategy gives, in whichever order", () => {
	for (const sets of [
		["strategy=fine_tune", "train.phases.1.learning_rate=0.25"],
		["train.phases.1.learning_rate=0.25", "strategy=fine_tune"],
	]) {
		const { train } = loaded(
			folder,
			`${data}\nstrategy: retrain\n`,
			sets,
		).experiment;
		assert.deepEqual(
			train.phases?.map(({ learning_rate }) => learning_rate),
			[0.002, 0.25],
		);
	}
	const { model } = loaded(folder, `${data}\nstrategy: early_layer_svm\n`, [
		"model.features.depth=0.3",
	]).experiment;
	assert.deepEqual(model.features, { depth: 0.3 });
});

test("the epochs that a file gives fine_tune are dealt out to both phases", () => {
	const epochs = (all: number) =>
		loaded(
			folder,
			`strategy: fine_tune\n${data}\ntrain: { epochs: ${all} }\n`,
		).experiment.train.phases?.map((phase) => phase.epochs);
	assert.deepEqual(epochs(9), [6, 3]);
	assert.deepEqual(epochs(2), [1, 1]);
	assert.equal(epochs(1), undefined);
});

test("a linear probe is trained in steps where it must be: several labels, random views, words of train", () => {
	assert.equal(gives("linear_probe")["model.head"], "logistic");
	const tags =
		"data: { root: photos, manifest: tags.csv, multi_label: true }\n";
	const multi = loaded(folder, `strategy: linear_probe\n${tags}`).experiment;
	assert.ok("linear" in (multi.model.head ?? {}) && "bce" in multi.train.loss);
	const views =
		"transforms: { train: [RandomResizedCrop: 224, ToTensor, Normalize], eval: [Resize: 256, CenterCrop: 224, ToTensor, Normalize] }";
	for (const more of [views, "train: { epochs: 5 }"])
		assert.equal(gives("linear_probe", more)["model.head"], "linear");
	const { epochs } = loaded(
		folder,
		`strategy: linear_probe\n${data}\ntrain: { epochs: 5 }\n`,
	).experiment.train;
	assert.equal(epochs, 5);
});

test("retrain takes smaller steps where no BatchNorm holds the activations", () => {
	const rate = (name: string) =>
		gives("retrain", `model: { backbone: ${name} }`)["train.learning_rate"];
	assert.deepEqual(
		["resnet18", "vgg16_bn", "vgg16", "vit_b_16"].map(rate),
		[0.003, 0.003, 0.0003, 0.0003],
	);
});

test("retrain augments photos unless the file has transforms", () => {
	assert.ok("transforms.train" in gives("retrain"));
	const own = "transforms: [Resize: [64, 64], ToTensor, Normalize]";
	assert.deepEqual(
		Object.keys(gives("retrain", own)).filter((key) => /^transforms/.test(key)),
		[],
	);
});

test("photos look as torchvision says of the network's weights, and of an .onnx file as its size says", () => {
	for (const name of zooNames().filter(
		(each) => each !== "efficientnet_lite0",
	)) {
		const { resize, crop, interpolation } = publishedWeights(name)[0];
		assert.deepEqual(recipeOf(name), { resize, crop, interpolation }, name);
	}
	const { experiment } = loaded(
		folder,
		`strategy: linear_probe\n${data}
model: { backbone: { onnx: a.onnx, preprocess: { mean: [0, 0, 0], std: [1, 1, 1], size: [112, 84] } } }
`,
	);
	assert.deepEqual(
		experiment.transforms.eval.map(({ params }) => params.size),
		[128, [112, 84], undefined, undefined],
	);
});

test("every network of the zoo takes every strategy, and an .onnx file all but retrain", () => {
	const onnx =
		"{ onnx: a.onnx, preprocess: { mean: [0, 0, 0], std: [1, 1, 1] } }";
	for (const strategy of STRATEGIES)
		for (const backbone of [...zooNames(), onnx])
			assert.deepEqual(
				faults(
					folder,
					`strategy: ${strategy}\n${data}\nmodel: { backbone: ${backbone} }\n`,
				).map(({ code }) => code),
				backbone === onnx && strategy === "retrain"
					? ["strategy-contradicted"]
					: [],
				`${strategy} ${backbone}`,
			);
});

test("a strategy is an axis, with axes of its own under when", () => {
	const values = valuesOf(
		folder,
		"{ grid: { strategy: [linear_probe, early_layer_svm] }, when: [{ match: { strategy: early_layer_svm }, grid: { model.features.depth: [0.5, 0.75] } }] }",
	);
	assert.deepEqual(values, [
		{ strategy: "linear_probe" },
		{ strategy: "early_layer_svm", "model.features.depth": 0.5 },
		{ strategy: "early_layer_svm", "model.features.depth": 0.75 },
	]);
});

test("auto is no part of a sweep", () => {
	const found = sweepFaults(folder, "{ grid: { strategy: [retrain, auto] } }");
	assert.deepEqual(
		found.map(({ code }) => code),
		["strategy-auto-sweep"],
	);
});

const contradicts = (
	wrong: string,
	pointsAt: string,
	right: string,
): RuleCase => [
	"strategy-contradicted",
	"error",
	"whole",
	`{ data: { root: x }, ${wrong} }`,
	pointsAt,
	`{ data: { root: x }, ${right} }`,
];

testRules(folder, [
	contradicts(
		"strategy: linear_probe, model: { freeze: none }",
		"none",
		"strategy: linear_probe, model: { freeze: all }",
	),
	contradicts(
		"strategy: linear_probe, train: { phases: [{ epochs: 1, freeze: none }] }",
		"none",
		"strategy: linear_probe, train: { phases: [{ epochs: 1 }] }",
	),
	contradicts(
		"strategy: early_layer_svm, model: { head: knn }",
		"knn",
		"strategy: early_layer_svm, model: { head: { svm: { C: 1 } } }",
	),
	contradicts(
		"strategy: fine_tune, model: { freeze: all }, train: { phases: null }",
		"all",
		"strategy: fine_tune, model: { freeze: [_conv_stem] }",
	),
	contradicts(
		"strategy: fine_tune, model: { weights: none }",
		"none",
		"strategy: fine_tune, model: { weights: ./a.pth }",
	),
	contradicts(
		"strategy: fine_tune, model: { head: svm }",
		"svm",
		"strategy: fine_tune, model: { head: mlp }",
	),
	contradicts(
		"strategy: retrain, model: { weights: default }",
		"default",
		"strategy: retrain, model: { weights: none }",
	),
	contradicts(
		"strategy: auto, model: { head: linear }",
		"linear",
		"strategy: auto, model: { backbone: vgg16 }",
	),
]);

test("depths that are none are errors at their place", () => {
	const fault = (features: string) => {
		const [found] = faults(
			folder,
			`${data}\nmodel: { backbone: vgg16, features: ${features} }\n`,
		);
		return [found?.code, found?.range?.column, found?.fix];
	};
	const range = "write a number above 0 and at most 1";
	assert.deepEqual(fault("{ depth: 0 }"), ["bad-value", 46, range]);
	assert.deepEqual(fault("{ depth: 1.5 }"), ["bad-value", 46, range]);
	assert.deepEqual(fault("[a, { depth: -1 }]"), ["bad-value", 50, range]);
	assert.deepEqual(fault("0.5").slice(2), ["write { depth: 0.5 }"]);
	assert.equal(fault("{ dept: 0.5 }")[2], 'did you mean "depth"?');
});

test("a contradiction names both places", () => {
	const text = `${data}\nstrategy: retrain\nmodel:\n  weights: default\n`;
	const [found] = faults(folder, text);
	assert.equal(found?.range?.line, 4);
	assert.match(found?.message ?? "", /retrain \(line 2\)/);
	const [other] = faults(folder, text, ["strategy=auto", "model.head=svm"]);
	assert.match(other?.message ?? "", /auto \(line 1\)/);
	const [away] = faults(folder, text, ["strategy=retrain"]);
	assert.match(away?.message ?? "", /retrain \(--set:1\)/);
});
